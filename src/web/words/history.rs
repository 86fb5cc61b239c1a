//! Facts as sentences of the history. What somebody noted stands apart, because it is theirs and not ours.

use super::{L10nLanguage, names, settings};
use crate::domain::backup::{OpenedBy, size};
use crate::domain::book::Collector;
use crate::domain::booking::Slot;
use crate::domain::capture::Finger;
use crate::domain::damage::FolderPart;
use crate::domain::document::{CheckedDocument, Seen};
use crate::domain::erasure::Why;
use crate::domain::fact::Fact;
use crate::domain::interview::{Interviewed, Outcome};
use crate::domain::key_protection::KeyProtectionChanged;
use crate::domain::payment::Evidence;
use crate::domain::review::Verdict;
use crate::web::dates::{Dates, grouped};

/// What happened, and what was noted with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// What happened.
    pub what: String,
    /// The note, the reason; may be empty.
    pub note: String,
}

fn plain(what: String) -> Sentence {
    Sentence { what, note: String::new() }
}

fn noted(what: String, note: &str) -> Sentence {
    Sentence { what, note: note.to_owned() }
}

/// Puts a fact about an application into words.
#[expect(clippy::too_many_lines, reason = "a table: one fact, its words")]
pub fn tell(w: &L10nLanguage, dates: &Dates, fact: &Fact) -> Sentence {
    let appointment = |slot: &Slot| format!("{}, {}", dates.long_day(slot.day), dates.interval(slot));
    match fact {
        Fact::Booked(it) => plain(w.history_booked(appointment(&it.slot))),
        Fact::Rescheduled(it) if it.reinstated => plain(w.history_reinstated(appointment(&it.slot))),
        Fact::Rescheduled(it) => noted(w.history_rescheduled(appointment(&it.slot)), &it.reason),
        Fact::BookingCancelled(it) => noted(w.history_booking_cancelled(), &it.reason),
        Fact::Billed(it) => plain(w.history_billed(dates.rupiah(it.amount_idr), it.code.as_str())),
        Fact::Paid(it) => {
            noted(w.history_paid(dates.rupiah(it.amount_idr), grouped(it.ntpn.as_str())), &it.channel)
        }
        Fact::BillExpired(_) => plain(w.history_bill_expired()),
        Fact::Refunded(it) => noted(w.history_refunded(dates.rupiah(it.amount_idr)), &it.reason),
        Fact::Approved(it) => noted(w.history_approved(), &it.note),
        Fact::Refused(it) => noted(w.history_refused(), &it.reason),
        Fact::ApplicantTold(it) => noted(w.history_told(told_about(w, &it.about)), &it.by),
        Fact::VisitChosen(it) => noted(w.history_visit_chosen(names::office(&it.office)), &it.reason),
        Fact::NodeGranted(_) => plain(w.history_node_granted()),
        Fact::NodeRevoked(it) => noted(w.history_node_revoked(), &it.reason),
        Fact::RecordsAccepted(it) => noted(w.history_records_accepted(), &it.reason),
        Fact::RecordsLeftAside(it) => noted(w.history_records_left_aside(), &it.reason),
        Fact::PersonErased(it) => {
            let why = match it.why {
                Why::Retention => w.history_erased_retention(it.proposed_by.as_str()),
                Why::Request => w.history_erased_request(it.proposed_by.as_str()),
            };
            noted(why, &it.basis)
        }
        Fact::NumbersReserved(it) => plain(w.history_numbers_reserved(it.count, it.first.as_str())),
        Fact::RegisteredHere(it) => {
            let channel = names::channel(w, it.booking.service.channel);
            noted(w.history_registered_here(channel, it.booking.number.as_str()), &it.examination)
        }
        Fact::Arrived(it) => noted(w.history_arrived(names::punctuality(w, it.punctuality)), &it.note),
        Fact::AdmittedOnEvidence(it) => noted(evidence(w, &it.evidence), &it.note),
        Fact::DocumentsChecked(it) => plain(documents(w, &it.documents)),
        Fact::ArrivalWithdrawn(it) => noted(w.history_arrival_withdrawn(), &it.reason),
        Fact::Viewed(_) => plain(w.history_viewed()),
        Fact::VisitYielded(it) => noted(w.history_visit_yielded(), &it.reason),
        Fact::TicketIssued(it) => {
            plain(w.history_ticket_issued(it.number.to_string(), names::stage(w, it.stage)))
        }
        Fact::TicketCalled(it) => plain(w.history_ticket_called(it.number.to_string(), it.counter)),
        Fact::TicketRecalled(it) => plain(w.history_ticket_recalled(it.number.to_string())),
        Fact::TicketStarted(it) => plain(w.history_ticket_started(it.number.to_string())),
        Fact::TicketAbsent(it) => plain(w.history_ticket_absent(it.number.to_string())),
        Fact::TicketReturned(it) => noted(w.history_ticket_returned(it.number.to_string()), &it.note),
        Fact::TicketTransferred(it) => {
            let class = it.class.letter().to_string();
            noted(w.history_ticket_transferred(it.number.to_string(), class), &it.note)
        }
        Fact::TicketFinished(it) => plain(w.history_ticket_finished(it.number.to_string())),
        Fact::TicketHeld(it) => match it.until {
            Some(until) => {
                noted(w.history_ticket_held_until(it.number.to_string(), dates.time(until)), &it.reason)
            }
            None => noted(w.history_ticket_held(it.number.to_string()), &it.reason),
        },
        Fact::TicketUndone(it) => {
            plain(w.history_ticket_undone(it.number.to_string(), names::ticket_act(w, it.act)))
        }
        Fact::PortraitCaptured(_) => plain(w.history_portrait()),
        Fact::FingerCaptured(it) => plain(finger(w, it.position.code(), &it.finger)),
        Fact::SignatureCaptured(it) => match &it.picture {
            Some(_) => plain(w.history_signature()),
            None => noted(w.history_signature_excepted(), &it.reason),
        },
        Fact::CaptureCompleted(it) => plain(w.history_capture_completed(it.round)),
        Fact::CaptureReopened(it) => noted(w.history_capture_reopened(), &it.reason),
        Fact::Interviewed(it) => noted(outcome(w, *dates, &it.outcome), &said(it)),
        Fact::SecondLooked(it) => match &it.verdict {
            Verdict::Agreed => noted(w.history_second_look_agreed(), &it.note),
            Verdict::SentBack { reason } => noted(w.history_second_look_sent_back(), reason),
        },
        Fact::PreventionHit(it) => noted(w.history_prevention_hit(it.order.as_str()), &it.note),
        Fact::PreventionCleared(it) => noted(w.history_prevention_cleared(), &it.reason),
        Fact::BookAllocated(it) => plain(w.history_book_allocated(it.book.as_str())),
        Fact::BookPrinted(it) => plain(w.history_book_printed(it.book.as_str())),
        Fact::BookChecked(it) => plain(match it.defect {
            None => w.history_book_passed(it.book.as_str()),
            Some(defect) => w.history_book_defective(it.book.as_str(), names::defect(w, defect)),
        }),
        Fact::BookReady(it) => noted(w.history_book_ready(it.book.as_str()), &it.shelf),
        Fact::HandedOver(it) => plain(match &it.collector {
            Collector::Applicant => w.history_handed_applicant(it.book.as_str()),
            Collector::Family { name, .. } => w.history_handed_family(it.book.as_str(), name),
            Collector::Proxy { name, .. } => w.history_handed_proxy(it.book.as_str(), name),
        }),
        Fact::BookCancelled(it) => noted(w.history_book_cancelled(it.book.as_str()), &it.reason),
        Fact::BookStageImported(it) => plain(w.history_stage_imported(names::spri_stage(w, it.stage))),
        Fact::OfficerSet(it) => {
            let roles: Vec<String> = it.roles.iter().map(|role| names::role(w, *role)).collect();
            plain(w.history_officer_set(it.name.as_str(), it.login.as_str(), roles.join(", ")))
        }
        Fact::OfficerDisabled(it) => plain(w.history_officer_disabled(it.login.as_str())),
        Fact::CounterOpened(it) => {
            let classes: Vec<String> = it.classes.iter().map(|class| class.letter().to_string()).collect();
            plain(w.history_counter_opened(it.counter, classes.join(", ")))
        }
        Fact::CounterClosed(it) => plain(w.history_counter_closed(it.counter)),
        Fact::CounterPaused(it) => noted(w.history_counter_paused(it.counter), &it.reason),
        Fact::SettingSet(it) => {
            let what = w.history_setting_set(settings::label(w, &it.name), dates.day(it.valid_from));
            noted(what, &settings::told(w, *dates, &it.name, &it.value).join("; "))
        }
        Fact::StockReceived(it) => {
            let (kind, range) = (names::product(w, it.product), &it.range);
            let (first, last) = (range.first().as_str(), range.last().as_str());
            noted(w.history_stock_received(range.count(), kind, first, last), &it.note)
        }
        Fact::StockCounted(it) => {
            noted(w.history_stock_counted(names::product(w, it.product), it.counted, it.expected), &it.note)
        }
        Fact::DeviceSet(it) => plain(w.history_device_set(it.name.as_str(), names::device(w, it.kind))),
        Fact::DeviceRevoked(it) => plain(w.history_device_revoked(it.name.as_str())),
        Fact::BackupMade(it) => {
            let size = size(it.bytes);
            plain(w.history_backup_made(it.records, it.pictures, size))
        }
        Fact::NodeRestored(it) => {
            let made = dates.moment(it.backup_at);
            plain(match it.opened_by {
                OpenedBy::NodeKey => w.history_node_restored(made),
                OpenedBy::RecoveryKey => w.history_node_recovered(made),
            })
        }
        Fact::KeyProtectionChanged(it) => plain(key_protection(w, it)),
        Fact::TicketsSkipped(it) => plain(w.history_tickets_skipped(dates.day(it.day), it.from)),
        Fact::BoardSet(it) if it.removed => plain(w.history_board_removed(it.name.as_str())),
        Fact::BoardSet(it) => plain(w.history_board_set(it.name.as_str())),
        Fact::NoticeShown(it) if it.text.is_empty() => plain(w.history_notice_taken_down()),
        Fact::NoticeShown(it) => noted(w.history_notice_shown(), &it.text),
        Fact::DamageMended(it) => noted(damage_mended(w, it.part), &it.detail),
    }
}

