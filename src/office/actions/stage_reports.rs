//! Stage reports of SPRI: what a file would change at this office, and changing it. What a report says is taken over one
//! application at a time by the same rules, so a file that is taken over twice changes nothing the second time, and one
//! that was broken off is simply taken over again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::{ActionError, Asker, aside};
use crate::domain::actor::{Actor, Role};
use crate::domain::application::{Application, Author, Entry, Order};
use crate::domain::book::stage::{Reported, SpriStage};
use crate::domain::command::{Command, Context, decide};
use crate::domain::number::ApplicationNumber;
use crate::domain::refusal::Refusal;
use crate::domain::setting::Settings;
use crate::domain::stage_report::{self, NoReport, ReportLine, RowFault};
use crate::domain::status::Status;
use crate::office::store::{ActError, Store, StoreError};
use crate::sheets::{SheetError, SheetReader};

/// So many applications are asked for at once: what shares a commit of the writer.
const ACTS_AT_ONCE: usize = 64;
/// So much of the hash of a file stands in facts, in hexadecimal digits.
const DIGEST_LEN: usize = 16;

/// A report as it was read, with its stage settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageReport {
    /// The stage it is about.
    pub stage: SpriStage,
    /// Tells the file from others.
    pub digest: String,
    /// Its lines.
    pub lines: Vec<ReportLine>,
    /// Rows that cannot be read.
    pub faults: Vec<RowFault>,
}

/// Why a file is not taken as a report.
#[derive(Debug, thiserror::Error)]
pub enum ReportFault {
    /// It cannot be read as a table.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// The table is no report.
    #[error(transparent)]
    NoReport(#[from] NoReport),
    /// Neither the file nor the officer says which stage it is about.
    #[error("the file does not say which stage it is about")]
    StageUnknown,
    /// The file names another stage than the officer.
    #[error("the file names another stage")]
    OtherStage {
        /// Which.
        found: SpriStage,
    },
    /// The work was ended.
    #[error("the work was ended")]
    Ended,
}

/// What a line would come to, or has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineOutcome {
    /// The row's number in the file.
    pub line: u32,
    /// The application's number, or what stands in its place.
    pub number: String,
    /// The name as the report has it.
    pub name: String,
    /// The name as it was booked, when the report's is another.
    pub booked_name: Option<String>,
    /// What becomes of it.
    pub then: Then,
}

/// What becomes of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// The report is news.
    Changes {
        /// The status now.
        from: Status,
        /// The status after; the same when something else is waited for, such as the payment.
        to: Status,
    },
    /// The application is as far already.
    Same(Status),
    /// No application of this number is known here.
    Unknown,
    /// The rules refuse it.
    Refused(Refusal),
    /// The row cannot be read.
    Unreadable(RowFault),
}

/// What taking a report over came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Imported {
    /// Applications it was news for.
    pub changed: usize,
    /// Applications that were as far already.
    pub same: usize,
    /// Lines of applications that are unknown here.
    pub unknown: usize,
    /// Lines that the rules refuse or that cannot be read.
    pub refused: usize,
}

impl Imported {
    /// Counts the outcomes of lines.
    pub fn of(lines: &[LineOutcome]) -> Self {
        let mut counted = Self::default();
        for line in lines {
            match line.then {
                Then::Changes { .. } => counted.changed += 1,
                Then::Same(_) => counted.same += 1,
                Then::Unknown => counted.unknown += 1,
                Then::Refused(_) | Then::Unreadable(_) => counted.refused += 1,
            }
        }
        counted
    }
}

/// Reads a file; the stage is what it names, and where it names none what the officer chose.
pub async fn read(
    reader: SheetReader,
    bytes: Vec<u8>,
    chosen: Option<SpriStage>,
) -> Result<StageReport, ReportFault> {
    aside(move || settle(&reader, &bytes, chosen)).await.map_err(|_| ReportFault::Ended)?
}

