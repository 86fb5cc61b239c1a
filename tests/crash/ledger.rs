//! What was sent and what was answered: the promises that a verdict holds a node to.

use std::sync::{Arc, Mutex};

use loket::domain::actor::Actor;
use loket::domain::number::ApplicationNumber;

use super::hands::Day;
use crate::harness::html::Form;
use crate::harness::officer::{Answer, Attached, Officer};

/// A form that somebody sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Who: login and name.
    pub by: (String, String),
    /// What it was for; see [`facts_of`].
    pub step: &'static str,
    /// About whom.
    pub number: Option<ApplicationNumber>,
    /// The form as it was filled in.
    pub form: Form,
    /// The file in it.
    pub file: Option<Attached>,
    /// The best answer it has had.
    pub answer: Answer,
}

impl Sent {
    /// Whoever sent it, as facts name them.
    pub fn actor(&self) -> Actor {
        let (login, name) = self.by.clone();
        Actor::Officer { login, name }
    }

    /// Its idempotency key.
    pub fn once(&self) -> &str {
        self.form.value("once").unwrap()
    }

    /// Sends it, perhaps again, in the sender's session of today.
    pub async fn send(&self, officer: &Officer, csrf: &str) -> Answer {
        let form = self.form.clone().force("csrf", csrf);
        officer.try_to_send(&form, self.file.as_ref()).await
    }
}

/// The facts an act of this step writes, all or none; nothing where their number is not fixed.
pub fn facts_of(step: &str) -> Option<&'static [&'static str]> {
    Some(match step {
        "arrive" => &["Arrived"],
        "documents" => &["DocumentsChecked", "TicketIssued"],
        "open" => &["CounterOpened"],
        "call" => &["TicketCalled"],
        "start" => &["TicketStarted"],
        "portrait" => &["PortraitCaptured"],
        "finger" => &["FingerCaptured"],
        "signature" => &["SignatureCaptured"],
        "complete" => &["CaptureCompleted"],
        "interview" => &["Interviewed"],
        "finish" => &["TicketFinished"],
        "allocate" => &["BookAllocated"],
        "print" => &["BookPrinted"],
        "check" => &["BookChecked"],
        "ready" => &["BookReady"],
        "hand-over" => &["HandedOver"],
        "approve" => &["Approved"],
        // One fact for each finger that is left.
        "fingers" => return None,
        other => panic!("what does {other:?} write?"),
    })
}

/// Everything that was sent; shared by all who send.
#[derive(Debug, Clone, Default)]
pub struct Ledger(Arc<Mutex<Vec<Sent>>>);

impl Ledger {
    /// Sends a form and writes down what came of it. It stands here before it is sent.
    pub async fn send(&self, officer: &Officer, csrf: &str, sent: Sent, day: &Day) -> Answer {
        let at = {
            let mut all = self.0.lock().unwrap();
            all.push(Sent { answer: Answer::Lost, ..sent.clone() });
            all.len() - 1
        };
        let answer = sent.send(officer, csrf).await;
        if !day.is_heard() {
            return Answer::Lost;
        }
        self.0.lock().unwrap()[at].answer = answer.clone();
        answer
    }

    /// A copy of everything sent so far.
    pub fn all(&self) -> Vec<Sent> {
        self.0.lock().unwrap().clone()
    }

    /// Somebody has sent number `at` again. What was done once is done for ever.
    pub fn answered_again(&self, at: usize, answer: Answer) {
        let mut all = self.0.lock().unwrap();
        let sent = &mut all[at];
        let was_done = sent.answer == Answer::Done;
        assert!(
            !was_done || answer == Answer::Done,
            "FINDING: an acknowledged form got {answer:?}: {sent:?}"
        );
        sent.answer = answer;
    }
}

/// What a campaign came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Processes killed.
    pub kills: usize,
    /// Powers cut.
    pub cuts: usize,
    /// Acknowledged acts that were looked for and found, each once per verdict.
    pub found: usize,
    /// Acts that had no answer when the node was struck; sent again, each was done once.
    pub unanswered: usize,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.kills += other.kills;
        self.cuts += other.cuts;
        self.found += other.found;
        self.unanswered += other.unanswered;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kills, cuts, found, unanswered } = self;
        write!(f, "{kills} kills, {cuts} power cuts, {found} times an acknowledged act was found, ")?;
        write!(f, "{unanswered} acts were sent again because no answer had come")
    }
}
