//! What an officer should look at, in words.

use super::{L10nLanguage, names};
use crate::domain::flag::Flag;
use crate::web::dates::Dates;

/// Puts a flag into words.
pub fn tell(w: &L10nLanguage, dates: &Dates, flag: &Flag) -> String {
    match flag {
        Flag::NikBirthDiffers => w.flag_nik_birth_differs(),
        Flag::NikSexDiffers => w.flag_nik_sex_differs(),
        Flag::NikRegionOld => w.flag_nik_region_old(),
        Flag::NikRegionUnknown => w.flag_nik_region_unknown(),
        Flag::NameTruncated => w.flag_name_truncated(),
        Flag::GuardianMissing => w.flag_guardian_missing(),
        Flag::OneParent => w.flag_one_parent(),
        Flag::TooYoungForTenYears { from_age_years } => w.flag_too_young_for_ten_years(*from_age_years),
        Flag::PriorityGroundUnclear => w.flag_priority_ground_unclear(),
        Flag::CameEarly => w.flag_came_early(),
        Flag::CameLate => w.flag_came_late(),
        Flag::SameDayTooLate => w.flag_same_day_too_late(),
        Flag::OnPreventionList(order) => w.flag_on_prevention_list(order.as_str()),
        Flag::PassportHeldBefore => w.flag_passport_held_before(),
        Flag::WorkAbroad => w.flag_work_abroad(),
        Flag::DocumentsDiffer(kinds) => {
            let papers: Vec<String> = kinds.iter().map(|kind| names::document(w, *kind)).collect();
            w.flag_documents_differ(papers.join(", "))
        }
        Flag::FingersPoor(codes) => {
            let fingers: Vec<String> = codes.iter().map(|code| names::finger(w, *code)).collect();
            w.flag_fingers_poor(fingers.join(", "))
        }
        Flag::Provisional { confirm_by, overdue: false } => w.flag_provisional(dates.moment(*confirm_by)),
        Flag::Provisional { confirm_by, overdue: true } => {
            w.flag_provisional_overdue(dates.moment(*confirm_by))
        }
        Flag::HoldOverdue { until } => w.flag_hold_overdue(dates.day(*until)),
        Flag::IssueOverdue { by } => w.flag_issue_overdue(dates.day(*by)),
        Flag::NotCollected { until } => w.flag_not_collected(dates.day(*until)),
        Flag::FactsParked => w.flag_facts_parked(),
    }
}
