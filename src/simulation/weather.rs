//! The line between two nodes: what becomes of a message on its way.

use std::sync::Arc;

use loket_sync::NodeId;
use loket_sync::exchange::{LineError, Ticket};
use loket_sync::http::signature::{RequestParts, Stamp, sign_request, verify_request};

use super::broken::{Invariant, Step, hold};
use super::chance::Chance;
use super::fault::Fault;
use super::talk::PATIENCE_MS;
use super::world::{Event, World};

/// How a line is for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weather {
    Good,
    /// Losses, repeats, delays, cuts, changed bytes.
    Bad,
    /// A login page answers everything.
    Portal,
    /// Requests pass, answers do not.
    UpOnly,
    Down,
}

impl Weather {
    pub(super) fn draw(chance: &mut Chance) -> Self {
        chance.pick(&[
            Self::Good,
            Self::Good,
            Self::Bad,
            Self::Bad,
            Self::Bad,
            Self::Portal,
            Self::UpOnly,
            Self::Down,
        ])
    }
}

/// A message on its way.
#[derive(Clone)]
pub(super) struct Parcel {
    pub link: usize,
    pub epoch: u64,
    pub ticket: Ticket,
    pub bytes: Arc<Vec<u8>>,
    /// Whether it is an answer.
    pub is_answer: bool,
    /// Records it carries.
    pub sent: u64,
    /// Kinds of the facts it carries.
    pub kinds: Vec<u16>,
}

impl World {
    /// Brings a message to the other side, or not, or late, twice, cut or changed.
    pub(super) fn carry(&mut self, parcel: Parcel) -> Step {
        let weather = if self.is_settling { Weather::Good } else { self.links[parcel.link].weather };
        let near_ms = 1 + self.chance.below(600);
        match weather {
            Weather::Good => self.arrive(&parcel, near_ms),
            Weather::Bad => return self.carry_badly(&parcel),
            Weather::UpOnly if !parcel.is_answer => self.arrive(&parcel, near_ms),
            Weather::UpOnly => self.tally.fault(Fault::OneWay, parcel.kinds),
            Weather::Portal => {
                self.tally.fault(Fault::CaptivePortal, parcel.kinds.iter().copied());
                let page = b"<!DOCTYPE html><html><title>Selamat datang di Wi-Fi</title></html>";
                hold(loket_sync::wire::decode(page).is_err(), Invariant::OnlyAuthentic, || {
                    "a login page is taken for a message".to_owned()
                })?;
                self.fails(&parcel, near_ms, LineError::NotOurRegistry);
            }
            Weather::Down => {
                self.tally.fault(Fault::MessageLost, parcel.kinds.iter().copied());
                if self.chance.percent(50) {
                    self.fails(&parcel, near_ms, LineError::Unreachable("no line".to_owned()));
                }
            }
        }
        Ok(())
    }

    fn carry_badly(&mut self, parcel: &Parcel) -> Step {
        let kinds = parcel.kinds.iter().copied();
        let near_ms = 1 + self.chance.below(3_000);
        match self.chance.below(15) {
            0 | 1 if parcel.is_answer => self.tally.fault(Fault::AnswerLost, kinds),
            0 | 1 => self.tally.fault(Fault::MessageLost, kinds),
            2 | 3 => {
                self.tally.fault(Fault::MessageLate, kinds);
                let late_ms = self.chance.below(200_000);
                self.arrive(parcel, late_ms);
            }
            4 | 5 => {
                self.tally.fault(Fault::MessageTwice, kinds);
                self.arrive(parcel, near_ms);
                let again_ms = self.chance.below(90_000);
                self.arrive(parcel, again_ms);
            }
            6 => {
                self.tally.fault(Fault::MessageCut, kinds);
                let len = self.chance.place(parcel.bytes.len());
                self.refuse_tampered(parcel, &parcel.bytes[..len])?;
                self.fails(parcel, near_ms, LineError::BadAnswer("cut short".to_owned()));
            }
            7 => {
                self.tally.fault(Fault::MessageChanged, kinds);
                let mut changed = parcel.bytes.to_vec();
                for _ in 0..=self.chance.below(3) {
                    let at = self.chance.place(changed.len());
                    changed[at] ^= 1 << self.chance.below(8);
                }
                if changed != *parcel.bytes {
                    self.refuse_tampered(parcel, &changed)?;
                }
                self.fails(parcel, near_ms, LineError::NotOurRegistry);
            }
            8 => {
                let fault = if parcel.is_answer { Fault::SlowServer } else { Fault::Drip };
                self.tally.fault(fault, kinds);
                let long_ms = PATIENCE_MS + self.chance.below(900_000);
                self.arrive(parcel, long_ms);
            }
            _ => self.arrive(parcel, near_ms),
        }
        Ok(())
    }

    /// What was cut or changed has no true signature, and reading it does no harm. Untouched messages are signed and
    /// verified the same way in the product; doing it here for each would only take time.
    fn refuse_tampered(&mut self, parcel: &Parcel, bytes: &[u8]) -> Step {
        let link = &self.links[parcel.link];
        let signer = if parcel.is_answer { link.server } else { link.client };
        let key = &self.nodes[signer].key;
        let stamp = Stamp { created_s: Some(0), nonce: Some([7; 8]) };
        let parts =
            |body| RequestParts { method: "POST", path: "/sync/v1/exchange", query: "", headers: &[], body };
        let signed = sign_request(key, &stamp, &parts(&parcel.bytes));
        let pairs = signed.pairs();
        let parts = RequestParts { headers: &pairs, ..parts(bytes) };
        hold(verify_request(&key.public(), &parts).is_err(), Invariant::OnlyAuthentic, || {
            "a changed message is believed".to_owned()
        })?;
        drop(bytes.get(NodeId::LEN..).map(loket_sync::wire::decode));
        Ok(())
    }

    fn arrive(&mut self, parcel: &Parcel, in_ms: u64) {
        let Parcel { link, epoch, ticket, is_answer, sent, .. } = *parcel;
        let bytes = Arc::clone(&parcel.bytes);
        self.schedule(
            in_ms,
            if is_answer {
                Event::Answered { link, epoch, ticket, bytes, sent }
            } else {
                Event::Asked { link, epoch, ticket, bytes }
            },
        );
    }

    fn fails(&mut self, parcel: &Parcel, in_ms: u64, error: LineError) {
        let Parcel { link, epoch, ticket, .. } = *parcel;
        self.schedule(in_ms, Event::Failed { link, epoch, ticket, error });
    }
}
