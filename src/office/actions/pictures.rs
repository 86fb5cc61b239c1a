//! Whether bytes are a picture: by what they say at their beginning, by decoding them, by their size.

use std::io::Cursor;

use image::{ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use crate::domain::document::PICTURE_BYTES_MAX;

/// The longest side in pixels.
const SIDE_PX_MAX: u32 = 12_000;
/// The most pixels: a page of A4 at 600 dots per inch has 35 million. A few bytes can say that they are more, and take
/// gigabytes and minutes to unpack.
const PIXELS_MAX: u64 = 40_000_000;
/// The most that a picture may unpack into: its pixels, and the coefficients where its decoder holds them all.
const UNPACKED_BYTES_MAX: u64 = 216 * MIB;
/// The most that the notes and colours beside the pixels of a PNG may unpack into. With these, with the file and its copy
/// in the decoder a picture takes less than 256 MiB.
const BESIDE_BYTES_MAX: u64 = 8 * MIB;
const MIB: u64 = 1024 * 1024;
/// A coefficient of a JPEG in its decoder's memory.
const COEFFICIENT_BYTES: u64 = 2;
/// The largest sampling factor of a JPEG (ITU-T T.81 B.2.2); the rows that larger ones ask for are not worth their memory.
const SAMPLING_MAX: u8 = 4;

/// Why bytes are not taken as a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureFault {
    /// Nothing was sent.
    #[error("no picture was sent")]
    Missing,
    /// Too many bytes.
    #[error("the file is larger than {PICTURE_BYTES_MAX} bytes")]
    TooLarge {
        /// How many.
        bytes: usize,
    },
    /// Neither JPEG nor PNG, whatever its name says.
    #[error("the file is neither a JPEG nor a PNG picture")]
    NotAPicture,
    /// It begins like one and cannot be read.
    #[error("the picture is damaged")]
    Damaged,
    /// Too few pixels.
    #[error("the picture has only {width_px} × {height_px} pixels")]
    TooSmall {
        /// Width.
        width_px: u32,
        /// Height.
        height_px: u32,
        /// What each must have at least.
        px_min: (u32, u32),
    },
    /// More pixels, or more memory for them, than are unpacked here.
    #[error("the picture says that it has {width_px} × {height_px} pixels, which is not unpacked")]
    TooManyPixels {
        /// Width.
        width_px: u32,
        /// Height.
        height_px: u32,
    },
}

/// What a picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Picture {
    /// `image/jpeg` or `image/png`.
    pub(super) media_type: &'static str,
    /// Width in pixels.
    pub(super) width_px: u32,
    /// Height in pixels.
    pub(super) height_px: u32,
}

/// Reads a picture whole, to know that others can; each side must have some pixels. What it says about itself is judged
/// before anything is unpacked. Takes up to 256 MiB and is slow; call it aside, a few at a time.
pub(super) fn check(bytes: &[u8], side_px_min: (u32, u32)) -> Result<Picture, PictureFault> {
    if bytes.is_empty() {
        return Err(PictureFault::Missing);
    }
    if bytes.len() > PICTURE_BYTES_MAX {
        return Err(PictureFault::TooLarge { bytes: bytes.len() });
    }
    let (format, media_type) = match image::guess_format(bytes) {
        Ok(format @ ImageFormat::Jpeg) => (format, "image/jpeg"),
        Ok(format @ ImageFormat::Png) => (format, "image/png"),
        Ok(_) | Err(_) => return Err(PictureFault::NotAPicture),
    };
    let frame = match format {
        ImageFormat::Jpeg if !has_an_end(bytes) => return Err(PictureFault::Damaged),
        ImageFormat::Jpeg => Some(frame(bytes)),
        _ => None,
    };
    let mut limits = Limits::default();
    limits.max_alloc = Some(BESIDE_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(damaged)?;
    let (width_px, height_px) = decoder.dimensions();
    if width_px < side_px_min.0 || height_px < side_px_min.1 {
        return Err(PictureFault::TooSmall { width_px, height_px, px_min: side_px_min });
    }
    let too_many = PictureFault::TooManyPixels { width_px, height_px };
    if width_px.max(height_px) > SIDE_PX_MAX || u64::from(width_px) * u64::from(height_px) > PIXELS_MAX {
        return Err(too_many);
    }
    let coefficients = frame.map_or(0, |frame| frame.coefficients_held(width_px, height_px));
    let unpacked = decoder.total_bytes();
    if unpacked.saturating_add(coefficients * COEFFICIENT_BYTES) > UNPACKED_BYTES_MAX {
        return Err(too_many);
    }
    let mut pixels = vec![0; usize::try_from(unpacked).map_err(|_| too_many)?];
    decoder.read_image(&mut pixels).map_err(damaged)?;
    Ok(Picture { media_type, width_px, height_px })
}

/// What the decoder said is of no use to an officer.
fn damaged(_: ImageError) -> PictureFault {
    PictureFault::Damaged
}

/// Whether a JPEG ends after its last scan. The decoder fills what is missing of a torn file with grey and says nothing;
/// inside a scan the end marker cannot occur (ITU-T T.81 B.1.1.5).
fn has_an_end(jpeg: &[u8]) -> bool {
    let last = |marker: [u8; 2]| jpeg.windows(2).rposition(|pair| pair == marker);
    last([0xff, 0xda]).is_some_and(|scan| last([0xff, 0xd9]).is_some_and(|end| end > scan))
}

/// How the pixels of a JPEG are coded.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Frame {
    /// All colours in the first scan, each block decoded once: the decoder holds some rows only.
    RowByRow,
    /// Several scans, so that the decoder holds every coefficient and counts none of them as memory. For each component how
    /// many blocks of eight by eight pixels it has across and down in a unit.
    Whole(Vec<(u8, u8)>),
}

