//! Why the office's tables are not there at the moment: every page says so, and goes on by itself.

use std::fmt;

/// What readers wait for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// The tables are being opened.
    Opening,
    /// The tables are being drawn from the journals.
    Drawing {
        /// Records that were drawn.
        done: u64,
        /// Records in all.
        of: u64,
    },
    /// There is no room on the disk to open or draw them; it is tried again.
    NoRoom,
    /// They cannot be opened at all: a technician must look.
    Failed(String),
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opening => f.write_str("they are being opened"),
            Self::Drawing { done, of } => write!(f, "they are being drawn, {done} of {of}"),
            Self::NoRoom => f.write_str("there is no room for them"),
            Self::Failed(why) => f.write_str(why),
        }
    }
}
