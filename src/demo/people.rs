//! People of the demo: valid in every form, and fictional. Serials of their NIK start at 9001, mail goes to a reserved
//! domain, telephone numbers are nobody's.

use std::ops::Range;

use chrono::{Datelike, Months, NaiveDate};

use super::chance::Chance;
use super::names::Region;
use crate::domain::person::{CivilStatus, Contact, Guardian, Nik, NikError, Person, Relation, Sex};

/// Draws people, each with a serial of their own.
pub(super) struct People {
    pub(super) chance: Chance,
    today: NaiveDate,
    serial: u32,
}

/// First serial of a NIK; real ones count up from 0001 each day and never come near.
const FIRST_SERIAL: u32 = 9001;

impl People {
    pub(super) fn new(today: NaiveDate) -> Self {
        let seed = u64::from(today.num_days_from_ce().unsigned_abs());
        Self { chance: Chance::new(seed), today, serial: FIRST_SERIAL }
    }

    /// Somebody between two ages, in full years.
    pub(super) fn person(&mut self, region: &Region, ages: Range<u32>) -> Result<Person, NikError> {
        let sex = if self.chance.percent(52) { Sex::F } else { Sex::M };
        self.of_sex(sex, region, ages)
    }

    fn of_sex(&mut self, sex: Sex, region: &Region, ages: Range<u32>) -> Result<Person, NikError> {
        let name =
            format!("{} {}", region.first_name(sex, &mut self.chance), region.family(&mut self.chance));
        self.named(name, sex, region, ages)
    }

    /// Somebody with a given name.
    pub(super) fn named(
        &mut self,
        name: String,
        sex: Sex,
        region: &Region,
        ages: Range<u32>,
    ) -> Result<Person, NikError> {
        let born_on = self.birthday(ages);
        let age = self.today.years_since(born_on).unwrap_or(0);
        Ok(Person {
            nik: self.nik(region, born_on, sex)?,
            name,
            born_on,
            birthplace: region.birthplace.to_owned(),
            sex,
            civil_status: self.civil_status(age),
            address: self.address(),
            occupation: self.occupation(age).to_owned(),
        })
    }

    /// Both parents of a child.
    pub(super) fn parents(&mut self, region: &Region) -> Result<Vec<Guardian>, NikError> {
        let mother = self.of_sex(Sex::F, region, 28..45)?;
        let father = self.of_sex(Sex::M, region, 30..50)?;
        let guardian = |person: Person, relation| Guardian { name: person.name, nik: person.nik, relation };
        Ok(vec![guardian(mother, Relation::Mother), guardian(father, Relation::Father)])
    }

    /// A NIK as Dukcapil builds it: region, birth date (day plus 40 for women), serial.
    pub(super) fn nik(&mut self, region: &Region, born_on: NaiveDate, sex: Sex) -> Result<Nik, NikError> {
        let district = 1 + self.chance.below(9);
        let day = born_on.day() + if sex == Sex::F { 40 } else { 0 };
        let (month, year) = (born_on.month(), born_on.year().rem_euclid(100));
        let serial = self.serial;
        self.serial += 1;
        Nik::parse(&format!("{}{district:02}{day:02}{month:02}{year:02}{serial:04}", region.code))
    }

    /// Where to tell somebody things.
    pub(super) fn contact(&mut self, name: &str) -> Contact {
        let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
        let email = format!("{}{}@contoh.example", words.join("."), self.serial % 100);
        let phone = format!("0811000{:05}", self.chance.below(100_000));
        Contact { email: Some(email), phone: Some(phone) }
    }

    fn birthday(&mut self, ages: Range<u32>) -> NaiveDate {
        let years = ages.start + self.chance.below(ages.end - ages.start);
        let days = u64::from(self.chance.below(364));
        let years_ago = self.today.checked_sub_months(Months::new(years * 12)).unwrap_or(self.today);
        years_ago.checked_sub_days(chrono::Days::new(days)).unwrap_or(years_ago)
    }

    fn civil_status(&mut self, age: u32) -> CivilStatus {
        match age {
            0..=20 => CivilStatus::Single,
            _ if self.chance.percent(70) => CivilStatus::Married,
            _ => self.chance.pick(&[CivilStatus::Single, CivilStatus::Divorced, CivilStatus::Widowed]),
        }
    }

    fn address(&mut self) -> String {
        let street = self.chance.pick(&[
            "Jl. Nusantara",
            "Jl. Trikora",
            "Jl. Ahmad Yani",
            "Jl. Teluk Air",
            "Jl. Pramuka",
            "Kampung Harapan",
            "Perumahan Bukit Senang",
        ]);
        let district = self.chance.pick(&["Karimun", "Meral", "Tebing", "Kundur", "Moro"]);
        format!("{street} No. {}, {district}, Kabupaten Karimun", 1 + self.chance.below(120))
    }

    fn occupation(&mut self, age: u32) -> &'static str {
        match age {
            0..=5 => "Belum bekerja",
            6..=21 => "Pelajar/mahasiswa",
            60.. => "Pensiunan",
            _ => self.chance.pick(&[
                "Nelayan",
                "Guru",
                "Pedagang",
                "Karyawan swasta",
                "Ibu rumah tangga",
                "Pelaut",
                "Wiraswasta",
                "Perawat",
                "Pegawai negeri",
            ]),
        }
    }
}
