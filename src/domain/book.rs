//! The book: from a blank's number to the hand that takes it.

use serde::{Deserialize, Serialize};

use super::actor::Role;
use super::application::Entry;
use super::command::{Context, reason};
use super::fact::Fact;
use super::number::BookNumber;
use super::refusal::Refusal;
use super::view::{Book, Done, View, Visit, done};

/// *Alokasi*: a blank was given to the approved application (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookAllocated {
    /// The blank's number, scanned.
    pub book: BookNumber,
}

/// *Cetak*: printed (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookPrinted {
    /// Which.
    pub book: BookNumber,
}

/// What is wrong with a printed book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Defect {
    /// Print is smeared, shifted or faint.
    Print,
    /// Wrong data on the page.
    Data,
    /// The chip cannot be read.
    Chip,
    /// The book itself is damaged.
    Book,
}

/// *Uji kualitas* (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookChecked {
    /// Which.
    pub book: BookNumber,
    /// `None` when it is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defect: Option<Defect>,
}

/// The passport is ready to be collected (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookReady {
    /// Which.
    pub book: BookNumber,
    /// Where it lies in the safe.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub shelf: String,
}

/// Who took the book (Permenkumham 8/2014 art. 23).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Collector {
    /// The applicant, with proof of payment and identity.
    Applicant,
    /// Family on the same family card, with its copy and identity.
    Family {
        /// Name.
        name: String,
        /// Identity number shown.
        identity: String,
    },
    /// Somebody else with a power of attorney and identity.
    Proxy {
        /// Name.
        name: String,
        /// Identity number shown.
        identity: String,
        /// Number or date of the *surat kuasa*.
        authority: String,
    },
}

/// The book was handed over (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedOver {
    /// Which.
    pub book: BookNumber,
    /// To whom.
    pub collector: Collector,
}

/// The book was cancelled (office or registry), for example not collected in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookCancelled {
    /// Which.
    pub book: BookNumber,
    /// Why.
    pub reason: String,
}

/// Where the book stands, derived from the facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BookState {
    /// No blank yet.
    None,
    /// A blank is set aside.
    Allocated(BookNumber),
    /// Printed.
    Printed(BookNumber),
    /// Good.
    Passed(BookNumber),
    /// Spoilt; another blank is needed.
    Defective(BookNumber, Defect),
    /// To be collected.
    Ready(BookReady),
    /// Gone.
    HandedOver(HandedOver),
    /// Cancelled.
    Cancelled(BookCancelled),
}

impl BookState {
    /// The book this state is about.
    pub fn number(&self) -> Option<&BookNumber> {
        match self {
            BookState::None => None,
            BookState::Allocated(book)
            | BookState::Printed(book)
            | BookState::Passed(book)
            | BookState::Defective(book, _) => Some(book),
            BookState::Ready(ready) => Some(&ready.book),
            BookState::HandedOver(handed) => Some(&handed.book),
            BookState::Cancelled(cancelled) => Some(&cancelled.book),
        }
    }

    /// Whether another blank may be set aside.
    pub fn needs_blank(&self) -> bool {
        matches!(self, BookState::None | BookState::Defective(..) | BookState::Cancelled(_))
    }

    fn step(&self) -> u8 {
        match self {
            BookState::None => 0,
            BookState::Allocated(_) => 1,
            BookState::Printed(_) => 2,
            BookState::Passed(_) | BookState::Defective(..) => 3,
            BookState::Ready(_) => 4,
            BookState::Cancelled(_) => 5,
            BookState::HandedOver(_) => 6,
        }
    }

    fn from_fact(fact: &Fact) -> Option<Self> {
        Some(match fact {
            Fact::BookAllocated(it) => BookState::Allocated(it.book.clone()),
            Fact::BookPrinted(it) => BookState::Printed(it.book.clone()),
            Fact::BookChecked(BookChecked { book, defect: None }) => BookState::Passed(book.clone()),
            Fact::BookChecked(BookChecked { book, defect: Some(defect) }) => {
                BookState::Defective(book.clone(), *defect)
            }
            Fact::BookReady(it) => BookState::Ready(it.clone()),
            Fact::HandedOver(it) => BookState::HandedOver(it.clone()),
            Fact::BookCancelled(it) => BookState::Cancelled(it.clone()),
            _ => return None,
        })
    }

    /// Whether a fact of the same office takes the book on. One book never goes back a step; another number comes in
    /// only as a new blank, and a hand-over always stands: the book is out of the house.
    fn gives_way_to(&self, next: &Self) -> bool {
        match (self, next) {
            (BookState::HandedOver(_), _) => false,
            (_, BookState::HandedOver(_) | BookState::Allocated(_)) if self.number() != next.number() => true,
            (BookState::None, _) => true,
            _ => self.number() == next.number() && self.step() < next.step(),
        }
    }
}