impl Frame {
    /// Of what cannot be told: four components, none of them with fewer samples than pixels.
    fn unknown() -> Self {
        Self::Whole(vec![(1, 1); 4])
    }

    /// How many coefficients the decoder holds at once.
    fn coefficients_held(&self, width_px: u32, height_px: u32) -> u64 {
        let Self::Whole(components) = self else { return 0 };
        let most = |samples: fn(&(u8, u8)) -> u8| components.iter().map(samples).max().unwrap_or(1).max(1);
        let (across, down) = (most(|it| it.0), most(|it| it.1));
        let units = |side: u32, blocks: u8| u64::from(side).div_ceil(8 * u64::from(blocks));
        let blocks: u64 = components.iter().map(|(across, down)| u64::from(*across) * u64::from(*down)).sum();
        units(width_px, across) * units(height_px, down) * blocks * 64
    }
}

/// How a JPEG is coded, by the markers before its first scan (ITU-T T.81 B.2). Only a file in which nothing but whole segments
/// stands there is believed: in any other the decoder may find another marker than we do.
fn frame(jpeg: &[u8]) -> Frame {
    let mut components = Vec::new();
    let mut is_sequential = false;
    let mut rest = jpeg.get(2..).unwrap_or_default();
    loop {
        let [0xff, marker, high, low, ..] = *rest else { return Frame::unknown() };
        // A segment counts its own length, and not its marker.
        let end = 2 + usize::from(u16::from_be_bytes([high, low]));
        let Some(content) = rest.get(4..end) else { return Frame::unknown() };
        match (marker, content) {
            // Baseline, extended sequential, progressive.
            (0xc0..=0xc2, [_precision, _, _, _, _, count, listed @ ..]) if components.is_empty() => {
                let sampling = listed.chunks_exact(3).map(|one| (one[1] >> 4, one[1] & 15));
                components = sampling.collect();
                let is_regular = |side: u8| (1..=SAMPLING_MAX).contains(&side);
                let are_regular = components.iter().all(|one| is_regular(one.0) && is_regular(one.1));
                if components.len() != usize::from(*count) || !are_regular {
                    return Frame::unknown();
                }
                is_sequential = marker != 0xc2;
            }
            (0xda, [count, ..]) => {
                let has_all = usize::from(*count) == components.len();
                return match components.is_empty() {
                    true => Frame::unknown(),
                    false if is_sequential && has_all => Frame::RowByRow,
                    false => Frame::Whole(components),
                };
            }
            // Tables, restart interval, application segments, comment.
            (0xc4 | 0xdb | 0xdd | 0xe0..=0xef | 0xfe, _) => {}
            _ => return Frame::unknown(),
        }
        rest = &rest[end..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image::RgbImage::new(width, height).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn pictures_are_known_by_their_bytes() {
        let jpeg = drawn(300, 400, ImageFormat::Jpeg);
        assert_eq!(check(&jpeg, (240, 300)).unwrap().media_type, "image/jpeg");
        assert_eq!(check(&drawn(300, 400, ImageFormat::Png), (240, 300)).unwrap().media_type, "image/png");
        assert_eq!(check(b"", (1, 1)), Err(PictureFault::Missing));
        assert_eq!(check(b"just text, named foto.jpg", (1, 1)), Err(PictureFault::NotAPicture));
        assert_eq!(check(&jpeg[..jpeg.len() / 2], (240, 300)), Err(PictureFault::Damaged));
        let too_small = PictureFault::TooSmall { width_px: 300, height_px: 400, px_min: (640, 480) };
        assert_eq!(check(&jpeg, (640, 480)), Err(too_small));
        let large = vec![0xff; PICTURE_BYTES_MAX + 1];
        assert!(matches!(check(&large, (1, 1)), Err(PictureFault::TooLarge { .. })));
    }

    /// How a changed picture says that it is coded.
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Coded {
        Sequential,
        Progressive,
        ScanByScan,
    }

    /// Gives a picture of a few hundred bytes other sides, and perhaps another coding.
    fn said_to_be(width: u16, height: u16, coded: Coded) -> Vec<u8> {
        let mut jpeg = drawn(16, 16, ImageFormat::Jpeg);
        let at = |jpeg: &[u8], marker: u8| jpeg.windows(2).position(|pair| pair == [0xff, marker]).unwrap();
        let frame = at(&jpeg, 0xc0);
        jpeg[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
        jpeg[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
        match coded {
            Coded::Sequential => {}
            Coded::Progressive => jpeg[frame + 1] = 0xc2,
            Coded::ScanByScan => {
                let scan = at(&jpeg, 0xda);
                jpeg.splice(scan..scan + 14, [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]);
            }
        }
        jpeg
    }

    #[test]
    fn a_small_file_that_unpacks_to_very_much_is_refused_by_what_it_says() {
        let too_many = |width_px, height_px| Err(PictureFault::TooManyPixels { width_px, height_px });
        let check = |jpeg: &[u8]| check(jpeg, (1, 1));
        assert_eq!(check(&said_to_be(60_000, 10, Coded::Sequential)), too_many(60_000, 10));
        assert_eq!(check(&said_to_be(12_000, 12_000, Coded::Progressive)), too_many(12_000, 12_000));
        assert_eq!(check(&said_to_be(8_000, 8_000, Coded::Sequential)), too_many(8_000, 8_000));
        for coded in [Coded::Progressive, Coded::ScanByScan] {
            assert_eq!(check(&said_to_be(6_000, 6_000, coded)), too_many(6_000, 6_000));
            assert!(matches!(frame(&said_to_be(16, 16, coded)), Frame::Whole(_)));
        }
        assert_eq!(frame(&said_to_be(16, 16, Coded::Sequential)), Frame::RowByRow);
        // Somebody hides the frame behind bytes that belong to no marker, behind fill bytes, or in nonsense.
        for between in [&[0, 1, 2, 0xff][..], &[0xff, 0xff], &[0xff, 0xd0, 0, 2], &[0xff, 0x51, 0, 2]] {
            let jpeg = said_to_be(6_000, 6_000, Coded::Progressive);
            let hidden = [&jpeg[..2], between, &jpeg[2..]].concat();
            assert_eq!(frame(&hidden), Frame::unknown());
            let refused = check(&hidden).unwrap_err();
            assert!(!matches!(refused, PictureFault::TooSmall { .. }), "{refused}");
        }
        // A PNG whose head says so; the rest need not come.
        let mut png = drawn(16, 16, ImageFormat::Png);
        png[16..24].copy_from_slice(&[0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10]);
        png[29..33].copy_from_slice(&0x352c_f570_u32.to_be_bytes());
        assert_eq!(check(&png), too_many(10_000, 10_000));
    }

    /// The largest page that people really scan, as scanners write it.
    #[test]
    fn a_page_of_a4_at_600_dots_per_inch_is_taken() {
        let (width_px, height_px) = (4_960, 7_016);
        let jpeg = drawn(width_px, height_px, ImageFormat::Jpeg);
        assert_eq!(check(&jpeg, (1, 1)).map(|it| (it.width_px, it.height_px)), Ok((width_px, height_px)));
        let grey = image::GrayImage::new(width_px, height_px);
        let mut png = Cursor::new(Vec::new());
        grey.write_to(&mut png, ImageFormat::Png).unwrap();
        assert!(check(&png.into_inner(), (1, 1)).is_ok());
        // Progressive, with half of the colours' samples each way, it would fit too.
        let usual = Frame::Whole(vec![(2, 2), (1, 1), (1, 1)]);
        let pixels = u64::from(width_px) * u64::from(height_px);
        let held = pixels * 3 + usual.coefficients_held(width_px, height_px) * COEFFICIENT_BYTES;
        assert!(held <= UNPACKED_BYTES_MAX);
    }
}
