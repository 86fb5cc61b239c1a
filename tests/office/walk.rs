//! The long way through the office, for tests about its end.

use loket::domain::application::ApplicationKey;
use loket::domain::book::Collector;
use loket::domain::capture::{
    Finger, FingerCaptured, FingerException, FingerPosition, PortraitCaptured, SignatureCaptured,
};
use loket::domain::command::Command;
use loket::domain::decision::Approved;
use loket::domain::document::BlobRef;
use loket::domain::fact::Fact;
use loket::domain::interview::{Interviewed, Outcome};
use loket::domain::number::BookNumber;
use loket::office::store::What;

use super::TestOffice;

fn picture() -> BlobRef {
    BlobRef { hash: "0".repeat(64), len: 1_000, media_type: "image/jpeg".into() }
}

/// Everything that is captured of somebody with bandaged hands.
fn capture() -> Vec<Command> {
    let portrait = PortraitCaptured { picture: picture(), width_px: 600, height_px: 800 };
    let finger = Finger::Excepted { reason: FingerException::Bandaged };
    let finger = |position| FingerCaptured { position, finger: finger.clone() };
    let fingers = FingerPosition::all().map(|position| Command::CaptureFinger(finger(position)));
    let signature = SignatureCaptured { picture: Some(picture()), reason: String::new() };
    let passed = Interviewed::new(Outcome::Passed, "");
    [Command::CapturePortrait(portrait)]
        .into_iter()
        .chain(fingers)
        .chain([Command::CaptureSignature(signature), Command::CompleteCapture, Command::Interview(passed)])
        .collect()
}

impl TestOffice {
    /// Booked, examined, approved by headquarters, and the book is ready.
    pub async fn ready(&mut self, name: &str) -> (ApplicationKey, BookNumber) {
        let key = self.waiting(name).await;
        self.open_counter(1, "sari").await;
        let ticket = self.act(What::CallNext { counter: 1 }, "sari").await.unwrap().ticket.unwrap();
        self.command(key, Command::StartTicket(ticket)).await.unwrap();
        for command in capture() {
            self.command(key, command).await.unwrap();
        }
        self.command(key, Command::FinishTicket(ticket)).await.unwrap();
        self.headquarters.write(key, Fact::Approved(Approved { round: 1, note: String::new() }));
        self.sync().await;
        let book = BookNumber::parse("X0000001").unwrap();
        for command in [
            Command::AllocateBook(book.clone()),
            Command::PrintBook(book.clone()),
            Command::CheckBook { book: book.clone(), defect: None },
            Command::BookReady { book: book.clone(), shelf: "A-12".into() },
        ] {
            self.command(key, command).await.unwrap();
        }
        (key, book)
    }

    /// The applicant takes the book.
    pub async fn hand_over(&self, key: ApplicationKey, book: BookNumber) {
        self.command(key, Command::HandOver { book, collector: Collector::Applicant }).await.unwrap();
    }
}
