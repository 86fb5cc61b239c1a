//! `/applications/{number}/book`: the book, one step at a time; `/books`: every book that is not handed over yet.

use askama::Template;
use chrono::NaiveDate;

use crate::domain::book::{BookReady, BookState, Collector, Defect};
use crate::domain::mrz::{self, MachineReadableZone};
use crate::domain::number::BookNumber;
use crate::domain::office::OfficeCode;
use crate::domain::status::Status;
use crate::domain::step::NextStep;
use crate::domain::view::{View, Visit};
use crate::office::store::Summary;
use crate::office::web::KEEPS_BOOKS;
use crate::office::web::head::{Choice, Head, who_when};
use crate::web::page::Shell;
use crate::web::words::names;

/// The page of one book.
#[derive(Template)]
#[template(path = "office/books/book.html")]
pub struct BookPage {
    shell: Shell,
    head: Head,
    steps: Vec<Step>,
    next: Next,
    defects: Vec<Choice>,
    /// The book this officer may cancel.
    cancels: Option<String>,
}

/// One of the five steps.
pub struct Step {
    name: String,
    state: &'static str,
    done: String,
}

/// What is to be done now.
pub enum Next {
    /// Nothing can be done here now; why.
    Waits(String),
    /// A blank is set aside; what became of the one before, if there was one.
    Allocate(Option<Before>),
    /// It is printed.
    Print(Printed),
    /// It is looked at.
    Check(Printed),
    /// It is stored.
    Ready(String),
    /// It is handed over.
    HandOver(Waiting),
    /// It is gone.
    Gone(Outcome),
}

/// A book that another one takes the place of.
pub struct Before {
    title: String,
    what: String,
}

/// A book whose data page is printed: what must stand on it.
pub struct Printed {
    number: String,
    /// The two lines of the machine-readable zone; none when nothing of the name can stand in them.
    zone: Option<MachineReadableZone>,
}

/// A book that waits in the safe.
pub struct Waiting {
    number: String,
    shelf: String,
    days: i64,
    chosen: String,
}

/// What became of a book.
pub struct Outcome {
    title: String,
    number: String,
    remarks: Vec<String>,
}

/// The defects with the words forms send.
pub const DEFECTS: [(&str, Defect); 4] =
    [("print", Defect::Print), ("data", Defect::Data), ("chip", Defect::Chip), ("book", Defect::Book)];

impl BookPage {
    /// Draws the book of an application at an office, from so many facts and with the steps this officer may take.
    pub fn of(shell: Shell, view: &View, here: &OfficeCode, (seen, can): (usize, &[NextStep])) -> Self {
        let head = Head::of(&shell, view, here, seen);
        let visit = view.visit(here);
        let state = visit.map_or(&BookState::None, |visit| &visit.book.state);
        let next = next(&shell, view, (visit, state), can);
        let steps = steps(&shell, visit, view, state);
        let choice = |(value, defect)| Choice {
            value,
            name: names::defect(shell.words, defect),
            ticked: shell.typed("defect") == value,
        };
        let defects = DEFECTS.into_iter().map(choice).collect();
        let cancels = state.number().filter(|_| can.contains(&NextStep::CancelBook)).map(ToString::to_string);
        Self { shell, head, steps, next, defects, cancels }
    }
}

