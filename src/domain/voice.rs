//! What is said aloud when a ticket is called: the names of sounds that lie ready, one after the other, in Indonesian.
//!
//! A ticket's number is said as it is printed: zeros in front one by one, then the number (`A015`: *a, nol, lima
//! belas*). Each name is a sound of `static/sounds/`.

use super::ticket::TicketNumber;

const DIGITS: [&str; 10] =
    ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"];

/// The sounds of a call.
pub fn call(ticket: &TicketNumber, counter: u16) -> Vec<String> {
    let mut said = vec!["nomor-antrean".to_owned(), ticket.class.letter().to_ascii_lowercase().to_string()];
    said.extend(printed(ticket.serial).into_iter().map(str::to_owned));
    said.extend(["silakan-ke", "loket"].map(str::to_owned));
    said.extend(number(counter).into_iter().map(str::to_owned));
    said
}

/// A serial as it is printed, in three digits.
pub fn printed(serial: u16) -> Vec<&'static str> {
    let zeros = match serial {
        0 => return vec!["nol"; 3],
        1..=9 => 2,
        10..=99 => 1,
        _ => 0,
    };
    let mut said = vec!["nol"; zeros];
    said.extend(number(serial));
    said
}

/// A number as one says it; from a thousand on, which no hall sees, digit by digit.
pub fn number(number: u16) -> Vec<&'static str> {
    match number {
        0..=9 => vec![digit(number)],
        10 => vec!["sepuluh"],
        11 => vec!["sebelas"],
        12..=19 => vec![digit(number % 10), "belas"],
        20..=99 => join(vec![digit(number / 10), "puluh"], number % 10),
        100..=199 => join(vec!["seratus"], number % 100),
        200..=999 => join(vec![digit(number / 100), "ratus"], number % 100),
        _ => number.to_string().bytes().map(|byte| digit(u16::from(byte - b'0'))).collect(),
    }
}

fn join(mut said: Vec<&'static str>, rest: u16) -> Vec<&'static str> {
    if rest > 0 {
        said.extend(number(rest));
    }
    said
}

fn digit(digit: u16) -> &'static str {
    DIGITS[usize::from(digit % 10)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ticket::QueueClass;

    #[test]
    fn numbers_are_said_as_people_say_them() {
        for (serial, expected) in [
            (1, "nol nol satu"),
            (10, "nol sepuluh"),
            (11, "nol sebelas"),
            (15, "nol lima belas"),
            (20, "nol dua puluh"),
            (73, "nol tujuh puluh tiga"),
            (100, "seratus"),
            (101, "seratus satu"),
            (110, "seratus sepuluh"),
            (115, "seratus lima belas"),
            (200, "dua ratus"),
            (999, "sembilan ratus sembilan puluh sembilan"),
            (1203, "satu dua nol tiga"),
        ] {
            assert_eq!(printed(serial).join(" "), expected, "{serial}");
        }
    }

    #[test]
    fn a_call_says_number_and_counter() {
        let day = "2026-11-23".parse().unwrap();
        let ticket = TicketNumber { day, class: QueueClass::PRIORITY, serial: 7 };
        assert_eq!(call(&ticket, 12).join(" "), "nomor-antrean b nol nol tujuh silakan-ke loket dua belas");
    }
}
