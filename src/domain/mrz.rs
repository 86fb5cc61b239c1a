//! The machine-readable zone of a passport: TD3, two lines of 44 characters (ICAO Doc 9303 parts 3 and 4).
//!
//! Indonesian books carry no family name: the last word of the name is the primary identifier, a single name is the
//! whole of it (DOMAIN.md §5.2). The optional data stay empty; their use on Indonesian books is not public.

use chrono::{Datelike, Months, NaiveDate};

use super::booking::Booked;
use super::number::BookNumber;
use super::person::{Person, Sex};
use super::service::Validity;

const NAME_WIDTH: usize = 39;
const NUMBER_WIDTH: usize = 9;
const OPTIONAL_DATA: &str = "<<<<<<<<<<<<<<";

/// The two printed lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineReadableZone {
    /// Document, state and name.
    pub names: String,
    /// Number, birth, sex, expiry and check digits.
    pub data: String,
}

/// Why there is no zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// Nothing of the name can be written in the letters A to Z.
    #[error("no letter of the name can be printed in the machine-readable zone")]
    NameHasNoLetters,
}

/// The day a book issued on a day runs out. A book of 29 February runs out on 28 February.
pub fn expires_on(issued_on: NaiveDate, validity: Validity) -> NaiveDate {
    let months = match validity {
        Validity::FiveYears => Months::new(60),
        Validity::TenYears => Months::new(120),
    };
    issued_on.checked_add_months(months).unwrap_or(NaiveDate::MAX)
}

/// The zone of an application's book.
pub fn of(
    booking: &Booked,
    book: &BookNumber,
    issued_on: NaiveDate,
) -> Result<MachineReadableZone, ZoneError> {
    let expires_on = expires_on(issued_on, booking.service.validity);
    build(&booking.applicant, book, expires_on)
}

fn build(
    person: &Person,
    book: &BookNumber,
    expires_on: NaiveDate,
) -> Result<MachineReadableZone, ZoneError> {
    let names = names(&person.name);
    if names.is_empty() {
        return Err(ZoneError::NameHasNoLetters);
    }
    Ok(MachineReadableZone {
        names: format!("P<IDN{}", pad(&name_field(&names), NAME_WIDTH)),
        data: data(person, book, expires_on),
    })
}

/// Whether a name is cut in the zone, because it does not fit into 39 characters.
pub fn is_truncated(name: &str) -> bool {
    full_name_field(&names(name)).len() > NAME_WIDTH
}

fn data(person: &Person, book: &BookNumber, expires_on: NaiveDate) -> String {
    let number = with_check_digit(pad(book.as_str(), NUMBER_WIDTH));
    let birth = with_check_digit(six_digits(person.born_on));
    let expiry = with_check_digit(six_digits(expires_on));
    let optional = with_check_digit(OPTIONAL_DATA.to_owned());
    let composite = check_digit(&format!("{number}{birth}{expiry}{optional}"));
    let sex = match person.sex {
        Sex::F => 'F',
        Sex::M => 'M',
        Sex::X => '<',
    };
    format!("{number}IDN{birth}{sex}{expiry}{optional}{composite}")
}

fn six_digits(day: NaiveDate) -> String {
    format!("{:02}{:02}{:02}", day.year().rem_euclid(100), day.month(), day.day())
}

fn with_check_digit(field: String) -> String {
    let digit = check_digit(&field);
    field + &digit.to_string()
}

/// Weights 7, 3, 1 modulo 10 (Doc 9303-3 §4.9).
fn check_digit(field: &str) -> u32 {
    let value = |c: char| c.to_digit(36).unwrap_or(0);
    field.chars().zip([7, 3, 1].into_iter().cycle()).map(|(c, weight)| value(c) * weight).sum::<u32>() % 10
}

fn pad(text: &str, width: usize) -> String {
    format!("{text:<<width$}")
}

/// Primary and secondary identifier: the components of each word, a hyphen parting a word into two.
struct Names {
    primary: Vec<String>,
    secondary: Vec<String>,
}

impl Names {
    fn is_empty(&self) -> bool {
        self.primary.is_empty()
    }
}

fn names(name: &str) -> Names {
    let mut words: Vec<Vec<String>> =
        name.split_whitespace().map(components).filter(|word| !word.is_empty()).collect();
    let primary = words.pop().unwrap_or_default();
    Names { primary, secondary: words.concat() }
}

/// A hyphen becomes a filler; apostrophes and other marks are left out (Doc 9303-3 §4.6).
fn components(word: &str) -> Vec<String> {
    let parts = word.split(['-', '‐', '‑', '–', ',']);
    parts
        .map(|part| part.chars().flat_map(char::to_uppercase).map(letters).collect::<String>())
        .filter(|part| !part.is_empty())
        .collect()
}

