//! Any bytes as an uploaded picture: judged by size and format before anything is unpacked, no panic, memory bounded.
#![no_main]
#![allow(dead_code, reason = "a target uses little of what it compiles in")]

#[path = "../../src/domain/mod.rs"]
mod domain;
#[path = "../../src/office/actions/pictures.rs"]
mod pictures;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(picture) = pictures::check(bytes, (1, 1)) {
        assert!(picture.width_px > 0 && picture.height_px > 0);
        assert!(matches!(picture.media_type, "image/jpeg" | "image/png"));
    }
});
