//! The names of things the rules know: statuses, roles, papers. Every name of an enum stands here and nowhere else.

use super::L10nLanguage;
use crate::domain::actor::{Actor, Role};
use crate::domain::book::Defect;
use crate::domain::book::stage::SpriStage;
use crate::domain::capture::FingerException;
use crate::domain::document::{DocumentKind, Seen};
use crate::domain::interview::RefusalGround;
use crate::domain::key_protection::KeyProtection;
use crate::domain::office::OfficeCode;
use crate::domain::officer::DeviceKind;
use crate::domain::person::{CivilStatus, Relation, Sex};
use crate::domain::review::ReviewGround;
use crate::domain::service::{
    ApplicationKind, Channel, PriorityGround, Product, ReplacementReason, Service, Validity,
};
use crate::domain::status::Status;
use crate::domain::ticket::{Stage, TicketAct};
use crate::domain::visit::Punctuality;

/// Where an application stands.
pub fn status(w: &L10nLanguage, it: Status) -> String {
    match it {
        Status::AwaitingPayment => w.name_status_awaiting_payment(),
        Status::Expired => w.name_status_expired(),
        Status::Cancelled => w.name_status_cancelled(),
        Status::Expected => w.name_status_expected(),
        Status::Arrived => w.name_status_arrived(),
        Status::Waiting => w.name_status_waiting(),
        Status::Serving => w.name_status_serving(),
        Status::Held => w.name_status_held(),
        Status::Captured => w.name_status_captured(),
        Status::AwaitingReview => w.name_status_awaiting_review(),
        Status::AwaitingDecision => w.name_status_awaiting_decision(),
        Status::Approved => w.name_status_approved(),
        Status::Refused => w.name_status_refused(),
        Status::BookAllocated => w.name_status_book_allocated(),
        Status::BookPrinted => w.name_status_book_printed(),
        Status::BookPassed => w.name_status_book_passed(),
        Status::Ready => w.name_status_ready(),
        Status::HandedOver => w.name_status_handed_over(),
        Status::Erased => w.name_status_erased(),
    }
}

/// A stage of SPRI's reports.
pub fn spri_stage(w: &L10nLanguage, it: SpriStage) -> String {
    match it {
        SpriStage::Interview => w.name_spri_interview(),
        SpriStage::Allocation => w.name_spri_allocation(),
        SpriStage::Printing => w.name_spri_printing(),
        SpriStage::Issue => w.name_spri_issue(),
    }
}

/// A role.
pub fn role(w: &L10nLanguage, it: Role) -> String {
    match it {
        Role::FrontDesk => w.name_role_front_desk(),
        Role::Interviewer => w.name_role_interviewer(),
        Role::Supervisor => w.name_role_supervisor(),
        Role::Custody => w.name_role_custody(),
        Role::Administrator => w.name_role_administrator(),
        Role::Auditor => w.name_role_auditor(),
        Role::Headquarters => w.name_role_headquarters(),
    }
}

/// A kind of paper.
pub fn document(w: &L10nLanguage, it: DocumentKind) -> String {
    match it {
        DocumentKind::IdentityCard => w.name_document_identity_card(),
        DocumentKind::FamilyCard => w.name_document_family_card(),
        DocumentKind::BirthProof => w.name_document_birth_proof(),
        DocumentKind::OldPassport => w.name_document_old_passport(),
        DocumentKind::ParentsIdentityCards => w.name_document_parents_identity_cards(),
        DocumentKind::ParentsMarriage => w.name_document_parents_marriage(),
        DocumentKind::ParentsStatement => w.name_document_parents_statement(),
        DocumentKind::PoliceReport => w.name_document_police_report(),
        DocumentKind::DisasterStatement => w.name_document_disaster_statement(),
        DocumentKind::PowerOfAttorney => w.name_document_power_of_attorney(),
        DocumentKind::NameOrCitizenshipRuling => w.name_document_name_or_citizenship_ruling(),
        DocumentKind::Recommendation => w.name_document_recommendation(),
    }
}

/// What was seen of a paper.
pub fn seen(w: &L10nLanguage, it: Seen) -> String {
    match it {
        Seen::Agrees => w.name_seen_agrees(),
        Seen::Differs => w.name_seen_differs(),
        Seen::Missing => w.name_seen_missing(),
    }
}

/// A channel.
pub fn channel(w: &L10nLanguage, it: Channel) -> String {
    match it {
        Channel::MPaspor => w.name_channel_mpaspor(),
        Channel::Priority => w.name_channel_priority(),
        Channel::SameDay => w.name_channel_same_day(),
        Channel::Simpatik => w.name_channel_simpatik(),
        Channel::Eazy => w.name_channel_eazy(),
        Channel::Examination => w.name_channel_examination(),
    }
}