fn full_name_field(names: &Names) -> String {
    let primary = names.primary.join("<");
    if names.secondary.is_empty() { primary } else { format!("{primary}<<{}", names.secondary.join("<")) }
}

/// Too long a name is cut so that both identifiers are there and position 39 is a letter, which tells that something
/// may be missing (Doc 9303-4 §4.2.3).
fn name_field(names: &Names) -> String {
    let full = full_name_field(names);
    if full.len() <= NAME_WIDTH {
        return full;
    }
    if names.secondary.is_empty() {
        return cut(&names.primary, NAME_WIDTH);
    }
    let separators_and_one_letter = 3;
    let primary = cut(&names.primary, NAME_WIDTH - separators_and_one_letter);
    let secondary = cut(&names.secondary, NAME_WIDTH - primary.len() - 2);
    format!("{primary}<<{secondary}")
}

/// The components joined and cut to a width, ending with a letter: where the cut falls on a filler, the component
/// before gives up a letter to the initial of the next.
fn cut(components: &[String], width: usize) -> String {
    let joined = components.join("<");
    if joined.len() <= width {
        return joined;
    }
    let kept = &joined[..width];
    match kept.strip_suffix('<') {
        None => kept.to_owned(),
        Some(before) => {
            let initial = &joined[width..=width];
            let shorter = &before[..before.len().saturating_sub(1)];
            let is_shortened_word = shorter.ends_with(|c: char| c != '<');
            if is_shortened_word { format!("{shorter}<{initial}") } else { before.to_owned() }
        }
    }
}

