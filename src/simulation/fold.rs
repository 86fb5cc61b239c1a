//! A node's applications, joined from its journals: step by step as records come, and anew after every start.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate};
use loket_sync::{BodyError, Hash, JournalReader, Pos, Record, StreamId, Subject, Vector};

use super::mutation::Mutation;
use crate::domain::actor::Actor;
use crate::domain::application::{Application, ApplicationKey, Author, Entry, Order};
use crate::domain::decision::ApplicantTold;
use crate::domain::erasure::PersonErased;
use crate::domain::fact::{self, Fact, Written};
use crate::domain::number::BookNumber;
use crate::domain::office::OfficeCode;
use crate::domain::ticket::QueueClass;

/// A kind that only the next version knows; its body is that of a notice to the applicant.
pub(super) const NEWER_KIND: u16 = 99;

/// A record that a node has come to hold.
pub(super) struct Learned {
    pub pos: Pos,
    pub subject: Subject,
    pub hash: Hash,
    pub kind: u16,
}

/// What a node shows of each application.
pub(super) type States = BTreeMap<Subject, Hash>;

/// How a node reads.
#[derive(Clone, Copy, Default)]
pub(super) struct Reading {
    /// Whether its version knows the newer kind.
    pub is_newer: bool,
    /// How it is broken, if it is.
    pub mutation: Option<Mutation>,
    /// Its clock, for the mutation that listens to it.
    pub wall_ms: i64,
}

/// Applications and what was drawn from them.
#[derive(Default)]
pub(super) struct Fold {
    pub apps: BTreeMap<Subject, Application>,
    /// How far each journal has been read.
    applied: Vec<Vector>,
    /// Records whose keys are not here yet.
    pub waiting: Vec<Pos>,
    /// Records that do not open although their key is here.
    pub unreadable: Vec<Pos>,
    serials: BTreeMap<(OfficeCode, NaiveDate, QueueClass), u16>,
    pub books: BTreeMap<BookNumber, Subject>,
    /// Pictures that facts name, and whose they are.
    pub pictures: BTreeMap<String, Subject>,
    /// Whoever was erased.
    pub erased: BTreeSet<Subject>,
    /// What says so.
    pub erasures: BTreeMap<Subject, PersonErased>,
    /// Pictures of theirs that may still be here.
    pub doomed: Vec<String>,
    /// Records of unknown kinds that are left out for ever: a mutation uses it.
    pub left_out: BTreeSet<Pos>,
}

/// Who writes a stream; a kit writes like an office.
pub(super) fn author_of(stream: &StreamId) -> Option<Author> {
    match stream.group() {
        "hq" => Some(Author::Registry),
        "office" | "kit" => OfficeCode::parse(stream.name()).map(Author::Office),
        _ => None,
    }
}

impl Fold {
    /// Nothing drawn yet; these records never will be.
    pub(super) fn leaving_out(left_out: BTreeSet<Pos>) -> Self {
        Self { left_out, ..Self::default() }
    }

    /// Reads what is new in these journals.
    pub(super) fn catch_up(
        &mut self,
        readers: &[JournalReader],
        reading: Reading,
    ) -> Result<Vec<Learned>, loket_sync::journal::ReadError> {
        self.applied.resize(readers.len(), Vector::new());
        let mut learned = Vec::new();
        for (place, reader) in readers.iter().enumerate() {
            let vector = reader.vector();
            if vector == self.applied[place] {
                continue;
            }
            for record in reader.scan(&self.applied[place]) {
                let record = record?;
                let header = &record.header;
                let (pos, hash) = (record.pos(), record.hash());
                learned.push(Learned { pos, subject: header.subject, hash, kind: header.kind });
                self.take(reader, &record, reading);
            }
            self.applied[place] = vector;
        }
        self.open_waiting(readers, reading)?;
        Ok(learned)
    }

