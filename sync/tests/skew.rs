//! Old nodes stay understood: recordings of what earlier versions said and wrote, byte for byte, replayed against this
//! one both ways. What they said is read and taken as it was; what this version says in their place is what they can read.
//!
//! A recording is made once for a version (`cargo test --workspace --test skew -- --ignored record`) and never written again:
//! a change that makes one of these tests fail shuts older offices out, and needs another way.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use loket_sync::bundle::{BundleReader, BundleWriter, Listed, Part};
use loket_sync::chain::opening;
use loket_sync::enrol::{EnrolKey, EnrolRequest, Granted};
use loket_sync::exchange::{Joining, KeyGrant, NotTaken, Rest, WhyNot};
use loket_sync::http::signature::{self, AnswerParts, RequestParts, SignatureHeaders, Stamp};
use loket_sync::journal::{OnDamage, Opening};
use loket_sync::wire::{self, AtHand, HashesAt, KeyMap, Lacking, Parcel};
use loket_sync::{
    Answerer, Chain, Disk, Hash, Have, Journals, Message, NewRecord, NodeId, NodeKey, NodePublic, OwnStream,
    Run, SessionId, StorageKey, StoreId, StreamId, Subject, SubjectKey, open_body,
};

const STREAM: &str = "office/karimun";
const WORDS: [&str; 3] = ["datang", "portret diambil, sidik jari menyusul", "dipanggil ke loket 2"];
const NOW_MS: i64 = 1_795_226_400_000;
const STAMP: Stamp = Stamp { created_s: Some(1_795_226_400), nonce: Some([6; 8]) };

fn office() -> NodeKey {
    NodeKey::from_seed([1; 32])
}

fn registry() -> NodeKey {
    NodeKey::from_seed([2; 32])
}

fn enrol_key() -> EnrolKey {
    EnrolKey::from_bytes([5; 32])
}

fn subject_key() -> SubjectKey {
    SubjectKey::from_bytes([7; 32])
}

fn subject() -> Subject {
    Subject([9; 16])
}

fn stream() -> StreamId {
    STREAM.parse().unwrap()
}

/// Two runs of one session, one record in them erased and one of a kind that nobody knows yet.
fn runs() -> Vec<Run> {
    let opened = opening(None, office().id(), "loket 0.1.0");
    let (mut chain, first) = Chain::open(stream(), SessionId([3; 16]), NOW_MS, &opened);
    let (mut runs, mut records) = (Vec::new(), vec![first]);
    for (number, words) in (1_u16..).zip(WORDS) {
        let kind = if number == 3 { 9_001 } else { 99 + number };
        let (flags, subject, body) = (u8::from(number == 1), subject(), words.as_bytes());
        let new = NewRecord { at_ms: NOW_MS + i64::from(number), kind, flags, subject, body };
        records.push(chain.next(&new, &subject_key()).unwrap());
        if number > 1 {
            runs.push(Run { records: std::mem::take(&mut records), head: chain.head(&office()) });
        }
    }
    runs[0].records[1] = runs[0].records[1].erased();
    runs
}

/// A message that carries records.
fn pushed() -> Message {
    let mut message = Message::new(StoreId([4; 16]), NOW_MS, Vec::new());
    message.runs = runs();
    message
}

/// A message whose run goes on from what the other side has, and does not say what that is.
fn joined() -> Message {
    let mut message = Message::new(StoreId([4; 16]), NOW_MS, Vec::new());
    message.joins = true;
    let [before, run] = runs().try_into().unwrap();
    message.runs = vec![run];
    message.joining = Some(Joining { by: office().id(), to: vec![before.head.have()] });
    message
}

