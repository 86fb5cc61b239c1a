//! What is small on the line and huge in memory is refused early: a count of what is really held at once, for every way
//! in at which this crate unpacks anything.
//!
//! A binary of its own: its allocator counts, and nothing else may run beside.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::Read;
use std::sync::{Mutex, MutexGuard, PoisonError};

use loket_sync::archive::Purpose;
use loket_sync::bundle::{BundleError, BundleReader, LISTED_MAX};
use loket_sync::keys::Envelopes;
use loket_sync::wire::{self, MESSAGE_BYTES_MAX, Parcel, RECORDS_MAX, WIRE_VERSION, WireError};
use loket_sync::{
    ArchiveError, ArchiveReader, ArchiveWriter, Chain, Hash, Message, NewRecord, NodeId, NodeKey, Run,
    SessionId, StoreId, StreamId, Subject, SubjectKey,
};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;
/// One at a time: the counter is everybody's.
static ALONE: Mutex<()> = Mutex::new(());

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;
/// Field of a message's head: the columns of its runs, and the dictionary and length of its letters.
const RUNS: u16 = 0x4000;
const JOINED_RUNS: u16 = 0x4002;
const LETTERS: u16 = 0x4001;

/// Does something and says how many bytes were held at once for it.
fn held<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let done = work();
    (done, MEMORY.peak_usage().saturating_sub(before))
}

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn keys() -> (NodeKey, NodeKey) {
    (NodeKey::from_seed([1; 32]), NodeKey::from_seed([2; 32]))
}

/// Packs as anybody could, best.
fn packed(plain: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(plain, 3).unwrap()
}

/// A message with this packed head.
fn message(head: &[u8], tail: &[u8]) -> Vec<u8> {
    let frame = postcard::to_stdvec(&(WIRE_VERSION, 1_u8, head.len() as u64)).unwrap();
    [frame.as_slice(), head, tail].concat()
}

/// A head with one field.
fn head_with(field: u16, value: &[u8]) -> Vec<u8> {
    let mut head = postcard::to_stdvec(&(0_u8, 7_i64)).unwrap();
    head.extend(postcard::to_stdvec(&(field, value.len() as u64)).unwrap());
    head.extend_from_slice(value);
    head
}

/// zstd frames that produce so many zeros: one that says so, one that does not, and one that lies about it.
fn frames(bytes: usize) -> [Vec<u8>; 3] {
    let honest = packed(&vec![0; bytes]);
    let silent = {
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 3).unwrap();
        encoder.include_contentsize(false).unwrap();
        std::io::copy(&mut std::io::repeat(0).take(bytes as u64), &mut encoder).unwrap();
        encoder.finish().unwrap()
    };
    // A small frame that names its length, and behind it one that is huge: a decoder goes on with the next.
    let lying = [packed(b"small and honest"), honest.clone()].concat();
    [honest, silent, lying]
}

#[test]
fn a_head_that_unpacks_to_more_than_a_message_is_not_unpacked() {
    let _alone = alone();
    for frame in frames(MESSAGE_BYTES_MAX + 1) {
        let bytes = message(&frame, b"");
        assert!(bytes.len() < 8 * KIB);
        let (read, held) = held(|| wire::decode(&bytes));
        assert_eq!(read.map(drop), Err(WireError::Packing));
        assert!(held < 64 * KIB, "{held} bytes");
    }
}

#[test]
fn a_message_of_a_few_bytes_that_holds_very_many_records_is_refused() {
    let _alone = alone();
    // Columns with 700,000 records of nothing: one byte each in each column, one signed run.
    let count = 700_000_u64;
    let stream = "office/karimun".parse::<StreamId>().unwrap();
    let zeros = vec![0_u8; usize::try_from(count).unwrap()];
    let run =
        (stream, SessionId([9; 16]), 0_u64, Hash::ZERO, count, NodeId([1; 16]), ([0_u8; 32], [0_u8; 32]));
    let mut columns = postcard::to_stdvec(&vec![run]).unwrap();
    let column = postcard::to_stdvec(&zeros).unwrap();
    let abouts = postcard::to_stdvec(&[vec![0_u8], vec![1; zeros.len() - 1]].concat()).unwrap();
    for part in [&column, &column, &column, &abouts] {
        columns.extend(part);
    }
    columns.extend(postcard::to_stdvec(&vec![Subject([1; 16])]).unwrap());
    columns.extend([column.as_slice(), &column, &[0]].concat());
    let bytes = message(&packed(&head_with(RUNS, &columns)), b"");
    assert!(bytes.len() < 2 * KIB, "{} bytes", bytes.len());
    let (read, held) = held(|| wire::decode(&bytes));
    assert_eq!(read.map(drop), Err(WireError::TooLong));
    assert!(held < 24 * MIB, "{held} bytes");
}

