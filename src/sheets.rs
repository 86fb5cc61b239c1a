//! Tables in files that people bring: `.xls` and `.xlsx`, and text with commas, semicolons or tabs between its cells.
//!
//! A spreadsheet is an archive or a small file system, and what it says of itself can be a lie that asks for all memory
//! there is. So it is taken apart by a process of its own that has little memory and little time, and whose end
//! takes nothing along. Text is read here, a row at a time.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use calamine::{Data, Reader};
use serde::{Deserialize, Serialize};

use crate::domain::stage_report::{Cell, Row, Sheet};

/// A file larger than this is not read, in bytes.
pub const FILE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// More rows than this are not read: a busy office issues so many books in two months.
pub const ROWS_MAX: usize = 20_000;
/// Columns further right are passed over.
const COLUMNS_MAX: usize = 60;
/// A longer text is cut, in characters.
const CELL_CHARS_MAX: usize = 200;
/// What the other process may answer, in bytes.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// The name of the command that is the other process.
pub const COMMAND: &str = "read-sheet";

/// Why a file cannot be read as a table.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// It is too large.
    #[error("the file is larger than {} MB", FILE_BYTES_MAX / 1024 / 1024)]
    TooLarge,
    /// It has too many rows.
    #[error("the file has more than {ROWS_MAX} rows")]
    TooManyRows,
    /// A web page that calls itself a spreadsheet.
    #[error("the file is a web page, whatever its name says; open it in a spreadsheet and save it as .xlsx")]
    WebPage,
    /// It is no spreadsheet and no text, or it is damaged.
    #[error(
        "the file is no spreadsheet and no text that could be read: it is damaged, locked with a password, or something else"
    )]
    Unreadable,
    /// The other process could not be started.
    #[error("the process that reads spreadsheets could not be started")]
    Process(#[source] io::Error),
}

/// Reads spreadsheets; knows the program whose command does it.
#[derive(Debug, Clone)]
pub struct SheetReader {
    program: PathBuf,
}

/// What the other process answers.
#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    Sheets(Vec<Sheet>),
    TooManyRows,
}

impl SheetReader {
    /// With this program.
    pub fn of(program: &Path) -> Self {
        Self { program: program.to_owned() }
    }

    /// With the program that runs.
    pub fn own() -> io::Result<Self> {
        Ok(Self { program: std::env::current_exe()? })
    }

    /// Reads a file's sheets. Takes its time: not for a thread that serves others.
    pub fn read(&self, bytes: &[u8]) -> Result<Vec<Sheet>, SheetError> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(SheetError::TooLarge);
        }
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
            self.ask(bytes)
        } else {
            Ok(vec![Sheet { name: String::new(), rows: text(bytes)? }])
        }
    }

    fn ask(&self, bytes: &[u8]) -> Result<Vec<Sheet>, SheetError> {
        let mut process = Command::new(&self.program)
            .arg(COMMAND)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .env_clear()
            .spawn()
            .map_err(SheetError::Process)?;
        // A process that ends while it is written to has answered already, or never will.
        let sent = process.stdin.take().map(|mut pipe| pipe.write_all(bytes));
        let mut answer = Vec::new();
        let read = process.stdout.take().map(|pipe| pipe.take(ANSWER_BYTES_MAX).read_to_end(&mut answer));
        let ended = process.wait().map_err(SheetError::Process)?;
        let is_whole = matches!((sent, read), (Some(Ok(())), Some(Ok(_)))) && ended.success();
        match serde_json::from_slice(&answer) {
            Ok(Answer::Sheets(sheets)) if is_whole => Ok(sheets),
            Ok(Answer::TooManyRows) if is_whole => Err(SheetError::TooManyRows),
            _ => Err(SheetError::Unreadable),
        }
    }
}

/// The other process: a spreadsheet from standard input, its sheets to standard output. Anything but success means that
/// it cannot be read.
pub fn answer() -> io::Result<()> {
    keep_small();
    let mut bytes = Vec::new();
    io::stdin().take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    let answer = spreadsheet(bytes).map_err(io::Error::other)?;
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &answer)?;
    out.flush()
}

/// Half a gigabyte and ten seconds of work are plenty for a file that a person made.
#[cfg(unix)]
fn keep_small() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    for (what, most) in [(Resource::As, 512 << 20), (Resource::Cpu, 10)] {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        // Without the limits it is a process of its own all the same.
        setrlimit(what, limit).unwrap_or_default();
    }
}

#[cfg(not(unix))]
fn keep_small() {}

