//! Any bytes as a message of the exchange: no panic, memory bounded, and what is read is written back the same.
//!
//! Blind bytes do not get past zstd and the seal of the letters. So the target packs and seals: any bytes as the head of
//! a message, as the columns of its runs, or an honest message with its head or its words changed before they are packed.
#![no_main]

use std::collections::BTreeSet;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use loket_fuzz::{Draw, MIB, bounded, honest, key, office, registry, signer, whole};
use loket_sync::exchange::{Joining, NotTaken, Rest, WhyNot};
use loket_sync::keys::Envelopes;
use loket_sync::wire::{self, AtHand, HashesAt, KeyMap, Parcel, WIRE_VERSION};
use loket_sync::{Answerer, Hash, Have, KeyGrant, Message, Pos, SessionId, StoreId, Subject};

/// A message is at most 8 MiB packed, its head and its words once more unpacked, and its records a few hundred bytes each.
const HELD_BYTES_MAX: usize = 80 * MIB;
const PACKED: u8 = 1;
const RUNS: u16 = 0x4000;
const LETTERS: u16 = 0x4001;
const JOINED_RUNS: u16 = 0x4002;
const LETTERS_ABOUT: [u8; 16] = *b"loket letters 1\0";

/// A message, taken apart.
#[derive(Clone)]
struct Apart {
    head: Vec<u8>,
    words: Vec<u8>,
    bodies: Vec<u8>,
}

fn keys() -> &'static KeyMap {
    static KEYS: OnceLock<KeyMap> = OnceLock::new();
    KEYS.get_or_init(|| (1..=4).map(|number| (Subject([number; 16]), key(number))).collect())
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    zstd::decode_all(bytes).expect("packed by ourselves")
}

fn apart(bytes: &[u8]) -> Apart {
    let ((_, form, len), rest): ((u8, u8, u64), _) = postcard::take_from_bytes(bytes).unwrap();
    let (head, tail) = rest.split_at(usize::try_from(len).unwrap());
    let head = if form == PACKED { unpacked(head) } else { head.to_vec() };
    // The letters' own field names their length.
    let field = postcard::to_stdvec(&LETTERS).unwrap();
    let words = head.windows(field.len()).rposition(|here| here == field).and_then(|at| {
        let (value, _): (&[u8], _) = postcard::take_from_bytes(&head[at + field.len()..]).ok()?;
        let (_, len): (u8, u64) = postcard::from_bytes(value).ok()?;
        registry().open_one(&LETTERS_ABOUT, tail.get(..usize::try_from(len).ok()?)?).ok()
    });
    Apart { head, words: words.map(|words| unpacked(&words)).unwrap_or_default(), bodies: tail.to_vec() }
}

/// Honest messages: nothing new; everything that a message can say; records as they are sealed; records that go on from
/// what is here; records as letters.
fn messages() -> &'static [Apart; 5] {
    static MADE: OnceLock<[Apart; 5]> = OnceLock::new();
    MADE.get_or_init(|| {
        let vector: Vec<_> = honest().iter().map(|run| run.head.have()).collect();
        let mut quiet = Message::new(StoreId::NONE, 1_795_226_400_000, Vec::new());
        quiet.rest = Some(Rest([5; 8]));
        let mut full = Message::new(StoreId([4; 16]), 1_795_226_400_000, vector);
        loket_sync::head::sort(&mut full.vector);
        full.wanted_keys = vec![Subject([1; 16]), Subject([2; 16])];
        full.offered_blobs = vec![Hash([1; 32]), Hash([2; 32])];
        full.wanted_blobs = vec![Hash([3; 32])];
        (full.pause_ms, full.room, full.more, full.sealed) = (1_500, 4_096, true, true);
        (full.process, full.twins_since_ms) = (Some(SessionId([6; 16])), Some(-7));
        full.answered_s = Some(1_795_226_400);
        let stream = "office/karimun".parse().unwrap();
        let not = NotTaken { stream, session: SessionId([7; 16]), from: 2, len: 9, why: WhyNot::Fork };
        full.refused = vec![not];
        full.keys = vec![KeyGrant::seal(Subject([1; 16]), &key(1), &registry().public())];
        let mut told = Message::new(StoreId([4; 16]), 1, Vec::new());
        told.runs = honest().to_vec();
        let sealed = wire::encode(&told).unwrap();
        let letters = wire::encode_for(&told, &registry().public(), keys()).unwrap();
        let begun = honest().iter().filter(|run| run.first() == 0).map(|run| run.head.have());
        let mut to: Vec<_> = begun.collect();
        loket_sync::head::sort(&mut to);
        (told.joins, told.joining) = (true, Some(Joining { by: office().id(), to }));
        let joined = wire::encode(&told).unwrap();
        [wire::encode(&quiet).unwrap(), wire::encode(&full).unwrap(), sealed, joined, letters]
            .map(|bytes| apart(&bytes))
    })
}

