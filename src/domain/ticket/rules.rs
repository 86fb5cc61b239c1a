//! What may be done with a ticket, and what follows.

use chrono::TimeDelta;

use super::{
    QueueClass, Stage, Ticket, TicketAbsent, TicketAct, TicketCalled, TicketFinished, TicketHeld,
    TicketIssued, TicketNumber, TicketRecalled, TicketReturned, TicketStarted, TicketTransferred,
    TicketUndone,
};
use crate::domain::actor::Role;
use crate::domain::book::BookState;
use crate::domain::command::{self, Context};
use crate::domain::document;
use crate::domain::fact::Fact;
use crate::domain::refusal::Refusal;
use crate::domain::view::{View, Visit};

const GIVES_OUT: &[Role] = &[Role::FrontDesk, Role::Interviewer, Role::Custody, Role::Supervisor];

/// Draws a ticket for a stage: the interview needs papers that suffice, a collection a book that is ready.
pub(in crate::domain) fn issue(
    view: &View,
    context: &Context<'_>,
    stage: Stage,
) -> Result<Vec<Fact>, Refusal> {
    let visit = context.visit_as(view, GIVES_OUT)?;
    if view.is_refused() {
        return Err(Refusal::ApplicationRefused);
    }
    match stage {
        Stage::Interview => {
            document::suffice_to_pass(view, visit, context)?;
            if visit.is_passed() && visit.capture.complete {
                return Err(Refusal::TooLate);
            }
        }
        Stage::Collection => match visit.book.state {
            BookState::HandedOver(_) => return Err(Refusal::AlreadyHandedOver),
            _ if visit.book.is_ready(view) => {}
            _ => return Err(Refusal::BookNotAtThisStep),
        },
    }
    match visit.open_ticket() {
        Some(ticket) if ticket.number.day == context.today => Err(Refusal::AlreadyHasTicket(ticket.number)),
        _ => Ok(vec![draw(view, context, stage)?]),
    }
}

/// Whether the visit has an open ticket of today; one of an earlier day is void.
pub(in crate::domain) fn is_open_today(visit: &Visit, context: &Context<'_>) -> bool {
    visit.open_ticket().is_some_and(|ticket| ticket.number.day == context.today)
}

/// The next ticket of the class that serves this booking's channel.
pub(in crate::domain) fn draw(view: &View, context: &Context<'_>, stage: Stage) -> Result<Fact, Refusal> {
    let booking = view.booking.as_ref().ok_or(Refusal::NoBooking)?;
    let settings = context.settings;
    let class = settings.class_for(booking.service.channel, stage).unwrap_or(QueueClass::BOOKED);
    let number = TicketNumber { day: context.today, class, serial: (context.next_serial)(class) };
    Ok(Fact::TicketIssued(TicketIssued { number, stage }))
}

