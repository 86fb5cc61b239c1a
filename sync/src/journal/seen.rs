//! What is met while segments are read: subjects, session openings, and what erasures have left.

use std::collections::{BTreeMap, BTreeSet};

use super::frame;
use crate::head::Have;
use crate::ids::{Pos, SessionId, StreamId, Subject};
use crate::record::{self, Header, KIND_SESSION_OPENED, SessionOpened};
use crate::subject_keys::{KeyState, KeyTable};

/// Subjects and session openings met while scanning.
#[derive(Clone)]
pub(crate) struct Subjects {
    own_stream: StreamId,
    pub all: BTreeSet<Subject>,
    /// Those that this node itself has written about.
    pub own: BTreeSet<Subject>,
    /// Own sessions: when each was opened, and after which.
    pub openings: BTreeMap<SessionId, (i64, Option<Have>)>,
    /// Subjects that were erased here.
    pub forgotten: BTreeSet<Subject>,
    /// Records of theirs that still have a body.
    pub unfinished: BTreeSet<Pos>,
    /// Other subjects of which a record has none.
    pub bodiless: BTreeSet<Subject>,
}

impl Subjects {
    /// Nothing met yet; the bodies of `forgotten` subjects should be gone.
    pub(crate) fn new(own_stream: StreamId, forgotten: BTreeSet<Subject>) -> Self {
        Self {
            own_stream,
            all: BTreeSet::new(),
            own: BTreeSet::new(),
            openings: BTreeMap::new(),
            forgotten,
            unfinished: BTreeSet::new(),
            bodiless: BTreeSet::new(),
        }
    }

    /// The same before anything was met.
    pub(crate) fn nothing_met(&self) -> Self {
        Self::new(self.own_stream, self.forgotten.clone())
    }

    /// Adds what was met elsewhere.
    pub(crate) fn append(&mut self, mut met: Self) {
        self.all.append(&mut met.all);
        self.own.append(&mut met.own);
        self.openings.append(&mut met.openings);
        self.unfinished.append(&mut met.unfinished);
        self.bodiless.append(&mut met.bodiless);
    }

    /// Takes notice of a record.
    pub(crate) fn visit(&mut self, header: &Header, body: &[u8]) {
        let is_own = header.stream == self.own_stream;
        if header.kind == KIND_SESSION_OPENED {
            if let Ok(opened) = SessionOpened::read_parts(header, body).map(|opened| opened.before)
                && is_own
            {
                self.openings.insert(header.session, (header.at_ms, opened));
            }
            return;
        }
        self.all.insert(header.subject);
        if is_own {
            self.own.insert(header.subject);
        }
        if self.forgotten.contains(&header.subject) {
            if frame::is_erasable(body) {
                self.unfinished.insert(header.pos());
            }
        } else if record::is_erased(header, body) {
            self.bodiless.insert(header.subject);
        }
    }
}

/// The subjects of a key table that were erased.
pub(crate) fn forgotten(keys: &KeyTable) -> BTreeSet<Subject> {
    let all = keys.iter().filter(|(_, state)| matches!(state, KeyState::Forgotten));
    all.map(|(subject, _)| *subject).collect()
}
