//! Messages survive the wire, and no bytes from outside do harm.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use loket_sync::chain::opening;
use loket_sync::exchange::{Joining, KeyGrant, Message, Rest};
use loket_sync::wire::{
    AtHand, HashesAt, JOINED_MAX, KeyMap, Lacking, Parcel, WireError, decode, encode, encode_for, encode_with,
};
use loket_sync::{
    Chain, Hash, Have, NewRecord, NodeKey, Run, SessionId, StoreId, Subject, SubjectKey, verify_run,
};
use proptest::prelude::*;

fn office() -> NodeKey {
    NodeKey::from_seed([1; 32])
}

fn run(session: u8, bodies: &[Vec<u8>], times_ms: &[i64]) -> Run {
    let opened = opening(None, office().id(), "loket test");
    let stream = "office/karimun".parse().unwrap();
    let (mut chain, first) = Chain::open(stream, SessionId([session; 16]), times_ms[0], &opened);
    let mut records = vec![first];
    for (number, body) in (0..).zip(bodies) {
        let at_ms = times_ms[usize::from(number) % times_ms.len()];
        let new = NewRecord { at_ms, kind: 7 + number, flags: 1, subject: Subject([session; 16]), body };
        records.push(chain.next(&new, &SubjectKey::from_bytes([9; 32])).unwrap());
    }
    let head = chain.head(&office());
    Run { records, head }
}

fn message(bodies: &[Vec<Vec<u8>>], times_ms: &[i64]) -> Message {
    let runs: Vec<Run> = (1..).zip(bodies).map(|(session, bodies)| run(session, bodies, times_ms)).collect();
    let mut message =
        Message::new(StoreId([4; 16]), times_ms[0], runs.iter().map(|run| run.head.have()).collect());
    let key = SubjectKey::from_bytes([9; 32]);
    message.keys = vec![KeyGrant::seal(Subject([1; 16]), &key, &office().public())];
    message.wanted_keys = vec![Subject([8; 16])];
    message.offered_blobs = vec![Hash([5; 32])];
    message.wanted_blobs = vec![Hash([6; 32]), Hash([7; 32])];
    message.more = true;
    message.pause_ms = 77;
    message.runs = runs;
    message
}

fn bodies() -> impl Strategy<Value = Vec<Vec<Vec<u8>>>> {
    let body = prop::collection::vec(any::<u8>(), 0..200);
    prop::collection::vec(prop::collection::vec(body, 0..6), 0..4)
}

proptest! {
    #[test]
    fn a_message_survives_the_wire(
        bodies in bodies(),
        times_ms in prop::collection::vec(any::<i64>(), 1..5),
        erased in any::<u64>(),
    ) {
        let mut sent = message(&bodies, &times_ms);
        for (number, record) in (0..64).zip(sent.runs.iter_mut().flat_map(|run| &mut run.records)) {
            if erased >> number & 1 == 1 {
                *record = record.erased();
            }
        }
        let received = decode(&encode(&sent).unwrap()).unwrap();
        prop_assert_eq!(&received, &sent);
        for run in &received.runs {
            prop_assert!(verify_run(None, run, &office().public()).is_ok());
        }
    }

    #[test]
    fn changed_bytes_give_an_error_or_runs_that_do_not_verify(
        bodies in bodies(),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let sent = message(&bodies, &[1_700_000_000_000]);
        let mut bytes = encode(&sent).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(received) = decode(&bytes) {
            for (run, sent) in received.runs.iter().zip(&sent.runs) {
                prop_assert!(run == sent || verify_run(None, run, &office().public()).is_err());
            }
        }
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _ = decode(&bytes).is_ok();
    }
}

#[test]
fn an_idle_message_is_small_and_a_record_costs_little_beside_its_body() {
    let mut idle = Message::new(StoreId([4; 16]), 1, Vec::new());
    let have = |stream: &str, session| Have {
        stream: stream.parse().unwrap(),
        session: SessionId([session; 16]),
        len: 100,
        hash: Hash::of(&[session]),
    };
    idle.vector = vec![have("hq/common", 1), have("hq/karimun", 2), have("office/karimun", 3)];
    assert!(encode(&idle).unwrap().len() < 300);

    let body = vec![vec![7; 100]; 200];
    let mut full = Message::new(StoreId([4; 16]), 1, Vec::new());
    full.runs = vec![run(1, &body, &[1_700_000_000_000])];
    let sealed: usize = full.runs[0].records.iter().map(|record| record.body.len()).sum();
    let overhead = encode(&full).unwrap().len() - sealed;
    assert!(overhead / 200 < 12, "{overhead} bytes for 200 records of one subject");
}

