//! Acts of one group, decided one after the other: each sees what those before it did, though nothing is written yet.

use std::cell::RefCell;
use std::collections::HashMap;

use loket_sync::journal::AppendError;
use loket_sync::{Journals, NewRecord, Pos, Subject};

use super::act::{Act, ActError, Acted, What};
use super::project::{self, Here};
use super::rows::Changes;
use super::shared::Shared;
use super::summary::Summary;
use super::{StoreError, counters, load, queries, trail};
use crate::clock::Clock;
use crate::domain::actor::{Actor, Role};
use crate::domain::application::{Application, ApplicationKey, Author, Entry, Order};
use crate::domain::command::{self, Command, Context};
use crate::domain::fact::{self, Fact, Written};
use crate::domain::officer::{DeviceRevoked, OfficerDisabled};
use crate::domain::queue::Now;
use crate::domain::refusal::Refusal;
use crate::domain::ticket::TicketNumber;

/// A fact larger than this is not written; what people type is bounded far below.
const FACT_BYTES_MAX: usize = 48 * 1024;

/// An officer who looks at an application again within this time is still looking.
const VIEW_AGAIN_AFTER: chrono::TimeDelta = chrono::TimeDelta::minutes(10);

/// What is gathered for one commit.
pub(super) struct Group<'a, 'j> {
    pub(super) shared: &'a Shared,
    journals: &'j mut Journals,
    pub(super) clock: &'j dyn Clock,
    /// Rows that change with this group.
    pub(super) changes: Changes<'a>,
    applications: HashMap<ApplicationKey, Application>,
    summaries: HashMap<ApplicationKey, Summary>,
    facts: usize,
}

/// Why an act was not gathered.
pub(super) enum NotGathered {
    /// Nothing of it was gathered; the others go on.
    Act(ActError),
    /// Part of it was gathered; the whole group must be abandoned.
    Group(ActError),
}

impl From<Refusal> for NotGathered {
    fn from(refusal: Refusal) -> Self {
        NotGathered::Act(refusal.into())
    }
}

impl From<StoreError> for NotGathered {
    fn from(error: StoreError) -> Self {
        NotGathered::Act(error.into())
    }
}

pub(super) type Gathered<T> = Result<T, NotGathered>;

impl<'a, 'j> Group<'a, 'j> {
    /// An empty group.
    pub(super) fn new(shared: &'a Shared, journals: &'j mut Journals, clock: &'j dyn Clock) -> Self {
        let changes = Changes::over(&shared.tree);
        let (applications, summaries) = (HashMap::new(), HashMap::new());
        Self { shared, journals, clock, changes, applications, summaries, facts: 0 }
    }

    /// What was gathered: rows, lines, and the number of facts.
    pub(super) fn finish(self) -> (Changes<'a>, Vec<Summary>, usize) {
        (self.changes, self.summaries.into_values().collect(), self.facts)
    }

    /// Decides an act and gathers its facts.
    pub(super) fn act(&mut self, act: Act) -> Gathered<Acted> {
        if let Some(first) = queries::first_answer(&self.changes, self.here(), &act.by, &act.once)? {
            return Ok(first);
        }
        let before = self.facts;
        self.decide_and_write(act).map_err(|error| match error {
            NotGathered::Act(error) if self.facts > before => NotGathered::Group(error),
            other => other,
        })
    }

    fn decide_and_write(&mut self, act: Act) -> Gathered<Acted> {
        let Act { what, by, roles, once, seen } = act;
        let who = Who { by, roles, once };
        match what {
            What::Application { key, command } => self.command(key, &command, &who, seen),
            What::Register { key, registration } => self.register(key, &registration, &who),
            What::CallNext { counter } => self.call_next(counter, &who),
            What::Note { key, fact } => self.note(key, fact, &who),
            What::OpenCounter(opened) => self.open_counter(opened, &who),
            What::PauseCounter(paused) => self.pause_counter(paused, &who),
            What::ResumeCounter { counter } => self.resume_counter(counter, &who),
            What::CloseCounter { counter } => self.close_counter(counter, &who),
            What::SetOfficer(set) => self.administer(Fact::OfficerSet(set), &who),
            What::DisableOfficer { login } => {
                self.administer(Fact::OfficerDisabled(OfficerDisabled { login }), &who)
            }
            What::SetDevice(set) => self.administer(Fact::DeviceSet(set), &who),
            What::RevokeDevice { name } => self.administer(Fact::DeviceRevoked(DeviceRevoked { name }), &who),
            What::SetSetting(set) => self.arrange(Fact::SettingSet(set), &who),
            What::SetBoard(set) => self.arrange(Fact::BoardSet(set), &who),
            What::ShowNotice(shown) => self.arrange(Fact::NoticeShown(shown), &who),
            What::ReceiveStock(came) => self.receive_stock(came, &who),
            What::CountStock(counted) => self.count_stock(counted, &who),
            What::BackupMade(made) => self.by_the_node(&[Fact::BackupMade(made)], &who),
            What::NodeRestored(restored) => self.restored(restored, &who),
            What::NoteKeyProtection(it) => self.by_the_node(&[Fact::KeyProtectionChanged(it)], &who),
            What::NoteDamage(mended) => self.by_the_node(&[Fact::DamageMended(mended)], &who),
            What::SkipTickets(because) => self.skip_tickets(because, &who),
        }
    }

