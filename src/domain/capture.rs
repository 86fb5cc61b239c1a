//! Biometric capture: portrait, fingers, signature. One fact per piece, so that nobody is captured twice because a
//! page was closed.

use serde::{Deserialize, Serialize};

use super::actor::Role;
use super::application::Entry;
use super::command::{Context, reason};
use super::document::{self, BlobRef};
use super::fact::Fact;
use super::refusal::Refusal;
use super::view::{Capture, View, Visit, done};

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

const CAPTURES: &[Role] = &[Role::Interviewer, Role::Supervisor];

pub(super) fn portrait(
    view: &View,
    context: &Context<'_>,
    portrait: &PortraitCaptured,
) -> Result<Vec<Fact>, Refusal> {
    open_capture(view, context)?;
    Ok(vec![Fact::PortraitCaptured(portrait.clone())])
}

pub(super) fn finger(
    view: &View,
    context: &Context<'_>,
    finger: &FingerCaptured,
) -> Result<Vec<Fact>, Refusal> {
    open_capture(view, context)?;
    Ok(vec![Fact::FingerCaptured(finger.clone())])
}

/// One reason for every finger that is asked at this age and has neither picture nor reason: all of them or none.
pub(super) fn other_fingers(
    view: &View,
    context: &Context<'_>,
    reason: FingerException,
) -> Result<Vec<Fact>, Refusal> {
    let capture = &open_capture(view, context)?.capture;
    let missing = fingers_missing(view, capture, context);
    let finger = Finger::Excepted { reason };
    Ok(missing
        .map(|position| Fact::FingerCaptured(FingerCaptured { position, finger: finger.clone() }))
        .collect())
}

/// A signature, or why there is none: small children and some others cannot sign.
pub(super) fn signature(
    view: &View,
    context: &Context<'_>,
    signature: &SignatureCaptured,
) -> Result<Vec<Fact>, Refusal> {
    open_capture(view, context)?;
    if signature.picture.is_none() {
        reason(&signature.reason)?;
    }
    Ok(vec![Fact::SignatureCaptured(signature.clone())])
}

/// Complete: a portrait, every finger that is asked at this age taken or excepted, and a signature.
pub(super) fn complete(view: &View, context: &Context<'_>) -> Result<Vec<Fact>, Refusal> {
    let capture = &open_capture(view, context)?.capture;
    if capture.portrait.is_none() {
        return Err(Refusal::PortraitMissing);
    }
    let missing: Vec<u8> = fingers_missing(view, capture, context).map(FingerPosition::code).collect();
    if !missing.is_empty() {
        return Err(Refusal::FingersMissing(missing));
    }
    if capture.signature.is_none() {
        return Err(Refusal::SignatureMissing);
    }
    Ok(vec![Fact::CaptureCompleted(CaptureCompleted { round: capture.round.saturating_add(1) })])
}

fn fingers_missing(
    view: &View,
    capture: &Capture,
    context: &Context<'_>,
) -> impl Iterator<Item = FingerPosition> {
    let age = view.booking.as_ref().map(|booking| booking.applicant.age_on(context.today));
    let asked = context.settings.fingers_at(age.unwrap_or(u32::MAX));
    asked.into_iter().filter(|position| !capture.fingers.contains_key(position))
}

/// Opens a complete capture again. A decision on it no longer counts; once a blank is set aside it is too late.
pub(super) fn reopen(view: &View, context: &Context<'_>, why: &str) -> Result<Vec<Fact>, Refusal> {
    let visit = context.visit_as(view, CAPTURES)?;
    if view.is_refused() {
        return Err(Refusal::ApplicationRefused);
    }
    if !visit.capture.complete {
        return Err(Refusal::CaptureIncomplete);
    }
    if !visit.book.state.needs_blank() {
        return Err(Refusal::TooLate);
    }
    Ok(vec![Fact::CaptureReopened(CaptureReopened { reason: reason(why)? })])
}