/// A message that says everything that can be said, but for what is sealed anew each time.
fn full() -> Message {
    let mut message = Message::new(StoreId([4; 16]), NOW_MS, Vec::new());
    let have = |name: &str, len| Have {
        stream: name.parse().unwrap(),
        session: SessionId([3; 16]),
        len,
        hash: Hash([8; 32]),
    };
    message.vector = vec![have("hq/common", 5), have("hq/karimun", 70), have(STREAM, 100_000)];
    message.rest = Some(Rest([5; 8]));
    (message.more, message.sealed, message.pause_ms, message.room) = (true, true, 1_500, 4_096);
    message.wanted_keys = vec![subject()];
    message.offered_blobs = vec![Hash([1; 32]), Hash([2; 32])];
    message.wanted_blobs = vec![Hash([3; 32])];
    (message.process, message.twins_since_ms) = (Some(SessionId([6; 16])), Some(-7));
    let session = SessionId([3; 16]);
    message.refused = vec![NotTaken { stream: stream(), session, from: 2, len: 9, why: WhyNot::Fork }];
    message
}

/// The shortest message: nothing new.
fn quiet() -> Message {
    let mut message = Message::new(StoreId::NONE, NOW_MS, Vec::new());
    message.rest = Some(Rest([5; 8]));
    message
}

fn granted() -> Granted {
    let (own_stream, recovery) = (stream(), Some(NodeKey::from_seed([3; 32]).public()));
    let streams = vec![own_stream, "hq/karimun".parse().unwrap(), "hq/common".parse().unwrap()];
    Granted { registry: registry().public(), office: "karimun".into(), own_stream, streams, recovery }
}

const COVERED: [(&str, &str); 2] = [("upload-offset", "4096"), ("upload-length", "81920")];

fn request<'a>(headers: &'a [(&'a str, &'a str)]) -> RequestParts<'a> {
    let (path, query) = ("/sync/v1/blobs/abcdef", "wait=1");
    RequestParts { method: "PATCH", path, query, headers, body: b"a piece of a picture" }
}

fn answer<'a>(headers: &'a [(&'a str, &'a str)], request_signature: &'a str) -> AnswerParts<'a> {
    AnswerParts { status: 200, headers, body: b"", request_signature }
}

fn lines(signed: &SignatureHeaders) -> String {
    signed.pairs().iter().map(|(name, value)| format!("{name}: {value}\n")).collect::<Vec<_>>().concat()
}

fn signed() -> (SignatureHeaders, SignatureHeaders) {
    let asked = signature::sign_request(&office(), &STAMP, &request(&COVERED));
    let answered = signature::sign_answer(&registry(), &answer(&COVERED, &asked.signature));
    (asked, answered)
}

fn own() -> OwnStream {
    OwnStream {
        stream: stream(),
        node_key: office(),
        storage_key: StorageKey::from_bytes([3; 32]),
        software: "loket 0.1.0".into(),
    }
}

fn signer(stream: &StreamId, node: &NodeId) -> Option<NodePublic> {
    let writer = if stream.group() == "hq" { registry() } else { office() };
    Some(writer.public()).filter(|writer| writer.id() == *node)
}

/// All files of a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// A journal of three sessions: one subject was erased.
fn write_journal(folder: &Path) {
    for session in 1..=3 {
        let opening =
            Opening { session: Some(SessionId([session; 16])), reserve_bytes: 0, ..Opening::default() };
        let (mut journals, _) = Journals::open_with(folder, own(), &signer, opening).unwrap();
        for (number, words) in (1_u8..).zip(WORDS) {
            let subject = Subject([session * 10 + number; 16]);
            let new = NewRecord { at_ms: NOW_MS, kind: 100, flags: 0, subject, body: words.as_bytes() };
            let at = journals.append(&new).unwrap();
            journals.commit().unwrap();
            if session == 3 && number == 2 {
                journals.erase(&[subject].into(), &[at].into()).unwrap();
            }
        }
    }
}

fn recordings() -> Vec<PathBuf> {
    let all = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/skew")).unwrap();
    let mut all: Vec<_> = all.map(|entry| entry.unwrap().path()).collect();
    all.sort();
    assert!(!all.is_empty());
    all
}

