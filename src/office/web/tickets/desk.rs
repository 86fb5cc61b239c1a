//! The officer's counter on the queue page: one primary button that changes with what happens there, and the last step
//! to be taken back.

use chrono::{DateTime, TimeDelta, Utc};

use super::page::{ClassChoice, Drawing, is_for, letters};
use crate::domain::actor::{Actor, Role};
use crate::domain::status::Status;
use crate::domain::ticket::{QueueClass, Stage, TicketState};
use crate::office::store::{Counter, QueueTicket};
use crate::web::words::names;

/// What the officer's counter is doing.
pub enum Desk {
    /// The officer has no counter.
    Closed(OpenForm),
    /// The counter pauses.
    Paused(Paused),
    /// Nobody is called.
    Idle(Idle),
    /// Somebody is called.
    Called(Case),
    /// Somebody is served.
    Serving(Case),
}

/// The form that opens a counter.
pub struct OpenForm {
    pub(super) counter: String,
    pub(super) classes: Vec<ClassChoice>,
}

/// The sign above the officer's counter.
pub struct Head {
    pub(super) number: u16,
    pub(super) classes: String,
}

/// A counter that pauses.
pub struct Paused {
    pub(super) head: Head,
    pub(super) minutes: i64,
    pub(super) reason: String,
}

/// A counter that can call.
pub struct Idle {
    pub(super) head: Head,
    pub(super) next: Option<Next>,
    pub(super) waiting: usize,
    pub(super) longest_min: i64,
}

/// The ticket that would be called now.
pub struct Next {
    pub(super) ticket: String,
    pub(super) why: String,
}

/// The ticket at the counter.
pub struct Case {
    pub(super) head: Head,
    pub(super) ticket: String,
    pub(super) application: Option<String>,
    pub(super) name: String,
    pub(super) letter: char,
    pub(super) class: String,
    pub(super) stage: String,
    pub(super) minutes: i64,
    pub(super) times: u16,
    pub(super) note: String,
    pub(super) way: Option<Way>,
    pub(super) is_served: bool,
}

impl Case {
    /// Finishing is the big button once the work itself is done; until then the way to the work is.
    pub(super) fn finish_weight(&self) -> &'static str {
        if self.way.is_some() { "wide" } else { "primary wide" }
    }
}

/// The page on which the applicant is served.
pub struct Way {
    pub(super) href: String,
    pub(super) label: String,
}

/// A step that can be taken back.
pub struct Undo {
    pub(super) ticket: String,
    pub(super) label: String,
    /// The counter the officer holds.
    pub(super) counter: Option<u16>,
}