#[test]
fn lists_that_are_too_long_are_refused_before_room_is_made() {
    let _alone = alone();
    // Numbers of the fields with lists: sessions, keys, wanted keys, offered and wanted pictures, what is not taken.
    for field in [4_u16, 6, 7, 8, 9, 2, RUNS, JOINED_RUNS] {
        // As many as are said to come, and the largest number that can be said.
        for said in [u64::from(u32::MAX), u64::MAX] {
            let value = [postcard::to_stdvec(&said).unwrap(), vec![0; 7 * MIB]].concat();
            let bytes = message(&packed(&head_with(field, &value)), b"");
            let (read, held) = held(|| wire::decode(&bytes));
            assert!(read.is_err(), "field {field}");
            assert!(held < 24 * MIB, "field {field}: {held} bytes");
        }
    }
    // Sessions of very many streams, none too long in itself.
    let mut value = postcard::to_stdvec(&u64::from(u32::MAX)).unwrap();
    for number in 0..400_000 {
        value.extend(postcard::to_stdvec(&(format!("office/{number}"), 0_u8)).unwrap());
    }
    let bytes = message(&packed(&head_with(4, &value)), b"");
    let (read, held) = held(|| wire::decode(&bytes));
    assert!(read.is_err() && held < 24 * MIB, "{held} bytes");
}

#[test]
fn the_largest_message_that_is_taken_needs_what_the_documents_say() {
    let _alone = alone();
    let (from, _) = keys();
    let opened = loket_sync::chain::opening(None, from.id(), "");
    let stream = "office/karimun".parse().unwrap();
    let (mut chain, first) = Chain::open(stream, SessionId([7; 16]), 1, &opened);
    let (key, mut records) = (SubjectKey::from_bytes([3; 32]), vec![first]);
    for number in 1..RECORDS_MAX {
        let subject = Subject([1; 16]);
        let new =
            NewRecord { at_ms: i64::try_from(number).unwrap(), kind: 100, flags: 0, subject, body: b"" };
        records.push(chain.next(&new, &key).unwrap());
    }
    let mut message = Message::new(StoreId::NONE, 1, Vec::new());
    message.runs = vec![Run { records, head: chain.head(&from) }];
    let bytes = wire::encode(&message).unwrap();
    let (read, held) = held(|| wire::decode(&bytes).unwrap());
    assert_eq!(read.records(), RECORDS_MAX as u64);
    assert!(held < 64 * MIB, "{held} bytes");
    // One more is not written either: nothing is sent that the other side refuses.
    let subject = Subject([1; 16]);
    let new = NewRecord { at_ms: 1, kind: 100, flags: 0, subject, body: b"" };
    message.runs[0].records.push(chain.next(&new, &key).unwrap());
    message.runs[0].head = chain.head(&from);
    assert_eq!(wire::encode(&message), Err(WireError::TooLong));
}

#[test]
fn letters_that_unpack_to_more_than_a_message_are_not_unpacked() {
    let _alone = alone();
    let (_, to) = keys();
    for frame in frames(MESSAGE_BYTES_MAX + 1) {
        let letters = Envelopes::to(&to.public()).seal(b"loket letters 1\0", &frame);
        let field = postcard::to_stdvec(&(0_u8, letters.len() as u64)).unwrap();
        let mut head = head_with(RUNS, b"\0");
        head.extend(postcard::to_stdvec(&(LETTERS, field)).unwrap());
        let bytes = message(&packed(&head), &letters);
        assert!(bytes.len() < 8 * KIB);
        let (read, held) = held(|| Parcel::open(&bytes, Some(&to)).map(drop));
        assert_eq!(read, Err(WireError::Packing));
        assert!(held < 256 * KIB, "{held} bytes");
    }
}

#[test]
fn a_bundle_whose_message_or_list_is_huge_is_refused() {
    let _alone = alone();
    let (from, to) = keys();
    let bundle = |name: &str, content: &[u8]| {
        let (me, receivers) = (Some(to.id()), [to.public()]);
        let mut archive =
            ArchiveWriter::begin(Vec::new(), Purpose::Bundle, 1, &from, me, &receivers).unwrap();
        archive.whole(name, content).unwrap();
        archive.finish().unwrap().0
    };
    let bomb = message(&frames(64 * MIB)[0], b"");
    let long = vec![1; (LISTED_MAX + 1) * Hash::LEN];
    for (name, content) in
        [("message", bomb.as_slice()), ("offered", &long), ("message", &vec![1; MESSAGE_BYTES_MAX + 1])]
    {
        let bytes = bundle(name, content);
        let known = |node: &NodeId| Some(from.public()).filter(|known| known.id() == *node);
        let (read, held) =
            held(|| BundleReader::open(bytes.as_slice(), &to, known).unwrap().part().map(drop));
        assert!(matches!(read, Err(BundleError::Message(_) | BundleError::Archive(_))), "{read:?}");
        assert!(held < 24 * MIB, "{name}: {held} bytes");
    }
}

#[test]
fn an_entry_of_a_backup_is_read_as_far_as_its_reader_takes_it() {
    let _alone = alone();
    let (key, _) = keys();
    let receivers = [key.public()];
    let mut archive =
        ArchiveWriter::begin(Vec::new(), Purpose::OfficeBackup, 1, &key, None, &receivers).unwrap();
    archive.whole("loket.toml", &vec![b'#'; 64 * MIB]).unwrap();
    let bytes = archive.finish().unwrap().0;
    let (read, held) = held(|| {
        let mut archive = ArchiveReader::open(bytes.as_slice(), &key)?;
        archive.next_entry()?;
        archive.rest(MIB)
    });
    assert!(matches!(read, Err(ArchiveError::TooLarge(_))));
    assert!(held < 4 * MIB, "{held} bytes");
}