    fn command(
        &mut self,
        key: ApplicationKey,
        command: &Command,
        who: &Who,
        seen: Option<usize>,
    ) -> Gathered<Acted> {
        match command {
            Command::CallTicket { counter, .. } => counters::may_call(&self.queue()?, *counter, who)?,
            Command::UndoTicket { number, counter } => {
                counters::may_undo(&self.queue()?, *number, *counter, who)?;
            }
            _ => {}
        }
        let application = self.application(key)?;
        let facts = self.decide(&application, command, who)?;
        if let Command::AllocateBook(book) = command {
            self.may_use(&application, book)?;
        }
        if let Some(seen) = seen {
            refuse_stale(&application, seen, &who.by, &self.here().author())?;
        }
        self.write_about(application, &facts, who)
    }

    fn decide(&self, application: &Application, command: &Command, who: &Who) -> Gathered<Vec<Fact>> {
        let now = self.clock.now();
        let office = &self.shared.office;
        let today = office.zone.day(now);
        let settings = queries::settings(&self.changes, today)?;
        let key = application.key();
        let failure: RefCell<Option<StoreError>> = RefCell::new(None);
        let note = |error: StoreError| {
            failure.borrow_mut().get_or_insert(error);
        };
        let next_serial = |class| {
            queries::next_serial(&self.changes, today, class).unwrap_or_else(|error| {
                note(error);
                1
            })
        };
        let book_taken = |book: &_| {
            queries::by_book(&self.changes, self.here(), book).map_or_else(
                |error| {
                    note(error);
                    true
                },
                |holders| holders.iter().any(|holder| *holder != key),
            )
        };
        let context = Context {
            office: Some(&office.code),
            now,
            zone: office.zone,
            today,
            by: &who.by,
            roles: &who.roles,
            settings: &settings,
            next_serial: &next_serial,
            book_taken: &book_taken,
        };
        let decided = command::decide(&application.view(), command, &context);
        match failure.into_inner() {
            Some(error) => Err(error.into()),
            None => Ok(decided?),
        }
    }

    /// The application as this group knows it.
    fn application(&mut self, key: ApplicationKey) -> Gathered<Application> {
        if let Some(known) = self.applications.get(&key) {
            return Ok(known.clone());
        }
        let loaded = load::subject(&self.changes, &self.shared.reader, Subject(key.0))?;
        let application = loaded.map(|loaded| loaded.application);
        application
            .filter(|application| application.entries().next().is_some())
            .ok_or_else(|| Refusal::UnknownApplication.into())
    }

    /// Writes down what needs no decision. Whoever has just looked at an application is not written down again.
    fn note(&mut self, key: ApplicationKey, fact: Fact, who: &Who) -> Gathered<Acted> {
        let application = self.application(key)?;
        if matches!(fact, Fact::Viewed(_)) && self.has_just_looked(&application, &who.by) {
            return Ok(Acted { key: Some(key), positions: Vec::new(), repeated: true, ticket: None });
        }
        self.write_about(application, &[fact], who)
    }

    fn has_just_looked(&self, application: &Application, by: &Actor) -> bool {
        let since = self.clock.now() - VIEW_AGAIN_AFTER;
        let looked = |entry: &&Entry| matches!(entry.fact, Fact::Viewed(_)) && entry.by == *by;
        application.by_author(&self.here().author()).filter(looked).any(|entry| entry.at > since)
    }

    /// Picks the next ticket and calls it, in one step: no two counters get the same.
    fn call_next(&mut self, counter: u16, who: &Who) -> Gathered<Acted> {
        let now = Now::of(self.clock.now(), self.shared.office.zone);
        let queue = self.queue()?;
        counters::may_call(&queue, counter, who)?;
        let settings = queries::settings(&self.changes, queue.day)?;
        let (next, _) = queue.next_for(counter, &settings, now).ok_or(Refusal::NobodyWaiting)?;
        let (key, number) = (next.key, next.ticket.number);
        let application = self.application(key)?;
        let facts = self.decide(&application, &Command::CallTicket { number, counter }, who)?;
        self.write_about(application, &facts, who)
    }