fn open_capture<'v>(view: &'v View, context: &Context<'_>) -> Result<&'v Visit, Refusal> {
    let visit = context.visit_as(view, CAPTURES)?;
    if view.is_refused() {
        return Err(Refusal::ApplicationRefused);
    }
    document::suffice(view, visit, context)?;
    if visit.capture.complete { Err(Refusal::CaptureComplete) } else { Ok(visit) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::command::Command;
    use crate::domain::conflict::Conflict;
    use crate::domain::interview::{Outcome, RefusalGround};
    use crate::domain::sample::{Story, book, finger, interview, portrait, signature};
    use crate::domain::status::Status;

    fn reopen(reason: &str) -> Command {
        Command::ReopenCapture { reason: reason.to_owned() }
    }

    fn signed(picture: Option<BlobRef>, reason: &str) -> Command {
        Command::CaptureSignature(SignatureCaptured { picture, reason: reason.to_owned() })
    }

    #[test]
    fn a_capture_is_complete_with_portrait_fingers_and_signature() {
        let waiting = Story::waiting();
        assert_eq!(waiting.refuses(&Command::CompleteCapture), Refusal::PortraitMissing);
        let with_portrait = waiting.does(portrait());
        let nine = (1..=9).map(finger).fold(with_portrait, Story::does);
        assert_eq!(nine.refuses(&Command::CompleteCapture), Refusal::FingersMissing(vec![10]));
        let position = FingerPosition::try_from(10).unwrap();
        let missing = Finger::Excepted { reason: FingerException::Missing };
        let excepted = Command::CaptureFinger(FingerCaptured { position, finger: missing });
        let ten = nine.does(excepted);
        assert_eq!(ten.refuses(&Command::CompleteCapture), Refusal::SignatureMissing);
        let complete = ten.does(signature()).does(Command::CompleteCapture);
        let capture = complete.view().held().unwrap().capture.clone();
        assert_eq!((capture.round, capture.complete, complete.status()), (1, true, Status::Captured));
    }

    #[test]
    fn one_reason_for_all_other_fingers_leaves_those_that_were_taken() {
        let rest = Command::ExceptOtherFingers(FingerException::Bandaged);
        let done = Story::waiting().does(finger(1)).does(rest.clone());
        let fingers = done.view().held().unwrap().capture.fingers.clone();
        assert_eq!(fingers.len(), 10);
        assert!(matches!(fingers[&FingerPosition::try_from(1).unwrap()].what, Finger::Taken { .. }));
        assert_eq!(done.tries(&rest).unwrap(), []);
        assert_eq!(Story::captured().refuses(&rest), Refusal::CaptureComplete);
    }

    #[test]
    fn who_cannot_sign_is_excepted_with_a_reason() {
        assert_eq!(Story::waiting().refuses(&signed(None, " ")), Refusal::ReasonNeeded);
        assert!(Story::waiting().tries(&signed(None, "three years old")).is_ok());
    }

    #[test]
    fn small_children_are_asked_no_fingers() {
        let mut story = Story::waiting();
        story.settings.fingers.retain(|rule| rule.from_age_years == 0);
        let complete = story.does(portrait()).does(signature()).does(Command::CompleteCapture);
        assert_eq!(complete.status(), Status::Captured);
    }

    #[test]
    fn nothing_is_captured_before_the_arrival_after_completion_or_after_a_refusal() {
        let ground = RefusalGround::IrregularWork;
        let refused = Story::captured().does(interview(Outcome::Refused { ground }));
        let pieces = [portrait(), finger(1), signature(), Command::CompleteCapture];
        for command in pieces {
            assert_eq!(Story::paid().refuses(&command), Refusal::NotArrived);
            assert_eq!(Story::captured().refuses(&command), Refusal::CaptureComplete);
            assert_eq!(refused.refuses(&command), Refusal::ApplicationRefused);
        }
    }

    #[test]
    fn a_capture_opened_again_counts_as_a_new_round_and_asks_for_a_new_decision() {
        let reopened = Story::approved().does(reopen("eyes closed"));
        assert_eq!(reopened.view().conflicts, [Conflict::DecisionOnOldCapture]);
        assert_eq!(reopened.refuses(&Command::AllocateBook(book(1))), Refusal::NotApproved);
        let again = reopened.does(portrait()).does(Command::CompleteCapture);
        assert_eq!(again.view().held().unwrap().capture.round, 2);
        assert_eq!(again.status(), Status::AwaitingDecision);
        let approved = again.headquarters(Command::Approve { round: 2, note: String::new() });
        assert_eq!((approved.status(), approved.view().conflicts), (Status::Approved, vec![]));
    }

    #[test]
    fn a_capture_is_opened_again_only_when_complete_with_a_reason_and_before_a_blank_is_set_aside() {
        let ground = RefusalGround::IrregularWork;
        let refused = Story::captured().does(interview(Outcome::Refused { ground }));
        assert_eq!(Story::waiting().refuses(&reopen("r")), Refusal::CaptureIncomplete);
        assert_eq!(Story::captured().refuses(&reopen("")), Refusal::ReasonNeeded);
        assert_eq!(refused.refuses(&reopen("r")), Refusal::ApplicationRefused);
        assert_eq!(Story::ready().refuses(&reopen("r")), Refusal::TooLate);
    }

    #[test]
    fn a_finger_position_is_one_of_ten() {
        assert!(FingerPosition::try_from(0).is_err());
        assert!(FingerPosition::try_from(11).is_err());
        assert_eq!(
            FingerPosition::all().map(FingerPosition::code).collect::<Vec<_>>(),
            (1..=10).collect::<Vec<_>>()
        );
    }
}
