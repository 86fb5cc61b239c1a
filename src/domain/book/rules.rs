//! What may be done with a book, and what follows.

use super::stage::SpriStage;
use super::{
    BookAllocated, BookCancelled, BookChecked, BookPrinted, BookReady, BookState, Collector, Defect,
    HandedOver,
};
use crate::domain::actor::Role;
use crate::domain::command::{Context, reason};
use crate::domain::fact::Fact;
use crate::domain::number::BookNumber;
use crate::domain::prevention;
use crate::domain::refusal::Refusal;
use crate::domain::view::{View, Visit};

pub(super) const KEEPS_BOOKS: &[Role] = &[Role::Custody, Role::Supervisor];

/// Sets a blank aside for an application that headquarters approved and the treasury confirmed.
pub(in crate::domain) fn allocate(
    view: &View,
    context: &Context<'_>,
    book: &BookNumber,
) -> Result<Vec<Fact>, Refusal> {
    let visit = context.visit_as(view, KEEPS_BOOKS)?;
    if view.is_refused() {
        return Err(Refusal::ApplicationRefused);
    }
    match &visit.book.state {
        BookState::HandedOver(_) => return Err(Refusal::AlreadyHandedOver),
        state if !state.needs_blank() => return Err(Refusal::BookNotAtThisStep),
        _ => {}
    }
    // SPRI allocates only after the decision, which may not have come over the line yet.
    if !view.is_approved() && visit.book.reported_ever < Some(SpriStage::Allocation) {
        return Err(Refusal::NotApproved);
    }
    prevention::none(view)?;
    if !view.is_paid() {
        return Err(Refusal::PaymentNotConfirmed);
    }
    if (context.book_taken)(book) || visit.book.state.number() == Some(book) {
        return Err(Refusal::BookTaken);
    }
    Ok(vec![Fact::BookAllocated(BookAllocated { book: book.clone() })])
}

pub(in crate::domain) fn print(
    view: &View,
    context: &Context<'_>,
    book: &BookNumber,
) -> Result<Vec<Fact>, Refusal> {
    at_step(view, context, book, |state| matches!(state, BookState::Allocated(_)))?;
    Ok(vec![Fact::BookPrinted(BookPrinted { book: book.clone() })])
}

/// A defect asks for another blank.
pub(in crate::domain) fn check(
    view: &View,
    context: &Context<'_>,
    book: &BookNumber,
    defect: Option<Defect>,
) -> Result<Vec<Fact>, Refusal> {
    at_step(view, context, book, |state| matches!(state, BookState::Printed(_)))?;
    Ok(vec![Fact::BookChecked(BookChecked { book: book.clone(), defect })])
}

/// No book becomes ready while two offices serve the same applicant (DESIGN.md §6 row 2).
pub(in crate::domain) fn ready(
    view: &View,
    context: &Context<'_>,
    book: &BookNumber,
    shelf: &str,
) -> Result<Vec<Fact>, Refusal> {
    let visit = context.visit_as(view, KEEPS_BOOKS)?;
    if is_issued(view, visit, book, context)? {
        return Ok(vec![Fact::BookReady(BookReady { book: book.clone(), shelf: shelf.trim().to_owned() })]);
    }
    at_step(view, context, book, |state| matches!(state, BookState::Passed(_)))?;
    if view.is_served_twice() {
        return Err(Refusal::ConflictOpen);
    }
    Ok(vec![Fact::BookReady(BookReady { book: book.clone(), shelf: shelf.trim().to_owned() })])
}

pub(in crate::domain) fn cancel(
    view: &View,
    context: &Context<'_>,
    book: &BookNumber,
    why: &str,
) -> Result<Vec<Fact>, Refusal> {
    context.require(&[Role::Supervisor])?;
    let visit = context.visit_as(view, KEEPS_BOOKS)?;
    if !is_issued(view, visit, book, context)? {
        at_step(view, context, book, |state| !state.needs_blank())?;
    }
    Ok(vec![Fact::BookCancelled(BookCancelled { book: book.clone(), reason: reason(why)? })])
}

/// Who collects is written down with the papers shown (Permenkumham 8/2014 art. 23).
pub(in crate::domain) fn hand_over(
    view: &View,
    context: &Context<'_>,
    book: &BookNumber,
    collector: &Collector,
) -> Result<Vec<Fact>, Refusal> {
    let visit = context.visit_as(view, KEEPS_BOOKS)?;
    if !is_issued(view, visit, book, context)? {
        at_step(view, context, book, |state| matches!(state, BookState::Ready(_)))?;
    }
    if view.is_served_twice() {
        return Err(Refusal::ConflictOpen);
    }
    prevention::none(view)?;
    if !collector.is_complete() {
        return Err(Refusal::CollectorIncomplete);
    }
    Ok(vec![Fact::HandedOver(HandedOver { book: book.clone(), collector: collector.clone() })])
}

