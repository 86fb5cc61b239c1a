//! The book: from a blank's number to the hand that takes it.

use serde::{Deserialize, Serialize};

use super::application::Entry;
use super::fact::Fact;
use super::number::BookNumber;
use super::view::{Book, Done, done};

pub(super) mod rules;
pub mod stage;

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
        if let Fact::BookStageImported(imported) = &entry.fact {
            return self.join_report(entry, imported);
        }
        let Some(next) = BookState::from_fact(&entry.fact) else { return };
        if let BookState::HandedOver(handed) = &next {
            self.handed_over.insert(handed.book.clone());
        }
        if !self.state.gives_way_to(&next) {
            return;
        }
        match next {
            BookState::Ready(_) => _ = self.ready_at.get_or_insert(entry.at),
            BookState::Printed(_) => _ = self.printed_at.get_or_insert(entry.at),
            BookState::Defective(..) | BookState::Cancelled(_) => self.forget_reports(),
            BookState::Allocated(_) if !self.state.needs_blank() => self.forget_reports(),
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
            self.forget_reports();
            self.latest = Some(Done { what: (), at: cancelled.at, by: cancelled.by.clone() });
        }
    }
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