fn damage_mended(w: &L10nLanguage, part: FolderPart) -> String {
    match part {
        FolderPart::Journals => w.history_damage_journals(),
        FolderPart::Keys => w.history_damage_keys(),
        FolderPart::Tables => w.history_damage_tables(),
        FolderPart::Pictures => w.history_damage_pictures(),
        _ => w.history_damage_other(),
    }
}

/// How a node's key rests since a start.
pub fn key_protection(w: &L10nLanguage, it: &KeyProtectionChanged) -> String {
    let (now, before) = (names::key_protection(w, it.now), names::key_protection(w, it.before));
    if it.is_weakened() { w.history_key_weakened(now, before) } else { w.history_key_protected(now, before) }
}

fn told_about(w: &L10nLanguage, about: &str) -> String {
    match about {
        "ready" => w.history_told_ready(),
        "approved" => w.history_told_approved(),
        "refused" => w.history_told_refused(),
        other => other.to_owned(),
    }
}

fn evidence(w: &L10nLanguage, evidence: &Evidence) -> String {
    match evidence {
        Evidence::Ntpn { ntpn } => w.history_admitted_ntpn(grouped(ntpn.as_str())),
        Evidence::SignedProof { ntpn, .. } => w.history_admitted_proof(grouped(ntpn.as_str())),
    }
}

