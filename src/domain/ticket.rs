//! A ticket: a number in a queue class, from waiting to finished.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::actor::Role;
use super::book::BookState;
use super::command::Context;
use super::document;
use super::fact::Fact;
use super::refusal::Refusal;
use super::view::{View, Visit};

/// A queue class, one capital letter. Which channels it serves and what it is called is a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "char", into = "char")]
pub struct QueueClass(char);

impl QueueClass {
    /// M-Paspor bookings (default letter).
    pub const BOOKED: QueueClass = QueueClass('A');
    /// Priority walk-ins (default letter).
    pub const PRIORITY: QueueClass = QueueClass('B');
    /// Same-day service (default letter).
    pub const SAME_DAY: QueueClass = QueueClass('C');
    /// Collection of finished books (default letter).
    pub const COLLECTION: QueueClass = QueueClass('D');
    /// Examination of lost or damaged passports (default letter).
    pub const EXAMINATION: QueueClass = QueueClass('E');

    /// A class by its letter; letters that are misread on a screen (I, O, S, Z) are not used.
    pub fn parse(letter: char) -> Option<Self> {
        (letter.is_ascii_uppercase() && !matches!(letter, 'I' | 'O' | 'S' | 'Z')).then_some(Self(letter))
    }

    /// The letter.
    pub fn letter(self) -> char {
        self.0
    }
}

impl TryFrom<char> for QueueClass {
    type Error = String;
    fn try_from(letter: char) -> Result<Self, String> {
        Self::parse(letter).ok_or_else(|| format!("{letter:?} is not a queue class"))
    }
}

impl From<QueueClass> for char {
    fn from(class: QueueClass) -> char {
        class.0
    }
}

/// What the applicant is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Capture and interview, usually one booth.
    Interview,
    /// Collection of a finished book.
    Collection,
}

/// The number people see: unique in one office on one business day, never changed by a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TicketNumber {
    /// The business day it was drawn on.
    pub day: NaiveDate,
    /// Its class when it was drawn.
    pub class: QueueClass,
    /// From 1.
    pub serial: u16,
}

impl std::fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{:03}", self.class.0, self.serial)
    }
}

/// Where a ticket stands, derived from its facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum TicketState {
    /// In the queue since then.
    Waiting {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// Shown on the displays, expected at a counter.
    Called {
        /// The counter.
        counter: u16,
        /// When it was called first.
        at: DateTime<Utc>,
        /// How often it was called, at least once.
        times: u16,
    },
    /// Somebody serves it.
    Serving {
        /// The counter.
        counter: u16,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// Called and did not come; can be called back.
    Absent {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// Done.
    Finished {
        /// When.
        at: DateTime<Utc>,
    },
}

/// A ticket as derived from its facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its number.
    pub number: TicketNumber,
    /// The class it waits in now (a transfer may have changed it; the number stays).
    pub class: QueueClass,
    /// What for.
    pub stage: Stage,
    /// When it was drawn: its turn, kept through transfers and returns.
    pub drawn_at: DateTime<Utc>,
    /// Where it stands.
    pub state: TicketState,
    /// Only this counter may call it, when a transfer says so.
    pub only_counter: Option<u16>,
    /// What the officer before wants the next one to know.
    pub note: String,
}

/// A ticket was drawn (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketIssued {
    /// Its number.
    pub number: TicketNumber,
    /// What for.
    pub stage: Stage,
}

/// A ticket was called to a counter (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketCalled {
    /// Which.
    pub number: TicketNumber,
    /// Where to.
    pub counter: u16,
}

/// The same call once more (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketRecalled {
    /// Which.
    pub number: TicketNumber,
}

/// The applicant stands at the counter (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketStarted {
    /// Which.
    pub number: TicketNumber,
}

/// Nobody came (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketAbsent {
    /// Which.
    pub number: TicketNumber,
}

/// Back into the queue, keeping its turn (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketReturned {
    /// Which.
    pub number: TicketNumber,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// To another class, stage or counter (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketTransferred {
    /// Which.
    pub number: TicketNumber,
    /// The class it waits in from now on.
    pub class: QueueClass,
    /// What for from now on.
    pub stage: Stage,
    /// Only for this counter, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter: Option<u16>,
    /// For the next officer.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Served (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketFinished {
    /// Which.
    pub number: TicketNumber,
}

/// What can be done with a ticket. Which states allow it is [`TicketState::allows`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Served.
    Finish,
}

