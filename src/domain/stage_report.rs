//! Stage reports of SPRI as offices export them: a table somewhere in a sheet, its header in one of the first rows and
//! worded in several ways (DOMAIN.md §2.6). Reads what the cells say; what the file holds is taken apart elsewhere.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::book::stage::SpriStage;
use super::number::ApplicationNumber;

/// A cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text.
    Text(String),
    /// A number, which holds 15 digits at most.
    Number(f64),
    /// A day.
    Date(NaiveDate),
}

/// A row with the number people see beside it, from 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its number.
    pub line: u32,
    /// Its cells from the first column on.
    pub cells: Vec<Cell>,
}

/// A sheet; a text file is one without a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The stage its title or its sheet names, if it names exactly one.
    pub stage: Option<SpriStage>,
    /// The lines that name an application.
    pub lines: Vec<ReportLine>,
    /// The rows that cannot be read.
    pub faults: Vec<RowFault>,
}

/// A line about an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLine {
    /// The row's number.
    pub line: u32,
    /// The application.
    pub number: ApplicationNumber,
    /// The name as the report has it; empty when it has none.
    pub name: String,
    /// The date of birth, in reports of the last stage.
    pub born_on: Option<NaiveDate>,
}

/// A row that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// The row's number.
    pub line: u32,
    /// What stands where the application's number should, and the name beside it.
    pub found: String,
    /// The name, if there is one.
    pub name: String,
    /// What is wrong.
    pub why: Why,
}

/// Why a row cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// It names no application.
    #[error("no application number")]
    NoNumber,
    /// The number is kept as a figure, whose last digits a spreadsheet has rounded away.
    #[error("the number is kept as a figure, so its last digits are gone")]
    Rounded,
    /// What stands there is no number of an application.
    #[error("not an application number of 16 digits")]
    NotANumber,
    /// The date of birth cannot be read.
    #[error("the date of birth cannot be read")]
    BirthDate,
    /// The application stood in an earlier row already.
    #[error("the same number stands in row {line} already")]
    Again {
        /// Which.
        line: u32,
    },
}

/// Why a file is no stage report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoReport {
    /// No row near the top has a column of application numbers.
    #[error("no heading names a column of application numbers in the first {HEADER_ROWS} rows")]
    NoHeader,
    /// A header, and nothing below it.
    #[error("there is no row below the headings")]
    NoRows,
}

/// The header stands in one of so many rows from the top.
pub const HEADER_ROWS: u32 = 15;

/// A name or a number longer than this is cut for the page.
const SHOWN_CHARS_MAX: usize = 80;

/// Where the columns are.
struct Columns {
    number: usize,
    name: Option<usize>,
    born_on: Option<usize>,
}

/// Reads the first sheet that has a report's header.
pub fn read(sheets: &[Sheet]) -> Result<Report, NoReport> {
    let found = sheets.iter().find_map(|sheet| {
        let (at, columns) = header(&sheet.rows)?;
        Some((sheet, at, columns))
    });
    let (sheet, at, columns) = found.ok_or(NoReport::NoHeader)?;
    let (above, below) = (&sheet.rows[..at], &sheet.rows[at + 1..]);
    let titles = above.iter().flat_map(|row| &row.cells).filter_map(text);
    let stage = only_stage(titles).or_else(|| only_stage(std::iter::once(sheet.name.as_str())));
    let mut report = Report { stage, ..Report::default() };
    let mut seen = HashMap::new();
    for row in below {
        match line(row, &columns) {
            Ok(None) => {}
            Ok(Some(line)) => {
                if let Some(first) = seen.insert(line.number.clone(), line.line) {
                    // The first row of a number counts.
                    seen.insert(line.number.clone(), first);
                    let (found, why) = (line.number.to_string(), Why::Again { line: first });
                    report.faults.push(RowFault { line: line.line, found, name: line.name, why });
                } else {
                    report.lines.push(line);
                }
            }
            Err(fault) => report.faults.push(fault),
        }
    }
    if report.lines.is_empty() && report.faults.is_empty() { Err(NoReport::NoRows) } else { Ok(report) }
}

fn text(cell: &Cell) -> Option<&str> {
    match cell {
        Cell::Text(text) => Some(text),
        Cell::Empty | Cell::Number(_) | Cell::Date(_) => None,
    }
}

