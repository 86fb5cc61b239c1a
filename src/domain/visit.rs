//! A visit: somebody stands at the counter, papers are checked.

use chrono::{Duration, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::actor::Role;
use super::booking::{Booked, Slot};
use super::command::{Context, reason};
use super::document::{self, CheckedDocument};
use super::fact::Fact;
use super::office::OfficeCode;
use super::payment::{AdmittedOnEvidence, Evidence, Payment};
use super::refusal::Refusal;
use super::setting::Settings;
use super::view::View;

/// When somebody came, against the booked interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Punctuality {
    /// Before the interval and its tolerance.
    Early,
    /// In time.
    OnTime,
    /// After the interval.
    Late,
}

/// The applicant stands at the counter (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrived {
    /// Early, on time or late.
    pub punctuality: Punctuality,
    /// The slot the office had on record then: shows later that it was moved meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Slot>,
    /// What the officer noted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The originals were compared with the uploads (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentsChecked {
    /// Line by line.
    pub documents: Vec<CheckedDocument>,
}

/// An arrival was entered by mistake and is taken back, before anything followed from it (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrivalWithdrawn {
    /// Why.
    pub reason: String,
}

/// The office gives up its visit, because the same applicant is served at another office (office, supervisor).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitYielded {
    /// Why.
    pub reason: String,
}

/// Headquarters settled whose visit holds when somebody was served at two offices (registry).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitChosen {
    /// The office whose visit holds.
    pub office: OfficeCode,
    /// Why.
    pub reason: String,
}

/// Somebody opened the application page (office or registry); kept for the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewed {
    /// Which page.
    pub page: String,
}

/// What an officer does for somebody who comes, in one step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receiving {
    /// The originals, line by line.
    pub documents: Vec<CheckedDocument>,
    /// What was shown instead of a payment on record; a signed proof has been verified by the caller.
    pub evidence: Option<Evidence>,
    /// What the officer noted.
    pub note: String,
    /// Why they are served outside their appointment.
    pub out_of_slot_reason: Option<String>,
}

const RECEIVES: &[Role] = &[Role::FrontDesk, Role::Supervisor];

/// The arrival, the papers and the ticket in one step. Where another office serves the applicant as well, or the case is
/// refused, nothing of it is done: there a person looks first.
pub(super) fn receive(
    view: &View,
    context: &Context<'_>,
    receiving: &Receiving,
) -> Result<Vec<Fact>, Refusal> {
    let Receiving { documents, evidence, note, out_of_slot_reason } = receiving;
    let mut facts = match evidence {
        Some(evidence) => admit_on_evidence(view, context, evidence, note)?,
        None => arrive(view, context, note, out_of_slot_reason.as_deref())?,
    };
    if view.is_refused() {
        return Err(Refusal::ApplicationRefused);
    }
    if view.visits.values().any(|visit| visit.arrived.is_some() && visit.yielded.is_none()) {
        return Err(Refusal::ConflictOpen);
    }
    facts.extend(document::on_arrival(view, context, documents)?);
    Ok(facts)
}

/// The applicant stands at the counter, paid on record. Another day of this office needs a reason; so do hours too far
/// from the appointment, where the settings say so. Otherwise early or late is only noted.
pub(super) fn arrive(
    view: &View,
    context: &Context<'_>,
    note: &str,
    other_day_reason: Option<&str>,
) -> Result<Vec<Fact>, Refusal> {
    let slot = may_come_in(view, context)?;
    let other_day_reason = other_day_reason.map(reason).transpose()?;
    if other_day_reason.is_none() {
        in_time(&slot, context)?;
    }
    match &view.payment {
        Payment::Paid { .. } => {}
        Payment::Due(bill) => return Err(Refusal::Unpaid { due_at: Some(bill.due_at) }),
        Payment::Expired(_) => return Err(Refusal::PaymentExpired),
        Payment::None | Payment::Refunded(_) => return Err(Refusal::Unpaid { due_at: None }),
    }
    let noted = [note.trim().to_owned(), other_day_reason.unwrap_or_default()];
    let note = noted.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ");
    Ok(vec![arrived(slot, context, note)])
}