impl Book {
    pub(super) fn join(&mut self, entry: &Entry) {
        let Some(next) = BookState::from_fact(&entry.fact) else { return };
        if !self.state.gives_way_to(&next) {
            return;
        }
        match next {
            BookState::Ready(_) => self.ready_at = Some(entry.at),
            BookState::Printed(_) => self.printed_at = Some(entry.at),
            BookState::Allocated(_) => (self.printed_at, self.ready_at) = (None, None),
            _ => {}
        }
        self.state = next;
        self.latest = Some(done(entry, ()));
    }

    /// Headquarters cancelled a book: it counts for that book only, and not once the book was handed over.
    pub(super) fn cancelled_by_registry(&mut self, cancelled: &Done<BookCancelled>) {
        let next = BookState::Cancelled(cancelled.what.clone());
        if self.state.number() == next.number() && self.state.gives_way_to(&next) {
            self.state = next;
            self.latest = Some(Done { what: (), at: cancelled.at, by: cancelled.by.clone() });
        }
    }
}

const KEEPS_BOOKS: &[Role] = &[Role::Custody, Role::Supervisor];

/// Sets a blank aside for an application that headquarters approved and the treasury confirmed.
pub(super) fn allocate(view: &View, context: &Context<'_>, book: &BookNumber) -> Result<Vec<Fact>, Refusal> {
    let visit = context.visit_as(view, KEEPS_BOOKS)?;
    if view.is_refused() {
        return Err(Refusal::ApplicationRefused);
    }
    match &visit.book.state {
        BookState::HandedOver(_) => return Err(Refusal::AlreadyHandedOver),
        state if !state.needs_blank() => return Err(Refusal::BookNotAtThisStep),
        _ => {}
    }
    if !view.is_approved() {
        return Err(Refusal::NotApproved);
    }
    if !view.is_paid() {
        return Err(Refusal::PaymentNotConfirmed);
    }
    if (context.book_taken)(book) || visit.book.state.number() == Some(book) {
        return Err(Refusal::BookTaken);
    }
    Ok(vec![Fact::BookAllocated(BookAllocated { book: book.clone() })])
}

pub(super) fn print(view: &View, context: &Context<'_>, book: &BookNumber) -> Result<Vec<Fact>, Refusal> {
    at_step(view, context, book, |state| matches!(state, BookState::Allocated(_)))?;
    Ok(vec![Fact::BookPrinted(BookPrinted { book: book.clone() })])
}

/// A defect asks for another blank.
pub(super) fn check(
    view: &View,
    context: &Context<'_>,
    book: &BookNumber,
    defect: Option<Defect>,
) -> Result<Vec<Fact>, Refusal> {
    at_step(view, context, book, |state| matches!(state, BookState::Printed(_)))?;
    Ok(vec![Fact::BookChecked(BookChecked { book: book.clone(), defect })])
}

/// No book becomes ready while two offices serve the same applicant (DESIGN.md §6 row 2).
pub(super) fn ready(
    view: &View,
    context: &Context<'_>,
    book: &BookNumber,
    shelf: &str,
) -> Result<Vec<Fact>, Refusal> {
    at_step(view, context, book, |state| matches!(state, BookState::Passed(_)))?;
    if view.is_served_twice() {
        return Err(Refusal::ConflictOpen);
    }
    Ok(vec![Fact::BookReady(BookReady { book: book.clone(), shelf: shelf.trim().to_owned() })])
}

pub(super) fn cancel(
    view: &View,
    context: &Context<'_>,
    book: &BookNumber,
    why: &str,
) -> Result<Vec<Fact>, Refusal> {
    context.require(&[Role::Supervisor])?;
    at_step(view, context, book, |state| !state.needs_blank())?;
    Ok(vec![Fact::BookCancelled(BookCancelled { book: book.clone(), reason: reason(why)? })])
}

/// Who collects is written down with the papers shown (Permenkumham 8/2014 art. 23).
pub(super) fn hand_over(
    view: &View,
    context: &Context<'_>,
    book: &BookNumber,
    collector: &Collector,
) -> Result<Vec<Fact>, Refusal> {
    at_step(view, context, book, |state| matches!(state, BookState::Ready(_)))?;
    if view.is_served_twice() {
        return Err(Refusal::ConflictOpen);
    }
    if !collector.is_complete() {
        return Err(Refusal::CollectorIncomplete);
    }
    Ok(vec![Fact::HandedOver(HandedOver { book: book.clone(), collector: collector.clone() })])
}

impl Collector {
    /// Whether everything that must be written down is there.
    pub fn is_complete(&self) -> bool {
        let given = |texts: &[&String]| texts.iter().all(|text| !text.trim().is_empty());
        match self {
            Collector::Applicant => true,
            Collector::Family { name, identity } => given(&[name, identity]),
            Collector::Proxy { name, identity, authority } => given(&[name, identity, authority]),
        }
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
    use crate::domain::command::Command;
    use crate::domain::conflict::Conflict;
    use crate::domain::payment::Refunded;
    use crate::domain::sample::{Story, book, hand_over};
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
        let refund = Fact::Refunded(Refunded { amount_idr: 950_000, reason: "r".to_owned() });
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
}
