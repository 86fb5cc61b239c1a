//! Years of an office, written through the real journals: every application from its booking to the book, as the
//! facts of a day at the counter, sealed, chained and signed as a node does it.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use chrono::{Days, NaiveDate};
use loket::clock::{Clock, SystemClock};
use loket::config::{self, OfficeOverrides, RegistryLink};
use loket::domain::actor::{Actor, Role};
use loket::domain::fact::{self, Fact, Written};
use loket::domain::office::Office;
use loket::domain::status::Status;
use loket::office::node::{self, NewOfficer};
use loket::office::store::pictures::PICTURE_FOLDER;
use loket::office::store::{JOURNAL_FOLDER, Store};
use loket_sync::chain::opening;
use loket_sync::{
    Blobs, Chain, Hash, Journals, NewRecord, NodeId, NodeKey, NodePublic, OwnStream, Run, SessionId,
    StreamId, Subject, SubjectKey,
};
use serde_json::{Value, json};

/// Applicants of a day.
pub const A_DAY: usize = 100;
/// Days whose applicants are not through yet.
const OPEN_DAYS: usize = 8;
/// Records that a head covers, about: what shares a commit at a counter.
const RECORDS_OF_A_HEAD: usize = 3;
/// Runs that share a commit here.
const RUNS_OF_A_COMMIT: usize = 4_000;

/// What was made.
#[derive(Debug, Default)]
pub struct Made {
    /// Records in all journals.
    pub records: u64,
    /// Pictures that this office took and headquarters has: all but those of the last day.
    pub sent: Vec<Hash>,
}

/// One writer's session that goes on.
struct Writer {
    stream: StreamId,
    node: NodeKey,
    chain: Option<Chain>,
    records: Vec<loket_sync::Record>,
}

impl Writer {
    fn new(stream: &str, node: NodeKey) -> Self {
        Self { stream: stream.parse().unwrap(), node, chain: None, records: Vec::new() }
    }

    /// A process starts: a new session.
    fn restart(&mut self, journals: &mut Journals, at_ms: i64) {
        self.flush(journals);
        let before = self.chain.as_ref().map(Chain::have);
        let opened = opening(before, self.node.id(), "loket, years ago");
        let (chain, first) = Chain::open(self.stream, SessionId::draw(), at_ms, &opened);
        self.chain = Some(chain);
        self.records.push(first);
    }

    fn write(&mut self, journals: &mut Journals, new: &NewRecord<'_>, key: &SubjectKey) {
        let record = self.chain.as_mut().unwrap().next(new, key).unwrap();
        self.records.push(record);
        if self.records.len() >= RECORDS_OF_A_HEAD {
            self.flush(journals);
        }
    }

    fn flush(&mut self, journals: &mut Journals) {
        let Some(chain) = self.chain.as_ref().filter(|_| !self.records.is_empty()) else { return };
        let run = Run { records: std::mem::take(&mut self.records), head: chain.head(&self.node) };
        journals.receive(&run, &self.node.public()).unwrap();
    }
}

