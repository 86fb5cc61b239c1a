//! Reading an archive, entry by entry. Lengths are bounded before room is made for them.

use std::io::Read;

use super::header::Header;
use super::stream::Opener;
use super::{
    ArchiveError, NAME_BYTES_MAX, PIECE_BYTES_MAX, TAG_CLOSE, TAG_END, TAG_ENTRY, TAG_PIECE, end_bytes,
    is_name,
};
use crate::keys::NodeKey;

/// Reads an archive. What it gave is proven whole and the writer's only when it has come to the end: whoever acts on
/// the content reads it through once before.
pub struct ArchiveReader<R> {
    opener: Opener<R>,
    header: Header,
    entries: u64,
    content: blake3::Hasher,
    entry: Option<Open>,
    is_over: bool,
}

/// The entry that is being read.
struct Open {
    name: String,
    len: u64,
    hasher: blake3::Hasher,
}

impl<R: Read> ArchiveReader<R> {
    /// Opens an archive with a key that it was sealed for. Who wrote it, when and what for stands in the header; whether
    /// that is whom one expects is for the caller to say.
    pub fn open(source: R, receiver: &NodeKey) -> Result<Self, ArchiveError> {
        match Self::open_by(source, receiver, |_| Ok::<(), ArchiveError>(()))? {
            Ok(archive) => Ok(archive),
            Err(error) => Err(error),
        }
    }

    /// As [`ArchiveReader::open`], but only if the header is allowed: nothing is opened before.
    pub fn open_by<E>(
        mut source: R,
        receiver: &NodeKey,
        allowed: impl FnOnce(&Header) -> Result<(), E>,
    ) -> Result<Result<Self, E>, ArchiveError> {
        let header = Header::read(&mut source)?;
        if let Err(error) = allowed(&header) {
            return Ok(Err(error));
        }
        let key = header.open_key(receiver)?;
        let opener = Opener::new(source, key, header.len_bytes())?;
        let content = blake3::Hasher::new();
        Ok(Ok(Self { opener, header, entries: 0, content, entry: None, is_over: false }))
    }

    /// What everybody can read of it.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Goes to the next entry and says its name; what was left unread of the one before is verified and dropped.
    /// Nothing at the end, which was then verified as well.
    pub fn next_entry(&mut self) -> Result<Option<String>, ArchiveError> {
        while self.piece()?.is_some() {}
        if self.is_over {
            return Ok(None);
        }
        let before = self.content.finalize();
        match self.tag()? {
            TAG_ENTRY => {
                let len = usize::from(u16::from_le_bytes(self.fixed()?));
                if len > NAME_BYTES_MAX {
                    return Err(ArchiveError::Form("a name is too long"));
                }
                let name = String::from_utf8(self.bytes(len)?).ok().filter(|name| is_name(name));
                let name = name.ok_or(ArchiveError::Form("a name is no plain relative path"))?;
                self.entries += 1;
                self.entry = Some(Open { name: name.clone(), len: 0, hasher: blake3::Hasher::new() });
                Ok(Some(name))
            }
            TAG_END => self.end(&before).map(|()| None),
            _ => Err(ArchiveError::Form("something else stands where an entry should begin")),
        }
    }

    /// The next piece of the entry; nothing at its end, which was then verified.
    pub fn piece(&mut self) -> Result<Option<Vec<u8>>, ArchiveError> {
        if self.entry.is_none() {
            return Ok(None);
        }
        match self.tag()? {
            TAG_PIECE => {
                let len = u32::from_le_bytes(self.fixed()?) as usize;
                if len == 0 || len > PIECE_BYTES_MAX {
                    return Err(ArchiveError::Form("a piece has an impossible length"));
                }
                let piece = self.bytes(len)?;
                if let Some(entry) = &mut self.entry {
                    entry.len += len as u64;
                    entry.hasher.update(&piece);
                }
                Ok(Some(piece))
            }
            TAG_CLOSE => {
                let (len, hash) = (u64::from_le_bytes(self.fixed()?), self.fixed::<32>()?);
                match self.entry.take() {
                    Some(entry) if entry.len == len && entry.hasher.finalize() == hash => Ok(None),
                    _ => Err(ArchiveError::Form("an entry is not what its end says")),
                }
            }
            _ => Err(ArchiveError::Form("something else stands where an entry should go on")),
        }
    }

    /// What is left of the entry, if it has at most so many bytes.
    pub fn rest(&mut self, bytes_max: usize) -> Result<Vec<u8>, ArchiveError> {
        let name = self.entry.as_ref().map(|entry| entry.name.clone()).unwrap_or_default();
        let mut bytes = Vec::new();
        while let Some(piece) = self.piece()? {
            if bytes.len() + piece.len() > bytes_max {
                return Err(ArchiveError::TooLarge(name));
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }

    /// Reads to the end and verifies everything; number of entries.
    pub fn verify_rest(&mut self) -> Result<u64, ArchiveError> {
        while self.next_entry()?.is_some() {}
        Ok(self.entries)
    }

    /// Bytes of the file read so far, about.
    pub fn read_bytes(&self) -> u64 {
        self.opener.read_bytes()
    }

    fn end(&mut self, content: &blake3::Hash) -> Result<(), ArchiveError> {
        let (entries, hash) = (u64::from_le_bytes(self.fixed()?), self.fixed::<32>()?);
        let signature = self.fixed::<64>()?;
        if entries != self.entries || *content != hash {
            return Err(ArchiveError::Form("the content is not what its end says"));
        }
        if !self.header.writer.verify(&end_bytes(self.header.hash(), entries, content), &signature) {
            return Err(ArchiveError::Forged);
        }
        if !self.opener.is_at_end() {
            return Err(ArchiveError::Form("something stands behind the end"));
        }
        self.is_over = true;
        Ok(())
    }

    fn tag(&mut self) -> Result<u8, ArchiveError> {
        Ok(self.fixed::<1>()?[0])
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], ArchiveError> {
        let mut bytes = [0; N];
        self.opener.take(&mut bytes)?;
        self.content.update(&bytes);
        Ok(bytes)
    }

    fn bytes(&mut self, len: usize) -> Result<Vec<u8>, ArchiveError> {
        let mut bytes = vec![0; len];
        self.opener.take(&mut bytes)?;
        self.content.update(&bytes);
        Ok(bytes)
    }
}