/// A kind of book.
pub fn product(w: &L10nLanguage, it: Product) -> String {
    match it {
        Product::Ordinary => w.name_product_ordinary(),
        Product::Electronic => w.name_product_electronic(),
        Product::Polycarbonate => w.name_product_polycarbonate(),
    }
}

/// How long a book is valid.
pub fn validity(w: &L10nLanguage, it: Validity) -> String {
    match it {
        Validity::FiveYears => w.name_validity_five_years(),
        Validity::TenYears => w.name_validity_ten_years(),
    }
}

/// Why somebody is served first.
pub fn priority(w: &L10nLanguage, it: PriorityGround) -> String {
    match it {
        PriorityGround::Elderly => w.name_priority_elderly(),
        PriorityGround::Toddler => w.name_priority_toddler(),
        PriorityGround::Disability => w.name_priority_disability(),
        PriorityGround::Pregnant => w.name_priority_pregnant(),
        PriorityGround::Sick => w.name_priority_sick(),
    }
}

/// A sex.
pub fn sex(w: &L10nLanguage, it: Sex) -> String {
    match it {
        Sex::F => w.name_sex_f(),
        Sex::M => w.name_sex_m(),
        Sex::X => w.name_sex_x(),
    }
}

/// A civil status.
pub fn civil(w: &L10nLanguage, it: CivilStatus) -> String {
    match it {
        CivilStatus::Single => w.name_civil_single(),
        CivilStatus::Married => w.name_civil_married(),
        CivilStatus::Divorced => w.name_civil_divorced(),
        CivilStatus::Widowed => w.name_civil_widowed(),
    }
}

/// How a companion is related.
pub fn relation(w: &L10nLanguage, it: Relation) -> String {
    match it {
        Relation::Mother => w.name_relation_mother(),
        Relation::Father => w.name_relation_father(),
        Relation::Guardian => w.name_relation_guardian(),
    }
}

/// Why a passport is replaced.
pub fn replacement(w: &L10nLanguage, it: ReplacementReason) -> String {
    match it {
        ReplacementReason::Expired => w.name_replacement_expired(),
        ReplacementReason::Full => w.name_replacement_full(),
        ReplacementReason::Lost => w.name_replacement_lost(),
        ReplacementReason::Damaged => w.name_replacement_damaged(),
        ReplacementReason::LostByDisaster => w.name_replacement_lost_by_disaster(),
        ReplacementReason::DamagedByDisaster => w.name_replacement_damaged_by_disaster(),
    }
}

/// When somebody came.
pub fn punctuality(w: &L10nLanguage, it: Punctuality) -> String {
    match it {
        Punctuality::Early => w.name_punctuality_early(),
        Punctuality::OnTime => w.name_punctuality_on_time(),
        Punctuality::Late => w.name_punctuality_late(),
    }
}

/// A ground of refusal.
pub fn ground(w: &L10nLanguage, it: RefusalGround) -> String {
    match it {
        RefusalGround::PreventionList => w.name_ground_prevention_list(),
        RefusalGround::IrregularWork => w.name_ground_irregular_work(),
        RefusalGround::UntrueStatement => w.name_ground_untrue_statement(),
        RefusalGround::WrongType => w.name_ground_wrong_type(),
        RefusalGround::PapersNotCompleted => w.name_ground_papers_not_completed(),
        RefusalGround::UnlawfulPurpose => w.name_ground_unlawful_purpose(),
    }
}

/// What is wrong with a book.
pub fn defect(w: &L10nLanguage, it: Defect) -> String {
    match it {
        Defect::Print => w.name_defect_print(),
        Defect::Data => w.name_defect_data(),
        Defect::Chip => w.name_defect_chip(),
        Defect::Book => w.name_defect_book(),
    }
}

/// Why there is no fingerprint.
pub fn exception(w: &L10nLanguage, it: FingerException) -> String {
    match it {
        FingerException::Missing => w.name_exception_missing(),
        FingerException::Bandaged => w.name_exception_bandaged(),
        FingerException::Unreadable => w.name_exception_unreadable(),
        FingerException::NotRequired => w.name_exception_not_required(),
    }
}

/// What a device is for.
pub fn device(w: &L10nLanguage, it: DeviceKind) -> String {
    match it {
        DeviceKind::Notifier => w.name_device_notifier(),
        DeviceKind::Display => w.name_device_display(),
        DeviceKind::Kiosk => w.name_device_kiosk(),
    }
}

