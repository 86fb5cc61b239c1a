//! Files that a courier brings: honest bundles changed, of another time, for another node, from a stranger; and bundles of
//! an office that is let in and means harm, with any messages, lists and pictures. A changed one is refused before anything
//! of it is acted on; of a hostile one no record is taken that its writer did not write; memory is bounded.
#![no_main]

use std::collections::BTreeSet;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use loket_fuzz::{Draw, MIB, Tail, bounded, crafted, honest, office, registry, signer, stranger, whole};
use loket_sync::archive::Purpose;
use loket_sync::bundle::{BundleError, BundleReader, BundleWriter, LISTED_MAX, Listed, Part};
use loket_sync::{Answerer, Hash, Message, NodeId, NodeKey, StoreId, wire};

/// One part at a time: a message with its records, or a picture while it is put together.
const HELD_BYTES_MAX: usize = 80 * MIB;

fn parts() -> Vec<Part> {
    let mut message = Message::new(StoreId([5; 16]), 7, Vec::new());
    message.runs = honest().to_vec();
    let picture = vec![0x5a; 70_000];
    vec![
        Part::Message(Box::new(message)),
        Part::List(Listed::Offered, vec![Hash([1; 32]), Hash([2; 32])]),
        Part::List(Listed::Wanted, vec![Hash([3; 32])]),
        Part::List(Listed::Arrived, Vec::new()),
        Part::Blob(Hash::of(&picture), picture),
    ]
}

/// What the reader gives of these: what the line drops is computed anew.
fn expected() -> &'static [Part] {
    static MADE: OnceLock<Vec<Part>> = OnceLock::new();
    MADE.get_or_init(parts)
}

fn bundle(from: &NodeKey, to: &NodeKey, made_at_ms: i64) -> Vec<u8> {
    let mut bundle = BundleWriter::begin(Vec::new(), from, &to.public(), made_at_ms).unwrap();
    for part in parts() {
        match part {
            Part::Message(message) => bundle.message(&message).unwrap(),
            Part::List(listed, hashes) => bundle.list(listed, &hashes).unwrap(),
            Part::Blob(hash, bytes) => bundle.blob(&hash, &bytes).unwrap(),
        }
    }
    bundle.finish().unwrap().0
}

/// One for the registry, one of another day; then one for somebody else, one from a stranger, and a backup.
fn bundles() -> &'static [Vec<u8>; 5] {
    static MADE: OnceLock<[Vec<u8>; 5]> = OnceLock::new();
    MADE.get_or_init(|| {
        [
            bundle(office(), registry(), 1),
            bundle(office(), registry(), 2),
            bundle(office(), stranger(), 1),
            bundle(stranger(), registry(), 1),
            crafted(Purpose::OfficeBackup, office(), registry(), &[], &Tail::Honest(0)),
        ]
    })
}

fn open(bytes: &[u8]) -> Result<BundleReader<&[u8]>, BundleError> {
    let known = |node: &NodeId| Some(office().public()).filter(|known| known.id() == *node);
    BundleReader::open(bytes, registry(), known)
}

/// Reads it through and holds it against what may be taken.
fn read(bytes: &[u8]) -> Result<Vec<Part>, BundleError> {
    let mut reader = open(bytes)?;
    let mut parts = Vec::new();
    while let Some(part) = bounded(HELD_BYTES_MAX, || reader.part())? {
        match &part {
            Part::Message(message) => judge(message),
            Part::List(_, hashes) => assert!(hashes.len() <= LISTED_MAX),
            Part::Blob(hash, bytes) => assert_eq!(Hash::of(bytes), *hash),
        }
        parts.push(part);
    }
    Ok(parts)
}

fn judge(message: &Message) {
    let shared: BTreeSet<_> = ["office/karimun".parse().unwrap(), "hq/karimun".parse().unwrap()].into();
    for accepted in Answerer::new(&shared, &signer).judge(message.runs.clone(), &[]).accepted {
        let written = whole(&accepted.have).expect("an honest session");
        for record in &accepted.run.records {
            assert_eq!(record.header, written[usize::try_from(record.header.seq).unwrap()].header);
        }
    }
}

/// A bundle of an office that means harm.
fn hostile(draw: &mut Draw<'_>) -> Vec<u8> {
    let (mut frames, mut entries) = (Vec::new(), 0);
    let mut entry = |name: &str, content: &[u8]| {
        frames.extend(
            [&[1], u16::try_from(name.len()).unwrap().to_le_bytes().as_slice(), name.as_bytes()].concat(),
        );
        for piece in content.chunks(64 * 1024) {
            frames
                .extend([&[2], u32::try_from(piece.len()).unwrap().to_le_bytes().as_slice(), piece].concat());
        }
        let len = (content.len() as u64).to_le_bytes();
        frames.extend([[3].as_slice(), &len, blake3::hash(content).as_bytes()].concat());
        entries += 1;
    };
    for _ in 0..8 {
        if draw.is_over() {
            break;
        }
        match draw.byte() % 7 {
            0 => entry("message", draw.bytes()),
            1 => {
                let mut message = Message::new(StoreId([5; 16]), 7, Vec::new());
                let from = draw.below(honest().len());
                message.runs = honest()[from..].to_vec();
                entry("message", &draw.changed(&wire::encode(&message).unwrap()));
            }
            2 => entry(["offered", "wanted", "arrived"][draw.below(3)], draw.bytes()),
            // More than a list may name.
            3 => entry("offered", &vec![draw.byte(); draw.len(60 << 16)]),
            4 => {
                let bytes = draw.bytes();
                entry(&format!("blob/{}", Hash::of(bytes)), bytes);
            }
            5 => entry(&format!("blob/{}", Hash([draw.byte(); 32])), draw.bytes()),
            // A message that unpacks to much more than it may.
            _ => {
                let zeros = vec![draw.byte(); draw.len(200 << 16)];
                let head = zstd::bulk::compress(&zeros, 1).unwrap();
                let frame = postcard::to_stdvec(&(wire::WIRE_VERSION, 1_u8, head.len() as u64)).unwrap();
                entry("message", &[frame, head].concat());
            }
        }
    }
    crafted(Purpose::Bundle, office(), registry(), &frames, &Tail::Honest(entries))
}

fuzz_target!(|bytes: &[u8]| {
    let mut draw = Draw(bytes);
    let [honest, other, elsewhere, strange, backup] = bundles();
    let (bytes, is_hostile) = match draw.byte() % 8 {
        0 => (draw.0.to_vec(), false),
        1..=3 => (hostile(&mut draw), true),
        4 => ([elsewhere, strange, backup][draw.below(3)].clone(), false),
        // The front of one and the rest of another.
        5 => {
            let at = draw.below(honest.len().min(other.len()));
            ([&honest[..at], &other[at..]].concat(), false)
        }
        _ => (draw.changed(honest), false),
    };
    match read(&bytes) {
        Ok(_) if is_hostile => {}
        Ok(parts) => {
            assert!(bytes == *honest || bytes == *other, "a bundle that nobody made is taken");
            assert_eq!(parts, expected());
        }
        Err(error) => assert!(bytes != *honest && bytes != *other, "an honest bundle is refused: {error}"),
    }
});
