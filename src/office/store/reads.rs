//! Reading: never waits for the writer, and sees only what is durable.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use loket_sync::exchange::{REFUSED_MAX, SESSIONS_MAX, is_crowded};
use loket_sync::{Have, NodePublic, Subject};
use tokio::sync::watch;

use super::link::{LinkAlarm, LinkState, Unsent};
use super::officers::{Device, GivenSetting, Officer};
use super::queue::Queue;
use super::shared::read;
use super::summary::Summary;
use super::waiting::Waiting;
use super::{Acted, Store, StoreError, load, project, queries, tables};
use crate::clock::Clock;
use crate::domain::actor::Actor;
use crate::domain::application::{Application, ApplicationKey, Author, Entry};
use crate::domain::backup::BackupMade;
use crate::domain::board::{BoardSet, NoticeShown};
use crate::domain::damage::MissingRecords;
use crate::domain::number::{ApplicationNumber, BookNumber};
use crate::domain::office::Office;
use crate::domain::person::Nik;
use crate::domain::setting::Settings;
use crate::domain::ticket::TicketsSkipped;

impl Store {
    /// An application with all its facts.
    pub fn application(&self, key: ApplicationKey) -> Result<Option<Application>, StoreError> {
        let shared = self.shared();
        let loaded = load::subject(&shared.tree, &shared.reader, Subject(key.0))?;
        Ok(loaded.map(|loaded| loaded.application).filter(|found| found.entries().next().is_some()))
    }

    /// The application with this number.
    pub fn by_number(&self, number: &ApplicationNumber) -> Result<Option<ApplicationKey>, StoreError> {
        let found = queries::by_number(&self.shared().tree, self.shared().here(), number)?;
        Ok(found.into_iter().next())
    }

    /// Applications of this person, as applicant or guardian.
    pub fn by_nik(&self, nik: &Nik) -> Result<Vec<Summary>, StoreError> {
        self.lines(queries::by_nik(&self.shared().tree, self.shared().here(), nik)?)
    }

    /// The application a book was set aside for.
    pub fn by_book(&self, book: &BookNumber) -> Result<Option<ApplicationKey>, StoreError> {
        let found = queries::by_book(&self.shared().tree, self.shared().here(), book)?;
        Ok(found.into_iter().next())
    }

    /// One line about an application.
    pub fn summary(&self, key: ApplicationKey) -> Result<Option<Summary>, StoreError> {
        match read(&self.shared().index).get(&key) {
            Some(line) => Ok(Some(Summary::clone(&line))),
            None => queries::summary(&self.shared().tree, key),
        }
    }

    fn lines(&self, keys: Vec<ApplicationKey>) -> Result<Vec<Summary>, StoreError> {
        keys.into_iter().filter_map(|key| self.summary(key).transpose()).collect()
    }

    /// Applications by number, NIK or book, or open ones by words of the name, best match first.
    pub fn search(&self, text: &str, limit: usize) -> Result<Vec<Summary>, StoreError> {
        let mut keys = Vec::new();
        if let Ok(number) = ApplicationNumber::parse(text) {
            keys.extend(self.by_number(&number)?);
        }
        if let Ok(book) = BookNumber::parse(text) {
            keys.extend(self.by_book(&book)?);
        }
        let mut found = self.lines(keys)?;
        if let Ok(nik) = Nik::parse(text) {
            found.extend(self.by_nik(&nik)?);
        }
        if found.is_empty() {
            found = read(&self.shared().index).search(text, limit);
        }
        found.truncate(limit);
        Ok(found)
    }

    /// Everybody who is booked here on a day or came on it, in the order of their slots.
    pub fn day(&self, day: NaiveDate) -> Result<Vec<Summary>, StoreError> {
        let office = &self.shared().office;
        let mut lines = self.lines(queries::of_day(&self.shared().tree, day)?)?;
        lines.retain(|line| {
            let booked = line.slot.is_some_and(|slot| slot.day == day);
            let came = line.arrived_at.is_some_and(|at| office.zone.day(at) == day);
            came || (booked && line.office.as_ref() == Some(&office.code))
        });
        lines.sort_by(|a, b| (a.slot, &a.number).cmp(&(b.slot, &b.number)));
        Ok(lines)
    }

    /// Open applications of any day: for lists such as held and ready.
    pub fn open_applications(&self) -> Vec<Summary> {
        self.kept(|line| !line.closed())
    }

    /// Applications of any day with conflicts, also those that are over: a passport handed over and then cancelled by
    /// headquarters concerns somebody although nothing more happens at the counter.
    pub fn conflicting(&self) -> Vec<Summary> {
        self.kept(|line| !line.conflicts.is_empty())
    }

    /// Applications of which facts wait: for a newer program, or for a key.
    pub fn parked(&self) -> Vec<Summary> {
        self.kept(|line| line.parked && line.number.is_some())
    }

    fn kept(&self, test: impl Fn(&Summary) -> bool) -> Vec<Summary> {
        let index = read(&self.shared().index);
        let found = index.all().filter(|line| test(line));
        let mut lines: Vec<Summary> = found.map(|line| Summary::clone(line)).collect();
        lines.sort_by(|a, b| (a.slot, &a.number).cmp(&(b.slot, &b.number)));
        lines
    }

    /// What a form came to when it was sent first, if it was.
    pub fn first_answer(&self, by: &Actor, once: &str) -> Result<Option<Acted>, StoreError> {
        queries::first_answer(&self.shared().tree, self.shared().here(), by, once)
    }

    /// The queue of a day.
    pub fn queue(&self, day: NaiveDate) -> Result<Queue, StoreError> {
        queries::queue(&self.shared().tree, day)
    }