/// The same on evidence of payment: *sudah bayar tetapi status menunggu* (DOMAIN.md §1.6). Provisional until the
/// payment arrives.
pub(super) fn admit_on_evidence(
    view: &View,
    context: &Context<'_>,
    evidence: &Evidence,
    note: &str,
) -> Result<Vec<Fact>, Refusal> {
    let slot = may_come_in(view, context)?;
    if slot.day != context.today {
        return Err(Refusal::OtherDay(slot));
    }
    if note.trim().is_empty() {
        in_time(&slot, context)?;
    }
    if view.is_paid() {
        return Err(Refusal::AlreadyPaid);
    }
    if let (Evidence::SignedProof { code, .. }, Some(bill)) = (evidence, view.payment.bill())
        && *code != bill.code
    {
        return Err(Refusal::ProofInvalid);
    }
    let confirm_by = context.now + Duration::days(context.settings.evidence_confirm_days.into());
    let note = note.trim().to_owned();
    let admitted = AdmittedOnEvidence { evidence: evidence.clone(), confirm_by, note };
    Ok(vec![Fact::AdmittedOnEvidence(admitted), arrived(slot, context, String::new())])
}

/// Passes on the day of the appointment, and not further from its hours than the office allows without a reason.
fn in_time(slot: &Slot, context: &Context<'_>) -> Result<(), Refusal> {
    if slot.day != context.today {
        return Err(Refusal::OtherDay(*slot));
    }
    let (now, settings) = (context.local_now(), context.settings);
    let from = slot.day.and_time(slot.from) - minutes(settings.arrival_early_minutes_max);
    let until = slot.day.and_time(slot.until) + minutes(settings.arrival_late_minutes_max);
    if now < from {
        Err(Refusal::CameEarly { slot: *slot, from: from.time() })
    } else if now >= until {
        Err(Refusal::CameLate(*slot))
    } else {
        Ok(())
    }
}

/// A duration of a setting; a day is more than any.
fn minutes(setting: u32) -> Duration {
    Duration::minutes(setting.min(24 * 60).into())
}

/// What holds for everybody who comes in: booked here, not cancelled, not here already.
fn may_come_in(view: &View, context: &Context<'_>) -> Result<Slot, Refusal> {
    let office = context.office_as(RECEIVES)?;
    let booking: &Booked = view.booking.as_ref().ok_or(Refusal::NoBooking)?;
    if let Some(visit) = view.visit(office)
        && let Some(arrived) = &visit.arrived
    {
        let ticket = visit.tickets.last().map(|ticket| ticket.number);
        return Err(Refusal::AlreadyArrived { at: arrived.at, ticket });
    }
    if view.cancelled.is_some() {
        return Err(Refusal::BookingCancelled);
    }
    if booking.office != *office {
        return Err(Refusal::OtherOffice(booking.office.clone()));
    }
    Ok(view.slot.unwrap_or(booking.slot))
}

fn arrived(slot: Slot, context: &Context<'_>, note: String) -> Fact {
    let punctuality = Punctuality::of(&slot, context.local_now(), context.settings);
    Fact::Arrived(Arrived { punctuality, slot: Some(slot), note })
}

impl Punctuality {
    /// Against a slot, with the office's tolerances; `now` on the office's wall clock.
    pub fn of(slot: &Slot, now: NaiveDateTime, settings: &Settings) -> Self {
        let from = slot.day.and_time(slot.from) - Duration::minutes(settings.arrival_early_minutes.into());
        let until = slot.day.and_time(slot.until) + Duration::minutes(settings.arrival_late_minutes.into());
        if now < from {
            Punctuality::Early
        } else if now < until {
            Punctuality::OnTime
        } else {
            Punctuality::Late
        }
    }
}

/// Takes an arrival back that was entered by mistake.
pub(super) fn withdraw_arrival(view: &View, context: &Context<'_>, why: &str) -> Result<Vec<Fact>, Refusal> {
    let office = context.office_as(RECEIVES)?;
    let visit = view.visit(office).filter(|visit| visit.arrived.is_some()).ok_or(Refusal::NotArrived)?;
    let reason = reason(why)?;
    if visit.has_progress() {
        return Err(Refusal::TooLate);
    }
    Ok(vec![Fact::ArrivalWithdrawn(ArrivalWithdrawn { reason })])
}

/// This office gives its visit up, because another office serves the applicant.
pub(super) fn yield_visit(view: &View, context: &Context<'_>, why: &str) -> Result<Vec<Fact>, Refusal> {
    let office = context.office_as(&[Role::Supervisor])?;
    let visit = view.visit(office).filter(|visit| visit.arrived.is_some()).ok_or(Refusal::NotArrived)?;
    let elsewhere = view
        .visits
        .iter()
        .any(|(code, other)| code != office && other.arrived.is_some() && other.yielded.is_none());
    if visit.yielded.is_some() || !elsewhere {
        return Err(Refusal::TooLate);
    }
    Ok(vec![Fact::VisitYielded(VisitYielded { reason: reason(why)? })])
}

