//! The chunks of an archive: sealed one by one, in their order, the last one marked as such.

use std::io::{self, Read, Write};

use super::ArchiveError;
use super::header::ChunkKey;
use crate::seal::{self, NONCE_LEN, TAG_LEN};

/// Plain bytes of a chunk.
const CHUNK_LEN: usize = 64 * 1024;

fn nonce(number: u64, is_last: bool) -> [u8; NONCE_LEN] {
    let mut nonce = [0; NONCE_LEN];
    nonce[..8].copy_from_slice(&number.to_le_bytes());
    nonce[8] = u8::from(is_last);
    nonce
}

/// Seals what is written to it.
pub(super) struct Sealer<W> {
    out: W,
    key: ChunkKey,
    number: u64,
    chunk: Vec<u8>,
    /// Bytes that reached `out`.
    pub(super) written_bytes: u64,
}

impl<W: Write> Sealer<W> {
    pub(super) fn new(out: W, key: ChunkKey, written_bytes: u64) -> Self {
        Self { out, key, number: 0, chunk: Vec::with_capacity(CHUNK_LEN + TAG_LEN), written_bytes }
    }

    pub(super) fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            // A full chunk waits for what follows: only then is it not the last.
            if self.chunk.len() == CHUNK_LEN {
                self.seal_chunk(false)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK_LEN - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    fn seal_chunk(&mut self, is_last: bool) -> io::Result<()> {
        seal::seal_in_place(&self.key, &nonce(self.number, is_last), &[], &mut self.chunk, 0);
        self.out.write_all(&self.chunk)?;
        self.written_bytes += self.chunk.len() as u64;
        self.number += 1;
        self.chunk.clear();
        Ok(())
    }

    /// Seals what is left, as the last chunk.
    pub(super) fn finish(mut self) -> io::Result<(W, u64)> {
        self.seal_chunk(true)?;
        self.out.flush()?;
        Ok((self.out, self.written_bytes))
    }
}

/// Opens what a [`Sealer`] wrote. Memory: two chunks.
pub(super) struct Opener<R> {
    source: R,
    key: ChunkKey,
    number: u64,
    is_last: bool,
    plain: Vec<u8>,
    at: usize,
    /// First byte of the next chunk: without one, the chunk before was the last.
    ahead: Option<u8>,
    /// Bytes taken from `source`.
    read_bytes: u64,
}

impl<R: Read> Opener<R> {
    pub(super) fn new(source: R, key: ChunkKey, read_bytes: u64) -> Result<Self, ArchiveError> {
        let mut opener = Self {
            source,
            key,
            number: 0,
            is_last: false,
            plain: Vec::new(),
            at: 0,
            ahead: None,
            read_bytes,
        };
        opener.look_ahead()?;
        Ok(opener)
    }

    fn look_ahead(&mut self) -> Result<(), ArchiveError> {
        let mut byte = [0];
        self.ahead = (fill(&mut self.source, &mut byte)? == 1).then_some(byte[0]);
        Ok(())
    }

    fn next_chunk(&mut self) -> Result<(), ArchiveError> {
        let first = self.ahead.filter(|_| !self.is_last).ok_or(ArchiveError::CutShort(self.read_bytes))?;
        let mut sealed = vec![0; CHUNK_LEN + TAG_LEN];
        sealed[0] = first;
        let len = 1 + fill(&mut self.source, &mut sealed[1..])?;
        sealed.truncate(len);
        self.look_ahead()?;
        let is_last = self.ahead.is_none();
        let opened = seal::open(&self.key, &nonce(self.number, is_last), &[], &sealed);
        self.plain = opened.map_err(|_| self.misfit(&sealed, is_last))?;
        self.is_last = is_last;
        self.at = 0;
        self.number += 1;
        self.read_bytes += len as u64;
        Ok(())
    }

    /// A whole chunk at the end that is not the last one means that the rest is missing.
    fn misfit(&self, sealed: &[u8], is_last: bool) -> ArchiveError {
        let is_cut = is_last && seal::open(&self.key, &nonce(self.number, false), &[], sealed).is_ok();
        if is_cut {
            ArchiveError::CutShort(self.read_bytes + sealed.len() as u64)
        } else {
            ArchiveError::Damaged(self.read_bytes)
        }
    }

    /// Fills the buffer.
    pub(super) fn take(&mut self, mut out: &mut [u8]) -> Result<(), ArchiveError> {
        while !out.is_empty() {
            if self.at == self.plain.len() {
                self.next_chunk()?;
            }
            let len = out.len().min(self.plain.len() - self.at);
            let (now, later) = out.split_at_mut(len);
            now.copy_from_slice(&self.plain[self.at..self.at + len]);
            self.at += len;
            out = later;
        }
        Ok(())
    }

    /// Whether everything was taken and nothing stands behind it.
    pub(super) fn is_at_end(&self) -> bool {
        self.is_last && self.at == self.plain.len()
    }

    pub(super) fn read_bytes(&self) -> u64 {
        self.read_bytes
    }
}

/// Reads until the buffer is full or the source ends.
fn fill(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut len = 0;
    while len < buffer.len() {
        match source.read(&mut buffer[len..]) {
            Ok(0) => break,
            Ok(more) => len += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(len)
}
