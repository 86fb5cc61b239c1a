//! Small copies of pictures, for pages that show many.

use std::io::Cursor;

use image::ImageFormat;

use super::pictures;

/// The longest side of a small copy, in pixels: sharp at half of it on a dense screen.
const SIDE_PX: u32 = 360;

/// A small JPEG of a picture; nothing when it is none, or one that is not unpacked. As slow and as large in memory as looking
/// at a picture that was sent: call it aside, a few at a time.
pub fn small(bytes: &[u8]) -> Option<Vec<u8>> {
    pictures::check(bytes, (1, 1)).ok()?;
    let whole = image::load_from_memory(bytes).ok()?;
    let mut small = Cursor::new(Vec::new());
    whole.thumbnail(SIDE_PX, SIDE_PX).into_rgb8().write_to(&mut small, ImageFormat::Jpeg).ok()?;
    Some(small.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_picture_becomes_small_in_its_own_proportions_and_nothing_else_does() {
        let mut page = Cursor::new(Vec::new());
        image::RgbImage::new(2_480, 3_508).write_to(&mut page, ImageFormat::Png).unwrap();
        let small = small(page.get_ref()).unwrap();
        let read = image::load_from_memory(&small).unwrap();
        assert_eq!((read.width(), read.height()), (255, SIDE_PX));
        assert_eq!(super::small(b"no picture"), None);
    }
}