/// Makes an office in `dir` with this many applications; somebody may log in with the password.
pub async fn make(
    dir: &Path,
    office: &Office,
    applications: usize,
    today: NaiveDate,
    password: &str,
) -> Made {
    let headquarters = headquarters();
    node::make(dir, office, None).unwrap();
    let roles = vec![Role::FrontDesk, Role::Interviewer, Role::Custody];
    let officer = NewOfficer { login: "sari".into(), name: "Sari".into(), roles, password: password.into() };
    node::add_officers(dir, &[officer]).await.unwrap();
    let link = RegistryLink::new("http://127.0.0.1:9", headquarters.public());
    config::set_registry(dir, &link, None).unwrap();
    let (_, who) = node::load(dir, &OfficeOverrides::default()).unwrap();
    let own = OwnStream {
        stream: who.stream().unwrap(),
        node_key: who.node_key.clone(),
        storage_key: who.storage_key.clone(),
        software: "loket, years ago".into(),
    };
    let (us, them) = (who.node_key.public(), headquarters.public());
    let signers = move |_: &StreamId, node: &NodeId| -> Option<NodePublic> {
        [&us, &them].into_iter().find(|known| known.id() == *node).copied()
    };
    let mut journals = Journals::open(&dir.join(JOURNAL_FOLDER), own, &signers).unwrap().0;
    let blobs = Blobs::open(&dir.join(PICTURE_FOLDER)).unwrap();
    let code = office.code.as_str();
    let mut here = Writer::new(&format!("office/{code}"), who.node_key.clone());
    let mut there = Writer::new(&format!("hq/{code}"), headquarters);
    let mut made = Made::default();
    let days = applications.div_ceil(A_DAY);
    for day in 0..days {
        let date = today - Days::new(u64::try_from(days - 1 - day).unwrap());
        let at_ms = date.and_hms_opt(2, 0, 0).unwrap().and_utc().timestamp_millis();
        here.restart(&mut journals, at_ms);
        if day % 7 == 0 {
            there.restart(&mut journals, at_ms);
        }
        for number in 0..A_DAY.min(applications - day * A_DAY) {
            let (n, is_through) = (day * A_DAY + number, days - day > OPEN_DAYS);
            let (subject, key) = (Subject::draw(), SubjectKey::draw());
            journals.add_key(subject, &key).unwrap();
            let story = Story { n, date, serial: number + 1, office: code };
            let upto = if is_through { usize::MAX } else { (n * 7) % 30 };
            for (rev, (kind, fact)) in (1_u32..).zip(story.facts().into_iter().take(upto.max(3))) {
                if let Some(picture) = own_picture(kind, &fact) {
                    put(&blobs, &picture);
                    made.sent.extend(Some(picture).filter(|_| day + 1 < days));
                }
                let by = json!({"as": "officer", "login": "sari", "name": "Sari"});
                let body =
                    json!({"rev": rev, "by": by, "once": format!("f{n}-{rev}"), "fact": fact}).to_string();
                assert!(n > 0 || fact::decode(kind, body.as_bytes()).unwrap().is_some());
                let writer = if kind < 100 { &mut there } else { &mut here };
                let flags = 0;
                let at_ms = at_ms + i64::from(rev) * 60_000;
                let new = NewRecord { at_ms, kind, flags, subject, body: body.as_bytes() };
                writer.write(&mut journals, &new, &key);
                made.records += 1;
            }
            if n % (RUNS_OF_A_COMMIT / 10) == 0 {
                journals.commit().unwrap();
            }
        }
    }
    here.flush(&mut journals);
    there.flush(&mut journals);
    journals.commit().unwrap();
    made
}

fn headquarters() -> NodeKey {
    NodeKey::from_seed([1; 32])
}

/// Headquarters says that somebody of the day was erased, while the office works.
pub async fn erase(dir: &Path, today: NaiveDate) {
    let (_, who) = node::load(dir, &OfficeOverrides::default()).unwrap();
    let (stream, node) = (format!("hq/{}", who.office.code), headquarters());
    let (store, _) = Store::open(dir, who, Arc::new(SystemClock)).unwrap();
    let somebody = store.day(today).unwrap().swap_remove(0);
    let (key, at_ms) = (SubjectKey::draw(), SystemClock.now().timestamp_millis());
    let erased = serde_json::from_value(json!({
        "application": somebody.key.0, "why": "request", "basis": "surat 7", "proposed_by": "Ratna",
        "remains": {
            "number": somebody.number, "office": somebody.office, "service": somebody.service,
            "ended_as": "handed-over", "closed_on": today,
        },
    }));
    let fact = Fact::PersonErased(erased.unwrap());
    let (kind, subject) = (fact.kind(), Subject(somebody.key.0).erasure());
    let body = fact::encode(&Written { rev: 1, by: Actor::Node, once: None, fact }).unwrap();
    let opened = opening(None, node.id(), "loket, years later");
    let (mut chain, first) = Chain::open(stream.parse().unwrap(), SessionId::draw(), at_ms, &opened);
    let new = NewRecord { at_ms, kind, flags: 0, subject, body: &body };
    let records = vec![first, chain.next(&new, &key).unwrap()];
    let run = Run { records, head: chain.head(&node) };
    let start = Instant::now();
    store.receive(vec![(run, node.public())], vec![(subject, key)]).await.unwrap();
    println!("somebody was erased in {:.0?}", start.elapsed());
    assert_eq!(store.summary(somebody.key).unwrap().unwrap().status, Status::Erased);
    store.stop().await;
}

/// A picture's file without its bytes: nobody looks inside while the office starts.
fn put(blobs: &Blobs, picture: &Hash) {
    let file = blobs.file(picture);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, b"").unwrap();
}

fn own_picture(kind: u16, fact: &Value) -> Option<Hash> {
    let picture = match kind {
        120 | 122 => fact.get("picture"),
        121 => fact["finger"].get("picture"),
        _ => None,
    };
    picture?["hash"].as_str()?.parse().ok()
}