#[test]
fn an_erased_record_costs_its_hash_and_no_body_travels() {
    let mut full = Message::new(StoreId([4; 16]), 1, Vec::new());
    full.runs = vec![run(1, &vec![vec![7; 100]; 200], &[1_700_000_000_000])];
    let body = full.runs[0].records[9].body.clone();
    for record in &mut full.runs[0].records {
        *record = record.erased();
    }
    let bytes = encode(&full).unwrap();
    assert!(bytes.len() < 200 * 44, "{} bytes for 200 erased records", bytes.len());
    let received = decode(&bytes).unwrap();
    assert!(verify_run(None, &received.runs[0], &office().public()).is_ok());
    assert!(received.runs[0].records[1..].iter().all(|record| record.is_erased() && record.body != body));
}

#[test]
fn what_a_newer_program_adds_is_passed_over_unless_it_must_be_understood() {
    let mut sent = message(&[vec![b"one".to_vec()]], &[1]);
    sent.rest = Some(Rest([3; 8]));
    sent.sealed = true;
    sent.room = 9_000;
    let bytes = encode_with(&sent, &[(0x3fff, b"news"), (77, b"")]).unwrap();
    assert_eq!(decode(&bytes).unwrap(), sent);
    let bytes = encode_with(&sent, &[(0x5000, b"news")]).unwrap();
    assert_eq!(decode(&bytes), Err(WireError::Field(0x5000)));
}

#[test]
fn letters_are_sealed_again_by_whoever_has_the_keys_and_otherwise_left_out() {
    let registry = NodeKey::from_seed([2; 32]);
    let sent = message(&[vec![b"one".to_vec(); 9], vec![b"two".to_vec()]], &[1, 5]);
    let keys: KeyMap = [1, 2].map(|n| (Subject([n; 16]), SubjectKey::from_bytes([9; 32]))).into();
    let bytes = encode_for(&sent, &registry.public(), &keys).unwrap();
    let open = || Parcel::open(&bytes, Some(&registry)).unwrap();
    assert_eq!(open().subjects().unwrap(), [Subject::NONE, Subject([1; 16]), Subject([2; 16])].into());
    let read = |keys| open().into_message(AtHand { sender: None, keys, before: &HashesAt::new() }).unwrap();
    assert_eq!(read(&keys), (sent.clone(), Lacking::default()));
    // With one key the other run comes; with a wrong one the chain does not end where its writer signed.
    let one: KeyMap = keys.clone().into_iter().take(1).collect();
    let (short, lacking) = read(&one);
    assert_eq!((short.runs.as_slice(), lacking), (&sent.runs[..1], Lacking { keys: true, before: false }));
    let wrong: KeyMap = keys.keys().map(|subject| (*subject, SubjectKey::from_bytes([8; 32]))).collect();
    let (wrong, _) = read(&wrong);
    assert!(wrong.runs.iter().all(|run| verify_run(None, run, &office().public()).is_err()));
    assert_eq!(Parcel::open(&bytes, Some(&office())).err(), Some(WireError::Sealed));
    assert_eq!(decode(&bytes), Err(WireError::Sealed));
}

#[test]
fn another_version_is_named() {
    let mut bytes = encode(&Message::new(StoreId([4; 16]), 1, Vec::new())).unwrap();
    bytes[0] = 9;
    assert_eq!(decode(&bytes), Err(WireError::Version(9)));
    assert_eq!(decode(&[]), Err(WireError::Form));
}

/// The run without its first records.
fn from(run: &Run, first: usize) -> Run {
    Run { records: run.records[first..].to_vec(), head: run.head }
}

/// What somebody has who holds the first records of a run.
fn held(run: &Run, len: usize) -> Have {
    Have { len: len as u64, hash: run.records[len - 1].hash(), ..run.head.have() }
}