#[test]
#[ignore = "writes the recording of this version, once"]
fn record() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/skew").join(env!("CARGO_PKG_VERSION"));
    fs::create_dir_all(folder.parent().unwrap()).unwrap();
    fs::create_dir(&folder).expect("a recording is never written again");
    let put = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    put("pushed.message", &wire::encode(&pushed()).unwrap());
    put("full.message", &wire::encode(&full()).unwrap());
    put("quiet.message", &wire::encode(&quiet()).unwrap());
    put("joined.message", &wire::encode(&joined()).unwrap());
    let mut letters = pushed();
    letters.keys = vec![KeyGrant::seal(subject(), &subject_key(), &registry().public())];
    let keys = KeyMap::from([(subject(), subject_key())]);
    put("letters.message", &wire::encode_for(&letters, &registry().public(), &keys).unwrap());
    let request = EnrolRequest::new(&enrol_key(), office().public(), "karimun", "loket 0.1.0");
    put("enrol.request", &request.to_bytes());
    put("enrol.granted", &granted().to_bytes(&enrol_key(), &office().public()));
    let (asked, answered) = signed();
    put("request.headers", lines(&asked).as_bytes());
    put("answer.headers", lines(&answered).as_bytes());
    let mut bundle = BundleWriter::begin(Vec::new(), &office(), &registry().public(), NOW_MS).unwrap();
    bundle.message(&pushed()).unwrap();
    bundle.list(Listed::Offered, &full().offered_blobs).unwrap();
    bundle.blob(&Hash::of(b"a sealed picture"), b"a sealed picture").unwrap();
    put("day.bundle", &bundle.finish().unwrap().0);
    write_journal(&folder.join("journal"));
    for leftover in ["lock", "running", "reserve"] {
        let _ = fs::remove_file(folder.join("journal").join(leftover));
    }
}

/// A message with its head unpacked: how well zstd packs is nobody's business.
fn unpacked(message: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let ((version, form, len), rest): ((u8, u8, u64), _) = postcard::take_from_bytes(message).unwrap();
    let (head, tail) = rest.split_at(usize::try_from(len).unwrap());
    let head = if form == 1 { zstd::decode_all(head).unwrap() } else { head.to_vec() };
    ([&[version], head.as_slice()].concat(), tail.to_vec())
}

#[test]
fn what_older_nodes_said_is_read_and_what_is_said_now_they_can_read() {
    for folder in recordings() {
        for (name, message) in [("pushed", pushed()), ("full", full()), ("quiet", quiet())] {
            let recorded = fs::read(folder.join(format!("{name}.message"))).unwrap();
            assert_eq!(wire::decode(&recorded).as_ref(), Ok(&message), "{name} of {}", folder.display());
            let now = wire::encode(&message).unwrap();
            assert!(
                unpacked(&now) == unpacked(&recorded),
                "{name} is not what {} can read",
                folder.display()
            );
        }
    }
}

#[test]
fn runs_that_older_nodes_joined_to_what_is_here_are_read() {
    let from = runs()[0].records.last().unwrap().clone();
    for folder in recordings() {
        let recorded = fs::read(folder.join("joined.message")).unwrap();
        let parcel = Parcel::open(&recorded, None).unwrap();
        assert_eq!(parcel.before().unwrap(), [from.pos()]);
        let here = HashesAt::from([(from.pos(), from.hash())]);
        let at_hand = AtHand { sender: Some(office().id()), keys: &KeyMap::new(), before: &here };
        let (message, lacking) = parcel.into_message(at_hand).unwrap();
        assert_eq!(lacking, Lacking::default());
        assert_eq!(Message { joining: joined().joining, ..message }, joined());
        assert!(unpacked(&wire::encode(&joined()).unwrap()) == unpacked(&recorded));
    }
}

#[test]
fn records_of_older_nodes_are_taken_and_open() {
    let shared: BTreeSet<StreamId> = [stream()].into();
    for folder in recordings() {
        let letters = fs::read(folder.join("letters.message")).unwrap();
        let parcel = Parcel::open(&letters, Some(&registry())).unwrap();
        let keys = parcel.granted(&registry());
        assert_eq!(keys, KeyMap::from([(subject(), subject_key())]));
        let (message, lacking) =
            parcel.into_message(AtHand { sender: None, keys: &keys, before: &HashesAt::new() }).unwrap();
        assert_eq!((message.runs.as_slice(), lacking), (runs().as_slice(), Lacking::default()));
        let judged = Answerer::new(&shared, &signer).judge(message.runs, &[]);
        assert!(judged.refused.is_empty() && judged.aside.is_empty());
        let taken: Vec<_> = judged.accepted.iter().flat_map(|accepted| &accepted.run.records).collect();
        assert_eq!(taken.len(), 4);
        assert!(taken[1].is_erased());
        for (record, words) in taken[2..].iter().zip(&WORDS[1..]) {
            assert_eq!(open_body(record, &subject_key()).unwrap(), words.as_bytes());
        }
    }
}