impl TicketState {
    /// Whether a ticket in this state allows an act.
    pub fn allows(&self, act: TicketAct) -> bool {
        use TicketAct as Act;
        match self {
            TicketState::Waiting { .. } => matches!(act, Act::Call | Act::Transfer),
            TicketState::Called { .. } => {
                matches!(act, Act::Recall | Act::Start | Act::MarkAbsent | Act::Return | Act::Transfer)
            }
            TicketState::Serving { .. } => matches!(act, Act::Return | Act::Transfer | Act::Finish),
            TicketState::Absent { .. } => matches!(act, Act::Call | Act::Return | Act::Transfer),
            TicketState::Finished { .. } => false,
        }
    }

    /// The counter that has called or serves the ticket.
    pub fn counter(&self) -> Option<u16> {
        match self {
            TicketState::Called { counter, .. } | TicketState::Serving { counter, .. } => Some(*counter),
            TicketState::Waiting { .. } | TicketState::Absent { .. } | TicketState::Finished { .. } => None,
        }
    }
}

impl Ticket {
    /// Adds a fact to the tickets of a visit. A fact that the ticket's state does not allow changes nothing.
    pub(super) fn join(tickets: &mut Vec<Ticket>, fact: &Fact, at: DateTime<Utc>) {
        if let Fact::TicketIssued(issued) = fact {
            if tickets.iter().all(|ticket| ticket.number != issued.number) {
                tickets.push(Ticket::issued(issued, at));
            }
        } else if let Some((number, act)) = TicketAct::of(fact)
            && let Some(ticket) = tickets.iter_mut().find(|ticket| ticket.number == number)
            && ticket.state.allows(act)
        {
            ticket.change(fact, at);
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
        }
    }

    fn change(&mut self, fact: &Fact, at: DateTime<Utc>) {
        match (fact, &mut self.state) {
            (Fact::TicketCalled(it), _) => {
                self.state = TicketState::Called { counter: it.counter, at, times: 1 };
            }
            (Fact::TicketRecalled(_), TicketState::Called { times, .. }) => *times = times.saturating_add(1),
            (Fact::TicketStarted(_), TicketState::Called { counter, .. }) => {
                self.state = TicketState::Serving { counter: *counter, since: at };
            }
            (Fact::TicketAbsent(_), _) => self.state = TicketState::Absent { since: at },
            (Fact::TicketReturned(it), _) => {
                self.state = TicketState::Waiting { since: at };
                self.note.clone_from(&it.note);
            }
            (Fact::TicketTransferred(it), _) => {
                self.state = TicketState::Waiting { since: at };
                (self.class, self.stage, self.only_counter) = (it.class, it.stage, it.counter);
                self.note.clone_from(&it.note);
            }
            (Fact::TicketFinished(_), _) => self.state = TicketState::Finished { at },
            _ => {}
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
            Fact::TicketFinished(it) => (it.number, Self::Finish),
            _ => return None,
        })
    }
}

const GIVES_OUT: &[Role] = &[Role::FrontDesk, Role::Interviewer, Role::Custody, Role::Supervisor];

/// Draws a ticket for a stage: the interview needs papers that suffice, a collection a book that is ready.
pub(super) fn issue(view: &View, context: &Context<'_>, stage: Stage) -> Result<Vec<Fact>, Refusal> {
    let visit = context.visit_as(view, GIVES_OUT)?;
    if view.is_refused() {
        return Err(Refusal::ApplicationRefused);
    }
    match stage {
        Stage::Interview => {
            document::suffice(view, visit, context)?;
            if visit.is_passed() && visit.capture.complete {
                return Err(Refusal::TooLate);
            }
        }
        Stage::Collection => match visit.book.state {
            BookState::Ready(_) => {}
            BookState::HandedOver(_) => return Err(Refusal::AlreadyHandedOver),
            _ => return Err(Refusal::BookNotAtThisStep),
        },
    }
    match visit.open_ticket() {
        Some(ticket) if ticket.number.day == context.today => Err(Refusal::AlreadyHasTicket(ticket.number)),
        _ => Ok(vec![draw(view, context, stage)?]),
    }
}

/// Whether the visit has an open ticket of today; one of an earlier day is void.
pub(super) fn is_open_today(visit: &Visit, context: &Context<'_>) -> bool {
    visit.open_ticket().is_some_and(|ticket| ticket.number.day == context.today)
}

/// The next ticket of the class that serves this booking's channel.
pub(super) fn draw(view: &View, context: &Context<'_>, stage: Stage) -> Result<Fact, Refusal> {
    let booking = view.booking.as_ref().ok_or(Refusal::NoBooking)?;
    let settings = context.settings;
    let class = settings.class_for(booking.service.channel, stage).unwrap_or(QueueClass::BOOKED);
    let number = TicketNumber { day: context.today, class, serial: (context.next_serial)(class) };
    Ok(Fact::TicketIssued(TicketIssued { number, stage }))
}

