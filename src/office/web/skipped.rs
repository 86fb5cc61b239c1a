//! That ticket numbers of the day were left out, and what to do with paper that nobody knows of, in words.

use chrono::{DateTime, Utc};

use crate::domain::ticket::{SkipReason, TicketsSkipped};
use crate::web::page::Shell;

/// Says it.
pub fn told(shell: &Shell, (skipped, at): &(TicketsSkipped, DateTime<Utc>)) -> String {
    let (words, at) = (shell.words, shell.dates.since(*at, shell.now));
    let why = match skipped.because {
        SkipReason::Restored => words.ticket_skipped_restored(at),
        SkipReason::Damaged => words.ticket_skipped_damaged(at),
        SkipReason::HandedBack => words.ticket_skipped_handed_back(at),
    };
    format!("{why} {}", words.ticket_skipped_advice(skipped.from))
}
