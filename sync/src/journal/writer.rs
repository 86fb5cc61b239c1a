//! One session being written: frames gathered in memory, then put on the disk as one group.
//!
//! A group ends with a signed head and lies in one segment; one that was not written to its end is not believed at
//! all. What is gathered can be dropped again; what is written cannot.

use std::io;
use std::path::Path;

use super::frame::{self, Check, FrameKind, SEGMENT_HEADER_LEN, SegmentHeader};
use super::index::{self, HeadAt, SegmentIndex, SessionIndex};
use super::scan::End;
use crate::disk::{Disk, DiskFile};
use crate::head::{Have, Head};
use crate::record::Record;

/// A session's writing end.
#[derive(Debug)]
pub(crate) struct SessionWriter {
    committed: Have,
    end: End,
    file: Option<DiskFile>,
    /// As far as gathered.
    have: Have,
    check: Check,
    group: Vec<u8>,
    /// Offsets in the group.
    offsets: Vec<usize>,
    heads: Vec<(u64, usize)>,
    after_head: usize,
    /// The last head that was added, and the check before it.
    last_head: Option<(Head, Check)>,
}

/// What a group added, for the index.
pub(crate) struct Written {
    pub have: Have,
    segment: SegmentIndex,
    heads: Vec<HeadAt>,
}

impl SessionWriter {
    pub(crate) fn new(committed: Have, end: End) -> Self {
        Self {
            committed,
            end,
            file: None,
            have: committed,
            check: end.check,
            group: Vec::new(),
            offsets: Vec::new(),
            heads: Vec::new(),
            after_head: 0,
            last_head: None,
        }
    }

    /// What is here, gathered records included.
    pub(crate) fn have(&self) -> Have {
        self.have
    }

    /// What is on the disk.
    pub(crate) fn committed(&self) -> Have {
        self.committed
    }

    /// Where the next group goes.
    pub(crate) fn end(&self) -> End {
        self.end
    }

    /// Whether anything waits to be written.
    pub(crate) fn is_dirty(&self) -> bool {
        !self.group.is_empty()
    }

    /// Bytes of records gathered since the last head.
    pub(crate) fn bytes_after_head(&self) -> usize {
        self.group.len() - self.after_head
    }

    /// Adds a record that the caller verified to be the next; `have` is the session with it.
    pub(crate) fn push(&mut self, record: &Record, have: Have) {
        self.offsets.push(self.group.len());
        let header = record.header.to_bytes();
        self.check = frame::push(&mut self.group, self.check, FrameKind::Record, &[&header, &record.body]);
        self.have = have;
    }

    /// Adds the head over all that was gathered. More may follow in the same group.
    pub(crate) fn push_head(&mut self, head: &Head) {
        self.heads.push((head.len, self.group.len()));
        self.last_head = Some((*head, self.check));
        self.frame_head(head, self.check, FrameKind::HeadWithin);
    }

    fn frame_head(&mut self, head: &Head, before: Check, kind: FrameKind) {
        self.check = frame::push_head(&mut self.group, before, kind, head, self.committed.len);
        self.after_head = self.group.len();
    }

    /// Nothing follows in this group: its last head says so.
    fn end_group(&mut self) {
        let at = self.heads.last().map(|(_, at)| *at).filter(|_| self.after_head == self.group.len());
        if let (Some(at), Some((head, before))) = (at, self.last_head.take()) {
            self.group.truncate(at);
            self.frame_head(&head, before, FrameKind::Head);
        }
    }

    /// Forgets what was gathered.
    pub(crate) fn abandon(&mut self) {
        self.have = self.committed;
        self.check = self.end.check;
        self.clear();
    }

    fn clear(&mut self) {
        self.group.clear();
        self.offsets.clear();
        self.heads.clear();
        self.after_head = 0;
        self.last_head = None;
    }

    /// Writes the group to its file; it is durable after [`SessionWriter::sync`].
    pub(crate) fn write(&mut self, disk: &Disk, journal: &Path, segment_bytes_max: u64) -> io::Result<()> {
        self.end_group();
        let is_full = self.end.len_bytes + self.group.len() as u64 > segment_bytes_max;
        if self.end.segment == 0 || is_full {
            return self.write_new_segment(disk, journal);
        }
        let path = self.path(journal);
        let mut file = match self.file.take() {
            Some(file) => file,
            None => disk.append_to(&path)?,
        };
        disk.write(&mut file, &path, &self.group)?;
        self.file = Some(file);
        Ok(())
    }

    fn write_new_segment(&mut self, disk: &Disk, journal: &Path) -> io::Result<()> {
        let Have { stream, session, len: first_seq, .. } = self.committed;
        let number = self.end.segment + 1;
        let header = SegmentHeader { stream, session, number, first_seq, check_before: self.end.check };
        disk.create_folder(&index::session_folder(journal, &stream, &session))?;
        self.end.segment = number;
        self.end.len_bytes = SEGMENT_HEADER_LEN as u64;
        let path = self.path(journal);
        let mut file = disk.create_new(&path)?;
        self.group.splice(0..0, header.to_bytes());
        let written = disk.write(&mut file, &path, &self.group);
        self.group.drain(..SEGMENT_HEADER_LEN);
        written?;
        self.file = Some(file);
        Ok(())
    }

    /// Makes the written group durable.
    pub(crate) fn sync(&mut self, disk: &Disk, journal: &Path) -> io::Result<Written> {
        let path = self.path(journal);
        if let Some(file) = &self.file {
            disk.sync(file, &path)?;
        }
        if self.end.len_bytes == SEGMENT_HEADER_LEN as u64 {
            disk.sync_folder(path.parent().unwrap_or(journal))?;
        }
        self.finish()
    }

    fn finish(&mut self) -> io::Result<Written> {
        let base = self.end.len_bytes;
        let place =
            |at: usize| u32::try_from(base + at as u64).map_err(|_| io::ErrorKind::FileTooLarge.into());
        let offsets: io::Result<Vec<u32>> = self.offsets.iter().map(|at| place(*at)).collect();
        let heads: io::Result<Vec<HeadAt>> = self
            .heads
            .iter()
            .map(|(len, at)| Ok(HeadAt { len: *len, segment: self.end.segment, offset: place(*at)? }))
            .collect();
        let segment = SegmentIndex {
            number: self.end.segment,
            first_seq: self.committed.len,
            offsets: offsets?,
            len_bytes: place(self.group.len())?,
        };
        self.end.len_bytes += self.group.len() as u64;
        self.end.check = self.check;
        self.committed = self.have;
        self.clear();
        Ok(Written { have: self.committed, segment, heads: heads? })
    }

    /// Lets go of the file handle of a session that is seldom written.
    pub(crate) fn close(&mut self) {
        self.file = None;
    }

    fn path(&self, journal: &Path) -> std::path::PathBuf {
        index::segment_path(journal, &self.committed.stream, &self.committed.session, self.end.segment)
    }
}

impl Written {
    /// Adds the group to its session's index.
    pub(crate) fn publish(self, session: &mut SessionIndex) {
        session.have = self.have;
        session.heads.extend(self.heads);
        match session.segments.last_mut().filter(|last| last.number == self.segment.number) {
            Some(last) => {
                last.offsets.extend(self.segment.offsets);
                last.len_bytes = self.segment.len_bytes;
            }
            None => session.segments.push(self.segment),
        }
    }
}