pub(super) fn call(
    view: &View,
    context: &Context<'_>,
    number: TicketNumber,
    counter: u16,
) -> Result<Vec<Fact>, Refusal> {
    let ticket = guard(view, context, number, TicketAct::Call)?;
    if ticket.only_counter.is_some_and(|only| only != counter) {
        return Err(Refusal::TicketIsElsewhere { number, state: ticket.state.clone() });
    }
    Ok(vec![Fact::TicketCalled(TicketCalled { number, counter })])
}

pub(super) fn recall(view: &View, context: &Context<'_>, number: TicketNumber) -> Result<Vec<Fact>, Refusal> {
    guard(view, context, number, TicketAct::Recall)?;
    Ok(vec![Fact::TicketRecalled(TicketRecalled { number })])
}

pub(super) fn start(view: &View, context: &Context<'_>, number: TicketNumber) -> Result<Vec<Fact>, Refusal> {
    guard(view, context, number, TicketAct::Start)?;
    Ok(vec![Fact::TicketStarted(TicketStarted { number })])
}

pub(super) fn mark_absent(
    view: &View,
    context: &Context<'_>,
    number: TicketNumber,
) -> Result<Vec<Fact>, Refusal> {
    guard(view, context, number, TicketAct::MarkAbsent)?;
    Ok(vec![Fact::TicketAbsent(TicketAbsent { number })])
}

pub(super) fn put_back(
    view: &View,
    context: &Context<'_>,
    number: TicketNumber,
    note: &str,
) -> Result<Vec<Fact>, Refusal> {
    guard(view, context, number, TicketAct::Return)?;
    Ok(vec![Fact::TicketReturned(TicketReturned { number, note: note.trim().to_owned() })])
}

pub(super) fn transfer(
    view: &View,
    context: &Context<'_>,
    to: TicketTransferred,
) -> Result<Vec<Fact>, Refusal> {
    guard(view, context, to.number, TicketAct::Transfer)?;
    Ok(vec![Fact::TicketTransferred(to)])
}

pub(super) fn finish(view: &View, context: &Context<'_>, number: TicketNumber) -> Result<Vec<Fact>, Refusal> {
    guard(view, context, number, TicketAct::Finish)?;
    Ok(vec![Fact::TicketFinished(TicketFinished { number })])
}

