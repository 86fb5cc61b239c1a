//! Making bytes smaller, and undoing it without trusting the length that the sender claims.

use std::cell::RefCell;
use std::sync::OnceLock;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

use crate::wire::WireError;

/// Level for heads of messages and for long bodies: where office machines stay idle and the line is well used.
const LEVEL: i32 = 3;
/// Level for the words of letters: 8 % smaller than level 9 for a twentieth of a millisecond a fact.
pub const LETTERS_LEVEL: i32 = 15;
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
    let len = claimed_len(packed, bytes_max)?;
    DECOMPRESSOR.with_borrow_mut(|decompressor| decompressor.as_mut()?.decompress(packed, len).ok())
}

fn claimed_len(packed: &[u8], bytes_max: usize) -> Option<usize> {
    let claimed = zstd::zstd_safe::get_frame_content_size(packed).ok()??;
    usize::try_from(claimed).ok().filter(|len| *len <= bytes_max)
}

/// The dictionary of the words of letters that a program ships, and its number. Older ones stay, for older programs.
#[derive(Clone, Copy, Debug)]
pub struct Dictionary {
    /// Its number, from 1; never re-used.
    pub number: u8,
    /// The dictionary, as zstd trains it.
    pub bytes: &'static [u8],
}

/// A dictionary made ready.
struct Ready {
    number: u8,
    encoder: EncoderDictionary<'static>,
    decoder: DecoderDictionary<'static>,
}

static READY: OnceLock<Vec<Ready>> = OnceLock::new();

/// Gives this process its dictionaries, the newest first. Only the first call counts. Without one, letters are packed
/// without a dictionary.
pub fn ship(dictionaries: &[Dictionary]) {
    READY.get_or_init(|| {
        let ready = |Dictionary { number, bytes }: &Dictionary| Ready {
            number: *number,
            encoder: EncoderDictionary::copy(bytes, LETTERS_LEVEL),
            decoder: DecoderDictionary::copy(bytes),
        };
        dictionaries.iter().map(ready).collect()
    });
}

fn shipped() -> &'static [Ready] {
    READY.get().map_or(&[], Vec::as_slice)
}

/// Packs the words of letters; the number of the dictionary, 0 for none.
pub(crate) fn pack_letters(words: &[u8]) -> Option<(u8, Vec<u8>)> {
    let (number, mut compressor) = match shipped().first() {
        Some(ready) => (ready.number, Compressor::with_prepared_dictionary(&ready.encoder).ok()?),
        None => (0, Compressor::new(LETTERS_LEVEL).ok()?),
    };
    compressor.include_dictid(false).ok()?;
    Some((number, compressor.compress(words).ok()?))
}

/// Unpacks what [`pack_letters`] packed.
pub(crate) fn unpack_letters(number: u8, packed: &[u8], bytes_max: usize) -> Result<Vec<u8>, WireError> {
    let mut decompressor = match shipped().iter().find(|ready| ready.number == number) {
        Some(ready) => Decompressor::with_prepared_dictionary(&ready.decoder),
        None if number == 0 => Decompressor::new(),
        None => return Err(WireError::Dictionary(number)),
    };
    let len = claimed_len(packed, bytes_max).ok_or(WireError::Packing)?;
    let unpacked =
        decompressor.as_mut().ok().and_then(|decompressor| decompressor.decompress(packed, len).ok());
    unpacked.ok_or(WireError::Packing)
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