/// A message with this head, packed or not.
fn framed(head: &[u8], is_packed: bool, tail: &[u8]) -> Vec<u8> {
    let packed = is_packed.then(|| zstd::encode_all(head, 1).unwrap());
    let head = packed.as_deref().unwrap_or(head);
    let mut bytes = postcard::to_stdvec(&(WIRE_VERSION, u8::from(is_packed), head.len() as u64)).unwrap();
    bytes.extend([head, tail].concat());
    bytes
}

/// The head of a message with these columns, and with words if there are any; and what lies behind it.
fn carrying(columns: &[u8], words: &[u8], bodies: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut head = postcard::to_stdvec(&(0_u8, 7_i64)).unwrap();
    let number = if columns.len().is_multiple_of(2) { RUNS } else { JOINED_RUNS };
    head.extend(postcard::to_stdvec(&(number, columns)).unwrap());
    let (field, tail) = sealed(words);
    head.extend(field);
    (head, [tail.as_slice(), bodies].concat())
}

/// The field of letters with these words, and the letters.
fn sealed(words: &[u8]) -> (Vec<u8>, Vec<u8>) {
    if words.is_empty() {
        return Default::default();
    }
    let tail =
        Envelopes::to(&registry().public()).seal(&LETTERS_ABOUT, &zstd::bulk::compress(words, 1).unwrap());
    let field = postcard::to_stdvec(&(0_u8, tail.len() as u64)).unwrap();
    (postcard::to_stdvec(&(LETTERS, field)).unwrap(), tail)
}

fn made(bytes: &[u8]) -> Vec<u8> {
    let mut draw = Draw(bytes);
    match draw.byte() % 6 {
        0 => draw.0.to_vec(),
        1 => framed(draw.0, true, b""),
        2 => {
            let (words, bodies) = (draw.bytes().to_vec(), draw.bytes().to_vec());
            let (head, tail) = carrying(draw.0, &words, &bodies);
            framed(&head, true, &tail)
        }
        // Room for much in few bytes: long rows of the same.
        3 => {
            let mut columns = Vec::new();
            while !draw.is_over() && columns.len() < 7 * MIB {
                let (byte, times) = (draw.byte(), draw.below(1 << 16) * usize::from(draw.byte()));
                columns.extend_from_slice(draw.bytes());
                columns.extend(std::iter::repeat_n(byte, times.min(7 * MIB)));
            }
            let (head, tail) = carrying(&columns, b"", b"");
            framed(&head, true, &tail)
        }
        4 => {
            let Apart { head, bodies, .. } = &messages()[draw.below(5)];
            let (head, is_packed, bodies) = (draw.changed(head), draw.one_in(2), draw.changed(bodies));
            framed(&head, is_packed, &bodies)
        }
        _ => {
            // The field of letters stands last in the head.
            let Apart { head, words, .. } = &messages()[4];
            let (field, tail) = sealed(&draw.changed(words));
            let marker = postcard::to_stdvec(&LETTERS).unwrap();
            let at = head.windows(marker.len()).rposition(|here| here == marker).unwrap();
            framed(&[&draw.changed(&head[..at]), field.as_slice()].concat(), true, &tail)
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let bytes = made(bytes);
    let read = bounded(HELD_BYTES_MAX, || {
        let parcel = Parcel::open(&bytes, Some(registry()))?;
        let mut at_hand = parcel.granted(registry());
        at_hand.extend(
            parcel.subjects()?.iter().filter_map(|subject| Some((*subject, keys().get(subject)?.clone()))),
        );
        let hash = |pos: &Pos| {
            let of = Have { stream: pos.stream, session: pos.session, len: 0, hash: Hash::ZERO };
            whole(&of)?.get(usize::try_from(pos.seq).ok()?).map(loket_sync::Record::hash)
        };
        let before: HashesAt =
            parcel.before()?.into_iter().filter_map(|pos| Some((pos, hash(&pos)?))).collect();
        parcel.into_message(AtHand { sender: Some(office().id()), keys: &at_hand, before: &before })
    });
    let Ok((message, _)) = read else { return };
    // What was read can be written, unless it was packed to the last byte; and is the same again.
    if let Ok(written) = wire::encode(&message) {
        assert_eq!(wire::decode(&written).as_ref(), Ok(&message));
        for end in [written.len() / 2, written.len() - 1] {
            assert!(wire::decode(&written[..end]).is_err(), "a message that was cut short is taken");
        }
        assert!(
            wire::decode(&[written.as_slice(), b"x"].concat()).is_err(),
            "something stands behind a message"
        );
    }
    let shared: BTreeSet<_> = ["office/karimun", "hq/karimun"].map(|name| name.parse().unwrap()).into();
    // Whatever is taken was written by an honest node, record by record.
    for accepted in Answerer::new(&shared, &signer).judge(message.runs, &[]).accepted {
        let honest = whole(&accepted.have).expect("an honest session");
        for record in &accepted.run.records {
            let written = &honest[usize::try_from(record.header.seq).unwrap()];
            assert_eq!(record.header, written.header);
            assert!(record.is_erased() || record.body == written.body);
        }
    }
});
