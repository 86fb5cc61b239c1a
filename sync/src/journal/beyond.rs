//! What stands behind the good part of a session: a group that was never finished, a torn one, or damage.
//!
//! A later group is begun only when the one before it is synced. So whatever is wrong *before* the last group was
//! acknowledged once and is damage: a head further on says that its group began behind it. What is wrong in the last
//! group itself is damage if the process that wrote it ended in order, for then all of it was synced. Otherwise nobody
//! can tell a group that a power cut tore before its sync from one that was synced and spoilt since: it is called torn.

use std::io;
use std::path::Path;

use super::finding::{Finding, What};
use super::mark::Marked;
use super::scan::Scan;
use super::{frame, index};
use crate::disk::Disk;
use crate::head::{Have, Head};

/// Something behind the good part.
pub(crate) struct Problem {
    pub finding: Finding,
    pub kind: Kind,
}

impl Problem {
    /// What the mark says was synced was there once: what is wrong with it is damage.
    pub(crate) fn known_by(self, marked: &Marked, here: &Have) -> Self {
        if marked.is_ahead_of(here) { Self { kind: Kind::Damage, ..self } } else { self }
    }
}

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A group that was being written when the process or the machine stopped: it has no end.
    Unfinished,
    /// The last group has its end and is not whole: it was never synced, or is damaged since.
    Torn,
    /// Acknowledged records may be gone.
    Damage,
}

impl Scan<'_> {
    /// Whether what stands behind the good part was acknowledged.
    pub(super) fn judge(
        &mut self,
        disk: &Disk,
        journal: &Path,
        finding: Finding,
        numbers: &[u32],
        ended_in_order: bool,
    ) -> io::Result<Problem> {
        self.forget_bare_segment();
        let is_wrong_anyway = matches!(finding.what, What::Signature(_) | What::SegmentMissing);
        if is_wrong_anyway || ended_in_order {
            return Ok(Problem { finding, kind: Kind::Damage });
        }
        let (good, mut kind, mut to) = (self.have(), Kind::Unfinished, 0);
        let end = self.end();
        for number in numbers.iter().filter(|number| **number >= end.segment.max(1)) {
            let bytes = disk.read(&index::segment_path(journal, &good.stream, &good.session, *number))?;
            let from = if *number == end.segment { end.len_bytes } else { 0 };
            let beyond = usize::try_from(from).ok().and_then(|from| bytes.get(from..)).unwrap_or_default();
            for (head, group_start, _) in self.signed_heads_in(beyond) {
                // A start that makes no sense is torn itself.
                if (good.len + 1..head.len).contains(&group_start) {
                    return Ok(Problem { finding, kind: Kind::Damage });
                }
                (kind, to) = (Kind::Torn, head.len.max(to));
            }
        }
        let torn = What::Torn { from: good.len, to };
        let finding = if kind == Kind::Torn { Finding { what: torn, ..finding } } else { finding };
        Ok(Problem { finding, kind })
    }

    /// Whether bytes behind the good part hold the end of a group of this session that somebody known signed.
    pub(crate) fn has_group_end_in(&self, beyond: &[u8]) -> bool {
        self.signed_heads_in(beyond).iter().any(|(_, _, is_end)| *is_end)
    }

    /// Heads of this session in these bytes that somebody known signed: head, where its group began, whether it ended it.
    fn signed_heads_in(&self, bytes: &[u8]) -> Vec<(Head, u64, bool)> {
        let Have { stream, session, len, .. } = self.have();
        let name = [stream.padded().as_slice(), &session.0].concat();
        let is_signed =
            |head: &Head| head.len > len && self.signer_of(head).is_some_and(|node| head.is_signed_by(&node));
        frame::heads_in(bytes, &name).filter(|(head, ..)| is_signed(head)).collect()
    }
}