pub(in crate::domain) fn call(
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

pub(in crate::domain) fn recall(
    view: &View,
    context: &Context<'_>,
    number: TicketNumber,
) -> Result<Vec<Fact>, Refusal> {
    guard(view, context, number, TicketAct::Recall)?;
    Ok(vec![Fact::TicketRecalled(TicketRecalled { number })])
}

pub(in crate::domain) fn start(
    view: &View,
    context: &Context<'_>,
    number: TicketNumber,
) -> Result<Vec<Fact>, Refusal> {
    guard(view, context, number, TicketAct::Start)?;
    Ok(vec![Fact::TicketStarted(TicketStarted { number })])
}

pub(in crate::domain) fn mark_absent(
    view: &View,
    context: &Context<'_>,
    number: TicketNumber,
) -> Result<Vec<Fact>, Refusal> {
    guard(view, context, number, TicketAct::MarkAbsent)?;
    Ok(vec![Fact::TicketAbsent(TicketAbsent { number })])
}

pub(in crate::domain) fn put_back(
    view: &View,
    context: &Context<'_>,
    number: TicketNumber,
    note: &str,
) -> Result<Vec<Fact>, Refusal> {
    guard(view, context, number, TicketAct::Return)?;
    Ok(vec![Fact::TicketReturned(TicketReturned { number, note: note.trim().to_owned() })])
}

pub(in crate::domain) fn transfer(
    view: &View,
    context: &Context<'_>,
    to: TicketTransferred,
) -> Result<Vec<Fact>, Refusal> {
    guard(view, context, to.number, TicketAct::Transfer)?;
    Ok(vec![Fact::TicketTransferred(to)])
}

pub(in crate::domain) fn finish(
    view: &View,
    context: &Context<'_>,
    number: TicketNumber,
) -> Result<Vec<Fact>, Refusal> {
    guard(view, context, number, TicketAct::Finish)?;
    Ok(vec![Fact::TicketFinished(TicketFinished { number })])
}

/// Puts a ticket aside; with minutes, it may be called again by itself when they have passed.
pub(in crate::domain) fn hold(
    view: &View,
    context: &Context<'_>,
    number: TicketNumber,
    reason: &str,
    minutes: Option<u16>,
) -> Result<Vec<Fact>, Refusal> {
    guard(view, context, number, TicketAct::Hold)?;
    let reason = command::reason(reason)?;
    let until = minutes.map(|minutes| context.now + TimeDelta::minutes(minutes.into()));
    Ok(vec![Fact::TicketHeld(TicketHeld { number, reason, until })])
}

/// Takes the last step of a ticket back, within the time the settings give: by whoever did it, by whoever holds the
/// counter it was done at (`counter`, which the caller has checked), or by a supervisor.
pub(in crate::domain) fn undo(
    view: &View,
    context: &Context<'_>,
    number: TicketNumber,
    counter: Option<u16>,
) -> Result<Vec<Fact>, Refusal> {
    let office = context.office_as(GIVES_OUT)?;
    let tickets = view.visit(office).map_or(&[][..], |visit| &visit.tickets);
    let ticket = tickets.iter().find(|ticket| ticket.number == number).ok_or(Refusal::NoSuchTicket)?;
    // A later ticket of the same visit rests on this one being over.
    let is_latest = tickets.last().is_some_and(|last| last.number == number);
    let step = ticket.last.as_deref().filter(|_| is_latest).ok_or(Refusal::NothingToUndo)?;
    let theirs = step.by == *context.by || (step.counter.is_some() && step.counter == counter);
    if !theirs && !context.roles.contains(&Role::Supervisor) {
        return Err(Refusal::UndoNotYours);
    }
    let minutes = context.settings.undo_minutes;
    if context.now - step.at > TimeDelta::minutes(minutes.into()) {
        return Err(Refusal::UndoTooLate { minutes });
    }
    Ok(vec![Fact::TicketUndone(TicketUndone { number, act: step.act })])
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
    use super::super::TicketState;
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

    fn held(number: TicketNumber, minutes: Option<u16>) -> Command {
        Command::HoldTicket { number, reason: "fotokopi KTP".to_owned(), minutes }
    }

    fn undo(number: TicketNumber) -> Command {
        Command::UndoTicket { number, counter: None }
    }

    #[test]
    fn a_ticket_is_put_aside_with_a_reason_and_its_clock() {
        let called = Story::waiting();
        let number = called.ticket();
        let called = called.does(call(number, 2));
        let without = Command::HoldTicket { number, reason: "  ".to_owned(), minutes: None };
        assert_eq!(called.refuses(&without), Refusal::ReasonNeeded);
        let aside = called.clone().does(held(number, Some(20)));
        let TicketState::Held { since, until } = state(&aside) else { panic!("{:?}", state(&aside)) };
        assert_eq!(until, Some(since + TimeDelta::minutes(20)));
        assert_eq!(aside.status(), Status::Waiting);
        assert!(aside.tries(&call(number, 3)).is_ok() && aside.tries(&put_back(number)).is_ok());
        assert!(matches!(state(&called.does(held(number, None))), TicketState::Held { until: None, .. }));
    }

    #[test]
    fn the_last_step_is_taken_back_and_the_ticket_stands_as_before() {
        let waiting = Story::waiting();
        let number = waiting.ticket();
        let called = waiting.clone().later(1).does(call(number, 2));
        let serving = called.clone().later(1).does(Command::StartTicket(number));
        let steps = [
            (waiting.clone(), call(number, 2)),
            (called.clone(), Command::StartTicket(number)),
            (called.clone(), Command::MarkAbsent(number)),
            (called.clone(), to_counter(number, Some(7))),
            (called.clone(), held(number, Some(5))),
            (serving.clone(), put_back(number)),
            (serving.clone(), Command::FinishTicket(number)),
        ];
        for (before, step) in steps {
            let as_it_stood = |story: &Story| {
                let ticket = story.view().visits.values().next().unwrap().tickets[0].clone();
                Ticket { last: None, ..ticket }
            };
            let done = before.clone().later(1).does(step.clone());
            assert_ne!(as_it_stood(&done), as_it_stood(&before), "{step:?}");
            let undone = done.later(1).does(undo(number));
            assert_eq!(as_it_stood(&undone), as_it_stood(&before), "{step:?}");
            assert_eq!(undone.refuses(&undo(number)), Refusal::NothingToUndo, "{step:?}");
        }
        let recalled = called.does(Command::RecallTicket(number)).does(undo(number));
        assert!(matches!(state(&recalled), TicketState::Waiting { .. }), "a repeated call is one step");
        assert_eq!(waiting.refuses(&undo(number)), Refusal::NothingToUndo);
    }

    #[test]
    fn a_step_is_taken_back_in_time_by_whoever_did_it_at_the_same_counter_or_by_a_supervisor() {
        let story = Story::waiting();
        let number = story.ticket();
        let called = story.does(call(number, 2));
        let by = |story: &Story, counter, role| {
            let undo = Command::UndoTicket { number, counter };
            story.tries_as(Some("karimun"), &[role], "somebody", &undo).map(|facts| facts.len())
        };
        assert_eq!(by(&called, None, Role::Interviewer), Err(Refusal::UndoNotYours));
        assert_eq!(by(&called, Some(3), Role::Interviewer), Err(Refusal::UndoNotYours));
        assert_eq!(by(&called, Some(2), Role::Interviewer), Ok(1));
        assert_eq!(by(&called, None, Role::Supervisor), Ok(1));
        assert_eq!(called.clone().later(5).tries(&undo(number)).map(|facts| facts.len()), Ok(1));
        let late = called.later(6);
        assert_eq!(late.refuses(&undo(number)), Refusal::UndoTooLate { minutes: 5 });
        assert_eq!(by(&late, None, Role::Supervisor), Err(Refusal::UndoTooLate { minutes: 5 }));
    }

    #[test]
    fn every_act_is_refused_in_every_state_that_does_not_allow_it() {
        let waiting = Story::waiting();
        let number = waiting.ticket();
        let called = waiting.clone().does(call(number, 2));
        let serving = called.clone().does(Command::StartTicket(number));
        let absent = called.clone().does(Command::MarkAbsent(number));
        let finished = serving.clone().does(Command::FinishTicket(number));
        let aside = called.clone().does(held(number, None));
        let acts = [
            ("call", call(number, 2), [true, false, false, true, true, false]),
            ("recall", Command::RecallTicket(number), [false, true, false, false, false, false]),
            ("start", Command::StartTicket(number), [false, true, false, false, false, false]),
            ("absent", Command::MarkAbsent(number), [false, true, false, false, false, false]),
            ("return", put_back(number), [false, true, true, true, true, false]),
            ("transfer", to_counter(number, None), [true, true, true, true, true, false]),
            ("hold", held(number, None), [true, true, true, false, false, false]),
            ("finish", Command::FinishTicket(number), [false, false, true, false, false, false]),
        ];
        for (act, command, allowed) in acts {
            let stories = [&waiting, &called, &serving, &absent, &aside, &finished];
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
