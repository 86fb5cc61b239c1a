//! What reports of SPRI, headquarters' own system for passports, say of an application's book. A report stands beside
//! what the office did itself and lifts it, never the other way (docs/decisions/0030).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Book, BookState};
use crate::domain::application::Entry;
use crate::domain::command::Context;
use crate::domain::fact::Fact;
use crate::domain::refusal::Refusal;
use crate::domain::view::{View, Visit, done};

/// A stage that SPRI writes a report about, in its order (DOMAIN.md §2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpriStage {
    /// *Wawancara.*
    Interview,
    /// *Alokasi.*
    Allocation,
    /// *Pencetakan.*
    Printing,
    /// *Penerbitan*: the book is done.
    Issue,
}

impl SpriStage {
    /// All of them in their order, with the words forms send.
    pub const ALL: [(&'static str, SpriStage); 4] = [
        ("interview", SpriStage::Interview),
        ("allocation", SpriStage::Allocation),
        ("printing", SpriStage::Printing),
        ("issue", SpriStage::Issue),
    ];
}

/// A report of SPRI names the application at a stage (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookStageImported {
    /// Which stage.
    pub stage: SpriStage,
    /// Tells the report's file from others: the beginning of its hash in hexadecimal.
    pub report: String,
}

/// What one line of a report says of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// The stage of the report.
    pub stage: SpriStage,
    /// See [`BookStageImported::report`].
    pub report: String,
    /// The date of birth in the line, if the report has one.
    pub born_on: Option<NaiveDate>,
}

/// Takes over what a report says. Nothing follows when the application is at least as far already: the same report
/// again changes nothing. A decision that has not come over the line yet hinders nothing, for SPRI goes on only after it.
pub(in crate::domain) fn import(
    view: &View,
    context: &Context<'_>,
    reported: &Reported,
) -> Result<Vec<Fact>, Refusal> {
    let visit = context.visit_as(view, super::rules::KEEPS_BOOKS)?;
    if view.is_refused() {
        return Err(Refusal::ApplicationRefused);
    }
    let born_on = view.booking.as_ref().map(|booking| booking.applicant.born_on);
    if reported.born_on.is_some_and(|told| born_on.is_some_and(|booked| booked != told)) {
        return Err(Refusal::BirthDateDiffers);
    }
    if reached(visit).is_some_and(|reached| reported.stage <= reached) {
        return Ok(Vec::new());
    }
    if matches!(visit.book.state, BookState::Cancelled(_)) {
        return Err(Refusal::BookWasCancelled);
    }
    let Reported { stage, report, .. } = reported.clone();
    Ok(vec![Fact::BookStageImported(BookStageImported { stage, report })])
}

/// The furthest stage the office's own steps or earlier reports have reached. A spoilt book counts as printed: only the
/// issue of another one is news.
fn reached(visit: &Visit) -> Option<SpriStage> {
    let own = match visit.book.state {
        BookState::None if visit.is_passed() => Some(SpriStage::Interview),
        BookState::None | BookState::Cancelled(_) => None,
        BookState::Allocated(_) => Some(SpriStage::Allocation),
        BookState::Printed(_) | BookState::Passed(_) | BookState::Defective(..) => Some(SpriStage::Printing),
        BookState::Ready(_) | BookState::HandedOver(_) => Some(SpriStage::Issue),
    };
    own.max(visit.book.reported_ever)
}

impl Book {
    /// A report that lags behind an earlier one, or is about a book that is over, changes nothing.
    pub(super) fn join_report(&mut self, entry: &Entry, imported: &BookStageImported) {
        let stage = imported.stage;
        self.reported_ever = self.reported_ever.max(Some(stage));
        let is_over = matches!(self.state, BookState::HandedOver(_) | BookState::Cancelled(_));
        if is_over || self.reported.as_ref().is_some_and(|before| stage <= before.what) {
            return;
        }
        self.reported = Some(done(entry, stage));
        if stage >= SpriStage::Printing {
            self.printed_at.get_or_insert(entry.at);
        }
        if stage == SpriStage::Issue {
            self.ready_at.get_or_insert(entry.at);
        }
    }