#[test]
fn a_run_that_goes_on_from_what_the_other_side_has_does_not_say_what_that_is() {
    let whole: Vec<Run> = (1..=2).map(|name| run(name, &[b"one".to_vec(), b"two".to_vec()], &[1])).collect();
    let mut sent = Message::new(StoreId::NONE, 1, Vec::new());
    sent.runs = vec![from(&whole[0], 2), from(&whole[1], 1)];
    let plain = encode(&sent).unwrap();
    let joining = |by, to| Some(Joining { by, to });
    let there = vec![held(&whole[0], 2), held(&whole[1], 2)];
    sent.joining = joining(office().id(), there.clone());
    let bytes = encode(&sent).unwrap();
    // Of two runs one is joined. The other starts before what the other side has.
    assert!(bytes.len() + 40 <= plain.len(), "{} bytes, {} otherwise", bytes.len(), plain.len());
    let open = || Parcel::open(&bytes, None).unwrap();
    let before = open().before().unwrap();
    assert_eq!(before, [whole[0].records[1].pos()]);
    let read = |hashes: &[Hash]| {
        let hashes = before.iter().copied().zip(hashes.iter().copied()).collect();
        open()
            .into_message(AtHand { sender: Some(office().id()), keys: &KeyMap::new(), before: &hashes })
            .unwrap()
    };
    let (arrived, lacking) = read(&[whole[0].records[1].hash()]);
    assert_eq!((arrived.runs.as_slice(), lacking), (sent.runs.as_slice(), Lacking::default()));
    // Who does not have that record, or another one in its place, leaves the run out and takes the rest.
    for hashes in [&[][..], &[Hash([7; 32])]] {
        let (arrived, lacking) = read(hashes);
        assert_eq!(
            (arrived.runs.as_slice(), lacking),
            (&sent.runs[1..], Lacking { keys: false, before: true })
        );
    }
    // Nor is anything joined where the other side has something else there.
    let other = vec![Have { hash: Hash([7; 32]), ..held(&whole[0], 2) }, held(&whole[1], 3)];
    sent.joining = joining(office().id(), other);
    assert_eq!(Parcel::open(&encode(&sent).unwrap(), None).unwrap().before().unwrap(), []);
    // Of another's records the signer is named.
    let stranger = NodeKey::from_seed([3; 32]);
    sent.joining = joining(stranger.id(), there);
    let hashes = HashesAt::from([(before[0], whole[0].records[1].hash())]);
    let at_hand = AtHand { sender: None, keys: &KeyMap::new(), before: &hashes };
    let (arrived, _) = Parcel::open(&encode(&sent).unwrap(), None).unwrap().into_message(at_hand).unwrap();
    assert_eq!(arrived.runs, sent.runs);
    // Whoever does not know the sender reads nothing that he signed; who takes another for him does not believe it.
    let read = |sender| open().into_message(AtHand { sender, ..at_hand });
    assert_eq!(read(None), Err(WireError::Form));
    let (arrived, _) = read(Some(stranger.id())).unwrap();
    assert!(arrived.runs.iter().all(|run| run.head.signer == stranger.id()));
    assert!(arrived.runs.iter().all(|run| !run.head.is_signed_by(&stranger.public())));
}

#[test]
fn a_first_bytes_collision_gives_a_run_that_does_not_verify() {
    let whole = run(1, &[b"one".to_vec()], &[1]);
    let mut sent = Message::new(StoreId::NONE, 1, Vec::new());
    sent.runs = vec![from(&whole, 1)];
    sent.joining = Some(Joining { by: office().id(), to: vec![held(&whole, 1)] });
    let mut hash = whole.records[0].hash();
    hash.0[31] ^= 1;
    let parcel = Parcel::open(&encode(&sent).unwrap(), None).unwrap();
    let before = HashesAt::from([(whole.records[0].pos(), hash)]);
    let at_hand = AtHand { sender: Some(office().id()), keys: &KeyMap::new(), before: &before };
    let (arrived, lacking) = parcel.into_message(at_hand).unwrap();
    assert_eq!(lacking, Lacking::default());
    assert!(
        verify_run(Some(&Have { hash, ..held(&whole, 1) }), &arrived.runs[0], &office().public()).is_err()
    );
}

#[test]
fn so_many_runs_are_joined_and_no_more() {
    let runs: Vec<Run> = (0..=255).map(|name| run(name, &[b"one".to_vec()], &[1])).collect();
    let mut sent = Message::new(StoreId::NONE, 1, Vec::new());
    let to = runs.iter().map(|run| held(run, 1)).collect();
    sent.joining = Some(Joining { by: office().id(), to });
    sent.runs = runs.iter().map(|run| from(run, 1)).collect();
    let parcel = Parcel::open(&encode(&sent).unwrap(), None).unwrap();
    assert_eq!(parcel.before().unwrap().len(), JOINED_MAX);
}
