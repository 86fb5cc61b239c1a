//! Writing an archive, entry by entry.

use std::io::Write;

use super::header::{Header, Purpose};
use super::stream::Sealer;
use super::{ArchiveError, PIECE_BYTES_MAX, TAG_CLOSE, TAG_END, TAG_ENTRY, TAG_PIECE, end_bytes, is_name};
use crate::ids::NodeId;
use crate::keys::{NodeKey, NodePublic};

/// Writes an archive. Dropped before [`ArchiveWriter::finish`], what was written is no archive.
pub struct ArchiveWriter<W> {
    sealer: Sealer<W>,
    header: Header,
    writer: NodeKey,
    entries: u64,
    content: blake3::Hasher,
    entry: Option<(u64, blake3::Hasher)>,
}

impl<W: Write> ArchiveWriter<W> {
    /// Begins an archive for these receivers, at most [`super::RECEIVERS_MAX`].
    pub fn begin(
        mut out: W,
        purpose: Purpose,
        made_at_ms: i64,
        writer: &NodeKey,
        to: Option<NodeId>,
        receivers: &[NodePublic],
    ) -> Result<Self, ArchiveError> {
        let (bytes, header, key) = Header::make(purpose, made_at_ms, writer, to, receivers);
        out.write_all(&bytes)?;
        Ok(Self {
            sealer: Sealer::new(out, key, header.len_bytes()),
            header,
            writer: writer.clone(),
            entries: 0,
            content: blake3::Hasher::new(),
            entry: None,
        })
    }

    /// Begins an entry, and ends the one before.
    pub fn entry(&mut self, name: &str) -> Result<(), ArchiveError> {
        if !is_name(name) {
            return Err(ArchiveError::Form("a name that is no plain relative path"));
        }
        self.close()?;
        // At most NAME_BYTES_MAX.
        let len = u16::try_from(name.len()).unwrap_or(u16::MAX);
        self.frame(&[&[TAG_ENTRY], &len.to_le_bytes(), name.as_bytes()])?;
        self.entries += 1;
        self.entry = Some((0, blake3::Hasher::new()));
        Ok(())
    }

    /// Adds bytes to the entry.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        let (len, hasher) = self.entry.as_mut().ok_or(ArchiveError::Form("bytes before any entry"))?;
        *len += bytes.len() as u64;
        hasher.update(bytes);
        for piece in bytes.chunks(PIECE_BYTES_MAX) {
            // At most PIECE_BYTES_MAX.
            let len = u32::try_from(piece.len()).unwrap_or(u32::MAX);
            self.frame(&[&[TAG_PIECE], &len.to_le_bytes(), piece])?;
        }
        Ok(())
    }

    /// Adds a whole entry.
    pub fn whole(&mut self, name: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.entry(name)?;
        self.bytes(bytes)
    }

    fn close(&mut self) -> Result<(), ArchiveError> {
        let Some((len, hasher)) = self.entry.take() else { return Ok(()) };
        self.frame(&[&[TAG_CLOSE], &len.to_le_bytes(), hasher.finalize().as_bytes()])
    }

    pub(super) fn frame(&mut self, parts: &[&[u8]]) -> Result<(), ArchiveError> {
        for part in parts {
            self.content.update(part);
            self.sealer.write(part)?;
        }
        Ok(())
    }

    /// Bytes written so far, about.
    pub fn written_bytes(&self) -> u64 {
        self.sealer.written_bytes
    }

    /// Signs the whole and ends it; gives back what was written to, and how many bytes there are. Nothing is synced.
    pub fn finish(mut self) -> Result<(W, u64), ArchiveError> {
        self.close()?;
        let content = self.content.finalize();
        let signature = self.writer.sign(&end_bytes(self.header.hash(), self.entries, &content));
        for part in [&[TAG_END][..], &self.entries.to_le_bytes(), content.as_bytes(), &signature] {
            self.sealer.write(part)?;
        }
        Ok(self.sealer.finish()?)
    }
}
