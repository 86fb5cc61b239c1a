//! A headquarters for tests: it writes bookings and payments into its stream, as the registry does.

use loket::domain::actor::Actor;
use loket::domain::application::ApplicationKey;
use loket::domain::booking::Booked;
use loket::domain::erasure::PersonErased;
use loket::domain::fact::{self, Fact, Written};
use loket::domain::number::ApplicationNumber;
use loket::domain::office::OfficeCode;
use loket::domain::payment::{Billed, Paid};
use loket::domain::walk_in::NumbersReserved;
use loket::reserved::numbers_subject;
use loket_sync::chain::opening;
use loket_sync::{Chain, NewRecord, NodeKey, NodePublic, Record, Run, SessionId, Subject, SubjectKey};
use serde_json::json;

use super::morning;

/// Runs with whoever signed them.
pub type SignedRuns = Vec<(Run, NodePublic)>;
/// Keys of subjects.
pub type SubjectKeys = Vec<(Subject, SubjectKey)>;

/// A headquarters. A clone of it is one whose memory was copied while it ran: both go on in the same journal.
#[derive(Clone)]
pub struct Headquarters {
    node: NodeKey,
    chain: Chain,
    records: Vec<Record>,
    keys: Vec<(Subject, SubjectKey)>,
    sent_keys: usize,
    revs: std::collections::HashMap<ApplicationKey, u32>,
}

impl Headquarters {
    pub fn new(office: &str) -> Self {
        let node = NodeKey::from_seed([1; 32]);
        let opened = opening(None, node.id(), "registry in a test");
        let stream = format!("hq/{office}").parse().unwrap();
        let (chain, first) = Chain::open(stream, SessionId::draw(), morning().timestamp_millis(), &opened);
        let (keys, revs) = (Vec::new(), std::collections::HashMap::new());
        Self { node, chain, records: vec![first], keys, sent_keys: 0, revs }
    }

    pub fn public(&self) -> NodePublic {
        self.node.public()
    }

    pub fn node(&self) -> &NodeKey {
        &self.node
    }

    /// Books somebody for this morning.
    pub fn book(&mut self, name: &str) -> ApplicationKey {
        let n = self.keys.len() as u64 + 1;
        let subject = Subject::draw();
        self.keys.push((subject, SubjectKey::draw()));
        let key = ApplicationKey(subject.0);
        let booked: Booked = serde_json::from_value(json!({
            "number": format!("{:016}", 1_179_000_000_000_000 + n), "office": "karimun",
            "slot": {"day": "2026-11-23", "from": "08:00:00", "until": "09:00:00"},
            "applicant": {
                "name": name, "nik": format!("21020{:05}9{n:05}", 11_111), "born_on": "1990-05-04",
                "birthplace": "Karimun", "sex": "F", "civil_status": "single",
            },
            "service": {"kind": "new", "product": "ordinary", "validity": "10", "channel": "m-paspor"},
            "documents": [],
        }))
        .unwrap();
        self.write(key, Fact::Booked(booked));
        key
    }

    /// Bills and pays.
    pub fn pay(&mut self, key: ApplicationKey) {
        let n = self.records.len();
        let code = format!("{n:015}");
        let billed: Billed = serde_json::from_value(json!({
            "code": code, "items": [{"item": "passport", "amount_idr": 650_000}],
            "amount_idr": 650_000, "due_at": "2026-11-20T03:00:00Z",
        }))
        .unwrap();
        let paid: Paid = serde_json::from_value(json!({
            "code": code, "ntpn": format!("ABCD{n:012}"), "amount_idr": 650_000,
            "paid_at": "2026-11-20T02:00:00Z",
        }))
        .unwrap();
        self.write(key, Fact::Billed(billed));
        self.write(key, Fact::Paid(paid));
    }

