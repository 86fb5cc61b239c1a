//! Any bytes as an uploaded picture: judged by size and format before anything is unpacked, no panic, memory bounded.
//!
//! Begins with small true pictures and changes them: their sides, so that a few bytes say they are gigabytes; their
//! coding, so that a decoder needs more room than the picture; chunks that unpack to much more than they are.
#![no_main]
#![allow(dead_code, reason = "a target uses little of what it compiles in")]

#[path = "../../src/domain/mod.rs"]
mod domain;
#[path = "../../src/office/actions/pictures.rs"]
mod pictures;

use std::io::Cursor;
use std::sync::OnceLock;

use image::{ExtendedColorType, ImageEncoder};
use libfuzzer_sys::fuzz_target;
use loket_fuzz::{Draw, MIB, bounded};

/// The pixels of the largest picture that is taken, and what its decoder needs beside them.
const HELD_BYTES_MAX: usize = 256 * MIB;

fn honest() -> &'static [Vec<u8>; 4] {
    static MADE: OnceLock<[Vec<u8>; 4]> = OnceLock::new();
    MADE.get_or_init(|| {
        let pixels: Vec<u8> = (0..48 * 40 * 3_u32).map(|at| at.wrapping_mul(37).to_le_bytes()[0]).collect();
        let encode = |colour: ExtendedColorType, is_png: bool| {
            let pixels = &pixels[..48 * 40 * usize::from(colour.channel_count())];
            let mut out = Cursor::new(Vec::new());
            if is_png {
                image::codecs::png::PngEncoder::new(&mut out).write_image(pixels, 48, 40, colour).unwrap();
            } else {
                image::codecs::jpeg::JpegEncoder::new(&mut out).write_image(pixels, 48, 40, colour).unwrap();
            }
            out.into_inner()
        };
        let [rgb, grey] = [ExtendedColorType::Rgb8, ExtendedColorType::L8];
        [encode(rgb, false), encode(grey, false), encode(rgb, true), encode(grey, true)]
    })
}

/// A side: mostly small, often at the edge of what is allowed, sometimes as long as it can be written.
fn side(draw: &mut Draw<'_>) -> u16 {
    match draw.byte() % 6 {
        0 => u16::from(draw.byte()),
        5 => 5_440 + u16::from(draw.byte()) * 4,
        1 => 11_990 + u16::from(draw.byte() % 20),
        2 => u16::MAX - u16::from(draw.byte() % 3),
        3 => 2_000 + u16::from(draw.byte()) * 40,
        _ => u16::from(draw.byte()) << 8 | u16::from(draw.byte()),
    }
}

/// A JPEG with other sides and perhaps another coding.
fn jpeg(draw: &mut Draw<'_>) -> Vec<u8> {
    let mut bytes = honest()[draw.below(2)].clone();
    let (height, width) = (side(draw), side(draw));
    let frame = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    if draw.one_in(2) {
        // Progressive, and the first scan one of DC alone: then the decoder holds all coefficients.
        bytes[frame + 1] = 0xc2;
        let scan = bytes.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
        let len = usize::from(u16::from_be_bytes([bytes[scan + 2], bytes[scan + 3]]));
        bytes[scan + len] = 0;
    }
    if draw.one_in(4) {
        // Sampling: a component of four by four blocks.
        bytes[frame + 11] = draw.byte();
    }
    bytes
}

fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut crc = crc32fast::Hasher::new();
    crc.update(kind);
    crc.update(content);
    let len = u32::try_from(content.len()).unwrap().to_be_bytes();
    [len.as_slice(), kind, content, &crc.finalize().to_be_bytes()].concat()
}

/// A PNG whose chunks unpack to much.
fn png(draw: &mut Draw<'_>) -> Vec<u8> {
    let (width, height) = (u32::from(side(draw)), u32::from(side(draw)));
    let (depth, colour) = ([1, 2, 4, 8, 16][draw.below(5)], [0, 2, 3, 4, 6][draw.below(5)]);
    let head =
        [width.to_be_bytes().as_slice(), &height.to_be_bytes(), &[depth, colour, 0, 0, draw.byte() % 2]]
            .concat();
    let many = |draw: &mut Draw<'_>| {
        let zeros = vec![draw.byte(); draw.len(255 << 16)];
        miniz_oxide::deflate::compress_to_vec_zlib(&zeros, 1)
    };
    let mut bytes = [b"\x89PNG\r\n\x1a\n".as_slice(), &chunk(b"IHDR", &head)].concat();
    while !draw.is_over() {
        let packed = match draw.byte() % 6 {
            0 => chunk(b"zTXt", &[b"words\0\0".as_slice(), &many(draw)].concat()),
            1 => chunk(b"iTXt", &[b"words\0\x01\0\0\0".as_slice(), &many(draw)].concat()),
            2 => chunk(b"iCCP", &[b"colours\0\0".as_slice(), &many(draw)].concat()),
            3 => chunk(b"PLTE", draw.bytes()),
            4 => chunk(b"IDAT", draw.bytes()),
            _ => chunk(b"IDAT", &many(draw)),
        };
        bytes.extend(packed);
    }
    bytes.extend(chunk(b"IEND", b""));
    bytes
}

fuzz_target!(|bytes: &[u8]| {
    let mut draw = Draw(bytes);
    let bytes = match draw.byte() % 4 {
        0 => draw.0.to_vec(),
        1 => jpeg(&mut draw),
        2 => png(&mut draw),
        _ => {
            let honest = &honest()[draw.below(4)];
            draw.changed(honest)
        }
    };
    if let Ok(picture) = bounded(HELD_BYTES_MAX, || pictures::check(&bytes, (1, 1))) {
        assert!(picture.width_px > 0 && picture.height_px > 0);
        assert!(matches!(picture.media_type, "image/jpeg" | "image/png"));
    }
});