#[test]
fn signatures_and_enrolments_of_older_nodes_hold_and_are_made_the_same() {
    let (asked, answered) = signed();
    let request_now = EnrolRequest::new(&enrol_key(), office().public(), "karimun", "loket 0.1.0");
    for folder in recordings() {
        let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        for (name, now) in [("request.headers", &asked), ("answer.headers", &answered)] {
            let recorded = text(name);
            assert_eq!(lines(now), recorded, "{}", folder.display());
            let headers: Vec<_> = recorded.lines().map(|line| line.split_once(": ").unwrap()).collect();
            let headers = [COVERED.as_slice(), &headers].concat();
            if name == "request.headers" {
                signature::verify_request(&office().public(), &request(&headers)).unwrap();
            } else {
                signature::verify_answer(&registry().public(), &answer(&headers, &asked.signature)).unwrap();
            }
        }
        let recorded = fs::read(folder.join("enrol.request")).unwrap();
        let read = EnrolRequest::from_bytes(&recorded).unwrap();
        assert!(read.knows(&enrol_key()) && request_now.to_bytes() == recorded);
        let recorded = fs::read(folder.join("enrol.granted")).unwrap();
        assert_eq!(Granted::from_bytes(&recorded, &enrol_key(), &office().public()).unwrap(), granted());
        assert_eq!(granted().to_bytes(&enrol_key(), &office().public()), recorded);
    }
}

#[test]
fn bundles_of_older_nodes_are_read() {
    for folder in recordings() {
        let bytes = fs::read(folder.join("day.bundle")).unwrap();
        let known = |node: &NodeId| Some(office().public()).filter(|known| known.id() == *node);
        let mut bundle = BundleReader::open(bytes.as_slice(), &registry(), known).unwrap();
        let mut parts = Vec::new();
        while let Some(part) = bundle.part().unwrap() {
            parts.push(part);
        }
        let blob = b"a sealed picture".to_vec();
        let expected = [
            Part::Message(Box::new(pushed())),
            Part::List(Listed::Offered, full().offered_blobs),
            Part::Blob(Hash::of(&blob), blob),
        ];
        assert_eq!(parts, expected);
    }
}

#[test]
fn journals_of_older_programs_open_and_go_on() {
    for folder in recordings() {
        let (journal, here) = (folder.join("journal"), tempfile::tempdir().unwrap());
        for file in files(&journal) {
            let to = here.path().join(file.strip_prefix(&journal).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(file, to).unwrap();
        }
        let report =
            Journals::verify_on(&Disk::default(), here.path(), &stream(), Some(&own().storage_key), &signer);
        assert_eq!(report.unwrap().findings, []);
        let opening = Opening { on_damage: OnDamage::Refuse, reserve_bytes: 0, ..Opening::default() };
        let (mut journals, report) = Journals::open_with(here.path(), own(), &signer, opening).unwrap();
        assert_eq!((report.sessions, report.records, report.notes.len()), (3, 12, 0), "{report:?}");
        let mut opened = Vec::new();
        for record in journals.reader().scan(&[]) {
            let record = record.unwrap();
            if record.header.kind > 0 {
                opened.push(
                    journals.reader().open(&record).ok().map(|words| String::from_utf8(words).unwrap()),
                );
            }
        }
        let told: Vec<_> = opened.iter().map(Option::as_deref).collect();
        let [one, two, three] = WORDS.map(Some);
        assert_eq!(told, [one, two, three, one, two, three, one, None, three], "the erased one stays so");
        let new = NewRecord { at_ms: NOW_MS, kind: 100, flags: 0, subject: subject(), body: b"it goes on" };
        journals.append(&new).unwrap();
        journals.commit().unwrap();
    }
}