/// A ticket is a place in a queue and says nothing about the application: moving it needs no arrival that holds.
fn guard<'v>(
    view: &'v View,
    context: &Context<'_>,
    number: TicketNumber,
    act: TicketAct,
) -> Result<&'v Ticket, Refusal> {
    let office = context.office_as(GIVES_OUT)?;
    let tickets = view.visit(office).map_or(&[][..], |visit| &visit.tickets);
    let ticket = tickets.iter().find(|ticket| ticket.number == number).ok_or(Refusal::NoSuchTicket)?;
    if ticket.state.allows(act) {
        Ok(ticket)
    } else {
        Err(Refusal::TicketIsElsewhere { number, state: ticket.state.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::command::Command;
    use crate::domain::interview::{Outcome, RefusalGround};
    use crate::domain::sample::{Story, hand_over, interview, issue};
    use crate::domain::status::Status;

    fn call(number: TicketNumber, counter: u16) -> Command {
        Command::CallTicket { number, counter }
    }

    fn to_counter(number: TicketNumber, counter: Option<u16>) -> Command {
        let note = "look at the old book".to_owned();
        Command::TransferTicket {
            number,
            class: QueueClass::EXAMINATION,
            stage: Stage::Interview,
            counter,
            note,
        }
    }

    fn put_back(number: TicketNumber) -> Command {
        Command::ReturnTicket { number, note: String::new() }
    }

    fn state(story: &Story) -> TicketState {
        story.view().visits.values().next().unwrap().tickets[0].state.clone()
    }

    #[test]
    fn a_ticket_goes_from_waiting_to_finished() {
        let waiting = Story::waiting();
        let number = waiting.ticket();
        let called = waiting.does(call(number, 2)).does(Command::RecallTicket(number));
        assert!(matches!(state(&called), TicketState::Called { counter: 2, times: 2, .. }));
        assert_eq!(called.status(), Status::Waiting);
        let serving = called.does(Command::StartTicket(number));
        assert!(matches!(state(&serving), TicketState::Serving { counter: 2, .. }));
        assert_eq!(serving.status(), Status::Serving);
        let finished = serving.does(Command::FinishTicket(number));
        assert!(matches!(state(&finished), TicketState::Finished { .. }));
        assert_eq!(finished.status(), Status::Arrived);
    }

    #[test]
    fn an_absent_or_returned_ticket_keeps_its_turn() {
        let waiting = Story::waiting();
        let number = waiting.ticket();
        let absent = waiting.later(5).does(call(number, 2)).does(Command::MarkAbsent(number));
        let back = absent.later(5).does(put_back(number));
        let ticket = back.view().visits.values().next().unwrap().tickets[0].clone();
        assert!(matches!(ticket.state, TicketState::Waiting { since } if since > ticket.drawn_at));
        assert_eq!(ticket.drawn_at, Story::waiting().now);
    }

    #[test]
    fn a_ticket_sent_to_a_counter_keeps_its_number_and_is_called_there_only() {
        let story = Story::waiting();
        let number = story.ticket();
        let sent = story.does(to_counter(number, Some(7)));
        let ticket = sent.view().open_ticket(&crate::domain::sample::office("karimun")).unwrap().clone();
        assert_eq!(
            (ticket.number, ticket.class, ticket.only_counter),
            (number, QueueClass::EXAMINATION, Some(7))
        );
        assert!(matches!(sent.refuses(&call(number, 2)), Refusal::TicketIsElsewhere { .. }));
        assert!(sent.tries(&call(number, 7)).is_ok());
    }

    #[test]
    fn every_act_is_refused_in_every_state_that_does_not_allow_it() {
        let waiting = Story::waiting();
        let number = waiting.ticket();
        let called = waiting.clone().does(call(number, 2));
        let serving = called.clone().does(Command::StartTicket(number));
        let absent = called.clone().does(Command::MarkAbsent(number));
        let finished = serving.clone().does(Command::FinishTicket(number));
        let acts = [
            ("call", call(number, 2), [true, false, false, true, false]),
            ("recall", Command::RecallTicket(number), [false, true, false, false, false]),
            ("start", Command::StartTicket(number), [false, true, false, false, false]),
            ("absent", Command::MarkAbsent(number), [false, true, false, false, false]),
            ("return", put_back(number), [false, true, true, true, false]),
            ("transfer", to_counter(number, None), [true, true, true, true, false]),
            ("finish", Command::FinishTicket(number), [false, false, true, false, false]),
        ];
        for (act, command, allowed) in acts {
            let stories = [&waiting, &called, &serving, &absent, &finished];
            for (story, allowed) in stories.into_iter().zip(allowed) {
                let tried = story.tries(&command);
                assert_eq!(tried.is_ok(), allowed, "{act} on {:?}", state(story));
                let elsewhere = Refusal::TicketIsElsewhere { number, state: state(story) };
                assert!(allowed || tried == Err(elsewhere), "{act}");
            }
        }
        let unknown = TicketNumber { serial: 99, ..number };
        assert_eq!(waiting.refuses(&call(unknown, 2)), Refusal::NoSuchTicket);
    }

    #[test]
    fn a_ticket_is_drawn_for_an_interview_or_for_a_book_that_is_ready() {
        let interview_stage = issue(Stage::Interview);
        let collection = issue(Stage::Collection);
        let waiting = Story::waiting();
        let ground = RefusalGround::PreventionList;
        let refused = Story::captured().does(interview(Outcome::Refused { ground }));
        let handed_over = Story::ready().does(hand_over(1));
        assert_eq!(Story::paid().refuses(&interview_stage), Refusal::NotArrived);
        assert_eq!(Story::arrived().refuses(&interview_stage), Refusal::DocumentsNotChecked);
        assert_eq!(waiting.refuses(&interview_stage), Refusal::AlreadyHasTicket(waiting.ticket()));
        assert_eq!(refused.refuses(&interview_stage), Refusal::ApplicationRefused);
        assert_eq!(Story::interviewed().refuses(&interview_stage), Refusal::TooLate);
        assert_eq!(waiting.refuses(&collection), Refusal::BookNotAtThisStep);
        assert_eq!(handed_over.refuses(&collection), Refusal::AlreadyHandedOver);
        let tomorrow = Story::ready().later(24 * 60).does(collection);
        assert_eq!((tomorrow.ticket().to_string(), tomorrow.status()), ("D001".to_owned(), Status::Ready));
    }

    #[test]
    fn letters_that_are_misread_are_no_classes() {
        for letter in ['I', 'O', 'S', 'Z', 'a', '1'] {
            assert_eq!(QueueClass::parse(letter), None);
        }
    }
}