fn spreadsheet(bytes: Vec<u8>) -> Result<Answer, calamine::Error> {
    let mut book = calamine::open_workbook_auto_from_rs(io::Cursor::new(bytes))?;
    let mut sheets = Vec::new();
    let mut rows_left = ROWS_MAX;
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name)?;
        let (first, left) = range.start().unwrap_or_default();
        let mut rows = Vec::new();
        for (line, cells) in (first + 1..).zip(range.rows()) {
            if cells.iter().all(|cell| matches!(cell, Data::Empty)) {
                continue;
            }
            let Some(fewer) = rows_left.checked_sub(1) else { return Ok(Answer::TooManyRows) };
            rows_left = fewer;
            let before = std::iter::repeat_n(Cell::Empty, usize::try_from(left).unwrap_or(0));
            let cells = before.chain(cells.iter().map(cell)).take(COLUMNS_MAX).collect();
            rows.push(Row { line, cells });
        }
        sheets.push(Sheet { name: cut(&name), rows });
    }
    Ok(Answer::Sheets(sheets))
}

fn cell(data: &Data) -> Cell {
    match data {
        Data::Empty => Cell::Empty,
        Data::String(text) => Cell::Text(cut(text)),
        Data::Float(number) if number.is_finite() => Cell::Number(*number),
        #[expect(
            clippy::cast_precision_loss,
            reason = "a figure is a figure: whether its digits hold is judged later"
        )]
        Data::Int(number) => Cell::Number(*number as f64),
        Data::DateTime(at) => match at.as_datetime() {
            Some(at) => Cell::Date(at.date()),
            None => Cell::Text(at.as_f64().to_string()),
        },
        other => Cell::Text(cut(&other.to_string())),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(CELL_CHARS_MAX).collect()
}

/// Rows of a text.
fn text(bytes: &[u8]) -> Result<Vec<Row>, SheetError> {
    let whole = decode(bytes)?;
    if whole.trim_start().starts_with('<') {
        return Err(SheetError::WebPage);
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(&whole))
        .from_reader(whole.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| SheetError::Unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |text: &str| if text.is_empty() { Cell::Empty } else { Cell::Text(cut(text)) };
        let cells: Vec<Cell> = record.iter().take(COLUMNS_MAX).map(cell).collect();
        if cells.iter().all(|cell| *cell == Cell::Empty) {
            continue;
        }
        if rows.len() == ROWS_MAX {
            return Err(SheetError::TooManyRows);
        }
        rows.push(Row { line: u32::try_from(line).unwrap_or(u32::MAX), cells });
    }
    Ok(rows)
}

/// UTF-8 or UTF-16 as their first bytes say; else UTF-8, else each byte a character, as older programs wrote.
fn decode(bytes: &[u8]) -> Result<String, SheetError> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16(&units).map_err(|_| SheetError::Unreadable)
    };
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes)?,
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes)?,
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        },
    };
    // No text has these; pictures and programs do.
    if text.contains('\0') { Err(SheetError::Unreadable) } else { Ok(text) }
}

/// What stands between cells: whichever of the three the first rows have most of.
fn separator(text: &str) -> u8 {
    let head: Vec<&str> = text.lines().take(30).collect();
    let count = |separator: char| head.iter().map(|line| line.matches(separator).count()).sum::<usize>();
    let candidates = [(b';', ';'), (b'\t', '\t'), (b',', ',')];
    candidates.into_iter().max_by_key(|(_, c)| count(*c)).map_or(b',', |(byte, _)| byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::stage_report;
    use proptest::prelude::*;

    /// A program that cannot be started: text needs none.
    fn reader() -> SheetReader {
        SheetReader::of(Path::new("/nonexistent"))
    }

    fn numbers(bytes: &[u8]) -> Vec<String> {
        let report = stage_report::read(&reader().read(bytes).unwrap()).unwrap();
        report.lines.iter().map(|line| line.number.to_string()).collect()
    }

    #[test]
    fn text_is_read_with_every_separator_and_encoding() {
        for separator in [";", ",", "\t"] {
            let text = format!(
                "LAPORAN ALOKASI\r\n\r\nNO{separator}NOMOR PERMOHONAN{separator}NAMA\r\n1{separator}1179000000000001{separator}\"SITI, NUR\"\r\n"
            );
            let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            for bytes in [
                text.clone().into_bytes(),
                [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
                [&[0xFF, 0xFE][..], &wide].concat(),
                text.replace("SITI", "S\u{ef}TI").chars().map(|c| c as u8).collect(),
            ] {
                assert_eq!(numbers(&bytes), ["1179000000000001"], "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_reason() {
        let read = |bytes: &[u8]| reader().read(bytes).unwrap_err();
        assert!(matches!(read(b"<html><table><tr><td>NO PERMOHONAN"), SheetError::WebPage));
        assert!(matches!(read(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), SheetError::Unreadable));
        assert!(matches!(read(&vec![b'a'; FILE_BYTES_MAX + 1]), SheetError::TooLarge));
        assert!(matches!(read("1,2\n".repeat(ROWS_MAX + 1).as_bytes()), SheetError::TooManyRows));
        assert!(matches!(read(b"PK\x03\x04"), SheetError::Process(_)));
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(sheets) = reader().read(&bytes) {
                drop(stage_report::read(&sheets));
            }
        }
    }
}