/// Letters and digits in capitals: headings differ in points, spaces and line breaks.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

fn header(rows: &[Row]) -> Option<(usize, Columns)> {
    let top = rows.iter().take_while(|row| row.line <= HEADER_ROWS).enumerate();
    top.into_iter().find_map(|(at, row)| {
        let heading = |is: fn(&str) -> bool| {
            row.cells.iter().position(|cell| text(cell).is_some_and(|text| is(&plain(text))))
        };
        let number = heading(is_number_heading)?;
        let (name, born_on) = (heading(is_name_heading), heading(is_birth_heading));
        Some((at, Columns { number, name, born_on }))
    })
}

/// `NOMOR PERMOHONAN`, `NO. PERMOHONAN`, `NOMOR PEMOHON` and the like.
fn is_number_heading(plain: &str) -> bool {
    let rest = ["NOMOR", "NOMER", "NMR", "NO"].iter().find_map(|start| plain.strip_prefix(start));
    matches!(rest, Some("PERMOHONAN" | "PEMOHON" | "PERMOHONANPASPOR" | "PERMOHONANSPRI"))
}

fn is_name_heading(plain: &str) -> bool {
    matches!(plain, "NAMAPEMOHON" | "NAMA" | "NAMALENGKAP" | "NAMALENGKAPPEMOHON")
}

fn is_birth_heading(plain: &str) -> bool {
    matches!(plain, "TANGGALLAHIR" | "TGLLAHIR" | "TGLLAHIRPEMOHON" | "TANGGALLAHIRPEMOHON")
}

/// The stage that these texts name, when they name one and no other.
fn only_stage<'a>(texts: impl Iterator<Item = &'a str>) -> Option<SpriStage> {
    const NAMES: [(&str, SpriStage); 5] = [
        ("WAWANCARA", SpriStage::Interview),
        ("ALOKASI", SpriStage::Allocation),
        ("PENCETAKAN", SpriStage::Printing),
        ("CETAK", SpriStage::Printing),
        ("PENERBITAN", SpriStage::Issue),
    ];
    let texts: Vec<String> = texts.map(plain).collect();
    let named = |name: &str| texts.iter().any(|text| text.contains(name));
    let mut stages: Vec<SpriStage> =
        NAMES.iter().filter(|(name, _)| named(name)).map(|(_, stage)| *stage).collect();
    stages.dedup();
    if let [stage] = stages[..] { Some(stage) } else { None }
}

/// A row below the header: nothing where it says nothing, and where a header is repeated on a further page.
fn line(row: &Row, columns: &Columns) -> Result<Option<ReportLine>, RowFault> {
    let cell = |column: usize| row.cells.get(column).unwrap_or(&Cell::Empty);
    let name = columns.name.map_or(String::new(), |column| shown(cell(column)));
    let found = cell(columns.number);
    let fault = |why| RowFault { line: row.line, found: shown(found), name: name.clone(), why };
    let number = match found {
        Cell::Empty if name.is_empty() => return Ok(None),
        Cell::Empty => return Err(fault(Why::NoNumber)),
        Cell::Number(_) => return Err(fault(Why::Rounded)),
        Cell::Date(_) => return Err(fault(Why::NotANumber)),
        Cell::Text(text) if text.trim().is_empty() && name.is_empty() => return Ok(None),
        Cell::Text(text) if text.trim().is_empty() => return Err(fault(Why::NoNumber)),
        Cell::Text(text) if is_number_heading(&plain(text)) => return Ok(None),
        Cell::Text(text) if is_rounded(text) => return Err(fault(Why::Rounded)),
        Cell::Text(text) => ApplicationNumber::parse(text.trim().trim_start_matches('\''))
            .map_err(|_| fault(Why::NotANumber))?,
    };
    let born_on = match columns.born_on.map(cell) {
        None | Some(Cell::Empty) => None,
        Some(Cell::Text(text)) if text.trim().is_empty() => None,
        Some(cell) => Some(day(cell).ok_or_else(|| fault(Why::BirthDate))?),
    };
    Ok(Some(ReportLine { line: row.line, number, name, born_on }))
}

/// `1,179E+15`: a figure that was written down as text after its digits were gone.
fn is_rounded(text: &str) -> bool {
    let text = text.trim();
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '+');
    mantissa.starts_with(|c: char| c.is_ascii_digit())
        && mantissa.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',')
        && digits(exponent)
}

