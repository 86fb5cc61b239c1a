//! Money: payments the bank reports, bills that run out, and the list of what does not fit.
//!
//! Every report is kept. One that pays no bill cleanly stands on the reconciliation list until somebody settles it.

use super::bookings::{finish, office_of};
use super::{ActionError, Asker, Registry};
use crate::domain::actor::Actor;
use crate::domain::application::{Application, ApplicationKey};
use crate::domain::booking::Rescheduled;
use crate::domain::fact::Fact;
use crate::domain::number::{ApplicationNumber, BillingCode, Ntpn};
use crate::domain::payment::{Expired, Paid, Payment, Refunded};
use crate::domain::refusal::Refusal;
use crate::registry::store::{Bill, NewFacts, PaymentState, QuotaKey, Room, Settled, Settlement, Writing};

/// What came of a reported payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentTaken {
    /// Whose bill it is, if it is anybody's.
    pub number: Option<ApplicationNumber>,
    /// What became of it.
    pub state: PaymentState,
    /// The same report had come before.
    pub repeated: bool,
}

/// Takes a payment as the bank reports it. Reporting the same payment again changes nothing.
pub async fn pay(registry: &Registry, paid: Paid) -> Result<PaymentTaken, ActionError> {
    let mut writing = registry.store.begin(registry.now()).await?;
    let bill = writing.bill(&paid.code).await?;
    // Locks the application, so that two reports about one bill are taken one after the other.
    let application = match &bill {
        Some(bill) => Some(writing.application(bill.application).await?),
        None => None,
    };
    let number = application.as_ref().and_then(|it| it.view().booking.map(|booking| booking.number));
    let known = writing.payments_of(&paid.ntpn).await?;
    if let Some(same) = known.iter().find(|row| row.paid.code == paid.code) {
        return Ok(PaymentTaken { number, state: same.state, repeated: true });
    }
    let (Some(bill), Some(application)) = (bill, application) else {
        return list(writing, &paid, None, PaymentState::UnknownBill, number).await;
    };
    if !known.is_empty() {
        return list(writing, &paid, Some(bill.application), PaymentState::NtpnReused, number).await;
    }
    if paid.amount_idr != bill.amount_idr {
        return list(writing, &paid, Some(bill.application), PaymentState::AmountDiffers, number).await;
    }
    // Only the application is locked: another process may be counting this NTPN for another one at this moment.
    if !writing.claim_ntpn(&paid).await? {
        return list(writing, &paid, Some(bill.application), PaymentState::NtpnReused, number).await;
    }
    let state = count(&mut writing, &application, &bill, &paid).await?;
    finish(writing, bill.application).await?;
    Ok(PaymentTaken { number, state, repeated: false })
}

/// Keeps a payment that pays nothing.
async fn list(
    mut writing: Writing,
    paid: &Paid,
    application: Option<ApplicationKey>,
    state: PaymentState,
    number: Option<ApplicationNumber>,
) -> Result<PaymentTaken, ActionError> {
    writing.put_payment(paid, application, state).await?;
    writing.commit().await?;
    Ok(PaymentTaken { number, state, repeated: false })
}

/// Writes the fact of a payment that belongs to a bill, and what follows from it.
async fn count(
    writing: &mut Writing,
    application: &Application,
    bill: &Bill,
    paid: &Paid,
) -> Result<PaymentState, ActionError> {
    let view = application.view();
    let mut facts = vec![Fact::Paid(paid.clone())];
    let state = match &view.payment {
        Payment::Paid { .. } | Payment::Refunded(_) => PaymentState::Again,
        _ if view.cancelled.is_some() => PaymentState::AfterCancel,
        Payment::Expired(_) => match reinstated(writing, application).await? {
            Some(fact) => {
                facts.push(fact);
                PaymentState::Reinstated
            }
            None => PaymentState::LateNoRoom,
        },
        Payment::None | Payment::Due(_) => PaymentState::Counted,
    };
    writing.put_payment(paid, Some(bill.application), state).await?;
    let office = office_of(application)?;
    writing.append(NewFacts { key: bill.application, office, by: Actor::Bank, once: None, facts }).await?;
    Ok(state)
}