    /// Reads what waited for its key, and forgets what waits no more because its subject was erased.
    pub(super) fn open_waiting(
        &mut self,
        readers: &[JournalReader],
        reading: Reading,
    ) -> Result<(), loket_sync::journal::ReadError> {
        for pos in std::mem::take(&mut self.waiting) {
            for reader in readers {
                if let Some(record) = reader.record(&pos)? {
                    self.take(reader, &record, reading);
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, reader: &JournalReader, record: &Record, reading: Reading) {
        let header = &record.header;
        if header.kind == 0 || header.kind >= 200 || self.left_out.contains(&record.pos()) {
            return;
        }
        match reader.open(record) {
            Ok(body) => self.join(record, &body, reading),
            Err(BodyError::KeyMissing) => self.waiting.push(record.pos()),
            Err(BodyError::Forgotten | BodyError::Erased) => {}
            Err(_) => self.unreadable.push(record.pos()),
        }
    }

    fn join(&mut self, record: &Record, body: &[u8], reading: Reading) {
        let header = &record.header;
        let Some(author) = author_of(&header.stream) else { return };
        if self.erased.contains(&header.subject) {
            // A body that is still here may name a picture that is as well.
            if let Some(Fact::PortraitCaptured(it)) = decode(header.kind, body, false).map(|it| it.fact) {
                self.doomed.push(it.picture.hash);
            }
            return;
        }
        let application = self
            .apps
            .entry(header.subject)
            .or_insert_with(|| Application::new(ApplicationKey(header.subject.0)));
        let Some(written) = decode(header.kind, body, reading.is_newer) else {
            application.park(header.kind);
            if reading.mutation == Some(Mutation::UnknownKindsForgotten) {
                self.left_out.insert(record.pos());
            }
            return;
        };
        let mut order = Order { rev: written.rev, session: header.session.0, seq: header.seq };
        if reading.mutation == Some(Mutation::ClockDecides) {
            order.rev = u32::try_from(reading.wall_ms.rem_euclid(1 << 30)).unwrap_or(0);
        }
        let at = DateTime::from_timestamp_millis(header.at_ms).unwrap_or_default();
        let entry = Entry { author, order, at, by: written.by, fact: written.fact };
        self.draw(header.subject, &entry);
        if let Some(application) = self.apps.get_mut(&header.subject) {
            application.join(entry);
        }
    }

    /// What the rules ask of other applications.
    fn draw(&mut self, subject: Subject, entry: &Entry) {
        match (&entry.fact, &entry.author) {
            (Fact::PersonErased(it), Author::Registry) => {
                let erased = Subject(it.application.0);
                self.erase(erased);
                self.erasures.insert(erased, it.clone());
            }
            (Fact::TicketIssued(it), Author::Office(office)) => {
                let last = self.serials.entry((office.clone(), it.number.day, it.number.class)).or_default();
                *last = it.number.serial.max(*last);
            }
            (Fact::BookAllocated(it), _) => {
                self.books.entry(it.book.clone()).or_insert(subject);
            }
            (Fact::PortraitCaptured(it), _) => {
                self.pictures.insert(it.picture.hash.clone(), subject);
            }
            _ => {}
        }
    }

    /// Nothing about this person is drawn any more, whatever is still here or still comes.
    fn erase(&mut self, subject: Subject) {
        self.apps.remove(&subject);
        self.erased.insert(subject);
        let theirs = self.pictures.extract_if(.., |_, of| *of == subject);
        self.doomed.extend(theirs.map(|(hash, _)| hash));
    }

    /// The same record once more, as if it were another one: the product broken on purpose.
    pub(super) fn join_again(&mut self, reader: &JournalReader, record: &Record) {
        let header = &record.header;
        let (Ok(body), Some(author)) = (reader.open(record), author_of(&header.stream)) else { return };
        let Some(written) = decode(header.kind, &body, false).filter(|_| header.kind > 0) else { return };
        let order = Order { rev: written.rev, session: header.session.0, seq: header.seq + 1_000_000 };
        let at = DateTime::from_timestamp_millis(header.at_ms).unwrap_or_default();
        if let Some(application) = self.apps.get_mut(&header.subject) {
            application.join(Entry { author, order, at, by: written.by, fact: written.fact });
        }
    }

    /// The number the next ticket takes.
    pub(super) fn next_serial(&self, office: &OfficeCode, day: NaiveDate, class: QueueClass) -> u16 {
        self.serials.get(&(office.clone(), day, class)).map_or(1, |last| last.saturating_add(1))
    }

    /// A fingerprint of everything that people would see, for each application.
    pub(super) fn states(&self) -> States {
        let state = |(subject, application): (&Subject, &Application)| {
            let text = format!("{} {:?}", application.entries().count(), application.view());
            (*subject, Hash::of(text.as_bytes()))
        };
        self.apps.iter().map(state).collect()
    }
}

/// The first application that two states do not show alike, but for some that are not compared.
pub(super) fn difference(one: &States, other: &States, but: &BTreeSet<Subject>) -> Option<Subject> {
    let mut all = one.keys().chain(other.keys()).filter(|subject| !but.contains(subject));
    all.find(|subject| one.get(subject) != other.get(subject)).copied()
}

fn decode(kind: u16, body: &[u8], is_newer: bool) -> Option<Written<Fact>> {
    let kind = if kind == NEWER_KIND && is_newer { 10 } else { kind };
    fact::decode(kind, body).ok().flatten()
}

/// The body of a fact of the newer kind.
pub(super) fn newer_body(rev: u32) -> Option<Vec<u8>> {
    let told = ApplicantTold { about: "something new".to_owned(), by: "post".to_owned() };
    fact::encode(&Written { rev, by: Actor::Node, once: None, fact: Fact::ApplicantTold(told) }).ok()
}

/// Applications joined from records in any order: what nobody's history of receiving can change.
pub(super) fn states_of<'a>(
    records: impl IntoIterator<Item = (&'a JournalReader, &'a Record)>,
    is_newer: bool,
) -> States {
    let mut fold = Fold::default();
    for (reader, record) in records {
        fold.take(reader, record, Reading { is_newer, ..Reading::default() });
    }
    fold.states()
}
