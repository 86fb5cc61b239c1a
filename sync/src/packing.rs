//! Making bytes smaller, and undoing it without trusting the length that the sender claims.

use std::cell::RefCell;

use zstd::bulk::{Compressor, Decompressor};

/// Level for both bodies and messages: level 3 is where office machines stay idle and the line is well used.
const LEVEL: i32 = 3;
/// Shorter bodies do not get smaller.
const BODY_WORTH_PACKING_BYTES: usize = 48;
/// The most bytes a body may have once unpacked.
const BODY_UNPACKED_BYTES_MAX: usize = 1024 * 1024;

thread_local! {
    // Making a compressor costs more than packing one body.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = RefCell::new(Compressor::new(LEVEL).ok());
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = RefCell::new(Decompressor::new().ok());
}

/// Packs a body, or returns nothing if that would not make it smaller.
pub(crate) fn pack_body(plain: &[u8]) -> Option<Vec<u8>> {
    if plain.len() < BODY_WORTH_PACKING_BYTES || plain.len() > BODY_UNPACKED_BYTES_MAX {
        return None;
    }
    pack(plain).filter(|packed| packed.len() < plain.len())
}

/// Unpacks a body; nothing if the bytes are damaged or too large.
pub(crate) fn unpack_body(packed: &[u8]) -> Option<Vec<u8>> {
    unpack(packed, BODY_UNPACKED_BYTES_MAX)
}

/// Packs bytes.
pub(crate) fn pack(plain: &[u8]) -> Option<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|compressor| compressor.as_mut()?.compress(plain).ok())
}

/// Unpacks bytes that name their own length, if that length is at most `bytes_max`.
pub(crate) fn unpack(packed: &[u8], bytes_max: usize) -> Option<Vec<u8>> {
    let claimed = zstd::zstd_safe::get_frame_content_size(packed).ok()??;
    let len = usize::try_from(claimed).ok().filter(|len| *len <= bytes_max)?;
    DECOMPRESSOR.with_borrow_mut(|decompressor| decompressor.as_mut()?.decompress(packed, len).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_is_undone_and_only_done_where_it_helps() {
        let words = b"paspor biasa 48 halaman ".repeat(20);
        let packed = pack_body(&words).unwrap();
        assert!(packed.len() < words.len());
        assert_eq!(unpack_body(&packed).unwrap(), words);
        assert_eq!(pack_body(b"short"), None);
    }

    #[test]
    fn a_claimed_length_is_not_believed_beyond_the_limit() {
        let packed = pack(&vec![0; 5000]).unwrap();
        assert_eq!(unpack(&packed, 4999), None);
        assert_eq!(unpack(&packed, 5000).unwrap().len(), 5000);
        assert_eq!(unpack(b"no zstd at all", 5000), None);
        assert_eq!(unpack(&packed[..packed.len() - 1], 5000), None);
    }
}
