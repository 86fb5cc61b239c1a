//! Runs as they are sent: from any record to a head that its writer signed, exactly as they were committed.

use std::path::PathBuf;

use super::frame::CHECK_START;
use super::index::{self, HeadAt};
use super::reader::{JournalReader, ReadError, damaged, read, read_head, read_record};
use crate::chain::Run;
use crate::disk::DiskFile;
use crate::exchange::Range;
use crate::ids::{SessionId, StreamId};

/// What to read for one run.
struct Cut {
    stream: StreamId,
    session: SessionId,
    places: Vec<(u32, u32)>,
    head: HeadAt,
    bytes: u64,
}

impl JournalReader {
    /// Runs for these ranges, in their order, of about `bytes_max` in all; at least one run if anything is asked.
    ///
    /// Every run ends at a head that its writer signed.
    pub fn runs(&self, ranges: &[Range], bytes_max: usize) -> Result<Vec<Run>, ReadError> {
        let (runs, damaged) = self.sound_runs(ranges, bytes_max)?;
        damaged.map_or(Ok(runs), Err)
    }

    /// As [`JournalReader::runs`], past what is damaged: also says what was left out for that, if anything.
    pub fn sound_runs(
        &self,
        ranges: &[Range],
        bytes_max: usize,
    ) -> Result<(Vec<Run>, Option<ReadError>), ReadError> {
        let (mut runs, mut bytes_left, mut damaged) = (Vec::new(), bytes_max as u64, None);
        for range in ranges {
            let Some(cut) = self.cut(range, bytes_left, runs.is_empty()) else { continue };
            match self.read_run(range.from, &cut) {
                Ok(run) => runs.push(run),
                Err(error @ ReadError::Damaged { .. }) => {
                    damaged = Some(error);
                    continue;
                }
                Err(error) => return Err(error),
            }
            bytes_left = bytes_left.saturating_sub(cut.bytes);
            if bytes_left == 0 {
                break;
            }
        }
        Ok((runs, damaged))
    }

    /// Chooses the furthest head that fits; the nearest one if it is the first and none fits.
    fn cut(&self, range: &Range, bytes_max: u64, is_first: bool) -> Option<Cut> {
        let index = read(&self.shared.index);
        let session =
            index.get(&(range.stream, range.session)).filter(|session| range.from < session.have.len)?;
        let nearest = session.heads.partition_point(|head| head.len <= range.from);
        let within = session.heads[nearest..].partition_point(|head| {
            head.len <= range.to && session.bytes_between(range.from, head) <= bytes_max
        });
        let head = match within.checked_sub(1) {
            Some(last) => session.heads[nearest + last],
            None if is_first => *session.heads.get(nearest)?,
            None => return None,
        };
        let bytes = session.bytes_between(range.from, &head);
        let places = (range.from..head.len).filter_map(|seq| session.locate(seq)).collect();
        Some(Cut { stream: range.stream, session: range.session, places, head, bytes })
    }

    fn read_run(&self, first: u64, cut: &Cut) -> Result<Run, ReadError> {
        let mut records = Vec::with_capacity(cut.places.len());
        let mut open: Option<(u32, PathBuf, DiskFile)> = None;
        let mut before = CHECK_START;
        for ((number, offset), seq) in cut.places.iter().zip(first..) {
            if open.as_ref().is_none_or(|(opened, _, _)| opened != number) {
                let path = index::segment_path(&self.shared.folder, &cut.stream, &cut.session, *number);
                let file = self.shared.open(&path)?;
                open = Some((*number, path, file));
            }
            let Some((_, path, file)) = &open else { continue };
            let (record, after) = read_record(file, path, u64::from(*offset))?;
            before = after;
            if record.header.seq != seq {
                return Err(damaged(path, u64::from(*offset)));
            }
            records.push(record);
        }
        let path = index::segment_path(&self.shared.folder, &cut.stream, &cut.session, cut.head.segment);
        let head = read_head(&self.shared.open(&path)?, &path, u64::from(cut.head.offset), before)?;
        // What has changed on the disk since it was opened is not sent: the other side could only refuse it.
        let followed = records.iter().skip(1).map(|next| next.header.prev).chain([head.hash]);
        let changed = records.iter().zip(followed).position(|(record, hash)| record.hash() != hash);
        if let Some((number, offset)) = changed.and_then(|at| cut.places.get(at)) {
            let path = index::segment_path(&self.shared.folder, &cut.stream, &cut.session, *number);
            return Err(damaged(&path, u64::from(*offset)));
        }
        Ok(Run { records, head })
    }
}
