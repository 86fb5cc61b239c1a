//! The keys of subjects as the journals know them: come from the other side, still wanted, or destroyed for ever.

use super::{Journals, KeyError, reader};
use crate::ids::Subject;
use crate::seal::SubjectKey;
use crate::subject_keys::KeyState;

impl Journals {
    /// Gathers the key of a subject that came from the other side. A key that is here already is success.
    pub fn add_key(&mut self, subject: Subject, key: &SubjectKey) -> Result<(), KeyError> {
        self.refuse_if_failed()?;
        let known = match reader::read(&self.shared.keys).get(&subject) {
            Some(KeyState::Forgotten) => return Err(KeyError::Forgotten),
            Some(KeyState::Known(known)) => Some(known.clone()),
            None => self.new_keys.get(&subject).cloned(),
        };
        match known {
            Some(known) if known == *key => Ok(()),
            Some(_) => Err(KeyError::Clash),
            None => {
                self.new_keys.insert(subject, key.clone());
                Ok(())
            }
        }
    }

    /// A subject's key, gathered ones included.
    pub fn key(&self, subject: &Subject) -> Option<SubjectKey> {
        self.new_keys.get(subject).cloned().or_else(|| self.reader().key(subject))
    }

    /// Subjects of committed records whose keys are not here; the other side is asked for them.
    pub fn wanted_keys(&self) -> impl Iterator<Item = Subject> + '_ {
        self.wanted.iter().copied()
    }

    pub(super) fn note_subject(&mut self, subject: &Subject) {
        if *subject == Subject::NONE {
            return;
        }
        if !self.new_keys.contains_key(subject) && !reader::read(&self.shared.keys).contains_key(subject) {
            self.new_wanted.insert(*subject);
        }
    }
}
