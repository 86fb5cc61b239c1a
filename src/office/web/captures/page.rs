//! `/applications/{number}/capture`: portrait, fingers, signature. Each piece is a form of its own and saved at once.

use std::collections::BTreeSet;

use askama::Template;

use crate::domain::capture::{Finger, FingerException, FingerPosition, PortraitCaptured};
use crate::domain::document::{BlobRef, PICTURE_MEGABYTES_MAX};
use crate::domain::office::OfficeCode;
use crate::domain::setting::Settings;
use crate::domain::view::{Capture, Done, View};
use crate::office::web::head::{Choice, Head, who_when};
use crate::web::page::Shell;
use crate::web::words::{L10nLanguage, names};

/// The page.
#[derive(Template)]
#[template(path = "office/captures/capture.html")]
pub struct CapturePage {
    shell: Shell,
    head: Head,
    done: Progress,
    portrait: Option<Picture>,
    hands: [Hand; 2],
    reasons: Vec<Choice>,
    signature: Option<Signature>,
}

/// How far the capture is.
pub struct Progress {
    fingers: usize,
    asked: usize,
    complete: bool,
    round: u16,
    by: String,
}

/// A picture that was taken.
pub struct Picture {
    src: String,
    taken: String,
    size: String,
}

/// A hand.
pub struct Hand {
    name: String,
    fingers: Vec<FingerCard>,
}

/// One finger.
pub struct FingerCard {
    code: u8,
    name: String,
    set: bool,
    open: bool,
    picture: Option<Picture>,
    state: String,
    low: bool,
    quality: String,
    reason: &'static str,
}

/// A signature, or why there is none.
pub struct Signature {
    picture: Option<Picture>,
    reason: String,
}

/// The exceptions with the words forms send.
pub const EXCEPTIONS: [(&str, FingerException); 4] = [
    ("unreadable", FingerException::Unreadable),
    ("missing", FingerException::Missing),
    ("bandaged", FingerException::Bandaged),
    ("not-required", FingerException::NotRequired),
];

impl CapturePage {
    /// Draws what was captured at an office so far.
    pub fn of(shell: Shell, view: &View, here: &OfficeCode, seen: usize, settings: &Settings) -> Self {
        let head = Head::of(&shell, view, here, seen);
        let empty = Capture::default();
        let capture = view.visit(here).map_or(&empty, |visit| &visit.capture);
        let asked = asked(&shell, view, settings);
        let drawing = Drawing { shell: &shell, address: &head.address, capture, settings, asked: &asked };
        let hand = |name, codes| Hand { name, fingers: drawing.fingers(codes) };
        let words = shell.words;
        let hands = [hand(words.capture_hand_right(), 1..=5), hand(words.capture_hand_left(), 6..=10)];
        let (portrait, signature) = (drawing.portrait(), drawing.signature());
        let done = drawing.progress();
        Self { done, portrait, hands, reasons: reasons(words), signature, head, shell }
    }
}

/// The fingers that are asked of the applicant.
fn asked(shell: &Shell, view: &View, settings: &Settings) -> BTreeSet<FingerPosition> {
    let today = shell.dates.zone.day(shell.now);
    let age = view.booking.as_ref().map(|booked| booked.applicant.age_on(today));
    age.map(|age| settings.fingers_at(age)).unwrap_or_default()
}

fn reasons(words: &L10nLanguage) -> Vec<Choice> {
    let choice = |(value, reason)| Choice { value, name: names::exception(words, reason), ticked: false };
    EXCEPTIONS.into_iter().map(choice).collect()
}

struct Drawing<'a> {
    shell: &'a Shell,
    address: &'a str,
    capture: &'a Capture,
    settings: &'a Settings,
    asked: &'a BTreeSet<FingerPosition>,
}

impl Drawing<'_> {
    fn progress(&self) -> Progress {
        let has = |position: &&FingerPosition| self.capture.fingers.contains_key(*position);
        Progress {
            fingers: self.asked.iter().filter(has).count(),
            asked: self.asked.len(),
            complete: self.capture.complete,
            round: self.capture.round,
            by: self.capture.completed.as_ref().map(|done| who_when(self.shell, done)).unwrap_or_default(),
        }
    }

    fn picture<T>(&self, blob: &BlobRef, done: &Done<T>) -> Picture {
        let src = format!("{}/pictures/{}", self.address, blob.hash);
        Picture { src, taken: who_when(self.shell, done), size: String::new() }
    }

    fn portrait(&self) -> Option<Picture> {
        let done = self.capture.portrait.as_ref()?;
        let PortraitCaptured { picture, width_px, height_px } = &done.what;
        Some(Picture {
            size: self.shell.words.capture_size(*width_px, *height_px),
            ..self.picture(picture, done)
        })
    }

    fn signature(&self) -> Option<Signature> {
        let done = self.capture.signature.as_ref()?;
        let picture = done.what.picture.as_ref().map(|blob| self.picture(blob, done));
        Some(Signature { picture, reason: done.what.reason.clone() })
    }

    fn fingers(&self, codes: std::ops::RangeInclusive<u8>) -> Vec<FingerCard> {
        let positions = FingerPosition::all().filter(|position| codes.contains(&position.code()));
        positions.map(|position| self.finger(position)).collect()
    }

    fn finger(&self, position: FingerPosition) -> FingerCard {
        let words = self.shell.words;
        let code = position.code();
        let typed_here = self.shell.typed("position") == code.to_string();
        let mut card = FingerCard {
            code,
            name: names::finger(words, code),
            set: false,
            open: typed_here,
            picture: None,
            state: words.capture_todo(),
            low: false,
            quality: if typed_here { self.shell.typed("quality").to_owned() } else { String::new() },
            reason: "",
        };
        if !self.asked.contains(&position) {
            card.state = names::exception(words, FingerException::NotRequired);
        }
        if let Some(done) = self.capture.fingers.get(&position) {
            card.set = true;
            match &done.what {
                Finger::Taken { picture, quality } => {
                    card.state = words.capture_quality_is(*quality);
                    card.low = *quality < self.settings.finger_quality_min;
                    card.picture = Some(self.picture(picture, done));
                }
                Finger::Excepted { reason } => {
                    card.state = names::exception(words, *reason);
                    card.reason =
                        EXCEPTIONS.iter().find(|(_, known)| known == reason).map_or("", |(value, _)| *value);
                }
            }
        }
        card
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::{Story, finger, office, portrait};
    use crate::office::web::preview;
    use crate::web::page::sample;

    fn page(story: &Story) -> String {
        let shell = preview::shell("/applications/1179000000000001/capture");
        sample::content(&CapturePage::of(shell, &story.view(), &office("karimun"), 5, &Settings::default()))
    }

    #[test]
    fn a_started_capture_shows_what_is_there_and_asks_for_the_rest() {
        insta::assert_snapshot!(page(&Story::waiting().does(portrait()).does(finger(1)).does(finger(2))));
    }

    #[test]
    fn a_complete_capture_goes_on_to_the_interview() {
        insta::assert_snapshot!(page(&Story::captured()));
    }
}
