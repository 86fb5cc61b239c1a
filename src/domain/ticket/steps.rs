//! What is done with a ticket, step by step, and taking the last step back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{QueueClass, Stage, Ticket, TicketIssued, TicketNumber, TicketState};
use crate::domain::actor::Actor;
use crate::domain::application::Entry;
use crate::domain::fact::Fact;

/// What can be done with a ticket. Which states allow it is [`TicketState::allows`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TicketAct {
    /// Call it to a counter.
    Call,
    /// Call it once more.
    Recall,
    /// The applicant is there.
    Start,
    /// Nobody came.
    MarkAbsent,
    /// Back into the queue.
    Return,
    /// To another class, stage or counter.
    Transfer,
    /// Put it aside.
    Hold,
    /// Served.
    Finish,
}

/// The last thing that was done with a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What.
    pub act: TicketAct,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: Actor,
    /// At which counter, if at one.
    pub counter: Option<u16>,
    /// How the ticket stood before.
    pub before: Before,
}

/// How a ticket stood before its last step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// Its class.
    pub class: QueueClass,
    /// Its stage.
    pub stage: Stage,
    /// Where it stood.
    pub state: TicketState,
    /// The only counter that might call it.
    pub only_counter: Option<u16>,
    /// What the next officer was to know.
    pub note: String,
    /// How often its holder had not come.
    pub absences: u16,
    /// When it had been called first.
    pub called_at: Option<DateTime<Utc>>,
}

impl TicketState {
    /// Whether a ticket in this state allows an act.
    pub fn allows(&self, act: TicketAct) -> bool {
        use TicketAct as Act;
        match self {
            TicketState::Waiting { .. } => matches!(act, Act::Call | Act::Transfer | Act::Hold),
            TicketState::Called { .. } => matches!(
                act,
                Act::Recall | Act::Start | Act::MarkAbsent | Act::Return | Act::Transfer | Act::Hold
            ),
            TicketState::Serving { .. } => {
                matches!(act, Act::Return | Act::Transfer | Act::Hold | Act::Finish)
            }
            TicketState::Absent { .. } | TicketState::Held { .. } => {
                matches!(act, Act::Call | Act::Return | Act::Transfer)
            }
            TicketState::Finished { .. } => false,
        }
    }

    /// The counter that has called or serves the ticket.
    pub fn counter(&self) -> Option<u16> {
        match self {
            TicketState::Called { counter, .. } | TicketState::Serving { counter, .. } => Some(*counter),
            TicketState::Waiting { .. }
            | TicketState::Absent { .. }
            | TicketState::Held { .. }
            | TicketState::Finished { .. } => None,
        }
    }

    /// Whether the ticket waits to be called, in whatever way.
    pub fn is_off_the_counters(&self) -> bool {
        matches!(self, TicketState::Waiting { .. } | TicketState::Absent { .. } | TicketState::Held { .. })
    }
}

impl Ticket {
    /// Adds a fact to the tickets of a visit. A fact that the ticket's state does not allow changes nothing.
    pub(in crate::domain) fn join(tickets: &mut Vec<Ticket>, entry: &Entry) {
        match &entry.fact {
            Fact::TicketIssued(issued) => {
                if tickets.iter().all(|ticket| ticket.number != issued.number) {
                    tickets.push(Ticket::issued(issued, entry.at));
                }
            }
            Fact::TicketUndone(undone) => {
                let found = tickets.iter_mut().find(|ticket| ticket.number == undone.number);
                if let Some(ticket) = found {
                    ticket.undo(undone.act);
                }
            }
            fact => {
                if let Some((number, act)) = TicketAct::of(fact)
                    && let Some(ticket) = tickets.iter_mut().find(|ticket| ticket.number == number)
                    && ticket.state.allows(act)
                {
                    ticket.step(act, entry);
                }
            }
        }
    }

    fn issued(issued: &TicketIssued, at: DateTime<Utc>) -> Self {
        Self {
            number: issued.number,
            class: issued.number.class,
            stage: issued.stage,
            drawn_at: at,
            state: TicketState::Waiting { since: at },
            only_counter: None,
            note: String::new(),
            absences: 0,
            called_at: None,
            last: None,
        }
    }

    fn step(&mut self, act: TicketAct, entry: &Entry) {
        let before = Before {
            class: self.class,
            stage: self.stage,
            state: self.state.clone(),
            only_counter: self.only_counter,
            note: self.note.clone(),
            absences: self.absences,
            called_at: self.called_at,
        };
        self.change(&entry.fact, entry.at);
        // A call that was repeated is still the same step.
        if act != TicketAct::Recall {
            let counter = self.state.counter().or(before.state.counter());
            self.last = Some(Box::new(Step { act, at: entry.at, by: entry.by.clone(), counter, before }));
        }
    }

    fn change(&mut self, fact: &Fact, at: DateTime<Utc>) {
        match (fact, &mut self.state) {
            (Fact::TicketCalled(it), _) => {
                self.state = TicketState::Called { counter: it.counter, at, times: 1 };
                self.called_at = self.called_at.or(Some(at));
            }
            (Fact::TicketRecalled(_), TicketState::Called { times, .. }) => *times = times.saturating_add(1),
            (Fact::TicketStarted(_), TicketState::Called { counter, .. }) => {
                self.state = TicketState::Serving { counter: *counter, since: at };
            }
            (Fact::TicketAbsent(_), _) => {
                self.state = TicketState::Absent { since: at };
                self.absences = self.absences.saturating_add(1);
            }
            (Fact::TicketReturned(it), _) => {
                self.state = TicketState::Waiting { since: at };
                self.note.clone_from(&it.note);
            }
            (Fact::TicketTransferred(it), _) => {
                self.state = TicketState::Waiting { since: at };
                (self.class, self.stage, self.only_counter) = (it.class, it.stage, it.counter);
                self.note.clone_from(&it.note);
            }
            (Fact::TicketHeld(it), _) => {
                self.state = TicketState::Held { since: at, until: it.until };
                self.note.clone_from(&it.reason);
            }
            (Fact::TicketFinished(_), _) => self.state = TicketState::Finished { at },
            _ => {}
        }
    }

    /// Takes the last step back, if it was this act. The step before that one can not be taken back any more.
    fn undo(&mut self, act: TicketAct) {
        if let Some(last) = self.last.take_if(|last| last.act == act) {
            let Before { class, stage, state, only_counter, note, absences, called_at } = last.before;
            (self.class, self.stage, self.only_counter) = (class, stage, only_counter);
            (self.state, self.note) = (state, note);
            (self.absences, self.called_at) = (absences, called_at);
        }
    }
}

impl TicketAct {
    fn of(fact: &Fact) -> Option<(TicketNumber, Self)> {
        Some(match fact {
            Fact::TicketCalled(it) => (it.number, Self::Call),
            Fact::TicketRecalled(it) => (it.number, Self::Recall),
            Fact::TicketStarted(it) => (it.number, Self::Start),
            Fact::TicketAbsent(it) => (it.number, Self::MarkAbsent),
            Fact::TicketReturned(it) => (it.number, Self::Return),
            Fact::TicketTransferred(it) => (it.number, Self::Transfer),
            Fact::TicketHeld(it) => (it.number, Self::Hold),
            Fact::TicketFinished(it) => (it.number, Self::Finish),
            _ => return None,
        })
    }
}
