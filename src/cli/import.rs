//! `loket import`: a stage report of SPRI, shown before it is taken over. A stopped office is opened for it; a running one
//! is asked by a note in its folder, for it alone may write its journals.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use loket_sync::Disk;

use super::bundle::{ask, is_running, open};
use super::terminal::{self, say};
use super::{Failure, Node};
use crate::config::{self, NodeKind, OfficeOverrides};
use crate::domain::book::stage::SpriStage;
use crate::ids;
use crate::office::actions::stage_reports::{self, Imported, ReportTold};
use crate::office::node;
use crate::sheets::FILE_BYTES_MAX;
use crate::spool::{self, Answer, Note};
use crate::web::words::{L10n, names, words};

/// What `loket import` is told.
#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(flatten)]
    node: Node,
    /// A stage report of SPRI: .xls, .xlsx or .csv
    file: PathBuf,
    /// The stage it is about, where the file does not say so itself
    #[arg(long, value_enum, value_name = "STAGE")]
    stage: Option<StageName>,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum StageName {
    /// Wawancara
    Interview,
    /// Alokasi
    Allocation,
    /// Pencetakan
    Printing,
    /// Penerbitan
    Issue,
}

impl From<StageName> for SpriStage {
    fn from(name: StageName) -> Self {
        match name {
            StageName::Interview => SpriStage::Interview,
            StageName::Allocation => SpriStage::Allocation,
            StageName::Printing => SpriStage::Printing,
            StageName::Issue => SpriStage::Issue,
        }
    }
}

pub(super) async fn carry_out(import: Import) -> Result<(), Failure> {
    let dir = import.node.dir.as_path();
    if config::kind_of(dir)? != NodeKind::Office {
        return Err("stage reports are an office's affair; this is a registry".into());
    }
    let chosen = import.stage.map(SpriStage::from);
    let read = |error| format!("{}: {error}", import.file.display());
    if std::fs::metadata(&import.file).map_err(read)?.len() > FILE_BYTES_MAX as u64 {
        return Err(format!("the file is larger than {} MB", FILE_BYTES_MAX / 1024 / 1024).into());
    }
    let bytes = std::fs::read(&import.file).map_err(read)?;
    let told = if is_running(dir)? {
        ask_running(dir, &bytes, chosen, import.dry_run).await
    } else {
        let (_, store) = open(dir)?;
        let told = stage_reports::at_the_machine(&store, bytes, chosen, import.dry_run, ids::token()?).await;
        store.stop().await;
        told
    };
    terminal::end_progress();
    say(&told_words(&told?, import.dry_run));
    Ok(())
}

async fn ask_running(
    dir: &Path,
    bytes: &[u8],
    chosen: Option<SpriStage>,
    dry_run: bool,
) -> Result<ReportTold, Failure> {
    let key = node::load(dir, &OfficeOverrides::default())?.1.storage_key;
    let (name, beside) = spool::place(dir)?;
    let asked = async {
        // Names stand in it: it rests sealed, like everything else in the folder.
        Disk::default().replace_private(&beside, &spool::seal_report(&key, bytes))?;
        match ask(dir, &name, |until_ms| Note::ImportReport { chosen, dry_run, until_ms }).await? {
            Answer::Reported(told) => Ok(*told),
            Answer::Failed(reason) => Err(reason.into()),
            Answer::Exported(_) | Answer::Imported(_) => Err("the office answered something else".into()),
        }
    };
    let told = asked.await;
    spool::clear(dir, &name);
    told
}

fn told_words(told: &ReportTold, dry_run: bool) -> String {
    let words = words(L10n::En);
    let Imported { changed, same, unknown, refused } = told.counted;
    let will = if dry_run { "would change" } else { "changed" };
    let mut lines = vec![format!(
        "Report of {}: {changed} {will}, {same} as far already, {unknown} unknown to this office, {refused} refused.",
        names::spri_stage(words, told.stage).to_lowercase()
    )];
    for (from, to, count) in &told.moves {
        let (from, to) = (names::status(words, *from), names::status(words, *to));
        lines.push(format!("  {count} from “{from}” to “{to}”"));
    }
    lines.extend(told.left.iter().map(|(row, number, why)| format!("  row {row}, {number}: {why}")));
    if told.left_out > 0 {
        lines.push(format!("  and {} rows more; the page of reports shows all", told.left_out));
    }
    if dry_run {
        lines.push("Nothing was changed.".to_owned());
    }
    lines.join("\n")
}