fn settle(reader: &SheetReader, bytes: &[u8], chosen: Option<SpriStage>) -> Result<StageReport, ReportFault> {
    let report = stage_report::read(&reader.read(bytes)?)?;
    let stage = match (report.stage, chosen) {
        (Some(found), Some(chosen)) if found != chosen => return Err(ReportFault::OtherStage { found }),
        (Some(found), _) => found,
        (None, chosen) => chosen.ok_or(ReportFault::StageUnknown)?,
    };
    let digest = blake3::hash(bytes).to_hex()[..DIGEST_LEN].to_owned();
    Ok(StageReport { stage, digest, lines: report.lines, faults: report.faults })
}

/// What taking a report over would change now; nothing is written.
pub async fn preview(
    store: &Store,
    by: &Actor,
    roles: &[Role],
    report: Arc<StageReport>,
) -> Result<Vec<LineOutcome>, ActionError> {
    let (store, by, roles) = (store.clone(), by.clone(), roles.to_vec());
    Ok(aside(move || outcomes(&store, &by, &roles, &report)).await??)
}

/// Takes a report over: what is news becomes facts, many to a commit. Returns when all of them are on the disk.
pub async fn take_over(
    store: &Store,
    asker: &Asker,
    report: Arc<StageReport>,
) -> Result<Imported, ActionError> {
    let lines = preview(store, &asker.by, &asker.roles, Arc::clone(&report)).await?;
    let mut counted = Imported { changed: 0, ..Imported::of(&lines) };
    let changes = lines.iter().filter(|outcome| matches!(outcome.then, Then::Changes { .. }));
    let changes: BTreeSet<u32> = changes.map(|outcome| outcome.line).collect();
    let news: Vec<&ReportLine> = report.lines.iter().filter(|line| changes.contains(&line.line)).collect();
    for some in news.chunks(ACTS_AT_ONCE) {
        for done in join_all(some.iter().map(|line| take_line(store, asker, &report, line))).await {
            match done {
                Ok(true) => counted.changed += 1,
                Ok(false) => counted.same += 1,
                // Somebody was quicker since the preview.
                Err(ActionError::Act(ActError::Refused(_))) => counted.refused += 1,
                Err(error) => return Err(error),
            }
        }
    }
    Ok(counted)
}

/// What a report came to, as it is told to whoever sits at the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportTold {
    /// The stage it is about.
    pub stage: SpriStage,
    /// The counts.
    pub counted: Imported,
    /// How many go from one status to another.
    pub moves: Vec<(Status, Status, usize)>,
    /// Rows that change nothing because something is wrong: row, number, why.
    pub left: Vec<(u32, String, String)>,
    /// More of these than are told.
    pub left_out: usize,
}

/// So many rows with something wrong are told one by one.
const TOLD_MAX: usize = 100;

/// Takes a report over, or only says what it would change, for whoever sits at the machine.
pub async fn at_the_machine(
    store: &Store,
    bytes: Vec<u8>,
    chosen: Option<SpriStage>,
    dry_run: bool,
    once: String,
) -> Result<ReportTold, Box<dyn std::error::Error + Send + Sync>> {
    let report = Arc::new(read(SheetReader::own()?, bytes, chosen).await?);
    let asker = Asker::node(once);
    let lines = preview(store, &asker.by, &asker.roles, Arc::clone(&report)).await?;
    let mut told = tell(report.stage, &lines);
    if !dry_run {
        told.counted = take_over(store, &asker, report).await?;
    }
    Ok(told)
}

fn tell(stage: SpriStage, lines: &[LineOutcome]) -> ReportTold {
    let mut left: Vec<_> = lines
        .iter()
        .filter_map(|line| {
            let why = match &line.then {
                Then::Changes { .. } | Then::Same(_) => return None,
                Then::Unknown => "unknown to this office".to_owned(),
                Then::Refused(refusal) => refusal.to_string(),
                Then::Unreadable(fault) => fault.why.to_string(),
            };
            Some((line.line, line.number.clone(), why))
        })
        .collect();
    let left_out = left.len().saturating_sub(TOLD_MAX);
    left.truncate(TOLD_MAX);
    ReportTold { stage, counted: Imported::of(lines), moves: moves(lines), left, left_out }
}

