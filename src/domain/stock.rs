//! Blank books: what came, what was counted, and which blank may be set aside for whom.

use serde::{Deserialize, Serialize};

use super::number::BookNumber;
use super::refusal::Refusal;
use super::service::Product;

/// A delivery has at most so many blanks; a longer range is typed wrongly.
pub const RANGE_MAX: u32 = 20_000;

/// Blanks came to the office (office; about the office's own affairs).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockReceived {
    /// The kind of book.
    pub product: Product,
    /// The first and the last number.
    pub range: BookRange,
    /// What the delivery note says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Blanks were counted by hand (office; about the office's own affairs).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockCounted {
    /// The kind of book.
    pub product: Product,
    /// How many lie there.
    pub counted: u32,
    /// How many should lie there, by what is on record.
    pub expected: u32,
    /// What was noted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Numbers that follow each other: the same letters, as many digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Ends", into = "Ends")]
pub struct BookRange {
    ends: Ends,
    letters: String,
    digits: usize,
    first: u32,
    last: u32,
}

/// A range as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Ends {
    first: BookNumber,
    last: BookNumber,
}

/// Why two numbers are no range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoRange {
    /// They differ in their letters or in how many digits they have.
    #[error("the numbers are of different series")]
    OtherSeries,
    /// The last lies before the first.
    #[error("the last number lies before the first")]
    Backwards,
    /// There are more than a delivery has.
    #[error("more than {RANGE_MAX} blanks")]
    TooMany,
}

/// Letters, how many digits, and the number they make.
fn parts(number: &BookNumber) -> Option<(&str, usize, u32)> {
    let (letters, digits) = number.as_str().split_at(number.as_str().find(|c: char| c.is_ascii_digit())?);
    Some((letters, digits.len(), digits.parse().ok()?))
}

impl BookRange {
    /// From a first to a last number.
    pub fn of(first: &BookNumber, last: &BookNumber) -> Result<Self, NoRange> {
        let ends = Ends { first: first.clone(), last: last.clone() };
        let (from, to) = parts(first).zip(parts(last)).ok_or(NoRange::OtherSeries)?;
        let ((letters, digits, first), (other_letters, other_digits, last)) = (from, to);
        if (letters, digits) != (other_letters, other_digits) {
            return Err(NoRange::OtherSeries);
        }
        match last.checked_sub(first) {
            None => Err(NoRange::Backwards),
            Some(more) if more >= RANGE_MAX => Err(NoRange::TooMany),
            Some(_) => Ok(Self { ends, letters: letters.to_owned(), digits, first, last }),
        }
    }

    /// How many blanks.
    pub fn count(&self) -> u32 {
        self.last - self.first + 1
    }

    /// Whether a blank is one of them.
    pub fn contains(&self, number: &BookNumber) -> bool {
        parts(number).is_some_and(|(letters, digits, serial)| {
            letters == self.letters && digits == self.digits && (self.first..=self.last).contains(&serial)
        })
    }

    /// Whether a blank is in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        (&self.letters, self.digits) == (&other.letters, other.digits)
            && self.first <= other.last
            && other.first <= self.last
    }

    /// Every number.
    pub fn numbers(&self) -> impl Iterator<Item = BookNumber> + '_ {
        (self.first..=self.last).filter_map(|serial| self.number(serial))
    }

    /// The first number.
    pub fn first(&self) -> &BookNumber {
        &self.ends.first
    }

    /// The last number.
    pub fn last(&self) -> &BookNumber {
        &self.ends.last
    }

    fn number(&self, serial: u32) -> Option<BookNumber> {
        BookNumber::parse(&format!("{}{serial:0width$}", self.letters, width = self.digits)).ok()
    }
}

impl TryFrom<Ends> for BookRange {
    type Error = NoRange;
    fn try_from(ends: Ends) -> Result<Self, NoRange> {
        Self::of(&ends.first, &ends.last)
    }
}