    /// The boards that are set up, by name.
    pub fn boards(&self) -> Result<Vec<BoardSet>, StoreError> {
        queries::boards(&self.shared().tree)
    }

    /// A board, if it is set up.
    pub fn board(&self, name: &str) -> Result<Option<BoardSet>, StoreError> {
        queries::board(&self.shared().tree, name)
    }

    /// The notices that have not been taken down, by board; some may be over.
    pub fn notices(&self) -> Result<Vec<NoticeShown>, StoreError> {
        queries::notices(&self.shared().tree)
    }

    /// From where ticket numbers of a day go on, if some were left out, and since when.
    pub fn tickets_skipped(
        &self,
        day: NaiveDate,
    ) -> Result<Option<(TicketsSkipped, DateTime<Utc>)>, StoreError> {
        queries::skipped(&self.shared().tree, day)
    }

    /// An officer by login.
    pub fn officer(&self, login: &str) -> Result<Option<Officer>, StoreError> {
        queries::officer(&self.shared().tree, self.shared().here(), login)
    }

    /// All officers by login, disabled ones included.
    pub fn officers(&self) -> Result<Vec<Officer>, StoreError> {
        queries::officers(&self.shared().tree)
    }

    /// All devices by name, revoked ones included.
    pub fn devices(&self) -> Result<Vec<Device>, StoreError> {
        queries::devices(&self.shared().tree)
    }

    /// The settings that hold on a day.
    pub fn settings(&self, day: NaiveDate) -> Result<Settings, StoreError> {
        queries::settings(&self.shared().tree, day)
    }

    /// Every value a setting was given, for the settings page.
    pub fn given_settings(&self) -> Result<Vec<GivenSetting>, StoreError> {
        queries::given_settings(&self.shared().tree)
    }

    /// The last backup of this office.
    pub fn last_backup(&self) -> Result<Option<BackupMade>, StoreError> {
        tables::LAST_BACKUP.get(&self.shared().tree, &[])
    }

    /// What headquarters does not have yet. Everything, while it has never been heard of.
    pub fn unsent(&self) -> Unsent {
        let unsent = self.shared().reader.own_unsent(&read(&self.shared().peer));
        let oldest_at = unsent.oldest_at_ms.map(project::at);
        Unsent { count: unsent.count, oldest_at, bytes: unsent.bytes }
    }

    /// Whether headquarters has this fact, by what it last said. Its own facts it has.
    pub fn is_at_headquarters(&self, entry: &Entry) -> bool {
        let session = loket_sync::SessionId(entry.order.session);
        let has = |have: &loket_sync::Have| have.session == session && have.len > entry.order.seq;
        entry.author == Author::Registry || read(&self.shared().peer).iter().any(has)
    }

    /// The line to headquarters, and what a person must look at.
    pub fn link(&self) -> LinkState {
        let mut link = read(&self.shared().link).clone();
        link.alarms.extend(self.missing_records());
        link.alarms.extend(LinkAlarm::of_clock(link.clock_ahead_ms));
        let (here, most) = (self.shared().reader.sessions(), SESSIONS_MAX);
        if self.shared().registry.is_some() && is_crowded(here, most) {
            link.alarms.push(LinkAlarm::SessionsCrowded { here, most });
        }
        let (here, most) = (link.refused.len().max(read(&self.shared().refused).len()), REFUSED_MAX);
        if is_crowded(here, most) {
            link.alarms.push(LinkAlarm::RefusedCrowded { here, most });
        }
        if self.shared().tree.fault().is_some() && self.waiting().is_none() {
            link.alarms.push(LinkAlarm::TablesFull);
        }
        link
    }

    /// Acknowledged records that are not here any more. Each stays named until it has come back.
    fn missing_records(&self) -> Vec<LinkAlarm> {
        let (index, peer) = (read(&self.shared().index), read(&self.shared().peer));
        let len_in = |haves: &[Have], it: &MissingRecords| {
            let same =
                |have: &&Have| have.stream.as_str() == it.stream && have.session.to_string() == it.session;
            haves.iter().find(same).map_or(0, |have| have.len)
        };
        if index.missing.is_empty() {
            return Vec::new();
        }
        let here = self.shared().reader.vector();
        let missing = index.missing.iter().filter(|it| len_in(&here, it) < it.to);
        let alarm = |it: &MissingRecords| LinkAlarm::RecordsMissing {
            which: it.clone(),
            nowhere_else: self.shared().registry.is_none() || (!peer.is_empty() && len_in(&peer, it) < it.to),
        };
        missing.map(alarm).collect()
    }

    /// Whether there is too little room for acts: said on every page. Asks the file system.
    pub fn is_full(&self) -> bool {
        self.shared().tree.fault().is_some() || !self.shared().reader.has_room()
    }

    /// What pages wait for, while the tables are not there.
    pub fn waiting(&self) -> Option<Waiting> {
        self.shared().tree.waiting()
    }

    /// Why the store takes no more acts, if it does not: said on every page.
    pub fn read_only(&self) -> Option<String> {
        read(&self.shared().read_only).as_ref().map(ToString::to_string)
    }

    /// Records in this node's own journals, for `/healthz`.
    pub fn journal_seq(&self) -> u64 {
        let own = self.shared().own_stream;
        self.shared().reader.vector().iter().filter(|have| have.stream == own).map(|have| have.len).sum()
    }

    /// Counts the groups of acts that became durable (and changes of the line): wakes live pages.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared().changes.subscribe()
    }

    /// The clock this store was opened with.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.shared().clock
    }

    /// The registry that was pinned at enrolment.
    pub fn registry(&self) -> Option<&NodePublic> {
        self.shared().registry.as_ref()
    }

    /// The office this store belongs to.
    pub fn office(&self) -> &Office {
        &self.shared().office
    }
}
