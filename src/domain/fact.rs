//! Facts: the only thing that is ever written. What a node knows is what its facts add up to.
//!
//! A kind's number is never re-used and a written field never renamed: fields are only added, with a default.
//! A frozen sample of every kind stands in `tests/domain/fact_samples.json`.

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::{
    backup, board, book, booking, capture, damage, decision, desk, erasure, interview, key_protection,
    payment, prevention, review, ticket, visit,
};
use super::{node, officer, setting, stock, walk_in};

/// What travels in the sealed body of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written<F> {
    /// One more than the highest this author had written about this application: the order among one author's facts.
    pub rev: u32,
    /// Who did it.
    pub by: Actor,
    /// The idempotency key of the act, so that a repeated form finds its first answer even after the tables are rebuilt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<String>,
    /// What happened.
    pub fact: F,
}

/// A body that cannot be read as the kind it claims to be.
#[derive(Debug, thiserror::Error)]
#[error("a record of kind {kind} cannot be read")]
pub struct UnreadableFact {
    /// The kind.
    pub kind: u16,
    /// What the decoder said.
    #[source]
    pub source: serde_json::Error,
}

/// What facts of a kind are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    /// An application; so is every kind that this version does not know.
    Application,
    /// The nodes themselves.
    Nodes,
    /// An office's own affairs.
    OfficeAffairs,
    /// Somebody's erasure, told under a subject of its own.
    Erasure,
    /// Numbers that headquarters has set aside for an office, told under a subject of their own.
    Numbers,
}

/// What facts of a kind are about, from its number alone: the body may not be readable here.
pub fn matter(kind: u16) -> Matter {
    match kind {
        12 => Matter::Erasure,
        20..=29 => Matter::Nodes,
        30 => Matter::Numbers,
        200..=299 => Matter::OfficeAffairs,
        _ => Matter::Application,
    }
}

/// The kinds that a program knows: all of this version, unless it stands for an older one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Vocabulary {
    unknown: &'static [u16],
}

impl Vocabulary {
    /// An older program, which did not know these kinds yet.
    pub const fn without(unknown: &'static [u16]) -> Self {
        Self { unknown }
    }

    /// Reads a record's body, as [`decode`]; nothing for kinds that it does not know.
    pub fn decode(self, kind: u16, body: &[u8]) -> Result<Option<Written<Fact>>, UnreadableFact> {
        if self.unknown.contains(&kind) { Ok(None) } else { decode(kind, body) }
    }

    /// Its kinds: two programs with the same draw the same rows from the same facts.
    pub fn kinds(self) -> Vec<u16> {
        let kinds = Fact::KINDS.iter().map(|(kind, _)| *kind);
        kinds.filter(|kind| !self.unknown.contains(kind)).collect()
    }
}

macro_rules! facts {
    ($($(#[$doc:meta])* $number:literal => $name:ident($type:ty),)*) => {
        /// One thing that happened.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Fact {
            $($(#[$doc])* $name($type),)*
        }

        impl Fact {
            /// The number of its kind, never re-used.
            pub fn kind(&self) -> u16 {
                match self { $(Fact::$name(_) => $number,)* }
            }

            /// The kind's name, for logs and tests.
            pub fn name(&self) -> &'static str {
                match self { $(Fact::$name(_) => stringify!($name),)* }
            }

            /// Every kind this version knows: number and name.
            pub const KINDS: &'static [(u16, &'static str)] = &[$(($number, stringify!($name)),)*];
        }

        /// The bytes of a record's body, before they are sealed.
        pub fn encode(written: &Written<Fact>) -> Result<Vec<u8>, serde_json::Error> {
            let Written { rev, by, once, fact } = written;
            match fact {
                $(Fact::$name(inner) => serde_json::to_vec(&Written {
                    rev: *rev, by: by.clone(), once: once.clone(), fact: inner,
                }),)*
            }
        }

        /// Reads a record's body. `Ok(None)` for a kind this version does not know: it is kept, passed on and parked.
        pub fn decode(kind: u16, body: &[u8]) -> Result<Option<Written<Fact>>, UnreadableFact> {
            let wrap = |source| UnreadableFact { kind, source };
            match kind {
                $($number => {
                    let w: Written<$type> = serde_json::from_slice(body).map_err(wrap)?;
                    Ok(Some(Written { rev: w.rev, by: w.by, once: w.once, fact: Fact::$name(w.fact) }))
                })*
                _ => Ok(None),
            }
        }
    };
}

