//! Files that say they are backups: honest ones with bytes changed, chunks moved, repeated, left out or cut off, headers
//! exchanged; and ones that a hostile node made, with any frames behind a true header. Nothing comes out of an honest one
//! but what was put in, in its order; nothing of a changed one is believed to its end; names stay inside a folder; memory
//! is bounded.
#![no_main]

use std::path::{Component, Path};
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use loket_fuzz::{Draw, MIB, Tail, bounded, crafted, office, registry, stranger};
use loket_sync::archive::{NAME_BYTES_MAX, Purpose};
use loket_sync::{ArchiveError, ArchiveReader, ArchiveWriter};

/// What a reader of this target takes of one entry.
const ENTRY_BYTES_MAX: usize = 256 * 1024;
/// An entry, while it grows; two chunks; a piece.
const HELD_BYTES_MAX: usize = 2 * MIB;
const HEADER_LEN: usize = 99 + 96 + 32 + 64;
const CHUNK_LEN: usize = 64 * 1024 + 16;

type Entries = Vec<(String, Vec<u8>)>;

fn entries() -> &'static Entries {
    static MADE: OnceLock<Entries> = OnceLock::new();
    MADE.get_or_init(|| {
        let large: Vec<u8> = (0..150_000_u32).map(|at| at.to_le_bytes()[at as usize % 3]).collect();
        vec![
            ("identity".to_owned(), vec![7; 64]),
            ("journal/office-karimun.1.seg".to_owned(), large),
            ("blobs/empty".to_owned(), Vec::new()),
        ]
    })
}

/// Two archives with the same content: chunks and headers of one do not fit the other.
fn honest() -> &'static [Vec<u8>; 2] {
    static MADE: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
    MADE.get_or_init(|| {
        [1, 2].map(|made_at_ms| {
            let (purpose, receivers) = (Purpose::OfficeBackup, [office().public()]);
            let begun = ArchiveWriter::begin(Vec::new(), purpose, made_at_ms, office(), None, &receivers);
            let mut archive = begun.unwrap();
            for (name, bytes) in entries() {
                archive.whole(name, bytes).unwrap();
            }
            archive.finish().unwrap().0
        })
    })
}

/// What is given until the end or the first error; and that error.
fn read(bytes: &[u8]) -> (Entries, Result<(), ArchiveError>) {
    let mut given = Vec::new();
    let mut reading = || {
        let mut archive = ArchiveReader::open(bytes, office())?;
        while let Some(name) = archive.next_entry()? {
            given.push((name, archive.rest(ENTRY_BYTES_MAX)?));
        }
        Ok(())
    };
    let end = reading();
    (given, end)
}

/// A hostile node's archive: frames as they come, or nearly as they should be.
fn hostile(draw: &mut Draw<'_>) -> Vec<u8> {
    let (mut frames, mut entries) = (Vec::new(), 0);
    while !draw.is_over() && frames.len() < MIB {
        match draw.byte() % 6 {
            0 => frames.extend_from_slice(draw.bytes()),
            1 => {
                let name = draw.bytes();
                frames.extend(
                    [&[1], u16::try_from(name.len()).unwrap().to_le_bytes().as_slice(), name].concat(),
                );
                entries += 1;
            }
            2 => {
                let (byte, len) = (draw.byte(), draw.below(1 << 16));
                frames.extend([[2].as_slice(), &u32::try_from(len).unwrap().to_le_bytes()].concat());
                frames.extend(std::iter::repeat_n(byte, len));
            }
            3 => {
                let bytes = draw.bytes();
                let len = u64::try_from(bytes.len()).unwrap();
                frames.extend(
                    [&[1, 1, 0, b'n', 2], u32::try_from(len).unwrap().to_le_bytes().as_slice(), bytes]
                        .concat(),
                );
                frames.extend([[3].as_slice(), &len.to_le_bytes(), blake3::hash(bytes).as_bytes()].concat());
                entries += 1;
            }
            4 => frames.extend([2, 0xff, 0xff, 0xff, 0xff]),
            _ => frames.extend([1, 0xff, 0xff]),
        }
    }
    let tail = if draw.one_in(2) { Tail::Honest(entries) } else { Tail::None };
    crafted(Purpose::OfficeBackup, office(), office(), &frames, &tail)
}

fn changed(honest: &[u8], other: &[u8], draw: &mut Draw<'_>) -> Vec<u8> {
    let (head, body) = honest.split_at(HEADER_LEN);
    let (mut head, mut chunks) =
        (head.to_vec(), body.chunks(CHUNK_LEN).map(<[u8]>::to_vec).collect::<Vec<_>>());
    for _ in 0..=draw.byte() % 3 {
        if chunks.is_empty() {
            break;
        }
        let (one, two) = (draw.below(chunks.len()), draw.below(chunks.len()));
        match draw.byte() % 9 {
            0 => chunks.swap(one, two),
            1 => drop(chunks.remove(one)),
            2 => chunks.insert(one, chunks[two].clone()),
            3 => chunks.truncate(one),
            4 => chunks[one] = other[HEADER_LEN..].chunks(CHUNK_LEN).nth(one).unwrap_or_default().to_vec(),
            5 => head = other[..HEADER_LEN].to_vec(),
            6 => head = draw.changed(&head),
            7 => {
                let len = chunks[one].len();
                chunks[one].truncate(draw.below(len + 1));
            }
            _ => {
                let at = draw.below(chunks[one].len());
                if let Some(byte) = chunks[one].get_mut(at) {
                    *byte ^= draw.byte();
                }
            }
        }
    }
    head.extend(chunks.concat());
    head
}

fuzz_target!(|bytes: &[u8]| {
    let mut draw = Draw(bytes);
    let [honest, other] = honest();
    let (bytes, is_crafted) = match draw.byte() % 8 {
        0 => (draw.0.to_vec(), false),
        1 | 2 => (hostile(&mut draw), true),
        _ => (changed(honest, other, &mut draw), false),
    };
    // The entries that were given are held by this target, not by the reader.
    let (given, end) = bounded(HELD_BYTES_MAX + bytes.len(), || read(&bytes));
    for (name, content) in &given {
        assert!(name.len() <= NAME_BYTES_MAX && content.len() <= ENTRY_BYTES_MAX);
        assert!(Path::new(name).components().all(|part| matches!(part, Component::Normal(_))), "{name}");
    }
    if is_crafted {
        return;
    }
    assert!(given.iter().zip(entries()).all(|(given, honest)| given == honest), "another content came out");
    assert_eq!(end.is_ok(), bytes == *honest || bytes == *other, "a changed archive is believed to its end");
    assert!(end.is_err() || given == *entries());
    for key in [registry(), stranger()] {
        assert!(ArchiveReader::open(bytes.as_slice(), key).is_err(), "somebody else reads it");
    }
});
