//! Machines and what was not taken from them, in words: what happened, and what to do about it.

use loket_sync::exchange::WhyNot;

use super::L10nLanguage;
use crate::domain::node::RevokedWhy;

/// Why a key was taken back.
pub fn revoked_why(w: &L10nLanguage, why: RevokedWhy) -> String {
    match why {
        RevokedWhy::Replaced => w.node_why_replaced(),
        RevokedWhy::Lost => w.node_why_lost(),
        RevokedWhy::Copied => w.node_why_copied(),
        RevokedWhy::Other => w.node_why_other(),
    }
}

/// Something that was not taken, for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What happened.
    pub what: String,
    /// What to do.
    pub next: String,
}

/// Why headquarters has not taken records, as its staff read it.
pub fn refused_at_headquarters(w: &L10nLanguage, why: WhyNot) -> Told {
    let (what, next) = match why {
        WhyNot::SignerRevoked | WhyNot::LeftAside => (w.aside_revoked(), w.aside_revoked_next()),
        WhyNot::Fork => (w.aside_fork(), w.aside_fork_next()),
        WhyNot::SignerUnknown => (w.aside_unknown(), w.aside_unknown_next()),
        WhyNot::NotShared => (w.aside_not_shared(), w.aside_not_shared_next()),
        WhyNot::Unverified | WhyNot::Other => (w.aside_unverified(), w.aside_unverified_next()),
    };
    Told { what, next }
}

/// Why headquarters does not take records of this office, as the office reads it.
pub fn refused_there(w: &L10nLanguage, why: WhyNot) -> Told {
    let (what, next) = match why {
        WhyNot::SignerRevoked => (w.refused_revoked(), w.refused_wait_next()),
        WhyNot::LeftAside => (w.refused_left_aside(), w.refused_left_aside_next()),
        WhyNot::Fork => (w.refused_fork(), w.refused_fork_next()),
        WhyNot::SignerUnknown => (w.refused_unknown(), w.refused_wait_next()),
        WhyNot::NotShared | WhyNot::Unverified | WhyNot::Other => {
            (w.refused_unverified(), w.refused_unverified_next())
        }
    };
    Told { what, next }
}

/// Why this office does not take records that headquarters sends.
pub fn refused_here(w: &L10nLanguage, why: WhyNot) -> Told {
    let what = match why {
        WhyNot::SignerRevoked | WhyNot::SignerUnknown | WhyNot::LeftAside => w.refused_here_signer(),
        WhyNot::Fork => w.refused_here_fork(),
        WhyNot::NotShared => w.refused_here_not_shared(),
        WhyNot::Unverified | WhyNot::Other => w.refused_here_unverified(),
    };
    Told { what, next: w.refused_here_next() }
}