facts! {
    // 1–99: written by the registry.
    /// An appointment was made.
    1 => Booked(booking::Booked),
    /// It moved.
    2 => Rescheduled(booking::Rescheduled),
    /// It was cancelled.
    3 => BookingCancelled(booking::Cancelled),
    /// A bill was issued.
    4 => Billed(payment::Billed),
    /// A payment was reported.
    5 => Paid(payment::Paid),
    /// The bill ran out.
    6 => BillExpired(payment::Expired),
    /// Money went back.
    7 => Refunded(payment::Refunded),
    /// Headquarters approved.
    8 => Approved(decision::Approved),
    /// Headquarters refused.
    9 => Refused(decision::Refused),
    /// The applicant was told something.
    10 => ApplicantTold(decision::ApplicantTold),
    /// Headquarters settled whose visit holds.
    11 => VisitChosen(visit::VisitChosen),
    /// The person was erased; told under a subject of its own.
    12 => PersonErased(erasure::PersonErased),
    // 20–29: written by the registry for every node, about nodes.
    /// A node may write for an office.
    20 => NodeGranted(node::NodeGranted),
    /// A node's key was taken back, up to a position.
    21 => NodeRevoked(node::NodeRevoked),
    /// Records that were kept aside were taken in.
    22 => RecordsAccepted(node::RecordsAccepted),
    /// Records stay aside.
    23 => RecordsLeftAside(node::RecordsLeftAside),
    // 30–39: written by the registry, for one office.
    /// Application numbers were set aside for walk-ins.
    30 => NumbersReserved(walk_in::NumbersReserved),
    /// The applicant is on the prevention list.
    32 => PreventionHit(prevention::PreventionHit),
    /// Not, or no longer.
    33 => PreventionCleared(prevention::PreventionCleared),
    // 100–199: written by the office, about an application.
    /// The applicant stands at the counter.
    100 => Arrived(visit::Arrived),
    /// Let in without a payment on record.
    101 => AdmittedOnEvidence(payment::AdmittedOnEvidence),
    /// Originals compared with uploads.
    102 => DocumentsChecked(visit::DocumentsChecked),
    /// An arrival taken back.
    103 => ArrivalWithdrawn(visit::ArrivalWithdrawn),
    /// Somebody opened the application.
    104 => Viewed(visit::Viewed),
    /// The office gave up its visit in favour of another office's.
    105 => VisitYielded(visit::VisitYielded),
    /// Somebody without a booking was registered.
    106 => RegisteredHere(walk_in::RegisteredHere),
    /// A ticket was drawn.
    110 => TicketIssued(ticket::TicketIssued),
    /// Called.
    111 => TicketCalled(ticket::TicketCalled),
    /// Called once more.
    112 => TicketRecalled(ticket::TicketRecalled),
    /// At the counter.
    113 => TicketStarted(ticket::TicketStarted),
    /// Did not come.
    114 => TicketAbsent(ticket::TicketAbsent),
    /// Back into the queue.
    115 => TicketReturned(ticket::TicketReturned),
    /// To another queue or counter.
    116 => TicketTransferred(ticket::TicketTransferred),
    /// Served.
    117 => TicketFinished(ticket::TicketFinished),
    /// Put aside.
    118 => TicketHeld(ticket::TicketHeld),
    /// The last act with it taken back.
    119 => TicketUndone(ticket::TicketUndone),
    /// Portrait taken.
    120 => PortraitCaptured(capture::PortraitCaptured),
    /// A finger taken or excepted.
    121 => FingerCaptured(capture::FingerCaptured),
    /// Signature taken.
    122 => SignatureCaptured(capture::SignatureCaptured),
    /// Capture complete.
    123 => CaptureCompleted(capture::CaptureCompleted),
    /// Capture opened again.
    124 => CaptureReopened(capture::CaptureReopened),
    /// Interview ended.
    130 => Interviewed(interview::Interviewed),
    /// A supervisor looked at the interview.
    131 => SecondLooked(review::SecondLooked),
    /// Blank set aside.
    140 => BookAllocated(book::BookAllocated),
    /// Printed.
    141 => BookPrinted(book::BookPrinted),
    /// Quality checked.
    142 => BookChecked(book::BookChecked),
    /// Ready to be collected.
    143 => BookReady(book::BookReady),
    /// Handed over.
    144 => HandedOver(book::HandedOver),
    /// Cancelled.
    145 => BookCancelled(book::BookCancelled),
    /// A report of SPRI names the application at a stage.
    146 => BookStageImported(book::stage::BookStageImported),
    // 200–299: written by the office, about its own affairs.
    /// An officer was added or changed.
    200 => OfficerSet(officer::OfficerSet),
    /// An officer may no longer log in.
    201 => OfficerDisabled(officer::OfficerDisabled),
    /// A counter was opened.
    210 => CounterOpened(desk::CounterOpened),
    /// A counter was closed.
    211 => CounterClosed(desk::CounterClosed),
    /// A counter pauses.
    212 => CounterPaused(desk::CounterPaused),
    /// A setting took a new value from a day on.
    220 => SettingSet(setting::SettingSet),
    /// Blank books came.
    221 => StockReceived(stock::StockReceived),
    /// Blank books were counted.
    222 => StockCounted(stock::StockCounted),
    /// A device was given a key.
    230 => DeviceSet(officer::DeviceSet),
    /// A device's key was taken back.
    231 => DeviceRevoked(officer::DeviceRevoked),
    /// The node's key is protected in another way.
    240 => KeyProtectionChanged(key_protection::KeyProtectionChanged),
    /// A backup was made and verified.
    241 => BackupMade(backup::BackupMade),
    /// The node was made from a backup.
    242 => NodeRestored(backup::NodeRestored),
    /// Damage in the node's folder was found and put right as far as possible.
    243 => DamageMended(damage::DamageMended),
    /// Ticket numbers of a day go on further up.
    244 => TicketsSkipped(ticket::TicketsSkipped),
    /// A board of the hall was set up or changed.
    250 => BoardSet(board::BoardSet),
    /// A notice is shown on boards.
    251 => NoticeShown(board::NoticeShown),
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use serde_json::Value;

    #[derive(Deserialize)]
    struct Sample {
        kind: u16,
        body: Value,
    }

    fn frozen() -> Vec<Sample> {
        serde_json::from_str(include_str!("../../tests/domain/fact_samples.json")).unwrap()
    }

    fn read(sample: &Sample) -> Written<Fact> {
        decode(sample.kind, sample.body.to_string().as_bytes()).unwrap().unwrap()
    }

    /// Every frozen fact: one of each kind at least.
    pub(in crate::domain) fn samples() -> Vec<Fact> {
        frozen().iter().map(|sample| read(sample).fact).collect()
    }

    #[test]
    fn every_kind_has_a_frozen_sample_that_is_read_and_written_unchanged() {
        let samples = frozen();
        for sample in &samples {
            let written = read(sample);
            assert_eq!(written.fact.kind(), sample.kind);
            let again: Value = serde_json::from_slice(&encode(&written).unwrap()).unwrap();
            assert_eq!(again, sample.body, "{}", written.fact.name());
        }
        let sampled: BTreeSet<u16> = samples.iter().map(|sample| sample.kind).collect();
        let known: BTreeSet<u16> = Fact::KINDS.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(sampled, known);
    }

    #[test]
    fn no_two_kinds_share_a_number_or_a_name() {
        let names: BTreeSet<&str> = Fact::KINDS.iter().map(|(_, name)| *name).collect();
        let numbers: BTreeSet<u16> = Fact::KINDS.iter().map(|(number, _)| *number).collect();
        assert_eq!((names.len(), numbers.len()), (Fact::KINDS.len(), Fact::KINDS.len()));
    }

    #[test]
    fn an_older_program_does_not_know_later_kinds() {
        let older = Vocabulary::without(&[101]);
        assert_eq!(older.decode(101, b"anything").unwrap(), None);
        assert_eq!(older.kinds().len() + 1, Vocabulary::default().kinds().len());
        assert_eq!([matter(22), matter(220), matter(100), matter(9_001)], {
            use Matter::{Application, Nodes, OfficeAffairs};
            [Nodes, OfficeAffairs, Application, Application]
        });
    }

    #[test]
    fn an_unknown_kind_is_parked_and_an_unreadable_body_is_an_error() {
        assert_eq!(decode(9_999, b"anything").unwrap(), None);
        assert_eq!(decode(100, b"{}").unwrap_err().kind, 100);
    }

    #[test]
    fn a_field_a_later_version_added_is_passed_over() {
        let body = br#"{"rev":1,"by":{"as":"node"},"later":1,"fact":{"punctuality":"late","mood":"fine"}}"#;
        assert!(matches!(decode(100, body).unwrap().unwrap().fact, Fact::Arrived(_)));
    }
}