/// One applicant from booking to book.
struct Story<'a> {
    n: usize,
    date: NaiveDate,
    serial: usize,
    office: &'a str,
}

impl Story<'_> {
    fn picture(&self, which: &str) -> Value {
        let hash = Hash::of(format!("{which} of {}", self.n).as_bytes());
        json!({"hash": hash.to_string(), "len": 48_213, "media_type": "image/jpeg"})
    }

    /// Kinds and facts in their order; the frozen samples of `tests/domain` say what each kind looks like.
    fn facts(&self) -> Vec<(u16, Value)> {
        let (n, date) = (self.n, self.date);
        let slot = json!({"day": date, "from": "08:00:00", "until": "09:00:00"});
        let code = format!("8{n:014}");
        let ticket = json!({"day": date, "class": "A", "serial": self.serial});
        let book = format!("E{n:07}");
        let mut facts = vec![
            (1, self.booked(&slot)),
            (
                4,
                json!({"code": code, "items": [{"item": "passport", "amount_idr": 950_000}], "amount_idr": 950_000,
                "due_at": date.and_hms_opt(5, 0, 0).unwrap().and_utc()}),
            ),
            (
                5,
                json!({"code": code, "ntpn": format!("{n:016}"), "amount_idr": 950_000,
                "paid_at": date.and_hms_opt(4, 0, 0).unwrap().and_utc(), "channel": "BRI"}),
            ),
            (100, json!({"punctuality": "on-time", "slot": slot})),
            (
                102,
                json!({"documents": [{"kind": "identity-card", "seen": "agrees"},
                {"kind": "family-card", "seen": "agrees"}, {"kind": "birth-proof", "seen": "agrees"}]}),
            ),
            (110, json!({"number": ticket, "stage": "interview"})),
            (111, json!({"number": ticket, "counter": 2})),
            (113, json!({"number": ticket})),
            (104, json!({"page": "capture"})),
            (120, json!({"picture": self.picture("portrait"), "width_px": 600, "height_px": 800})),
        ];
        for position in 1..=10 {
            let finger = match position {
                2 | 7 => {
                    json!({"is": "taken", "picture": self.picture(&format!("finger {position}")), "quality": 71})
                }
                _ => json!({"is": "excepted", "reason": "not-required"}),
            };
            facts.push((121, json!({"position": position, "finger": finger})));
        }
        facts.extend([
            (122, json!({"picture": self.picture("signature")})),
            (123, json!({"round": 1})),
            (130, json!({"outcome": {"is": "passed"}, "notes": "Wisata, jawaban sesuai."})),
            (117, json!({"number": ticket})),
            (8, json!({"round": 1, "note": ""})),
            (140, json!({"book": book})),
            (141, json!({"book": book})),
            (142, json!({"book": book})),
            (143, json!({"book": book, "shelf": "A-12"})),
            (10, json!({"about": "ready", "by": "e-mail"})),
            (144, json!({"book": book, "collector": {"is": "applicant"}})),
        ]);
        facts
    }

    fn booked(&self, slot: &Value) -> Value {
        let n = self.n;
        let names = ["Siti", "Budi", "Putu", "Rahmat", "Dewi", "Agus", "Maria", "Yohanes"];
        let last = ["Aminah", "Santoso", "Lestari", "Hidayat", "Anggraini", "Wibowo", "Simanjuntak"];
        json!({
            "number": format!("{:016}", 1_000_000_000_000_000 + n), "office": self.office, "slot": slot,
            "applicant": {
                "name": format!("{} {} {n}", names[n % names.len()], last[n / 8 % last.len()]),
                "nik": format!("210204520390{:04}", 1 + n % 9_999), "born_on": "1990-03-12",
                "birthplace": "Karimun", "sex": "F", "civil_status": "married",
                "address": "Jalan Ahmad Yani 4, RT 02/RW 05, Tanjung Balai", "occupation": "Guru",
            },
            "service": {"kind": "new", "product": "electronic", "validity": "10", "channel": "m-paspor"},
            "documents": [{"kind": "identity-card"}, {"kind": "family-card"}, {"kind": "birth-proof"}],
            "questionnaire": {"purpose": "Wisata", "destination": "Malaysia"},
            "contact": {"email": format!("pemohon{n}@contoh.example"), "phone": "081200000000"},
        })
    }
}
