//! Jobs that share one commit, and their answers, which are sent when it is durable.

use super::act::{Act, ActError, Acted};
use super::group::{Group, NotGathered};
use super::writer::{Answer, Note};

/// A job that shares a commit with others.
pub(super) enum Gathering {
    Act(Box<Act>, Answer<Acted>),
    Note(Note, Answer<()>),
}

/// A job with its answer, which is sent when it is durable.
pub(super) enum Answered {
    Act(Answer<Acted>, Result<Acted, ActError>),
    Note(Answer<()>, Result<(), ActError>),
}

impl Gathering {
    /// Gathers; an error is about the whole group.
    pub(super) fn gather(self, group: &mut Group<'_, '_>) -> Result<Answered, Box<(ActError, Answered)>> {
        match self {
            Gathering::Act(act, answer) => match group.act(*act) {
                Ok(acted) => Ok(Answered::Act(answer, Ok(acted))),
                Err(NotGathered::Act(error)) => Ok(Answered::Act(answer, Err(error))),
                Err(NotGathered::Group(error)) => {
                    let again = error.again();
                    Err(Box::new((error, Answered::Act(answer, Err(again)))))
                }
            },
            Gathering::Note(note, answer) => {
                let noted = note(&mut group.changes).map_err(ActError::Store);
                Ok(Answered::Note(answer, noted))
            }
        }
    }

    pub(super) fn fail(self, error: &ActError) {
        // Whoever asked may have gone.
        match self {
            Gathering::Act(_, answer) => drop(answer.send(Err(error.again()))),
            Gathering::Note(_, answer) => drop(answer.send(Err(error.again()))),
        }
    }
}

impl Answered {
    pub(super) fn send(self) {
        // Whoever asked may have gone; the act is done all the same.
        match self {
            Answered::Act(answer, result) => drop(answer.send(result)),
            Answered::Note(answer, result) => drop(answer.send(result)),
        }
    }

    pub(super) fn fail(self, error: &ActError) {
        match self {
            // A refusal stays a refusal: nothing of it was to be written.
            Answered::Act(answer, Err(ActError::Refused(refusal))) => {
                drop(answer.send(Err(ActError::Refused(refusal))));
            }
            Answered::Act(answer, _) => drop(answer.send(Err(error.again()))),
            Answered::Note(answer, _) => drop(answer.send(Err(error.again()))),
        }
    }
}