/// Headquarters settles whose visit holds.
pub(super) fn choose_visit(
    view: &View,
    context: &Context<'_>,
    office: &OfficeCode,
    why: &str,
) -> Result<Vec<Fact>, Refusal> {
    context.headquarters()?;
    let visit = view.visit(office).filter(|visit| visit.arrived.is_some()).ok_or(Refusal::NotArrived)?;
    if visit.yielded.is_some() {
        return Err(Refusal::TooLate);
    }
    Ok(vec![Fact::VisitChosen(VisitChosen { office: office.clone(), reason: reason(why)? })])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::booking::{Cancelled, Rescheduled};
    use crate::domain::command::Command;
    use crate::domain::conflict::Conflict;
    use crate::domain::payment::Refunded;
    use crate::domain::sample::{
        FULL_PAPERS, Story, arrive, at, brought, check_papers, code, expired, ntpn, office, slot,
    };
    use crate::domain::status::Status;

    fn evidence() -> Command {
        Command::AdmitOnEvidence { evidence: Evidence::Ntpn { ntpn: ntpn(1) }, note: String::new() }
    }

    fn on_other_day(reason: &str) -> Command {
        Command::Arrive { note: String::new(), other_day_reason: Some(reason.to_owned()) }
    }

    fn refunded() -> Fact {
        Fact::Refunded(Refunded { code: None, ntpn: None, amount_idr: 950_000, reason: "r".to_owned() })
    }

    #[test]
    fn an_applicant_is_let_in_only_with_a_booking_here_today_paid_and_not_yet_arrived() {
        let due_at = Some(at("2026-11-20T05:00:00Z"));
        let tomorrow = 24 * 60;
        let cancelled = Fact::BookingCancelled(Cancelled { reason: "r".to_owned() });
        let cases = [
            ("nothing booked", Story::new(), arrive(), Refusal::NoBooking),
            ("cancelled", Story::paid().registry(cancelled), arrive(), Refusal::BookingCancelled),
            ("another day", Story::paid().later(tomorrow), arrive(), Refusal::OtherDay(slot())),
            (
                "another day, blank reason",
                Story::paid().later(tomorrow),
                on_other_day(" "),
                Refusal::ReasonNeeded,
            ),
            ("no bill", Story::booked(), arrive(), Refusal::Unpaid { due_at: None }),
            ("unpaid", Story::billed(), arrive(), Refusal::Unpaid { due_at }),
            (
                "expired",
                Story::billed().registry(Fact::BillExpired(expired())),
                arrive(),
                Refusal::PaymentExpired,
            ),
            ("refunded", Story::paid().registry(refunded()), arrive(), Refusal::Unpaid { due_at: None }),
            ("evidence although paid", Story::paid(), evidence(), Refusal::AlreadyPaid),
            (
                "evidence on another day",
                Story::billed().later(tomorrow),
                evidence(),
                Refusal::OtherDay(slot()),
            ),
        ];
        for (case, story, command, expected) in cases {
            assert_eq!(story.refuses(&command), expected, "{case}");
        }
    }

    #[test]
    fn a_booking_of_another_office_is_told_where_it_is() {
        let roles = &[Role::FrontDesk];
        let refusal = Story::paid().tries_as(Some("batam"), roles, "sari", &arrive()).unwrap_err();
        assert_eq!(refusal, Refusal::OtherOffice(office("karimun")));
    }

    #[test]
    fn a_second_arrival_is_told_when_the_first_was_and_which_ticket_it_got() {
        let story = Story::waiting().later(5);
        let expected =
            Refusal::AlreadyArrived { at: at("2026-11-23T01:10:00Z"), ticket: Some(story.ticket()) };
        assert_eq!(story.refuses(&arrive()), expected);
        assert_eq!(story.refuses(&evidence()), expected);
    }

    #[test]
    fn early_and_late_are_noted_and_never_refused() {
        let cases = [(-60, Punctuality::Early), (-20, Punctuality::OnTime), (0, Punctuality::OnTime)];
        let cases = cases.into_iter().chain([(79, Punctuality::OnTime), (80, Punctuality::Late)]);
        for (minutes, expected) in cases {
            let view = Story::paid().later(minutes).does(arrive()).view();
            let arrived = view.visits[&office("karimun")].arrived.clone().unwrap().what;
            assert_eq!((arrived.punctuality, arrived.slot), (expected, Some(slot())), "{minutes}");
        }
    }

    fn receiving(kinds: &[document::DocumentKind]) -> Receiving {
        Receiving { documents: brought(kinds), ..Receiving::default() }
    }

    #[test]
    fn the_ordinary_case_is_one_step_and_comes_to_the_same_as_two() {
        let at_once = Story::paid().does(Command::Receive(receiving(FULL_PAPERS)));
        let two_steps = Story::paid().does(arrive()).does(check_papers());
        assert_eq!(at_once.view().visits, two_steps.view().visits);
        assert_eq!((at_once.status(), at_once.ticket()), (Status::Waiting, two_steps.ticket()));
    }

    #[test]
    fn a_missing_original_is_noted_and_no_ticket_is_drawn() {
        let story = Story::paid().does(Command::Receive(receiving(&FULL_PAPERS[..1])));
        assert_eq!(story.status(), Status::Arrived);
        assert!(story.view().open_ticket(&office("karimun")).is_none());
        assert_eq!(story.does(check_papers()).status(), Status::Waiting);
    }

    #[test]
    fn one_step_with_evidence_is_provisional() {
        let evidence = Some(Evidence::Ntpn { ntpn: ntpn(1) });
        let story = Story::billed().does(Command::Receive(Receiving { evidence, ..receiving(FULL_PAPERS) }));
        assert_eq!((story.status(), story.view().conflicts), (Status::Waiting, vec![Conflict::Provisional]));
    }

    #[test]
    fn one_step_is_refused_like_an_arrival_and_where_another_office_serves_the_applicant() {
        let receive = Command::Receive(receiving(FULL_PAPERS));
        assert_eq!(Story::paid().later(24 * 60).refuses(&receive), Refusal::OtherDay(slot()));
        assert!(matches!(Story::waiting().refuses(&receive), Refusal::AlreadyArrived { .. }));
        let reason = Some("server was down".to_owned());
        let other_day = Receiving { out_of_slot_reason: reason, ..receiving(FULL_PAPERS) };
        assert_eq!(Story::paid().later(24 * 60).does(Command::Receive(other_day)).status(), Status::Waiting);
        assert_eq!(Story::paid().also_arrives_at("batam").refuses(&receive), Refusal::ConflictOpen);
    }

    #[test]
    fn too_far_from_the_appointment_needs_a_reason_where_the_settings_say_so() {
        let strict =
            Settings { arrival_early_minutes_max: 30, arrival_late_minutes_max: 60, ..Settings::default() };
        let at = |minutes: i64, command: &Command| {
            Story { settings: strict.clone(), ..Story::paid().later(minutes) }.tries(command)
        };
        let from = "07:30:00".parse().unwrap();
        let early = Refusal::CameEarly { slot: slot(), from };
        // The story begins at 08:10.
        assert_eq!(at(-41, &arrive()).unwrap_err(), early);
        assert!(at(-40, &arrive()).is_ok());
        assert!(at(109, &arrive()).is_ok());
        assert_eq!(at(110, &arrive()).unwrap_err(), Refusal::CameLate(slot()));
        assert!(at(110, &on_other_day("came from another island")).is_ok());
    }

    #[test]
    fn another_day_is_possible_with_a_reason_which_is_kept() {
        let view = Story::paid().later(24 * 60).does(on_other_day("server was down")).view();
        let arrived = view.visits[&office("karimun")].arrived.clone().unwrap().what;
        assert_eq!((arrived.punctuality, arrived.note.as_str()), (Punctuality::Late, "server was down"));
        assert_eq!(view.conflicts, []);
    }

    #[test]
    fn an_admission_on_evidence_is_provisional_until_the_payment_arrives() {
        use crate::domain::sample::paid;
        let story = Story::billed().registry(Fact::BillExpired(expired())).does(evidence());
        assert_eq!((story.status(), story.view().conflicts), (Status::Arrived, vec![Conflict::Provisional]));
        assert_eq!(story.clone().registry(Fact::Paid(paid(1))).view().conflicts, [Conflict::PaidLate]);
        let other = story.registry(Fact::Paid(paid(2))).view();
        assert_eq!(other.conflicts, [Conflict::EvidenceDiffers, Conflict::PaidLate]);
    }

    #[test]
    fn a_proof_of_another_bill_is_not_valid() {
        let proof = |code| Command::AdmitOnEvidence {
            evidence: Evidence::SignedProof { code, ntpn: ntpn(1) },
            note: String::new(),
        };
        let other = crate::domain::number::BillingCode::parse("820261120000009").unwrap();
        assert_eq!(Story::billed().refuses(&proof(other)), Refusal::ProofInvalid);
        assert!(Story::billed().tries(&proof(code())).is_ok());
    }

    #[test]
    fn an_arrival_is_taken_back_only_with_a_reason_and_before_anything_followed() {
        let withdraw = |reason: &str| Command::WithdrawArrival { reason: reason.to_owned() };
        assert_eq!(Story::paid().refuses(&withdraw("r")), Refusal::NotArrived);
        assert_eq!(Story::arrived().refuses(&withdraw("")), Refusal::ReasonNeeded);
        assert_eq!(Story::waiting().refuses(&withdraw("r")), Refusal::TooLate);
        let story = Story::arrived().does(withdraw("wrong person"));
        assert_eq!(story.status(), Status::Expected);
        assert_eq!(story.does(arrive()).status(), Status::Arrived);
    }

    #[test]
    fn an_arrival_holds_against_a_change_at_the_registry() {
        let moved = Slot { day: "2026-11-30".parse().unwrap(), ..slot() };
        let rescheduled =
            Fact::Rescheduled(Rescheduled { slot: moved, reason: String::new(), reinstated: false });
        let cancelled = Fact::BookingCancelled(Cancelled { reason: "no-show".to_owned() });
        for fact in [rescheduled.clone(), cancelled] {
            let view = Story::arrived().registry(fact).view();
            assert_eq!(view.status, Status::Arrived);
            assert_eq!(view.conflicts, [Conflict::ArrivedAfterChange { office: office("karimun") }]);
        }
        let before = Story::paid().registry(rescheduled).later(7 * 24 * 60).does(arrive());
        assert_eq!(before.view().conflicts, []);
    }

    #[test]
    fn of_two_offices_the_one_with_the_booking_holds_and_the_other_is_suspended() {
        let story = Story::waiting().also_arrives_at("batam");
        let twice = Conflict::ServedTwice { holds: office("karimun"), suspended: office("batam") };
        assert_eq!(story.view().conflicts, [twice]);
        let at_batam = story.tries_as(Some("batam"), &[Role::FrontDesk], "sari", &check_papers());
        assert_eq!(at_batam.unwrap_err(), Refusal::ConflictOpen);
        assert!(story.tries(&crate::domain::sample::portrait()).is_ok());
    }

    #[test]
    fn without_the_booking_the_earlier_arrival_holds_then_the_smaller_code() {
        let first = |story: Story| story.view().holding.unwrap().to_string();
        assert_eq!(first(Story::new().also_arrives_at("dumai").later(1).also_arrives_at("batam")), "dumai");
        assert_eq!(first(Story::new().also_arrives_at("dumai").also_arrives_at("batam")), "batam");
    }

    #[test]
    fn a_double_visit_is_settled_by_the_other_office_or_by_headquarters() {
        let why = || "served here first".to_owned();
        let story = Story::waiting().also_arrives_at("batam");
        let given_up = story.clone().does_at("batam", Command::YieldVisit { reason: why() });
        assert_eq!(given_up.view().conflicts, []);
        let choose = |code| Command::ChooseVisit { office: office(code), reason: why() };
        let chosen = story.clone().headquarters(choose("batam")).view();
        assert_eq!((chosen.holding, chosen.conflicts), (Some(office("batam")), vec![]));

        let alone = Story::waiting();
        assert_eq!(alone.refuses(&Command::YieldVisit { reason: why() }), Refusal::TooLate);
        assert_eq!(alone.headquarters_refuses(&choose("batam")), Refusal::NotArrived);
        assert_eq!(given_up.headquarters_refuses(&choose("batam")), Refusal::TooLate);
        let blank = Command::ChooseVisit { office: office("batam"), reason: String::new() };
        assert_eq!(story.headquarters_refuses(&blank), Refusal::ReasonNeeded);
        assert_eq!(story.refuses(&Command::YieldVisit { reason: String::new() }), Refusal::ReasonNeeded);
    }
}