impl Drawing<'_> {
    pub(super) fn desk(&self, mine: Option<&Counter>) -> Desk {
        let Some(counter) = mine else { return Desk::Closed(self.open_form()) };
        let at_counter = counter.ticket.and_then(|number| self.ticket(number));
        match (at_counter.map(|found| (found, &found.ticket.state)), &counter.paused) {
            (Some((found, TicketState::Called { at, times, .. })), _) => {
                Desk::Called(self.case(counter, found, *at, *times))
            }
            (Some((found, TicketState::Serving { since, .. })), _) => {
                Desk::Serving(self.case(counter, found, *since, 0))
            }
            (_, Some(pause)) => Desk::Paused(Paused {
                head: head(counter),
                minutes: self.minutes(pause.since),
                reason: pause.reason.clone(),
            }),
            (_, None) => Desk::Idle(self.idle(counter)),
        }
    }

    fn open_form(&self) -> OpenForm {
        let typed: Vec<&str> = self.shell.typed.all("class").collect();
        let wanted = if self.shell.may(&[Role::Custody]) && !self.shell.may(&[Role::Interviewer]) {
            Stage::Collection
        } else {
            Stage::Interview
        };
        let by_role = |class: QueueClass| self.settings.class(class).is_some_and(|rule| rule.stage == wanted);
        let by_hand = |class: QueueClass| typed.iter().any(|letter| letter.chars().eq([class.letter()]));
        let classes = if typed.is_empty() { self.classes(by_role) } else { self.classes(by_hand) };
        OpenForm { counter: self.shell.typed("counter").to_owned(), classes }
    }

    fn idle(&self, counter: &Counter) -> Idle {
        let waits = |found: &&QueueTicket| matches!(found.ticket.state, TicketState::Waiting { .. });
        let ours = self.queue.tickets.iter().filter(waits).filter(|found| is_for(found, counter));
        let waiting: Vec<&QueueTicket> = ours.collect();
        let next = self.queue.next_for(counter.number, self.settings, self.now());
        let next = next.map(|(found, pick)| Next {
            ticket: found.ticket.number.to_string(),
            why: self.reason(found, pick.reason),
        });
        let longest_min = waiting.iter().map(|found| self.minutes(found.ticket.drawn_at)).max();
        Idle { head: head(counter), next, waiting: waiting.len(), longest_min: longest_min.unwrap_or(0) }
    }

    fn case(&self, counter: &Counter, found: &QueueTicket, since: DateTime<Utc>, times: u16) -> Case {
        let ticket = &found.ticket;
        let application = found.number.as_ref().map(|number| number.as_str().to_owned());
        let line = (self.line)(found.key);
        let way = line.as_ref().zip(application.as_ref());
        let way = way.and_then(|(line, number)| self.way(number, ticket.stage, line.status));
        Case {
            head: head(counter),
            ticket: ticket.number.to_string(),
            name: line.map(|line| line.name).unwrap_or_default(),
            is_served: matches!(ticket.state, TicketState::Serving { .. }),
            letter: ticket.class.letter(),
            class: self.class(ticket.class),
            stage: names::stage(self.shell.words, ticket.stage),
            minutes: self.minutes(since),
            times,
            note: ticket.note.clone(),
            application,
            way,
        }
    }

    /// Where the work on this ticket goes on; `None` when it is done and only the ticket is left to finish.
    fn way(&self, number: &str, stage: Stage, status: Status) -> Option<Way> {
        let words = self.shell.words;
        let (page, label) = match (stage, status) {
            (Stage::Interview, Status::Held) | (Stage::Collection, Status::HandedOver) => return None,
            (Stage::Interview, Status::Captured) => ("interview", words.interview_page_title()),
            (Stage::Interview, status) if status >= Status::AwaitingDecision => return None,
            (Stage::Interview, _) => ("capture", words.capture_page_title()),
            (Stage::Collection, _) => ("book", words.book_page_title()),
        };
        Some(Way { href: format!("/applications/{number}/{page}"), label })
    }

    /// The officer's own last step, or the last one at the counter they hold.
    pub(super) fn own_undo(&self, mine: Option<&Counter>) -> Option<Undo> {
        let login = self.shell.officer.as_ref().map(|officer| officer.login.as_str())?;
        let counter = mine.map(|counter| counter.number);
        let is_mine = |by: &Actor, at: Option<u16>| {
            matches!(by, Actor::Officer { login: theirs, .. } if theirs == login)
                || (at.is_some() && at == counter)
        };
        self.latest_step(counter, is_mine)
    }

    /// The last step at somebody else's counter.
    pub(super) fn undo_at(&self, counter: &Counter) -> Option<Undo> {
        self.latest_step(None, |_, at| at == Some(counter.number))
    }

    fn latest_step(&self, counter: Option<u16>, test: impl Fn(&Actor, Option<u16>) -> bool) -> Option<Undo> {
        let longest = TimeDelta::minutes(self.settings.undo_minutes.into());
        let steps = self.queue.tickets.iter().filter_map(|found| {
            let step = found.ticket.last.as_deref()?;
            let counts = self.shell.now - step.at <= longest && test(&step.by, step.counter);
            counts.then_some((step, found))
        });
        // Of two steps of one moment the one that filled the counter came last.
        let (step, found) =
            steps.max_by_key(|(step, found)| (step.at, found.ticket.state.counter().is_some()))?;
        let words = self.shell.words;
        let ticket = found.ticket.number.to_string();
        let label = words.ticket_undo(names::ticket_act(words, step.act), ticket.as_str());
        Some(Undo { ticket, label, counter })
    }
}

fn head(counter: &Counter) -> Head {
    Head { number: counter.number, classes: letters(&counter.classes) }
}