    pub(super) fn write_about(
        &mut self,
        mut application: Application,
        facts: &[Fact],
        who: &Who,
    ) -> Gathered<Acted> {
        let key = application.key();
        let mut acted = Acted { key: Some(key), positions: Vec::new(), repeated: false, ticket: None };
        let author = self.here().author();
        let bodies = encode(facts, application.next_rev(&author), who)?;
        for (written, body) in bodies {
            acted.ticket = ticket_of(&written.fact).or(acted.ticket);
            let (pos, entry) = self.append(Subject(key.0), written, &body)?;
            let once = who.once.as_str();
            if !once.is_empty() {
                let here = Here { office: &self.shared.office, key: &self.shared.key };
                project::once(&mut self.changes, &pos, &entry, once, key, here)?;
            }
            application.join(entry);
            acted.positions.push(pos);
        }
        let here = Here { office: &self.shared.office, key: &self.shared.key };
        if let Some(summary) = project::application(&mut self.changes, &application, here)? {
            self.summaries.insert(key, summary);
        }
        self.applications.insert(key, application);
        Ok(acted)
    }

    pub(super) fn append(
        &mut self,
        subject: Subject,
        written: Written<Fact>,
        body: &[u8],
    ) -> Gathered<(Pos, Entry)> {
        let at_ms = self.clock.now().timestamp_millis();
        let kind = written.fact.kind();
        let new = NewRecord { at_ms, kind, flags: 0, subject, body };
        let appended = self.journals.append(&new);
        let pos = appended.map_err(|error| NotGathered::Act(append_error(error)))?;
        self.facts += 1;
        let here = Here { office: &self.shared.office, key: &self.shared.key };
        trail::put_located(&mut self.changes, &pos, subject, (kind, at_ms), here)?;
        let order = Order { rev: written.rev, session: pos.session.0, seq: pos.seq };
        let author = self.here().author();
        Ok((pos, Entry { author, order, at: project::at(at_ms), by: written.by, fact: written.fact }))
    }

    pub(super) fn here(&self) -> Here<'a> {
        Here { office: &self.shared.office, key: &self.shared.key }
    }
}

/// A fact and its bytes.
pub(super) type Encoded = (Written<Fact>, Vec<u8>);

/// All bodies of an act before any is appended, so that an act that does not fit leaves nothing behind.
pub(super) fn encode(facts: &[Fact], first_rev: u32, who: &Who) -> Result<Vec<Encoded>, StoreError> {
    let once = Some(who.once.clone()).filter(|once| !once.is_empty());
    let written = facts.iter().zip(first_rev..).map(|(fact, rev)| {
        let written = Written { rev, by: who.by.clone(), once: once.clone(), fact: fact.clone() };
        let body = fact::encode(&written).map_err(StoreError::Fact)?;
        if body.len() > FACT_BYTES_MAX {
            return Err(StoreError::FactTooLong { bytes: body.len() });
        }
        Ok((written, body))
    });
    written.collect()
}

/// Who acts.
pub(super) struct Who {
    pub(super) by: Actor,
    pub(super) roles: Vec<Role>,
    pub(super) once: String,
}

impl Who {
    pub(super) fn login(&self) -> Option<String> {
        project::who(&self.by).0
    }
}

/// An act from an old page is refused when somebody else has written since the page was drawn. What headquarters
/// writes meanwhile makes no page old, nor do the officer's own acts in another window.
fn refuse_stale(application: &Application, seen: usize, by: &Actor, author: &Author) -> Result<(), Refusal> {
    let mut newer =
        application.by_author(author).filter(|entry| !matches!(entry.fact, Fact::Viewed(_))).skip(seen);
    if newer.any(|entry| entry.by != *by) { Err(Refusal::StalePage) } else { Ok(()) }
}

fn ticket_of(fact: &Fact) -> Option<TicketNumber> {
    match fact {
        Fact::TicketIssued(issued) => Some(issued.number),
        Fact::TicketCalled(called) => Some(called.number),
        _ => None,
    }
}

fn append_error(error: AppendError) -> ActError {
    match error {
        AppendError::StorageLow { .. } => ActError::StorageLow,
        AppendError::Failed(failed) => ActError::ReadOnly(failed.to_string()),
        AppendError::KeyMissing | AppendError::Forgotten => ActError::Refused(Refusal::NoBooking),
        AppendError::Chain(source) => ActError::Store(StoreError::Append(source)),
    }
}
