//! Subjects by numbers: who was spoken of a short while ago costs one byte.

use crate::ids::Subject;

/// How many subjects back one can be pointed to; one that was spoken of earlier travels once more.
const RECENT_MAX: usize = 256;

/// Subjects by when they were spoken of last, the latest at the end.
#[derive(Default)]
pub(super) struct Recent(Vec<Subject>);

impl Recent {
    /// The number a subject travels as; one that is new is put with those that travel whole.
    pub(super) fn number_of(&mut self, subject: Subject, subjects: &mut Vec<Subject>) -> u32 {
        let found = self.0.iter().rposition(|recent| *recent == subject);
        let Some(at) = found else {
            subjects.push(subject);
            self.push(subject);
            return 0;
        };
        let back = self.0.len() - at;
        self.0.remove(at);
        self.0.push(subject);
        u32::try_from(back).unwrap_or(u32::MAX)
    }

    /// The subject of a number; nothing if there is none.
    pub(super) fn subject_of(
        &mut self,
        number: u32,
        subjects: &mut impl Iterator<Item = Subject>,
    ) -> Option<Subject> {
        let subject = match number {
            0 => {
                let subject = subjects.next()?;
                self.push(subject);
                return Some(subject);
            }
            back => self.0.remove(self.0.len().checked_sub(back as usize)?),
        };
        self.0.push(subject);
        Some(subject)
    }

    fn push(&mut self, subject: Subject) {
        if self.0.len() == RECENT_MAX {
            self.0.remove(0);
        }
        self.0.push(subject);
    }
}