/// How many applications go from one status to another.
pub fn moves(lines: &[LineOutcome]) -> Vec<(Status, Status, usize)> {
    let mut counted: BTreeMap<(Status, Status), usize> = BTreeMap::new();
    for line in lines {
        if let Then::Changes { from, to } = line.then {
            *counted.entry((from, to)).or_default() += 1;
        }
    }
    counted.into_iter().map(|((from, to), count)| (from, to, count)).collect()
}

/// Whether a line was news.
async fn take_line(
    store: &Store,
    asker: &Asker,
    report: &StageReport,
    line: &ReportLine,
) -> Result<bool, ActionError> {
    let Some(key) = store.by_number(&line.number)? else { return Ok(false) };
    let once = format!("{}-{}", asker.once, line.number);
    let asker = Asker { once, seen: None, ..asker.clone() };
    let acted = asker.command(store, key, Command::ImportStage(reported(report, line))).await?;
    Ok(!acted.positions.is_empty())
}

fn reported(report: &StageReport, line: &ReportLine) -> Reported {
    Reported { stage: report.stage, report: report.digest.clone(), born_on: line.born_on }
}

/// Every row of the file in its order.
fn outcomes(
    store: &Store,
    by: &Actor,
    roles: &[Role],
    report: &StageReport,
) -> Result<Vec<LineOutcome>, StoreError> {
    let settings = store.settings(store.office().zone.day(store.clock().now()))?;
    let trial = Trial { store, by, roles, settings };
    let mut lines = report.faults.iter().map(unreadable).collect::<Vec<_>>();
    for line in &report.lines {
        lines.push(trial.outcome(report, line)?);
    }
    lines.sort_by_key(|line| line.line);
    Ok(lines)
}

fn unreadable(fault: &RowFault) -> LineOutcome {
    let (number, name) = (fault.found.clone(), fault.name.clone());
    LineOutcome { line: fault.line, number, name, booked_name: None, then: Then::Unreadable(fault.clone()) }
}

/// Whoever asks, and the settings of today.
struct Trial<'a> {
    store: &'a Store,
    by: &'a Actor,
    roles: &'a [Role],
    settings: Settings,
}

impl Trial<'_> {
    fn outcome(&self, report: &StageReport, line: &ReportLine) -> Result<LineOutcome, StoreError> {
        let found = self.application(&line.number)?;
        let booked_name = found.as_ref().and_then(|application| other_name(application, &line.name));
        let then =
            found.map_or(Then::Unknown, |application| self.then(&application, &reported(report, line)));
        let (number, name) = (line.number.to_string(), line.name.clone());
        Ok(LineOutcome { line: line.line, number, name, booked_name, then })
    }

    fn application(&self, number: &ApplicationNumber) -> Result<Option<Application>, StoreError> {
        let key = self.store.by_number(number)?;
        key.map_or(Ok(None), |key| self.store.application(key))
    }

    fn then(&self, application: &Application, reported: &Reported) -> Then {
        let office = self.store.office();
        let now = self.store.clock().now();
        let context = Context {
            office: Some(&office.code),
            now,
            zone: office.zone,
            today: office.zone.day(now),
            by: self.by,
            roles: self.roles,
            settings: &self.settings,
            next_serial: &|_| 1,
            book_taken: &|_| false,
        };
        let view = application.view();
        let facts = match decide(&view, &Command::ImportStage(reported.clone()), &context) {
            Ok(facts) => facts,
            Err(refusal) => return Then::Refused(refusal),
        };
        let Some(fact) = facts.into_iter().next() else { return Then::Same(view.status) };
        let author = Author::Office(office.code.clone());
        let order = Order { rev: application.next_rev(&author), session: [u8::MAX; 16], seq: u64::MAX };
        let mut after = application.clone();
        after.join(Entry { author, order, at: now, by: self.by.clone(), fact });
        Then::Changes { from: view.status, to: after.view().status }
    }
}

/// The name as it was booked, when a report has another one. Reports cut long names and write all in capitals.
fn other_name(application: &Application, reported: &str) -> Option<String> {
    let plain = |name: &str| -> String {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
    };
    let booked = application.view().booking?.applicant.name;
    let (here, there) = (plain(&booked), plain(reported));
    (!there.is_empty() && !here.starts_with(&there)).then_some(booked)
}
