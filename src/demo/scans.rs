//! Pictures that stand for scanned papers: a sheet with lines and the word CONTOH (sample) across it. Nobody's papers
//! are in the demo, and nobody can take a picture for a real one.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

use crate::domain::document::DocumentKind;

const WIDTH: u32 = 720;
const HEIGHT: u32 = 480;
const QUALITY: u8 = 70;
const PIXELS_PER_DOT: u32 = 14;

/// Letters of CONTOH, five dots wide and seven high, a row per byte.
const LETTERS: [[u8; 7]; 6] = [
    [0x0e, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0e],
    [0x0e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e],
    [0x11, 0x19, 0x15, 0x13, 0x11, 0x11, 0x11],
    [0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04],
    [0x0e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e],
    [0x11, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11],
];

/// A JPEG that stands for a paper; papers of one kind look alike and others have another colour.
pub(super) fn scan(kind: DocumentKind) -> Result<Vec<u8>, image::ImageError> {
    let band = colour(kind);
    let mut picture = RgbImage::from_pixel(WIDTH, HEIGHT, Rgb([236, 238, 234]));
    fill(&mut picture, (24, 24), (WIDTH - 48, 64), band);
    for line in 0..9_u32 {
        let length = WIDTH - 120 - (line * 97) % 260;
        fill(&mut picture, (48, 124 + line * 36), (length, 10), Rgb([176, 182, 178]));
    }
    write_sample_mark(&mut picture);
    let mut bytes = Cursor::new(Vec::new());
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(&picture)?;
    Ok(bytes.into_inner())
}

fn colour(kind: DocumentKind) -> Rgb<u8> {
    match kind {
        DocumentKind::IdentityCard | DocumentKind::ParentsIdentityCards => Rgb([96, 152, 200]),
        DocumentKind::FamilyCard => Rgb([120, 160, 128]),
        DocumentKind::OldPassport => Rgb([40, 88, 96]),
        DocumentKind::PoliceReport | DocumentKind::DisasterStatement => Rgb([160, 120, 88]),
        _ => Rgb([150, 140, 170]),
    }
}

fn write_sample_mark(picture: &mut RgbImage) {
    let letter_width = 6 * PIXELS_PER_DOT;
    let left = (WIDTH - letter_width * 6) / 2;
    for (letter, rows) in (0_u32..).zip(LETTERS) {
        for (y, row) in (0_u32..).zip(rows) {
            for x in (0..5_u32).filter(|x| row & (0x10 >> x) != 0) {
                let at = (left + letter * letter_width + x * PIXELS_PER_DOT, 210 + y * PIXELS_PER_DOT);
                fill(picture, at, (PIXELS_PER_DOT, PIXELS_PER_DOT), Rgb([196, 84, 72]));
            }
        }
    }
}

fn fill(picture: &mut RgbImage, at: (u32, u32), size: (u32, u32), colour: Rgb<u8>) {
    for y in at.1..(at.1 + size.1).min(picture.height()) {
        for x in at.0..(at.0 + size.0).min(picture.width()) {
            picture.put_pixel(x, y, colour);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_is_a_small_jpeg() {
        let bytes = scan(DocumentKind::FamilyCard).unwrap();
        assert!(bytes.starts_with(&[0xff, 0xd8]) && bytes.len() < 60_000, "{} bytes", bytes.len());
        assert!(image::load_from_memory(&bytes).is_ok());
    }
}
