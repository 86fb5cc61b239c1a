//! What a passport costs on a day: tariffs of non-tax state revenue (*PNBP*), each with the day it holds from.
//!
//! Sources: PP 28/2019, PP 45/2024 (offices apply it from 17 December 2024; DOMAIN.md §3).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::payment::BillItem;
use super::service::{ApplicationKind, Channel, Product, ReplacementReason, Service, Validity};

/// The prices that hold from one day on, in rupiah.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Tariff {
    /// First day it holds.
    pub valid_from: NaiveDate,
    /// The regulation, as people cite it.
    pub regulation: String,
    /// Ordinary book, five years.
    pub ordinary_five_years_idr: u64,
    /// Ordinary book, ten years.
    pub ordinary_ten_years_idr: u64,
    /// Electronic book (polycarbonate included), five years.
    pub electronic_five_years_idr: u64,
    /// Electronic book (polycarbonate included), ten years.
    pub electronic_ten_years_idr: u64,
    /// *Percepatan*, on top of the book.
    pub same_day_idr: u64,
    /// *Beban* for a lost book that was still valid.
    pub lost_idr: u64,
    /// *Beban* for a damaged book that was still valid.
    pub damaged_idr: u64,
}

const PP_28_2019: NaiveDate = date(2019, 5, 3);
const PP_45_2024: NaiveDate = date(2024, 12, 17);

const fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(date) => date,
        None => NaiveDate::MIN,
    }
}

/// The tariffs known when this version was made.
pub fn known_tariffs() -> Vec<Tariff> {
    let pp_28 = Tariff {
        valid_from: PP_28_2019,
        regulation: "PP 28/2019".to_owned(),
        ordinary_five_years_idr: 350_000,
        ordinary_ten_years_idr: 350_000,
        electronic_five_years_idr: 650_000,
        electronic_ten_years_idr: 650_000,
        same_day_idr: 1_000_000,
        lost_idr: 1_000_000,
        damaged_idr: 500_000,
    };
    let pp_45 = Tariff {
        valid_from: PP_45_2024,
        regulation: "PP 45/2024".to_owned(),
        ordinary_ten_years_idr: 650_000,
        electronic_ten_years_idr: 950_000,
        ..pp_28.clone()
    };
    vec![pp_28, pp_45]
}

/// The lines of the bill for a service on a day. A day before every tariff takes the earliest.
pub fn bill(service: &Service, on: NaiveDate, tariffs: &[Tariff]) -> Vec<BillItem> {
    let in_force =
        tariffs.iter().filter(|tariff| tariff.valid_from <= on).max_by_key(|tariff| tariff.valid_from);
    let Some(tariff) = in_force.or_else(|| tariffs.iter().min_by_key(|tariff| tariff.valid_from)) else {
        return Vec::new();
    };
    let mut items = vec![item("passport", tariff.book_idr(service.product, service.validity))];
    if service.channel == Channel::SameDay {
        items.push(item("same-day", tariff.same_day_idr));
    }
    items.extend(tariff.penalty(service.kind));
    items
}

/// The sum of a bill's lines.
pub fn total_idr(items: &[BillItem]) -> u64 {
    items.iter().map(|item| item.amount_idr).sum()
}

impl Tariff {
    fn book_idr(&self, product: Product, validity: Validity) -> u64 {
        match (product, validity) {
            (Product::Ordinary, Validity::FiveYears) => self.ordinary_five_years_idr,
            (Product::Ordinary, Validity::TenYears) => self.ordinary_ten_years_idr,
            (Product::Electronic | Product::Polycarbonate, Validity::FiveYears) => {
                self.electronic_five_years_idr
            }
            (Product::Electronic | Product::Polycarbonate, Validity::TenYears) => {
                self.electronic_ten_years_idr
            }
        }
    }

    fn penalty(&self, kind: ApplicationKind) -> Option<BillItem> {
        let ApplicationKind::Replacement(reason) = kind else { return None };
        match reason {
            ReplacementReason::Lost => Some(item("penalty-lost", self.lost_idr)),
            ReplacementReason::Damaged => Some(item("penalty-damaged", self.damaged_idr)),
            ReplacementReason::LostByDisaster => Some(item("penalty-lost", 0)),
            ReplacementReason::DamagedByDisaster => Some(item("penalty-damaged", 0)),
            ReplacementReason::Expired | ReplacementReason::Full => None,
        }
    }
}

fn item(item: &str, amount_idr: u64) -> BillItem {
    BillItem { item: item.to_owned(), amount_idr }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ReplacementReason::{Damaged, Expired, Lost, LostByDisaster};

    #[test]
    fn the_price_follows_product_validity_channel_penalty_and_day() {
        use Product::{Electronic, Ordinary, Polycarbonate};
        use Validity::{FiveYears, TenYears};
        let new = ApplicationKind::New;
        let again = ApplicationKind::Replacement;
        let cases = [
            ("2026-11-21", new, Ordinary, FiveYears, Channel::MPaspor, 350_000),
            ("2026-11-21", new, Ordinary, TenYears, Channel::MPaspor, 650_000),
            ("2026-11-21", new, Electronic, FiveYears, Channel::MPaspor, 650_000),
            ("2026-11-21", new, Polycarbonate, TenYears, Channel::Priority, 950_000),
            ("2026-11-21", new, Electronic, TenYears, Channel::SameDay, 1_950_000),
            ("2026-11-21", again(Expired), Electronic, TenYears, Channel::MPaspor, 950_000),
            ("2026-11-21", again(Lost), Ordinary, FiveYears, Channel::Examination, 1_350_000),
            ("2026-11-21", again(Damaged), Ordinary, FiveYears, Channel::Examination, 850_000),
            ("2026-11-21", again(LostByDisaster), Ordinary, FiveYears, Channel::Examination, 350_000),
            ("2024-12-16", new, Ordinary, TenYears, Channel::MPaspor, 350_000),
            ("2024-12-17", new, Ordinary, TenYears, Channel::MPaspor, 650_000),
            ("2010-01-01", new, Electronic, FiveYears, Channel::MPaspor, 650_000),
        ];
        for (on, kind, product, validity, channel, expected) in cases {
            let service = Service { kind, product, validity, channel };
            let items = bill(&service, on.parse().unwrap(), &known_tariffs());
            assert_eq!(total_idr(&items), expected, "{on} {service:?}");
        }
    }

    #[test]
    fn a_disaster_leaves_the_penalty_on_the_bill_with_nought() {
        let service = Service {
            kind: ApplicationKind::Replacement(LostByDisaster),
            product: Product::Ordinary,
            validity: Validity::FiveYears,
            channel: Channel::Examination,
        };
        let items = bill(&service, "2026-11-21".parse().unwrap(), &known_tariffs());
        assert_eq!(items[1], item("penalty-lost", 0));
    }
}