/// Whether SPRI has issued the book though the office's own steps have not come so far. Its number may be scanned here
/// for the first time.
fn is_issued(view: &View, visit: &Visit, book: &BookNumber, context: &Context<'_>) -> Result<bool, Refusal> {
    let own = &visit.book.state;
    let is_over = matches!(own, BookState::Ready(_) | BookState::HandedOver(_) | BookState::Cancelled(_));
    if is_over || visit.book.stage() != Some(SpriStage::Issue) {
        return Ok(false);
    }
    if view.is_refused() {
        return Err(Refusal::ApplicationRefused);
    }
    if !view.is_paid() {
        return Err(Refusal::PaymentNotConfirmed);
    }
    match own.number().filter(|_| !own.needs_blank()) {
        Some(expected) if expected != book => Err(Refusal::OtherBook { expected: expected.clone() }),
        None if (context.book_taken)(book) || own.number() == Some(book) => Err(Refusal::BookTaken),
        _ => Ok(true),
    }
}

/// The visit, when its book is at a step and is the one that was scanned.
fn at_step<'v>(
    view: &'v View,
    context: &Context<'_>,
    book: &BookNumber,
    step: impl Fn(&BookState) -> bool,
) -> Result<&'v Visit, Refusal> {
    let visit = context.visit_as(view, KEEPS_BOOKS)?;
    match &visit.book.state {
        BookState::HandedOver(_) => Err(Refusal::AlreadyHandedOver),
        state if !step(state) => Err(Refusal::BookNotAtThisStep),
        state => match state.number() {
            Some(expected) if expected != book => Err(Refusal::OtherBook { expected: expected.clone() }),
            _ => Ok(visit),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::application::Author;
    use crate::domain::command::Command;
    use crate::domain::conflict::Conflict;
    use crate::domain::payment::Refunded;
    use crate::domain::sample::{Story, book, hand_over, office};
    use crate::domain::status::Status;

    fn checked(serial: u32, defect: Option<Defect>) -> Command {
        Command::CheckBook { book: book(serial), defect }
    }

    fn to_shelf(serial: u32) -> Command {
        Command::BookReady { book: book(serial), shelf: "A1".to_owned() }
    }

    fn cancelling(serial: u32, reason: &str) -> Command {
        Command::CancelBook { book: book(serial), reason: reason.to_owned() }
    }

    fn to_family(name: &str, identity: &str) -> Command {
        let collector = Collector::Family { name: name.to_owned(), identity: identity.to_owned() };
        Command::HandOver { book: book(1), collector }
    }

    #[test]
    fn a_book_goes_from_blank_to_the_applicants_hand() {
        let allocated = Story::approved().does(Command::AllocateBook(book(1)));
        assert_eq!(allocated.status(), Status::BookAllocated);
        let printed = allocated.does(Command::PrintBook(book(1)));
        assert_eq!(printed.status(), Status::BookPrinted);
        let passed = printed.does(checked(1, None));
        assert_eq!(passed.status(), Status::BookPassed);
        let ready = passed.later(60).does(to_shelf(1));
        assert_eq!(
            (ready.status(), ready.view().held().unwrap().book.ready_at),
            (Status::Ready, Some(ready.now))
        );
        assert_eq!(ready.does(hand_over(1)).status(), Status::HandedOver);
    }

    #[test]
    fn a_spoilt_book_asks_for_another_blank() {
        let printed =
            Story::approved().does(Command::AllocateBook(book(1))).does(Command::PrintBook(book(1)));
        let spoilt = printed.does(checked(1, Some(Defect::Chip)));
        assert_eq!(spoilt.status(), Status::Approved);
        assert_eq!(spoilt.refuses(&to_shelf(1)), Refusal::BookNotAtThisStep);
        assert_eq!(spoilt.refuses(&Command::AllocateBook(book(1))), Refusal::BookTaken);
        assert_eq!(spoilt.does(Command::AllocateBook(book(2))).status(), Status::BookAllocated);
    }

    #[test]
    fn a_blank_is_set_aside_only_for_an_approved_paid_application_and_only_when_it_is_free() {
        let mut taken = Story::approved();
        taken.taken = vec![book(1)];
        let refused = Story::interviewed().headquarters(Command::Refuse { round: 1, reason: "r".to_owned() });
        let refund =
            Fact::Refunded(Refunded { code: None, ntpn: None, amount_idr: 950_000, reason: "r".to_owned() });
        let cases = [
            ("not approved", Story::interviewed(), Refusal::NotApproved),
            ("refused", refused, Refusal::ApplicationRefused),
            ("refunded", Story::approved().registry(refund), Refusal::PaymentNotConfirmed),
            ("taken", taken, Refusal::BookTaken),
            ("already set aside", Story::ready(), Refusal::BookNotAtThisStep),
            ("handed over", Story::ready().does(hand_over(1)), Refusal::AlreadyHandedOver),
        ];
        for (case, story, expected) in cases {
            assert_eq!(story.refuses(&Command::AllocateBook(book(1))), expected, "{case}");
        }
    }

    #[test]
    fn another_book_than_the_one_set_aside_is_refused_at_every_step() {
        let allocated = Story::approved().does(Command::AllocateBook(book(1)));
        let printed = allocated.clone().does(Command::PrintBook(book(1)));
        let passed = printed.clone().does(checked(1, None));
        let other = Refusal::OtherBook { expected: book(1) };
        assert_eq!(allocated.refuses(&Command::PrintBook(book(2))), other);
        assert_eq!(printed.refuses(&checked(2, None)), other);
        assert_eq!(passed.refuses(&to_shelf(2)), other);
        assert_eq!(Story::ready().refuses(&hand_over(2)), other);
        assert_eq!(Story::ready().refuses(&cancelling(2, "r")), other);
        assert_eq!(allocated.refuses(&hand_over(1)), Refusal::BookNotAtThisStep);
    }

    #[test]
    fn a_collector_other_than_the_applicant_shows_papers() {
        let proxy = |authority: &str| Command::HandOver {
            book: book(1),
            collector: Collector::Proxy {
                name: "Rina".to_owned(),
                identity: "2102".to_owned(),
                authority: authority.to_owned(),
            },
        };
        assert_eq!(Story::ready().refuses(&to_family("Rina", " ")), Refusal::CollectorIncomplete);
        assert_eq!(Story::ready().refuses(&to_family("", "2102")), Refusal::CollectorIncomplete);
        assert_eq!(Story::ready().refuses(&proxy("")), Refusal::CollectorIncomplete);
        assert_eq!(Story::ready().does(to_family("Rina", "2102")).status(), Status::HandedOver);
        assert_eq!(Story::ready().does(proxy("SK 12")).status(), Status::HandedOver);
        assert_eq!(Story::ready().does(hand_over(1)).refuses(&hand_over(1)), Refusal::AlreadyHandedOver);
    }

    #[test]
    fn no_book_becomes_ready_or_leaves_while_two_offices_serve_the_applicant() {
        let passed = Story::approved()
            .does(Command::AllocateBook(book(1)))
            .does(Command::PrintBook(book(1)))
            .does(checked(1, None));
        assert_eq!(passed.also_arrives_at("batam").refuses(&to_shelf(1)), Refusal::ConflictOpen);
        assert_eq!(Story::ready().also_arrives_at("batam").refuses(&hand_over(1)), Refusal::ConflictOpen);
    }

    #[test]
    fn a_supervisor_cancels_a_book_with_a_reason() {
        assert_eq!(Story::ready().refuses(&cancelling(1, "")), Refusal::ReasonNeeded);
        let by_custody =
            Story::ready().tries_as(Some("karimun"), &[Role::Custody], "adi", &cancelling(1, "r"));
        assert_eq!(by_custody, Err(Refusal::NotAllowed));
        let cancelled = Story::ready().does(cancelling(1, "not collected"));
        assert_eq!(cancelled.status(), Status::Cancelled);
        assert_eq!(cancelled.refuses(&hand_over(1)), Refusal::BookNotAtThisStep);
    }

    #[test]
    fn a_cancellation_by_headquarters_holds_unless_the_book_is_out() {
        let cancelled =
            Fact::BookCancelled(BookCancelled { book: book(1), reason: "false statement".to_owned() });
        assert_eq!(Story::ready().registry(cancelled.clone()).status(), Status::Cancelled);
        let out = Story::ready().does(hand_over(1)).registry(cancelled).view();
        assert_eq!((out.status, out.conflicts), (Status::HandedOver, vec![Conflict::HandedOverAndCancelled]));
    }

    #[test]
    fn of_two_books_that_a_machine_and_its_copy_handed_over_either_cancelled_one_is_shown() {
        let author = Author::Office(office("karimun"));
        let other = Fact::HandedOver(HandedOver { book: book(2), collector: Collector::Applicant });
        let both = |cancelled| {
            let cancelled = BookCancelled { book: book(cancelled), reason: "printing error".to_owned() };
            let out = Story::ready().does(hand_over(1)).wrote(&author, other.clone());
            out.registry(Fact::BookCancelled(cancelled)).view().conflicts
        };
        assert_eq!(both(1), [Conflict::HandedOverAndCancelled]);
        assert_eq!(both(2), [Conflict::HandedOverAndCancelled]);
        assert_eq!(both(3), []);
    }
}
