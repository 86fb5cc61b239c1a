//! Makes what was gathered durable, keys before records, and only then readable; or forgets it.

use std::sync::PoisonError;

use super::{Committed, JournalFailed, Journals, index, writer};
use crate::head::Have;
use crate::ids::{Pos, SessionId, StreamId};
use crate::subject_keys::KeyState;

impl Journals {
    /// Makes all that was gathered durable, and only then readable.
    pub fn commit(&mut self) -> Result<Committed, JournalFailed> {
        self.refuse_if_failed()?;
        let own_from = self.writers.get(&self.own_id()).map_or(0, |own| own.committed().len);
        self.sign_own();
        self.running.stay();
        let written = self.write_all().map_err(|error| self.fail(&error))?;
        self.running.may_go();
        if let Some(own) =
            written.iter().find(|group| (group.have.stream, group.have.session) == self.own_id())
        {
            self.mark.raise(&self.disk, &own.have);
        }
        let committed = self.publish(written, own_from);
        self.space.refresh(&self.disk, &self.shared.folder);
        Ok(committed)
    }

    fn own_id(&self) -> (StreamId, SessionId) {
        (self.own.stream, self.session)
    }

    fn write_all(&mut self) -> std::io::Result<Vec<writer::Written>> {
        if !self.new_keys.is_empty() {
            let keys: Vec<_> = self.new_keys.iter().map(|(subject, key)| (*subject, key.clone())).collect();
            self.key_file.append(&keys)?;
        }
        let folder = &self.shared.folder;
        for id in &self.dirty {
            if let Some(writer) = self.writers.get_mut(id) {
                writer.write(&self.disk, folder, self.segment_bytes_max)?;
            }
        }
        let mut written = Vec::with_capacity(self.dirty.len());
        for id in &self.dirty {
            if let Some(writer) = self.writers.get_mut(id) {
                written.push(writer.sync(&self.disk, folder)?);
                if *id != (self.own.stream, self.session) {
                    writer.close();
                }
            }
        }
        Ok(written)
    }

    fn publish(&mut self, written: Vec<writer::Written>, own_from: u64) -> Committed {
        let mut committed = Committed { keys: self.new_keys.len(), ..Committed::default() };
        let mut keys = self.shared.keys.write().unwrap_or_else(PoisonError::into_inner);
        for (subject, key) in std::mem::take(&mut self.new_keys) {
            self.wanted.remove(&subject);
            self.new_wanted.remove(&subject);
            keys.insert(subject, KeyState::Known(key));
        }
        drop(keys);
        let mut index = self.shared.index.write().unwrap_or_else(PoisonError::into_inner);
        for group in written {
            let Have { stream, session, len, .. } = group.have;
            committed.grown.push(group.have);
            if (stream, session) == (self.own.stream, self.session) {
                let at = |seq| Pos { stream, session, seq };
                committed.own = Some((at(own_from), at(len)));
            }
            let entry =
                index.entry((stream, session)).or_insert_with(|| index::SessionIndex::new(stream, session));
            group.publish(entry);
        }
        drop(index);
        self.wanted.append(&mut self.new_wanted);
        self.new_opened.clear();
        self.dirty.clear();
        committed
    }

    /// Forgets what was gathered since the last commit; nothing of it was written.
    pub fn abandon(&mut self) {
        if self.failed.is_some() {
            return;
        }
        for id in std::mem::take(&mut self.dirty) {
            if let Some(writer) = self.writers.get_mut(&id) {
                writer.abandon();
            }
        }
        self.new_keys.clear();
        self.new_wanted.clear();
        for subject in self.new_opened.drain(..) {
            self.opened.remove(&subject);
        }
    }
}