/// The same appointment once more, if it is still to come and has room (DESIGN.md §6 row 4).
async fn reinstated(writing: &mut Writing, application: &Application) -> Result<Option<Fact>, ActionError> {
    let view = application.view();
    let is_walk_in = view.walk_in.is_some();
    let (Some(booking), Some(slot)) = (view.booking, view.slot) else { return Ok(None) };
    // Whoever walked in took no place: there is nothing that could be gone.
    if is_walk_in {
        return Ok(Some(Fact::Rescheduled(Rescheduled { slot, reason: String::new(), reinstated: true })));
    }
    let passed = slot.day < super::HEADQUARTERS_ZONE.day(writing.now());
    let key = QuotaKey {
        office: booking.office,
        slot,
        product: booking.service.product,
        channel: booking.service.channel,
    };
    if passed || writing.room(&key).await? == Room::Full {
        return Ok(None);
    }
    Ok(Some(Fact::Rescheduled(Rescheduled { slot, reason: String::new(), reinstated: true })))
}

/// The most bills that one round looks at.
const EXPIRE_AT_ONCE: u32 = 100;

/// Marks bills that ran out, which frees their places. Returns how many. One that cannot be marked does not hold up the
/// others.
pub async fn expire(registry: &Registry) -> Result<usize, ActionError> {
    let mut expired = 0;
    for bill in registry.store.overdue(registry.now(), EXPIRE_AT_ONCE).await? {
        match expire_one(registry, &bill).await {
            Ok(is_marked) => expired += usize::from(is_marked),
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, "A bill that ran out could not be marked; it is tried again");
            }
        }
    }
    Ok(expired)
}

/// Marks one bill; `false` when it was paid meanwhile, or marked by another process.
async fn expire_one(registry: &Registry, bill: &Bill) -> Result<bool, ActionError> {
    let mut writing = registry.store.begin(registry.now()).await?;
    let application = writing.application(bill.application).await?;
    if !matches!(application.view().payment, Payment::Due(due) if due.code == bill.code) {
        return Ok(false);
    }
    let office = office_of(&application)?;
    let facts = vec![Fact::BillExpired(Expired { code: bill.code.clone() })];
    let new = NewFacts { key: bill.application, office, by: Actor::Node, once: None, facts };
    writing.append(new).await?;
    finish(writing, bill.application).await?;
    Ok(true)
}

/// Takes a payment off the list: it was settled outside, or by a new date.
pub async fn settle(
    registry: &Registry,
    asker: &Asker,
    ntpn: &Ntpn,
    code: &BillingCode,
    reason: &str,
) -> Result<(), ActionError> {
    let settlement = settlement(registry, asker, Settled::Outside, reason)?;
    let mut writing = registry.store.begin(registry.now()).await?;
    if !writing.settle_payment(ntpn, code, &settlement).await? {
        return Err(ActionError::Refused(Refusal::StalePage));
    }
    Ok(writing.commit().await?)
}

/// Who takes a payment off the list, and why: it stays on record with the payment.
fn settlement(registry: &Registry, asker: &Asker, how: Settled, reason: &str) -> Result<Settlement, Refusal> {
    asker.headquarters()?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Refusal::ReasonNeeded);
    }
    Ok(Settlement { how, by: asker.by.clone(), at: registry.now(), reason: reason.to_owned() })
}

/// Gives a listed payment back and takes it off the list.
pub async fn refund(
    registry: &Registry,
    asker: &Asker,
    ntpn: &Ntpn,
    code: &BillingCode,
    reason: &str,
) -> Result<(), ActionError> {
    let settlement = settlement(registry, asker, Settled::GivenBack, reason)?;
    let mut writing = registry.store.begin(registry.now()).await?;
    let listed = writing.payments_of(ntpn).await?;
    let row = listed.into_iter().find(|row| &row.paid.code == code && row.state.needs_somebody());
    let row = row.ok_or(ActionError::Refused(Refusal::StalePage))?;
    if !writing.settle_payment(ntpn, code, &settlement).await? {
        return Err(ActionError::Refused(Refusal::StalePage));
    }
    // Only what the facts count as paid can be given back in the facts; the rest was never counted.
    let counted =
        matches!(row.state, PaymentState::LateNoRoom | PaymentState::Again | PaymentState::AfterCancel);
    let Some(key) = row.application.filter(|_| counted) else { return Ok(writing.commit().await?) };
    let application = writing.application(key).await?;
    let office = office_of(&application)?;
    let Paid { code, ntpn, amount_idr, .. } = row.paid;
    let Settlement { by, reason, .. } = settlement;
    let facts = vec![Fact::Refunded(Refunded { code: Some(code), ntpn: Some(ntpn), amount_idr, reason })];
    writing.append(NewFacts { key, office, by, once: None, facts }).await?;
    finish(writing, key).await
}