fn documents(w: &L10nLanguage, documents: &[CheckedDocument]) -> String {
    let apart = documents.iter().filter(|line| line.seen != Seen::Agrees);
    let list: Vec<String> = apart.map(|line| checked(w, line)).collect();
    if list.is_empty() { w.history_documents_agree() } else { w.history_documents_differ(list.join("; ")) }
}

fn checked(w: &L10nLanguage, line: &CheckedDocument) -> String {
    let text = format!("{} {}", names::document(w, line.kind), names::seen(w, line.seen).to_lowercase());
    if line.note.is_empty() { text } else { format!("{text} ({})", line.note) }
}

fn finger(w: &L10nLanguage, code: u8, finger: &Finger) -> String {
    let name = names::finger(w, code).to_lowercase();
    match finger {
        Finger::Taken { quality, .. } => w.history_finger_taken(name, *quality),
        Finger::Excepted { reason } => {
            w.history_finger_excepted(name, names::exception(w, *reason).to_lowercase())
        }
    }
}

/// What was asked and answered in an interview, then the notes.
pub fn said(it: &Interviewed) -> String {
    let answers = it.answers.iter().map(|it| format!("{} {}", it.question, it.answer));
    let notes = Some(it.notes.clone()).filter(|notes| !notes.is_empty());
    answers.chain(notes).collect::<Vec<_>>().join(" · ")
}

fn outcome(w: &L10nLanguage, dates: Dates, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Passed => w.history_interview_passed(),
        Outcome::Held { until, documents } => {
            let list: Vec<String> = documents.iter().map(|kind| names::document(w, *kind)).collect();
            w.history_interview_held(dates.day(*until), list.join(", "))
        }
        Outcome::Refused { ground } => w.history_interview_refused(names::ground(w, *ground)),
    }
}