    /// Sets a block of a thousand numbers aside for a machine of the office.
    pub fn reserve(&mut self, node: &NodePublic, first: &str) {
        let office = self.chain.have().stream.name().to_owned();
        let subject = numbers_subject(&self.public(), &OfficeCode::parse(&office).unwrap());
        if self.keys.iter().all(|(known, _)| *known != subject) {
            self.keys.push((subject, SubjectKey::draw()));
        }
        let first = ApplicationNumber::parse(first).unwrap();
        let block = NumbersReserved { node: node.id().to_string(), first, count: 1000 };
        self.write(ApplicationKey(subject.0), Fact::NumbersReserved(block));
    }

    /// Writes any fact.
    pub fn write(&mut self, key: ApplicationKey, fact: Fact) {
        let rev = self.revs.entry(key).or_default();
        *rev += 1;
        let kind = fact.kind();
        let written = Written { rev: *rev, by: Actor::Applicant, once: None, fact };
        self.write_bytes(key, kind, &fact::encode(&written).unwrap());
    }

    /// Writes a record of any kind with any body.
    pub fn write_bytes(&mut self, key: ApplicationKey, kind: u16, body: &[u8]) {
        let subject = Subject(key.0);
        let (_, subject_key) = self.keys.iter().find(|(known, _)| *known == subject).unwrap();
        let at_ms = morning().timestamp_millis();
        let new = NewRecord { at_ms, kind, flags: 0, subject, body };
        self.records.push(self.chain.next(&new, subject_key).unwrap());
    }

    /// Says that somebody was erased, under a subject of its own. Its own copies stay as they are.
    pub fn erase(&mut self, key: ApplicationKey, erased: PersonErased) {
        let told = Subject(key.0).erasure();
        self.keys.push((told, SubjectKey::draw()));
        self.write(ApplicationKey(told.0), Fact::PersonErased(erased));
    }

    /// Takes the bodies of somebody's records out of what it hands out.
    pub fn strip(&mut self, key: ApplicationKey) {
        for record in self.records.iter_mut().filter(|record| record.header.subject == Subject(key.0)) {
            *record = record.erased();
        }
    }

    /// The first fact that another office writes about an application, as it would come through headquarters.
    pub fn elsewhere(&self, office: &str, key: ApplicationKey, fact: Fact) -> (Run, NodePublic) {
        let node = NodeKey::from_seed([2; 32]);
        let (stream, at_ms) = (format!("office/{office}").parse().unwrap(), morning().timestamp_millis());
        let opened = opening(None, node.id(), "another office in a test");
        let (mut chain, first) = Chain::open(stream, SessionId::draw(), at_ms, &opened);
        let (subject, kind) = (Subject(key.0), fact.kind());
        let by = Actor::Officer { login: "wati".into(), name: "Wati".into() };
        let body = fact::encode(&Written { rev: 1, by, once: None, fact }).unwrap();
        let (_, subject_key) = self.keys.iter().find(|(known, _)| *known == subject).unwrap();
        let new = NewRecord { at_ms, kind, flags: 0, subject, body: &body };
        let records = vec![first, chain.next(&new, subject_key).unwrap()];
        (Run { records, head: chain.head(&node) }, node.public())
    }

    /// Writes a record whose body does not open with its subject's key.
    pub fn write_unreadable(&mut self, key: ApplicationKey) {
        let at_ms = morning().timestamp_millis();
        let new = NewRecord { at_ms, kind: 1, flags: 0, subject: Subject(key.0), body: b"{}" };
        self.records.push(self.chain.next(&new, &SubjectKey::draw()).unwrap());
    }

    /// Everything it ever wrote, and the keys that were not handed out yet.
    pub fn take(&mut self) -> (SignedRuns, SubjectKeys) {
        let run = Run { records: self.records.clone(), head: self.chain.head(&self.node) };
        let keys = self.keys[self.sent_keys..].to_vec();
        self.sent_keys = self.keys.len();
        (vec![(run, self.public())], keys)
    }

    /// The same without keys: they come later.
    pub fn take_without_keys(&mut self) -> SignedRuns {
        vec![(Run { records: self.records.clone(), head: self.chain.head(&self.node) }, self.public())]
    }
}
