//! Arriving: paid on record, or admitted on evidence that is verified here.

use super::{ActionError, Asker};
use crate::domain::application::{Application, ApplicationKey};
use crate::domain::command::Command;
use crate::domain::document::CheckedDocument;
use crate::domain::number::Ntpn;
use crate::domain::payment::Evidence;
use crate::domain::refusal::Refusal;
use crate::domain::visit::Receiving;
use crate::office::store::{Acted, Store};
use crate::proof;

/// The applicant stands at the counter, paid on record.
pub async fn arrive(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    note: String,
    other_day_reason: Option<String>,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::Arrive { note, other_day_reason }).await
}

/// Lets somebody in on what they show: a signed proof (scanned) or an NTPN (typed).
pub async fn admit(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    shown: &str,
    note: String,
) -> Result<Acted, ActionError> {
    let application = store.application(key)?.ok_or(Refusal::UnknownApplication)?;
    let evidence = evidence(store, &application, shown)?;
    asker.command(store, key, Command::AdmitOnEvidence { evidence, note }).await
}

/// What the form of the one step says, besides the originals.
#[derive(Debug, Clone, Default)]
pub struct Received {
    /// A signed proof (scanned) or an NTPN (typed), when no payment is on record; empty otherwise.
    pub shown: String,
    /// What the officer noted.
    pub note: String,
    /// Why they are served outside their appointment.
    pub out_of_slot_reason: Option<String>,
}

/// Arrival, papers and ticket in one step.
pub async fn receive(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    documents: Vec<CheckedDocument>,
    received: Received,
) -> Result<Acted, ActionError> {
    let Received { shown, note, out_of_slot_reason } = received;
    let evidence = if shown.trim().is_empty() {
        None
    } else {
        let application = store.application(key)?.ok_or(Refusal::UnknownApplication)?;
        Some(evidence(store, &application, &shown)?)
    };
    let receiving = Receiving { documents, evidence, note, out_of_slot_reason };
    asker.command(store, key, Command::Receive(receiving)).await
}

/// Reads what was shown. A proof must be signed by the registry that this office trusts, and name this application;
/// a receipt's number proves nothing by itself and is kept as typed.
pub fn evidence(store: &Store, application: &Application, shown: &str) -> Result<Evidence, Refusal> {
    if proof::looks_like_proof(shown) {
        let registry = store.registry().ok_or(Refusal::ProofInvalid)?;
        let proven = proof::verify(shown, registry).map_err(|_| Refusal::ProofInvalid)?;
        let view = application.view();
        let booking = view.booking.as_ref().ok_or(Refusal::NoBooking)?;
        if proven.number != booking.number {
            return Err(Refusal::ProofInvalid);
        }
        return Ok(Evidence::SignedProof { code: proven.code, ntpn: proven.ntpn });
    }
    Ntpn::parse(shown).map(|ntpn| Evidence::Ntpn { ntpn }).map_err(|_| Refusal::ProofInvalid)
}

/// Takes an arrival back that was entered by mistake.
pub async fn withdraw(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    reason: String,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::WithdrawArrival { reason }).await
}

/// Gives this office's visit up, because another office goes on with the applicant.
pub async fn yield_visit(
    store: &Store,
    asker: Asker,
    key: ApplicationKey,
    reason: String,
) -> Result<Acted, ActionError> {
    asker.command(store, key, Command::YieldVisit { reason }).await
}
