//! Gathers what this node itself writes: sealed, chained, and signed often enough to be cut into messages.

use super::{AppendError, Journals, KeyError, reader};
use crate::chain::{Chain, opening};
use crate::head::Head;
use crate::ids::{Pos, Subject};
use crate::record::{FLAG_OPENS_SUBJECT, NewRecord};
use crate::seal::SubjectKey;
use crate::subject_keys::KeyState;

/// A head is signed at least every so many bytes of a group, so that relays can cut it into messages.
const HEAD_EVERY_BYTES: usize = 96 * 1024;

impl Journals {
    /// Gathers an own record. A subject that is new here gets a key; the flag that opens it is set as needed.
    pub fn append(&mut self, new: &NewRecord<'_>) -> Result<Pos, AppendError> {
        self.refuse_if_failed()?;
        self.space
            .admit(&self.disk, &self.shared.folder)
            .map_err(|free_bytes| AppendError::StorageLow { free_bytes })?;
        let (key, is_new) = self.key_for(&new.subject)?;
        let opens = !self.opened.contains(&new.subject) && new.subject != Subject::NONE;
        let new = NewRecord { flags: if opens { FLAG_OPENS_SUBJECT } else { 0 }, ..*new };
        let pos = self.push_own(&new, &key)?;
        if is_new {
            self.new_keys.insert(new.subject, key);
        }
        if opens {
            self.opened.insert(new.subject);
            self.new_opened.push(new.subject);
        }
        Ok(pos)
    }

    /// As [`Journals::append`], for a subject whose key the caller has drawn or been given.
    pub fn append_with_key(&mut self, new: &NewRecord<'_>, key: &SubjectKey) -> Result<Pos, AppendError> {
        self.add_key(new.subject, key).map_err(|error| match error {
            KeyError::Failed(failed) => AppendError::Failed(failed),
            KeyError::Forgotten => AppendError::Forgotten,
            KeyError::Clash => AppendError::KeyMissing,
        })?;
        self.append(new)
    }

    /// The key to seal with, and whether it was drawn just now.
    fn key_for(&self, subject: &Subject) -> Result<(SubjectKey, bool), AppendError> {
        if let Some(key) = self.new_keys.get(subject) {
            return Ok((key.clone(), false));
        }
        match reader::read(&self.shared.keys).get(subject) {
            Some(KeyState::Known(key)) => Ok((key.clone(), false)),
            Some(KeyState::Forgotten) => Err(AppendError::Forgotten),
            None if self.wanted.contains(subject) || self.new_wanted.contains(subject) => {
                Err(AppendError::KeyMissing)
            }
            None => Ok((SubjectKey::draw(), true)),
        }
    }

    fn push_own(&mut self, new: &NewRecord<'_>, key: &SubjectKey) -> Result<Pos, AppendError> {
        let (stream, session) = (self.own.stream, self.session);
        let mut have = self.writer(stream, session).have();
        let mut first = None;
        let mut chain = if have.len == 0 {
            let opened = opening(self.before, self.own.node_key.id(), &self.own.software);
            let (chain, record) = Chain::open(stream, session, new.at_ms, &opened);
            have = chain.have();
            first = Some(record);
            chain
        } else {
            Chain::resume(have)
        };
        let record = chain.next(new, key)?;
        let writer = self.writer(stream, session);
        if let Some(first) = first {
            writer.push(&first, have);
        }
        writer.push(&record, chain.have());
        self.dirty.insert((stream, session));
        if self.writer(stream, session).bytes_after_head() > HEAD_EVERY_BYTES {
            self.sign_own();
        }
        Ok(record.pos())
    }

    pub(super) fn sign_own(&mut self) {
        let Some(writer) = self.writers.get_mut(&(self.own.stream, self.session)) else { return };
        if writer.is_dirty() && writer.bytes_after_head() > 0 {
            writer.push_head(&Head::sign(&writer.have(), &self.own.node_key));
        }
    }
}
