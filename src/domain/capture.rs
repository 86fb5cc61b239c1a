//! Biometric capture: portrait, fingers, signature. One fact per piece, so that nobody is captured twice because a
//! page was closed.

use serde::{Deserialize, Serialize};

use super::application::Entry;
use super::document::BlobRef;
use super::fact::Fact;
use super::view::{Capture, done};

/// Finger positions, numbered as in ISO/IEC 19794-4 / 39794-4: 1 right thumb … 5 right little, 6 left thumb … 10 left little.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct FingerPosition(u8);

impl FingerPosition {
    /// All ten, in the standard's order.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=10).map(Self)
    }

    /// The standard's code, 1 to 10.
    pub fn code(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for FingerPosition {
    type Error = String;
    fn try_from(code: u8) -> Result<Self, String> {
        if (1..=10).contains(&code) {
            Ok(Self(code))
        } else {
            Err(format!("{code} is not a finger position"))
        }
    }
}

impl From<FingerPosition> for u8 {
    fn from(position: FingerPosition) -> u8 {
        position.0
    }
}

/// Why there is no picture of a finger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FingerException {
    /// Amputated or never there.
    Missing,
    /// Bandaged or injured.
    Bandaged,
    /// Worn or otherwise unreadable after the allowed tries.
    Unreadable,
    /// Not asked of this person (small children).
    NotRequired,
}

/// One finger: a picture with its quality, or the reason why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Finger {
    /// Taken.
    Taken {
        /// The picture.
        picture: BlobRef,
        /// NFIQ 2 score, 0 to 100, as the reader or the officer gave it.
        quality: u8,
    },
    /// Not taken.
    Excepted {
        /// Why.
        reason: FingerException,
    },
}

/// The portrait was taken (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortraitCaptured {
    /// The picture.
    pub picture: BlobRef,
    /// Width in pixels.
    pub width_px: u32,
    /// Height in pixels.
    pub height_px: u32,
}

/// One finger was captured or excepted (office). The latest fact of a position counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FingerCaptured {
    /// Which.
    pub position: FingerPosition,
    /// What.
    pub finger: Finger,
}

/// The signature was captured (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureCaptured {
    /// The picture; absent when the person cannot sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<BlobRef>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// The officer declared the capture complete (office). `round` starts at 1; a later round replaces an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureCompleted {
    /// Which capture of this visit.
    pub round: u16,
}

/// The capture was opened again, because something has to be taken once more (office).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureReopened {
    /// Why.
    pub reason: String,
}

impl Capture {
    /// Adds a fact. A piece that comes while the capture is complete changes nothing: headquarters decides on what was
    /// complete, and only reopening may change it.
    pub(super) fn join(&mut self, entry: &Entry) {
        match &entry.fact {
            Fact::CaptureCompleted(it) => {
                self.round = self.round.max(it.round);
                self.complete = true;
                self.completed = Some(done(entry, ()));
            }
            Fact::CaptureReopened(_) => {
                self.complete = false;
                self.completed = None;
            }
            _ if self.complete => {}
            Fact::PortraitCaptured(it) => self.portrait = Some(done(entry, it.clone())),
            Fact::SignatureCaptured(it) => self.signature = Some(done(entry, it.clone())),
            Fact::FingerCaptured(it) => {
                self.fingers.insert(it.position, done(entry, it.finger.clone()));
            }
            _ => {}
        }
    }

    /// Whether nothing was captured yet.
    pub fn is_untouched(&self) -> bool {
        self.portrait.is_none() && self.fingers.is_empty() && self.signature.is_none() && self.round == 0
    }
}