/// A capital letter as the zone writes it (Doc 9303-3 §6 table A); nothing for a mark without a letter.
fn letters(capital: char) -> &'static str {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if let Some(at) = ALPHABET.find(capital) {
        return &ALPHABET[at..=at];
    }
    match capital {
        'À'..='Ã' | 'Ā' | 'Ă' | 'Ą' => "A",
        'Ä' | 'Æ' => "AE",
        'Å' => "AA",
        'Ç' | 'Ć' | 'Ĉ' | 'Ċ' | 'Č' => "C",
        'Ð' | 'Ď' | 'Đ' => "D",
        'È'..='Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' => "E",
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => "G",
        'Ĥ' | 'Ħ' => "H",
        'Ì'..='Ï' | 'Ĩ' | 'Ī' | 'Ĭ' | 'Į' | 'İ' => "I",
        'Ĳ' => "IJ",
        'Ĵ' => "J",
        'Ķ' => "K",
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ŀ' | 'Ł' => "L",
        'Ñ' | 'Ń' | 'Ņ' | 'Ň' | 'Ŋ' => "N",
        'Ò'..='Õ' | 'Ō' | 'Ŏ' | 'Ő' => "O",
        'Ö' | 'Ø' | 'Œ' => "OE",
        'Ŕ' | 'Ŗ' | 'Ř' => "R",
        'Ś' | 'Ŝ' | 'Ş' | 'Š' | 'Ș' => "S",
        'Ţ' | 'Ť' | 'Ŧ' | 'Ț' => "T",
        'Þ' => "TH",
        'Ù'..='Û' | 'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ű' | 'Ų' => "U",
        'Ü' => "UE",
        'Ŵ' => "W",
        'Ý' | 'Ŷ' | 'Ÿ' => "Y",
        'Ź' | 'Ż' | 'Ž' => "Z",
        'ẞ' => "SS",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::{CivilStatus, Nik};
    use crate::domain::sample;

    fn person(name: &str) -> Person {
        Person {
            name: name.to_owned(),
            nik: Nik::parse("2102010101900001").unwrap(),
            born_on: "1990-01-01".parse().unwrap(),
            birthplace: "Karimun".to_owned(),
            sex: Sex::M,
            civil_status: CivilStatus::Single,
            address: String::new(),
            occupation: String::new(),
        }
    }

    /// A book of ten years, issued on the first day of 2020.
    fn zone(name: &str) -> MachineReadableZone {
        let book = BookNumber::parse("X0000001").unwrap();
        let booking = Booked { applicant: person(name), ..sample::booking() };
        of(&booking, &book, "2020-01-01".parse().unwrap()).unwrap()
    }

    #[test]
    fn the_zone_of_the_known_specimen_is_reproduced() {
        let zone = zone("Budi Santoso");
        assert_eq!(zone.names, "P<IDNSANTOSO<<BUDI<<<<<<<<<<<<<<<<<<<<<<<<<<");
        assert_eq!(zone.data, "X0000001<4IDN9001011M3001019<<<<<<<<<<<<<<08");
    }

    /// Names with what an independent reader must find in them.
    const NAMES: [(&str, &str, &str); 10] = [
        ("Suhartini", "SUHARTINI", ""),
        ("Budi Santoso", "SANTOSO", "BUDI"),
        ("Siti Nur Aisyah binti Abdullah", "ABDULLAH", "SITI NUR AISYAH BINTI"),
        ("Ma'ruf Amin", "AMIN", "MARUF"),
        ("Anak Agung Gde Ngurah Putra-Wijaya", "PUTRA WIJAYA", "ANAK AGUNG GDE NGURAH"),
        ("José Ñusa Müller", "MUELLER", "JOSE NUSA"),
        ("M. Ali", "ALI", "M"),
        ("  I   Made  ", "MADE", "I"),
        ("Raden Mas Panji Sosrokartono Kusumodiningrat Wiryo", "WIRYO", "RADEN MAS PANJI SOSROKARTONO KUS"),
        ("Kusumowardhaningratwiryosumartonodiningrat", "KUSUMOWARDHANINGRATWIRYOSUMARTONODINING", ""),
    ];

    #[test]
    fn an_independent_reader_finds_every_name_and_every_check_digit_right() {
        for (name, primary, secondary) in NAMES {
            let zone = zone(name);
            assert_eq!((zone.names.len(), zone.data.len()), (44, 44), "{name}");
            let read = mrz::parse_td3(&zone.names, &zone.data).unwrap();
            assert!(read.valid(), "{name}: {zone:?}");
            assert_eq!((read.surname.as_str(), read.given_names.as_str()), (primary, secondary), "{name}");
            assert_eq!(read.document_number, "X0000001", "{name}");
            assert_eq!(read.date_of_expiry.to_string(), "2030-01-01", "{name}");
        }
    }

    #[test]
    fn a_name_that_is_cut_ends_with_a_letter_and_keeps_both_identifiers() {
        let long = [
            "Bennelong Wooloomooloo Warrandyte Warnambool Dingo Potoroo Nilavadhanananda",
            "Nilavadhanananda Chayapa Dejthamrong Krasuang",
            "Ab Cd Ef Gh Ij Kl Mn Op Qr St Uv Wx Yz Ab Cd Ef Gh",
            "Kusumowardhaningratwiryosumartonodiningrat Al Kusumowardhaningratwiryosumartonodiningrat",
        ];
        for name in long {
            let zone = zone(name);
            assert!(is_truncated(name), "{name}");
            assert!(zone.names.ends_with(|c: char| c.is_ascii_uppercase()), "{}", zone.names);
            assert!(zone.names[5..].contains("<<"), "{}", zone.names);
            assert!(mrz::parse_td3(&zone.names, &zone.data).unwrap().valid(), "{}", zone.names);
        }
        assert!(!is_truncated("Budi Santoso"));
    }

    #[test]
    fn every_letter_is_written_as_the_independent_reader_writes_it() {
        let capitals = ('\u{c0}'..='\u{17e}').filter(|c| c.is_uppercase());
        for capital in capitals {
            let theirs = mrz::transliterate_char(capital, mrz::TransliterationStyle::Expanded);
            assert_eq!(Some(letters(capital)), theirs, "{capital}");
        }
    }

    #[test]
    fn an_unspecified_sex_is_a_filler_and_a_name_without_letters_is_told() {
        let book = BookNumber::parse("X0000001").unwrap();
        let expires_on = "2030-01-01".parse().unwrap();
        let unspecified = Person { sex: Sex::X, ..person("Suhartini") };
        assert_eq!(build(&unspecified, &book, expires_on).unwrap().data.chars().nth(20), Some('<'));
        assert_eq!(build(&person("山田"), &book, expires_on), Err(ZoneError::NameHasNoLetters));
    }

    #[test]
    fn a_book_runs_out_five_or_ten_years_after_its_issue() {
        let cases = [
            ("2026-11-21", Validity::FiveYears, "2031-11-21"),
            ("2026-11-21", Validity::TenYears, "2036-11-21"),
            ("2028-02-29", Validity::FiveYears, "2033-02-28"),
        ];
        for (issued_on, validity, expected) in cases {
            assert_eq!(expires_on(issued_on.parse().unwrap(), validity), expected.parse().unwrap());
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_name_the_lines_are_sound(name in "[A-Za-zÀ-ž'’. ,-]{0,90}", serial in 0..10_000_000_u32) {
            let book = BookNumber::parse(&format!("X{serial:07}")).unwrap();
            if let Ok(zone) = build(&person(&name), &book, "2030-01-01".parse().unwrap()) {
                assert_eq!((zone.names.len(), zone.data.len()), (44, 44));
                assert!(zone.names.starts_with("P<IDN") && zone.names.as_bytes()[5].is_ascii_uppercase());
                assert!(!zone.names[5..].trim_end_matches('<').contains("<<<"), "{}", zone.names);
                assert!(mrz::parse_td3(&zone.names, &zone.data).unwrap().valid(), "{zone:?}");
            }
        }
    }
}
