//! What is wrong with a journal's files, said so that a person can look there.

use std::fmt;
use std::path::PathBuf;

use crate::head::Have;
use crate::ids::{NodeId, Subject};

/// Something wrong at a place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub file: PathBuf,
    /// Offset in the file, in bytes.
    pub offset: u64,
    /// What is wrong there.
    pub what: What,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}: {}", self.file.display(), self.offset, self.what)
    }
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum What {
    /// A group of records that was being written when the process or the machine stopped.
    #[error("a group of records was not finished")]
    Unfinished,
    /// The last group of a session has its end and is not whole. The machine stopped before it was known to be on the
    /// disk, so either it never was (then nobody was told it was saved), or it was damaged since.
    #[error("records {from} to {} are torn: they were being written when the power went, or were damaged since", .to - 1)]
    Torn {
        /// Number of the first.
        from: u64,
        /// Number after the last.
        to: u64,
    },
    /// The segment's header is damaged or belongs elsewhere.
    #[error("the segment's header is damaged or belongs to another segment")]
    SegmentHeader,
    /// A segment file is missing.
    #[error("a segment file is missing here")]
    SegmentMissing,
    /// A frame is cut short, changed or out of its place.
    #[error("a frame is damaged")]
    Frame,
    /// The frame is whole, but what it holds is no record of this place.
    #[error("record {0} does not follow the one before it, or its body was changed")]
    Record(u64),
    /// The frame is whole, but the head does not cover what stands before it.
    #[error("the head over {0} records does not cover what stands before it")]
    Head(u64),
    /// The head's signature is wrong.
    #[error("the signature of the head over {0} records is wrong")]
    Signature(u64),
    /// Nobody knows the key of the node that signed.
    #[error("the head over {len} records is signed by node {signer}, which is not known here")]
    SignerUnknown {
        /// Records under the head.
        len: u64,
        /// Who signed.
        signer: NodeId,
    },
    /// A later session says that this one had more records: its file lost its end.
    #[error("this file, or the end of the one before it, is gone: {} records of {}/{} are missing, a later session names {}", .named - .held, .session.stream, .session.session, .named)]
    TailMissing {
        /// What is here.
        session: Have,
        /// Records here.
        held: u64,
        /// Records that the later session names.
        named: u64,
    },
    /// The mark says that more of this session was synced: its file lost its end.
    #[error("this file, or the end of the one before it, is gone: {} records of {}/{} are missing that were saved", .named - .held, .session.stream, .session.session)]
    MarkAhead {
        /// As the mark says it was.
        session: Have,
        /// Records here.
        held: u64,
        /// Records that were saved, or more.
        named: u64,
    },
    /// An entry of the mark is torn or damaged.
    #[error(
        "how far the journal went cannot be read here; records that are missing at its end may not be missed"
    )]
    Mark,
    /// A sealed subject key does not open.
    #[error("the key of subject {0} is damaged")]
    SubjectKey(Subject),
    /// Records cannot be read because their key is not here (it may still come from the other side).
    #[error("the keys of {0} subjects are not here")]
    KeysMissing(usize),
    /// Records of some subjects have no body, and no erasure of them is on record.
    #[error("records of {0} subjects have lost their bodies, and no erasure is on record")]
    BodiesMissing(usize),
    /// An erasure was interrupted; the next start completes it.
    #[error("{0} bodies of erased subjects are still here; the next start takes them away")]
    ErasureUnfinished(usize),
    /// A body does not open with its subject's key.
    #[error("the body of record {0} does not open")]
    Body(u64),
    /// A folder or file that does not belong here.
    #[error("this does not belong into a journal")]
    Stranger,
}