fn shown(cell: &Cell) -> String {
    let whole = match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Cell::Number(number) => number.to_string(),
        Cell::Date(day) => day.to_string(),
    };
    whole.chars().filter(|c| !c.is_control()).take(SHOWN_CHARS_MAX).collect()
}

/// A day as reports write it: `31-12-1990`, also with points or strokes, `1990-12-31`, a date cell, or the figure a
/// spreadsheet keeps for a day.
fn day(cell: &Cell) -> Option<NaiveDate> {
    /// The day before the first that spreadsheets count.
    const BEFORE_FIRST: (i32, u32, u32) = (1899, 12, 30);
    match cell {
        Cell::Empty => None,
        Cell::Date(day) => Some(*day),
        Cell::Number(number) => {
            // From 1900-03-01, before which spreadsheets count a day that never was, to 2199.
            let whole = number.trunc();
            if !(61.0..110_000.0).contains(&whole) {
                return None;
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "in range, as said above"
            )]
            let days = Days::new(whole as u64);
            let (year, month, first) = BEFORE_FIRST;
            NaiveDate::from_ymd_opt(year, month, first)?.checked_add_days(days)
        }
        Cell::Text(text) => {
            let text = text.trim().trim_start_matches('\'');
            let text = text.split_once([' ', 'T']).map_or(text, |(day, _)| day);
            let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
            let [one, two, three] = parts[..] else { return None };
            let (year, month, day) = if one.len() == 4 { (one, two, three) } else { (three, two, one) };
            if year.len() != 4 {
                return None;
            }
            NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sheet(name: &str, rows: &[&[&str]]) -> Sheet {
        let cell = |text: &&str| if text.is_empty() { Cell::Empty } else { Cell::Text((*text).to_owned()) };
        let row = |(line, cells): (u32, &&[&str])| Row { line, cells: cells.iter().map(cell).collect() };
        Sheet { name: name.to_owned(), rows: (1..).zip(rows).map(row).collect() }
    }

    fn numbers(report: &Report) -> Vec<&str> {
        report.lines.iter().map(|line| line.number.as_str()).collect()
    }

    #[test]
    fn headings_are_found_in_every_wording_below_a_title() {
        for heading in
            ["NOMOR PEMOHON", "NO PERMOHONAN", "No. Permohonan", "Nomor\nPermohonan ", "NO.PEMOHON"]
        {
            for name in ["NAMA PEMOHON", "Nama"] {
                let report = read(&[sheet(
                    "Sheet1",
                    &[
                        &["LAPORAN PENERBITAN PASPOR"],
                        &[],
                        &["NO", heading, name, "JENIS PERMOHONAN", "TANGGAL PERMOHONAN", "TANGGAL LAHIR"],
                        &["1", "1179000000000001", "BUDI  SANTOSO", "BARU", "02-11-2026", "01-01-1990"],
                        &["2", "1179 0000 0000 0002", "SRI", "BARU", "02-11-2026", ""],
                    ],
                )])
                .unwrap();
                assert_eq!(numbers(&report), ["1179000000000001", "1179000000000002"], "{heading} {name}");
                assert_eq!(report.stage, Some(SpriStage::Issue));
                let born = report.lines[0].born_on.unwrap().to_string();
                assert_eq!((report.lines[0].name.as_str(), born.as_str()), ("BUDI SANTOSO", "1990-01-01"));
                assert!(report.faults.is_empty());
            }
        }
    }

    #[test]
    fn the_stage_comes_from_the_title_or_the_sheet_and_from_nothing_that_names_two() {
        let of = |name: &str, title: &str| {
            let rows: &[&[&str]] = &[&[title], &["NO PERMOHONAN"], &["1179000000000001"]];
            read(&[sheet(name, rows)]).unwrap().stage
        };
        assert_eq!(of("Sheet1", "Laporan Wawancara"), Some(SpriStage::Interview));
        assert_eq!(of("Laporan Alokasi", ""), Some(SpriStage::Allocation));
        assert_eq!(of("Penerbitan", "Rekap pencetakan paspor"), Some(SpriStage::Printing));
        assert_eq!(of("Sheet1", "Dari alokasi sampai penerbitan"), None);
        assert_eq!(of("Sheet1", ""), None);
    }

    #[test]
    fn a_header_below_the_fifteenth_row_is_not_looked_for() {
        let rows = |above: usize| {
            let mut rows: Vec<&[&str]> = vec![&["Kantor Imigrasi"]; above];
            rows.extend([&["NOMOR PERMOHONAN"][..], &["1179000000000001"][..]]);
            read(&[sheet("", &rows)])
        };
        assert_eq!(numbers(&rows(14).unwrap()), ["1179000000000001"]);
        assert_eq!(rows(15), Err(NoReport::NoHeader));
        assert_eq!(read(&[sheet("", &[&["NO PERMOHONAN"]])]), Err(NoReport::NoRows));
        assert_eq!(read(&[]), Err(NoReport::NoHeader));
    }

    #[test]
    fn a_row_that_cannot_be_trusted_says_why_and_the_others_go_on() {
        let mut report = sheet(
            "",
            &[
                &["NOMOR PERMOHONAN", "NAMA"],
                &["", "TANPA NOMOR"],
                &["1,179E+15", "DIBULATKAN"],
                &["117900000000001", "LIMA BELAS ANGKA"],
                &["Jumlah: 7", ""],
                &["'1179000000000001", "PERTAMA"],
                &["1179000000000001", "LAGI"],
                &["", ""],
                &["NOMOR PERMOHONAN", "NAMA"],
            ],
        );
        let number = Cell::Number(1_179_000_000_000_002.0);
        report.rows.push(Row { line: 10, cells: vec![number, Cell::Text("ANGKA".to_owned())] });
        let report = read(&[report]).unwrap();
        let faults: Vec<_> = report.faults.iter().map(|fault| (fault.line, fault.why)).collect();
        assert_eq!(
            faults,
            [
                (2, Why::NoNumber),
                (3, Why::Rounded),
                (4, Why::NotANumber),
                (5, Why::NotANumber),
                (7, Why::Again { line: 6 }),
                (10, Why::Rounded),
            ]
        );
        assert_eq!(numbers(&report), ["1179000000000001"]);
    }

    #[test]
    fn dates_are_read_as_people_and_spreadsheets_write_them() {
        for (written, read) in [
            ("31-12-1990", Some("1990-12-31")),
            ("1-2-1990", Some("1990-02-01")),
            ("31/12/1990", Some("1990-12-31")),
            ("1990-12-31", Some("1990-12-31")),
            ("31-12-1990 00:00:00", Some("1990-12-31")),
            ("31-12-90", None),
            ("31-13-1990", None),
            ("kosong", None),
        ] {
            let found = day(&Cell::Text(written.to_owned()));
            assert_eq!(found.map(|day| day.to_string()).as_deref(), read, "{written}");
        }
        assert_eq!(day(&Cell::Number(33_238.0)), Some("1990-12-31".parse().unwrap()));
        assert_eq!(day(&Cell::Number(f64::NAN)), None);
        assert_eq!(day(&Cell::Number(1e300)), None);
    }

    fn cell() -> impl Strategy<Value = Cell> {
        prop_oneof![
            Just(Cell::Empty),
            ".{0,20}".prop_map(Cell::Text),
            "[0-9 .'-]{14,20}".prop_map(Cell::Text),
            prop_oneof![Just("NO PERMOHONAN"), Just("NAMA"), Just("TGL LAHIR")]
                .prop_map(|heading| Cell::Text(heading.to_owned())),
            any::<f64>().prop_map(Cell::Number),
        ]
    }

    proptest! {
        #[test]
        fn any_table_is_read_to_its_end_and_no_row_counts_twice(
            table in prop::collection::vec(prop::collection::vec(cell(), 0..6), 0..40)
        ) {
            let rows: Vec<Row> = (1..).zip(table).map(|(line, cells)| Row { line, cells }).collect();
            let count = rows.len();
            if let Ok(report) = read(&[Sheet { name: String::new(), rows }]) {
                let mut lines: Vec<u32> = report.lines.iter().map(|line| line.line).collect();
                lines.extend(report.faults.iter().map(|fault| fault.line));
                lines.sort_unstable();
                let before = lines.len();
                lines.dedup();
                prop_assert!(lines.len() == before && before < count);
                let numbers: std::collections::BTreeSet<_> =
                    report.lines.iter().map(|line| &line.number).collect();
                prop_assert_eq!(numbers.len(), report.lines.len());
            }
        }
    }
}