impl From<BookRange> for Ends {
    fn from(range: BookRange) -> Self {
        range.ends
    }
}

/// Whether a blank may be set aside for somebody who applied for a kind of book. An office that keeps no stock here is not
/// asked.
pub fn may_use(stock: &[StockReceived], book: &BookNumber, product: Product) -> Result<(), Refusal> {
    if stock.is_empty() {
        return Ok(());
    }
    match stock.iter().find(|received| received.range.contains(book)) {
        None => Err(Refusal::BlankNotInStock),
        Some(received) if received.product != product => {
            Err(Refusal::BlankOfOtherKind { is: received.product })
        }
        Some(_) => Ok(()),
    }
}

/// Whether blanks may be taken in: none of them is here already.
pub fn may_receive(stock: &[StockReceived], range: &BookRange) -> Result<(), Refusal> {
    let is_here = stock.iter().any(|received| received.range.overlaps(range));
    if is_here { Err(Refusal::BlanksAlreadyReceived) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> BookNumber {
        BookNumber::parse(text).unwrap()
    }

    fn range(first: &str, last: &str) -> Result<BookRange, NoRange> {
        BookRange::of(&number(first), &number(last))
    }

    fn received(product: Product, first: &str, last: &str) -> StockReceived {
        StockReceived { product, range: range(first, last).unwrap(), note: String::new() }
    }

    #[test]
    fn a_range_is_one_series_from_first_to_last() {
        let ten = range("X0000091", "X0000100").unwrap();
        assert_eq!(ten.count(), 10);
        let numbers: Vec<BookNumber> = ten.numbers().collect();
        assert_eq!((numbers.len(), numbers[9].as_str()), (10, "X0000100"));
        assert!(ten.contains(&number("X0000095")) && !ten.contains(&number("X0000101")));
        assert!(!ten.contains(&number("E0000095")) && !ten.contains(&number("X000095")));
        assert_eq!(range("X0000001", "E0000002"), Err(NoRange::OtherSeries));
        assert_eq!(range("X0000002", "X0000001"), Err(NoRange::Backwards));
        assert_eq!(range("X0000001", "X0020001"), Err(NoRange::TooMany));
        assert_eq!(range("X0000001", "X0020000").unwrap().count(), RANGE_MAX);
        let written = serde_json::to_value(&ten).unwrap();
        assert_eq!(written, serde_json::json!({ "first": "X0000091", "last": "X0000100" }));
        assert_eq!(serde_json::from_value::<BookRange>(written).unwrap(), ten);
    }

    #[test]
    fn a_blank_that_never_came_or_is_of_another_kind_is_refused() {
        let stock = [
            received(Product::Electronic, "X0000001", "X0000100"),
            received(Product::Ordinary, "C0000001", "C0000050"),
        ];
        let asks = |book: &str, product| may_use(&stock, &number(book), product);
        assert_eq!(asks("X0000100", Product::Electronic), Ok(()));
        assert_eq!(asks("X0000101", Product::Electronic), Err(Refusal::BlankNotInStock));
        assert_eq!(
            asks("C0000001", Product::Electronic),
            Err(Refusal::BlankOfOtherKind { is: Product::Ordinary })
        );
        assert_eq!(may_use(&[], &number("X9999999"), Product::Electronic), Ok(()), "no stock is kept here");
    }

    #[test]
    fn the_same_blanks_do_not_come_twice() {
        let stock = [received(Product::Electronic, "X0000001", "X0000100")];
        let asks = |first: &str, last: &str| may_receive(&stock, &range(first, last).unwrap());
        assert_eq!(asks("X0000101", "X0000200"), Ok(()));
        assert_eq!(asks("E0000001", "E0000100"), Ok(()));
        for (first, last) in [("X0000100", "X0000200"), ("X0000050", "X0000060"), ("X0000000", "X0000200")] {
            assert_eq!(asks(first, last), Err(Refusal::BlanksAlreadyReceived));
        }
    }
}