    /// The book that reports spoke of is no more: what they said does not hold for the next one.
    pub(super) fn forget_reports(&mut self) {
        (self.reported, self.printed_at, self.ready_at) = (None, None, None);
    }

    /// The stage that reports lift the book to.
    pub fn stage(&self) -> Option<SpriStage> {
        self.reported.as_ref().map(|reported| reported.what)
    }

    /// Whether the book may be handed over: it was put on the shelf here, or SPRI has issued it, the payment is on
    /// record and nothing hinders it.
    pub fn is_ready(&self, view: &View) -> bool {
        match self.state {
            BookState::Ready(_) => true,
            BookState::HandedOver(_) | BookState::Cancelled(_) => false,
            _ => {
                let hindered = !view.is_paid() || view.is_refused() || view.is_served_twice();
                self.stage() == Some(SpriStage::Issue) && !hindered
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Role;
    use crate::domain::book::Defect;
    use crate::domain::command::Command;
    use crate::domain::conflict::Conflict;
    use crate::domain::decision::Refused;
    use crate::domain::interview::Outcome;
    use crate::domain::payment::Evidence;
    use crate::domain::sample::{Story, at, book, check_papers, hand_over, interview, ntpn, paid};
    use crate::domain::status::Status;
    use crate::domain::ticket::Stage;

    fn reports(stage: SpriStage) -> Command {
        Command::ImportStage(Reported { stage, report: "0123456789abcdef".to_owned(), born_on: None })
    }

    #[test]
    fn a_report_lifts_an_application_and_never_takes_it_back() {
        let mut story = Story::arrived();
        for (stage, status) in [
            (SpriStage::Interview, Status::AwaitingDecision),
            (SpriStage::Printing, Status::BookPrinted),
            (SpriStage::Allocation, Status::BookPrinted),
            (SpriStage::Issue, Status::Ready),
            (SpriStage::Interview, Status::Ready),
        ] {
            story = story.later(5).does(reports(stage));
            assert_eq!(story.status(), status, "{stage:?}");
        }
        assert_eq!(story.tries(&reports(SpriStage::Issue)), Ok(Vec::new()), "the same again changes nothing");
    }

    #[test]
    fn own_steps_that_are_further_are_not_taken_back() {
        for stage in [SpriStage::Interview, SpriStage::Allocation, SpriStage::Printing, SpriStage::Issue] {
            assert_eq!(Story::ready().tries(&reports(stage)), Ok(Vec::new()));
        }
        let allocated = Story::approved().does(Command::AllocateBook(book(1)));
        assert_eq!(allocated.tries(&reports(SpriStage::Allocation)), Ok(Vec::new()));
        let issued = allocated.does(reports(SpriStage::Issue));
        assert_eq!(issued.status(), Status::Ready);
        assert_eq!(issued.refuses(&hand_over(2)), Refusal::OtherBook { expected: book(1) });
        assert_eq!(issued.clone().does(Command::PrintBook(book(1))).status(), Status::Ready);
        assert_eq!(issued.does(hand_over(1)).status(), Status::HandedOver);
    }

    #[test]
    fn an_issued_book_is_handed_over_under_the_number_that_is_scanned() {
        let issued = Story::interviewed().does(reports(SpriStage::Issue));
        assert_eq!(issued.view().held().unwrap().book.ready_at, Some(issued.now));
        let stored = issued.later(60).does(Command::BookReady { book: book(4), shelf: "B-2".to_owned() });
        assert_eq!(stored.view().held().unwrap().book.ready_at, Some(at("2026-11-23T01:10:00Z")));
        assert_eq!(stored.refuses(&hand_over(5)), Refusal::OtherBook { expected: book(4) });
        let mut taken = Story::interviewed().does(reports(SpriStage::Issue));
        taken.taken = vec![book(9)];
        assert_eq!(taken.refuses(&hand_over(9)), Refusal::BookTaken);
        let called = Story::arrived().does(reports(SpriStage::Issue));
        let called = called.does(Command::IssueTicket { stage: Stage::Collection });
        assert_eq!(called.does(hand_over(4)).status(), Status::HandedOver);
    }

    #[test]
    fn an_issued_book_waits_for_the_payment_and_is_ready_when_it_comes() {
        let evidence = Evidence::Ntpn { ntpn: ntpn(1) };
        let provisional = Story::billed()
            .does(Command::AdmitOnEvidence { evidence, note: String::new() })
            .does(check_papers())
            .captures()
            .does(interview(Outcome::Passed))
            .does(reports(SpriStage::Issue));
        assert_eq!(provisional.status(), Status::BookPassed);
        assert_eq!(provisional.refuses(&hand_over(1)), Refusal::PaymentNotConfirmed);
        let confirmed = provisional.registry(Fact::Paid(paid(1)));
        assert_eq!(confirmed.status(), Status::Ready);
    }

    #[test]
    fn a_refusal_and_an_issue_are_two_truths_and_the_refusal_holds() {
        let issued = Story::interviewed().does(reports(SpriStage::Issue));
        let refused = issued.registry(Fact::Refused(Refused { round: 1, reason: "r".to_owned() }));
        assert_eq!(
            (refused.status(), refused.view().conflicts),
            (Status::Refused, vec![Conflict::IssuedAndRefused])
        );
        assert_eq!(refused.refuses(&hand_over(1)), Refusal::ApplicationRefused);
        assert_eq!(refused.refuses(&reports(SpriStage::Issue)), Refusal::ApplicationRefused);
    }

    #[test]
    fn whoever_never_came_or_was_born_on_another_day_is_refused() {
        assert_eq!(Story::paid().refuses(&reports(SpriStage::Issue)), Refusal::NotArrived);
        let other = Reported {
            stage: SpriStage::Issue,
            report: String::new(),
            born_on: Some("1990-01-02".parse().unwrap()),
        };
        let same = Reported { born_on: Some("1990-01-01".parse().unwrap()), ..other.clone() };
        assert_eq!(Story::arrived().refuses(&Command::ImportStage(other)), Refusal::BirthDateDiffers);
        assert_eq!(Story::arrived().does(Command::ImportStage(same)).status(), Status::Ready);
        let by_desk = Story::arrived().tries_as(
            Some("karimun"),
            &[Role::FrontDesk, Role::Interviewer],
            "ani",
            &reports(SpriStage::Issue),
        );
        assert_eq!(by_desk, Err(Refusal::NotAllowed));
    }

    #[test]
    fn what_reports_said_of_a_cancelled_or_spoilt_book_does_not_hold_for_the_next() {
        let ready = Story::interviewed()
            .does(reports(SpriStage::Issue))
            .does(Command::BookReady { book: book(1), shelf: String::new() });
        let cancelled = ready.does(Command::CancelBook { book: book(1), reason: "not collected".to_owned() });
        assert_eq!(cancelled.status(), Status::Cancelled);
        assert_eq!(cancelled.tries(&reports(SpriStage::Issue)), Ok(Vec::new()), "the old report again");
        let spoilt = Story::approved()
            .does(Command::AllocateBook(book(1)))
            .does(Command::PrintBook(book(1)))
            .does(reports(SpriStage::Printing))
            .does(Command::CheckBook { book: book(1), defect: Some(Defect::Chip) });
        assert_eq!(spoilt.status(), Status::Approved);
        assert_eq!(spoilt.tries(&reports(SpriStage::Printing)), Ok(Vec::new()));
        let not_decided = Story::interviewed()
            .does(reports(SpriStage::Allocation))
            .does(Command::AllocateBook(book(1)))
            .does(Command::PrintBook(book(1)))
            .does(Command::CheckBook { book: book(1), defect: Some(Defect::Chip) });
        assert_eq!(not_decided.does(Command::AllocateBook(book(2))).status(), Status::BookAllocated);
        assert_eq!(spoilt.clone().does(reports(SpriStage::Issue)).status(), Status::Ready);
        assert_eq!(spoilt.does(Command::AllocateBook(book(2))).status(), Status::BookAllocated);
    }
}
