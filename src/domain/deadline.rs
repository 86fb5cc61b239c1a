//! By when a passport must be issued: so many working days after the interview (Permenkumham 8/2014 art. 22), by the
//! office's own calendar.

use chrono::{DateTime, NaiveDate, Utc};

use super::book::stage::SpriStage;
use super::office::{OfficeCode, Zone};
use super::service::{ApplicationKind, ReplacementReason};
use super::setting::Settings;
use super::status::Status;
use super::view::{View, Visit};

/// From when the days count, while an office still owes a passport. Nothing for a lost or damaged one, for which no
/// days are set (DOMAIN.md §2.1), and nothing before the interview or once the book is there.
pub fn issue_counts_from(view: &View, office: &OfficeCode) -> Option<DateTime<Utc>> {
    use Status as S;
    let is_due = matches!(
        view.status,
        S::AwaitingDecision | S::Approved | S::BookAllocated | S::BookPrinted | S::BookPassed
    );
    let visit = view.visit(office).filter(|_| is_due && view.holding.as_ref() == Some(office))?;
    let is_issued = visit.book.stage() == Some(SpriStage::Issue);
    if is_issued || is_without_days(view) { None } else { interviewed_at(visit) }
}

/// When the interview was passed. Of one that only a report tells, the day is that of the arrival.
fn interviewed_at(visit: &Visit) -> Option<DateTime<Utc>> {
    let passed = visit.interview.as_ref().filter(|_| visit.is_passed()).map(|interview| interview.at);
    passed.or_else(|| visit.arrived.as_ref().map(|arrived| arrived.at))
}

fn is_without_days(view: &View) -> bool {
    use ReplacementReason as Why;
    let kind = view.booking.as_ref().map(|booking| booking.service.kind);
    let lost = [Why::Lost, Why::Damaged, Why::LostByDisaster, Why::DamagedByDisaster];
    matches!(kind, Some(ApplicationKind::Replacement(why)) if lost.contains(&why))
}

/// The last day to issue it. How many days it takes is asked of the day of the interview, which days are worked of the
/// calendar that is known now.
pub fn issue_due(counts_from: DateTime<Utc>, zone: Zone, then: &Settings, now: &Settings) -> NaiveDate {
    now.calendar.add_working_days(zone.day(counts_from), then.issue_working_days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::book::stage::Reported;
    use crate::domain::command::Command;
    use crate::domain::fact::Fact;
    use crate::domain::sample::{Story, book, booking, hand_over, office};
    use serde_json::json;

    fn from(story: &Story) -> Option<DateTime<Utc>> {
        issue_counts_from(&story.view(), &office("karimun"))
    }

    #[test]
    fn the_days_count_from_the_interview_until_the_book_is_there() {
        let interviewed = Story::interviewed();
        assert_eq!(from(&Story::captured()), None);
        assert_eq!(from(&interviewed.clone().later(600)), Some(interviewed.now));
        for story in [Story::approved(), Story::approved().does(Command::AllocateBook(book(1)))] {
            assert_eq!(from(&story), Some(interviewed.now));
        }
        assert_eq!(from(&Story::ready()), None);
        assert_eq!(from(&Story::ready().does(hand_over(1))), None);
        assert_eq!(issue_counts_from(&interviewed.view(), &office("batam")), None);
    }

    #[test]
    fn an_interview_that_a_report_tells_counts_from_the_arrival() {
        let reported = |stage| Command::ImportStage(Reported { stage, report: String::new(), born_on: None });
        let arrived = Story::arrived();
        let told = arrived.clone().later(600).does(reported(SpriStage::Interview));
        assert_eq!(from(&told), Some(arrived.now));
        assert_eq!(from(&told.does(reported(SpriStage::Issue))), None);
    }

    #[test]
    fn nothing_is_set_for_a_lost_or_damaged_passport() {
        for (why, counts) in [
            (ReplacementReason::Lost, false),
            (ReplacementReason::Damaged, false),
            (ReplacementReason::Full, true),
        ] {
            let mut booked = booking();
            booked.service.kind = ApplicationKind::Replacement(why);
            let story = Story::new().registry(Fact::Booked(booked)).does(Command::AdmitOnEvidence {
                evidence: crate::domain::payment::Evidence::Ntpn { ntpn: crate::domain::sample::ntpn(1) },
                note: String::new(),
            });
            let reported = Reported { stage: SpriStage::Interview, report: String::new(), born_on: None };
            let story = story.does(Command::ImportStage(reported));
            assert_eq!(from(&story).is_some(), counts, "{why:?}");
        }
    }

    #[test]
    fn holidays_of_the_office_put_the_day_off_and_a_new_rule_counts_for_later_interviews() {
        let then = Settings::default();
        let thursday = "2026-11-19T02:00:00Z".parse().unwrap();
        let due = |then: &Settings, now: &Settings| issue_due(thursday, Zone::Wib, then, now).to_string();
        assert_eq!(due(&then, &Settings::default()), "2026-11-25");
        let holidays = json!({ "holidays": ["2026-11-23"] });
        let now = Settings::default().with("calendar", &holidays).unwrap();
        assert_eq!(due(&then, &now), "2026-11-26");
        let quicker = now.with("issue-working-days", &json!(3)).unwrap();
        assert_eq!(due(&then, &quicker), "2026-11-26", "the rule of the day of the interview");
        assert_eq!(due(&quicker, &quicker), "2026-11-25");
    }
}
