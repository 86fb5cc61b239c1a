//! The signed proof of payment of a booking.

use super::{ActionError, Registry};
use crate::domain::number::ApplicationNumber;
use crate::domain::payment::Payment;
use crate::domain::proof::ProofOfPayment;
use crate::domain::refusal::Refusal;
use crate::domain::view::View;
use crate::proof;

/// The proof of a booking as text, for the QR code and the API.
pub async fn of_number(registry: &Registry, number: &ApplicationNumber) -> Result<String, ActionError> {
    let key = registry.key_of(number).await?;
    of_view(registry, &registry.store.application(key).await?.view())
}

/// The proof of an application that is paid and not given up.
pub fn of_view(registry: &Registry, view: &View) -> Result<String, ActionError> {
    let booking = view.booking.as_ref().ok_or(Refusal::NoBooking)?;
    let slot = view.slot.ok_or(Refusal::NoBooking)?;
    if view.cancelled.is_some() {
        return Err(Refusal::BookingCancelled.into());
    }
    let Payment::Paid { paid, .. } = &view.payment else {
        return Err(Refusal::Unpaid { due_at: view.payment.bill().map(|bill| bill.due_at) }.into());
    };
    let proof = ProofOfPayment {
        number: booking.number.clone(),
        code: paid.code.clone(),
        ntpn: paid.ntpn.clone(),
        amount_idr: paid.amount_idr,
        office: booking.office.clone(),
        day: slot.day,
    };
    proof::sign(&proof, registry.store.node_key()).map_err(|error| ActionError::Internal(error.to_string()))
}
