//! Whether bytes are a picture: by what they say at their beginning, by decoding them, by their size.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits};

use crate::domain::document::PICTURE_BYTES_MAX;

/// The longest side in pixels: beyond it a small file unpacks into gigabytes.
const SIDE_PX_MAX: u32 = 12_000;
/// Memory a picture may unpack into.
const UNPACKED_BYTES_MAX: u64 = 256 * 1024 * 1024;

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
    /// Too few or too many pixels.
    #[error("the picture has {width_px} × {height_px} pixels")]
    Pixels {
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

/// Reads a picture whole, to know that others can; each side must have some pixels. Slow; call it aside.
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
    if format == ImageFormat::Jpeg && !has_an_end(bytes) {
        return Err(PictureFault::Damaged);
    }
    let sized = ImageReader::with_format(Cursor::new(bytes), format);
    let (width_px, height_px) = sized.into_dimensions().map_err(|_| PictureFault::Damaged)?;
    let fits = |side: u32, min: u32| (min..=SIDE_PX_MAX).contains(&side);
    if !fits(width_px, side_px_min.0) || !fits(height_px, side_px_min.1) {
        return Err(PictureFault::Pixels { width_px, height_px });
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(UNPACKED_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    reader.decode().map_err(|_| PictureFault::Damaged)?;
    Ok(Picture { media_type, width_px, height_px })
}

/// Whether a JPEG ends after its last scan. The decoder fills what is missing of a torn file with grey and says nothing;
/// inside a scan the end marker cannot occur (ITU-T T.81 B.1.1.5).
fn has_an_end(jpeg: &[u8]) -> bool {
    let last = |marker: [u8; 2]| jpeg.windows(2).rposition(|pair| pair == marker);
    last([0xff, 0xda]).is_some_and(|scan| last([0xff, 0xd9]).is_some_and(|end| end > scan))
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
        assert_eq!(check(&jpeg, (640, 480)), Err(PictureFault::Pixels { width_px: 300, height_px: 400 }));
        let large = vec![0xff; PICTURE_BYTES_MAX + 1];
        assert!(matches!(check(&large, (1, 1)), Err(PictureFault::TooLarge { .. })));
    }
}
