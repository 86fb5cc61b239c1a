//! What can go wrong on the line, in words that a person can act on.

/// Why an exchange did not work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Nobody answers under the registry's address: no line, no name, or nothing listening.
    #[error("the registry cannot be reached ({0})")]
    Unreachable(String),
    /// The line is there, but nothing moved for too long.
    #[error("nothing moved on the line for {0} seconds")]
    TimedOut(u64),
    /// Somebody answers with a certificate that is not accepted.
    #[error("the certificate that is shown as the registry's is not accepted: {0}")]
    Certificate(CertificateProblem),
    /// Something answered that is not the registry: a login page of the network, a proxy, a stranger.
    #[error("what answers is not the registry (a login page of the network, perhaps)")]
    NotOurRegistry,
    /// The registry does not take what we send.
    #[error("the registry refuses: {reason} ({status})")]
    Refused {
        /// HTTP status.
        status: u16,
        /// What the registry says.
        reason: String,
    },
    /// The registry has too much to do at once and says when to come back.
    #[error("the registry asks to be left alone for {pause_ms} ms")]
    Busy {
        /// For how long.
        pause_ms: u32,
    },
    /// The registry answered, signed, but not in a way that this program understands.
    #[error("the registry's answer is not understood ({0})")]
    BadAnswer(String),
    /// It is this node that cannot take or give records.
    #[error("this node cannot go on: {0}")]
    Here(String),
}

/// What is wrong with a certificate that a server shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateProblem {
    /// It has ended, or this machine's clock is ahead.
    #[error("it has ended by this machine's clock")]
    Expired,
    /// It begins later: this machine's clock is behind.
    #[error("it begins later than this machine's clock says it is")]
    NotYetValid,
    /// Nobody known here vouches for it.
    #[error("nobody known here vouches for it")]
    Unknown,
    /// It is for another name.
    #[error("it is for another name")]
    OtherName,
    /// Its authority took it back.
    #[error("it was revoked")]
    Revoked,
    /// Anything else.
    #[error("it cannot be used")]
    Unusable,
}

impl LineError {
    /// Whether the line itself is to blame, so that its return is worth an attempt at once.
    pub fn is_line_down(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::TimedOut(_) | Self::Certificate(_) | Self::NotOurRegistry)
    }

    /// Whether the registry was reached and does not do what it is asked.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::BadAnswer(_))
    }
}