/// What was done with a ticket, as a noun in a sentence.
pub fn ticket_act(w: &L10nLanguage, act: TicketAct) -> String {
    match act {
        TicketAct::Call => w.ticket_act_call(),
        TicketAct::Recall => w.ticket_act_recall(),
        TicketAct::Start => w.ticket_act_start(),
        TicketAct::MarkAbsent => w.ticket_act_absent(),
        TicketAct::Return => w.ticket_act_return(),
        TicketAct::Transfer => w.ticket_act_transfer(),
        TicketAct::Hold => w.ticket_act_hold(),
        TicketAct::Finish => w.ticket_act_finish(),
    }
}

/// What a ticket is for.
pub fn stage(w: &L10nLanguage, it: Stage) -> String {
    match it {
        Stage::Interview => w.name_stage_interview(),
        Stage::Collection => w.name_stage_collection(),
    }
}

/// A finger by its code in ISO/IEC 19794-4.
pub fn finger(w: &L10nLanguage, code: u8) -> String {
    match code {
        1 => w.name_finger_1(),
        2 => w.name_finger_2(),
        3 => w.name_finger_3(),
        4 => w.name_finger_4(),
        5 => w.name_finger_5(),
        6 => w.name_finger_6(),
        7 => w.name_finger_7(),
        8 => w.name_finger_8(),
        9 => w.name_finger_9(),
        10 => w.name_finger_10(),
        other => other.to_string(),
    }
}

/// New, or a replacement and why.
pub fn kind(w: &L10nLanguage, it: ApplicationKind) -> String {
    match it {
        ApplicationKind::New => w.name_kind_new(),
        ApplicationKind::Replacement(reason) => w.name_kind_replacement(replacement(w, reason)),
    }
}

/// What is applied for, in one line: kind, book, validity.
pub fn service(w: &L10nLanguage, it: &Service) -> String {
    format!("{} · {} · {}", kind(w, it.kind), product(w, it.product), validity(w, it.validity))
}

/// Another office, known here by its code only: `tanjung-balai` reads *Tanjung Balai*.
pub fn office(code: &OfficeCode) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    code.as_str().split('-').map(capital).collect::<Vec<String>>().join(" ")
}

/// The same for a line of a list: without the reason, and a passport is not called one.
pub fn service_in_short(w: &L10nLanguage, it: &Service) -> String {
    let kind = match it.kind {
        ApplicationKind::New => w.name_kind_new(),
        ApplicationKind::Replacement(_) => w.name_kind_replacement_short(),
    };
    let product = match it.product {
        Product::Ordinary => w.name_product_ordinary_short(),
        Product::Electronic => w.name_product_electronic_short(),
        Product::Polycarbonate => w.name_product_polycarbonate_short(),
    };
    format!("{kind} · {product} · {}", validity(w, it.validity))
}

/// Who did something.
pub fn actor(w: &L10nLanguage, it: &Actor) -> String {
    match it {
        Actor::Officer { name, .. } => name.clone(),
        Actor::Applicant => w.name_actor_applicant(),
        Actor::Bank => w.name_actor_bank(),
        Actor::Node => w.name_actor_node(),
    }
}

/// How a node's key is protected.
pub fn key_protection(w: &L10nLanguage, protection: KeyProtection) -> String {
    match protection {
        KeyProtection::File => w.key_protection_file(),
        KeyProtection::Passphrase => w.key_protection_passphrase(),
        KeyProtection::Credential => w.key_protection_credential(),
    }
}

/// Why an interview needs a second look.
pub fn review(w: &L10nLanguage, ground: ReviewGround) -> String {
    match ground {
        ReviewGround::Every => w.name_review_every(),
        ReviewGround::Refused => w.name_review_refused(),
        ReviewGround::NikDiffers => w.name_review_nik_differs(),
        ReviewGround::DocumentsDiffer => w.name_review_documents_differ(),
        ReviewGround::PassportHeldBefore => w.name_review_passport_held_before(),
        ReviewGround::Provisional => w.name_review_provisional(),
        ReviewGround::ParentsIncomplete => w.name_review_parents_incomplete(),
        ReviewGround::WorkAbroad => w.name_review_work_abroad(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offices_code_reads_like_a_name() {
        let spelt = |code| office(&OfficeCode::parse(code).unwrap());
        assert_eq!(
            (spelt("batam"), spelt("tanjung-balai")),
            ("Batam".to_owned(), "Tanjung Balai".to_owned())
        );
    }
}