fn next(shell: &Shell, view: &View, (visit, state): (Option<&Visit>, &BookState), can: &[NextStep]) -> Next {
    let words = shell.words;
    match state {
        // SPRI has issued it: the number may be scanned here for the first time.
        state if is_issued(view, visit, state) => {
            let since = visit.and_then(|visit| visit.book.ready_at).unwrap_or(shell.now);
            let number = state.number().filter(|_| !state.needs_blank()).map(ToString::to_string);
            Next::HandOver(Waiting {
                number: number.unwrap_or_default(),
                shelf: String::new(),
                days: (shell.now - since).num_days().max(0),
                chosen: shell.typed("collector").to_owned(),
            })
        }
        BookState::None if view.is_refused() => Next::Waits(words.book_refused_decision()),
        // A report may have told of the decision before it came over the line.
        BookState::None if !view.is_approved() && !can.contains(&NextStep::AllocateBook) => {
            Next::Waits(words.book_waits_decision())
        }
        BookState::None => Next::Allocate(None),
        BookState::Defective(book, defect) => {
            let what = names::defect(words, *defect);
            let what = words.book_defective_what(book.as_str(), what);
            Next::Allocate(Some(Before { title: words.book_defective_title(), what }))
        }
        BookState::Allocated(book) => Next::Print(printed(view, book, shell.dates.zone.day(shell.now))),
        BookState::Printed(book) => {
            let printed_at =
                visit.and_then(|visit| visit.book.latest.as_ref()).map_or(shell.now, |done| done.at);
            Next::Check(printed(view, book, shell.dates.zone.day(printed_at)))
        }
        BookState::Passed(book) => Next::Ready(book.to_string()),
        BookState::Ready(BookReady { book, shelf }) => {
            let since = visit.and_then(|visit| visit.book.ready_at).unwrap_or(shell.now);
            let days = (shell.now - since).num_days().max(0);
            let chosen = shell.typed("collector").to_owned();
            Next::HandOver(Waiting { number: book.to_string(), shelf: shelf.clone(), days, chosen })
        }
        BookState::HandedOver(handed) => Next::Gone(Outcome {
            title: words.book_handed_title(),
            number: handed.book.to_string(),
            remarks: vec![collector(shell, &handed.collector), latest(shell, visit)],
        }),
        BookState::Cancelled(cancelled) if can.contains(&NextStep::AllocateBook) => {
            let what = words.book_defective_what(cancelled.book.as_str(), cancelled.reason.as_str());
            Next::Allocate(Some(Before { title: words.book_cancelled_title(), what }))
        }
        BookState::Cancelled(cancelled) => Next::Gone(Outcome {
            title: words.book_cancelled_title(),
            number: cancelled.book.to_string(),
            remarks: vec![cancelled.reason.clone(), latest(shell, visit)],
        }),
    }
}

fn is_issued(view: &View, visit: Option<&Visit>, state: &BookState) -> bool {
    !matches!(state, BookState::Ready(_)) && visit.is_some_and(|visit| visit.book.is_ready(view))
}

fn printed(view: &View, book: &BookNumber, issued_on: NaiveDate) -> Printed {
    let zone = view.booking.as_ref().and_then(|booking| mrz::of(booking, book, issued_on).ok());
    Printed { number: book.to_string(), zone }
}

fn collector(shell: &Shell, collector: &Collector) -> String {
    let words = shell.words;
    match collector {
        Collector::Applicant => words.book_collector_self(),
        Collector::Family { name, identity } => {
            format!("{}: {name}, {identity}", words.book_collector_family())
        }
        Collector::Proxy { name, identity, authority } => {
            format!("{}: {name}, {identity}, {authority}", words.book_collector_proxy())
        }
    }
}

fn latest(shell: &Shell, visit: Option<&Visit>) -> String {
    let done = visit.and_then(|visit| visit.book.latest.as_ref());
    done.map(|done| who_when(shell, done)).unwrap_or_default()
}

fn steps(shell: &Shell, visit: Option<&Visit>, view: &View, state: &BookState) -> Vec<Step> {
    let words = shell.words;
    let reached = match state {
        state if is_issued(view, visit, state) => 4,
        BookState::None | BookState::Defective(..) | BookState::Cancelled(_) => 0,
        BookState::Allocated(_) => 1,
        BookState::Printed(_) => 2,
        BookState::Passed(_) => 3,
        BookState::Ready(_) => 4,
        BookState::HandedOver(_) => 5,
    };
    let step = |(index, name)| Step {
        name,
        state: match index {
            index if index < reached => "done",
            index if index == reached => "now",
            _ => "later",
        },
        done: if index + 1 == reached { latest(shell, visit) } else { String::new() },
    };
    let all = [
        words.book_step_allocate(),
        words.book_step_print(),
        words.book_step_check(),
        words.book_step_ready(),
        words.book_step_hand_over(),
    ];
    all.into_iter().enumerate().map(step).collect()
}

/// The list of books.
#[derive(Template)]
#[template(path = "office/books/list.html")]
pub struct BooksPage {
    shell: Shell,
    groups: Vec<Group>,
    /// Whether this officer takes reports over.
    keeps: bool,
}

/// Books at about the same step.
pub struct Group {
    id: &'static str,
    title: String,
    rows: Vec<BookRow>,
}

/// One book.
pub struct BookRow {
    address: String,
    book: String,
    name: String,
    status: String,
    since: String,
}

impl BooksPage {
    /// Lists the books among these applications.
    pub fn of(shell: Shell, lines: &[Summary]) -> Self {
        let words = shell.words;
        let group = |id, title, wanted: &[Status]| {
            let fits = lines.iter().filter(|line| wanted.contains(&line.status));
            Group { id, title, rows: fits.map(|line| row(&shell, line)).collect() }
        };
        let groups = vec![
            group("ready", words.book_list_ready(), &[Status::Ready]),
            group(
                "work",
                words.book_list_work(),
                &[Status::BookAllocated, Status::BookPrinted, Status::BookPassed],
            ),
            group("allocate", words.book_list_allocate(), &[Status::Approved]),
        ];
        Self { groups, keeps: shell.may(KEEPS_BOOKS), shell }
    }
}

fn row(shell: &Shell, line: &Summary) -> BookRow {
    let number = line.number.as_ref().map_or("", |number| number.as_str());
    BookRow {
        address: format!("/applications/{number}/book"),
        book: line.book.as_ref().map(ToString::to_string).unwrap_or_default(),
        name: line.name.clone(),
        status: names::status(shell.words, line.status),
        since: line.ready_at.map(|at| shell.dates.since(at, shell.now)).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Role;
    use crate::domain::command::Command;
    use crate::domain::sample::{Story, book, hand_over, office};
    use crate::domain::step::next_steps;
    use crate::office::web::preview;
    use crate::web::page::sample;

    fn page(story: &Story) -> String {
        let shell = preview::shell("/applications/1179000000000001/book");
        let roles = [Role::Custody, Role::Supervisor];
        let steps =
            story.with_context(Some("karimun"), &roles, "sari", |context| next_steps(&story.view(), context));
        sample::content(&BookPage::of(shell, &story.view(), &office("karimun"), (12, &steps)))
    }

    #[test]
    fn before_approval_there_is_nothing_to_do() {
        insta::assert_snapshot!(page(&Story::interviewed()));
    }

    #[test]
    fn a_spoilt_book_asks_for_another_blank() {
        let spoilt = Story::approved()
            .does(Command::AllocateBook(book(1)))
            .does(Command::PrintBook(book(1)))
            .does(Command::CheckBook { book: book(1), defect: Some(Defect::Chip) });
        insta::assert_snapshot!(page(&spoilt));
    }

    #[test]
    fn what_is_printed_is_compared_with_the_two_lines_of_the_zone() {
        let allocated = || Story::approved().does(Command::AllocateBook(book(1)));
        let printed = allocated().does(Command::PrintBook(book(1)));
        for page in [page(&allocated()), page(&printed)] {
            assert!(page.contains("P&#60;IDNSANTOSO&#60;&#60;BUDI&#60;"), "{page}");
            assert!(page.contains("X0000001&#60;4IDN9001011M3611"), "{page}");
        }
    }

    #[test]
    fn a_ready_book_is_handed_over_to_somebody_with_papers() {
        insta::assert_snapshot!(page(&Story::ready()));
    }

    #[test]
    fn a_cancelled_book_says_why_and_asks_for_another_blank() {
        let cancel = Command::CancelBook { book: book(1), reason: "salah cetak nama".to_owned() };
        let page = page(&Story::ready().does(cancel));
        assert!(page.contains("Buku dibatalkan") && page.contains("X0000001: salah cetak nama"), "{page}");
        assert!(page.contains("Alokasikan blangko") && !page.contains("book/cancel"), "{page}");
    }

    #[test]
    fn a_handed_over_book_says_who_took_it() {
        insta::assert_snapshot!(page(&Story::ready().does(hand_over(1))));
    }

    #[test]
    fn the_list_stands_in_the_order_of_the_way_out() {
        let line = |story: Story| Summary::of(&story.view(), &office("karimun"));
        let lines = [line(Story::ready()), line(Story::approved())];
        insta::assert_snapshot!(sample::content(&BooksPage::of(preview::shell("/books"), &lines)));
    }
}
