//! Walk-ins that offices register: numbers are set aside for them, and their bills are issued (docs/decisions/0027).

use chrono::TimeDelta;

use super::bookings::issue_bill;
use super::exchange::Peer;
use super::{ActionError, HEADQUARTERS_ZONE, Registry};
use crate::domain::actor::Actor;
use crate::domain::application::ApplicationKey;
use crate::domain::fact::Fact;
use crate::domain::number::ApplicationNumber;
use crate::domain::office::OfficeCode;
use crate::domain::payment::Payment;
use crate::domain::walk_in::{BLOCK_NUMBERS, BLOCKS_AHEAD, NumbersReserved};
use crate::ids;
use crate::registry::store::{NewFacts, Writing};

/// Blocks that begin like this are for walk-ins: bookings of this registry begin with 1.
const FIRST_DIGIT: char = '2';

/// Sees to it that an office's machine has numbers ahead, however long the line may be down from now on.
pub async fn top_up(registry: &Registry, peer: &Peer) -> Result<(), ActionError> {
    let (office, node) = (&peer.office, &peer.public);
    if registry.store.blocks_ahead(office, node).await? >= BLOCKS_AHEAD {
        return Ok(());
    }
    let mut writing = registry.store.begin(registry.now()).await?;
    while writing.blocks_ahead(office, node).await? < BLOCKS_AHEAD {
        let first = free_block(&mut writing).await?;
        let block = NumbersReserved { node: node.id().to_string(), first, count: BLOCK_NUMBERS };
        writing.reserve_numbers(office, block).await?;
    }
    Ok(writing.commit().await?)
}

/// The first number of a block nobody has begun. Twelve of its digits are drawn, so that two offices hardly ever have the
/// same block ahead; should they, the second one to use it is seen (`Writing::may_bear`).
async fn free_block(writing: &mut Writing) -> Result<ApplicationNumber, ActionError> {
    loop {
        let drawn = u64::from_le_bytes(ids::bytes()?) % 1_000_000_000_000;
        let first = ApplicationNumber::parse(&format!("{FIRST_DIGIT}{drawn:012}000"));
        let first = first.map_err(|error| ActionError::Internal(error.to_string()))?;
        if writing.is_free(&first).await? {
            return Ok(first);
        }
    }
}

/// Bills somebody whom an office has registered, if nothing was billed yet.
pub(super) async fn bill(
    registry: &Registry,
    writing: &mut Writing,
    office: &OfficeCode,
    key: ApplicationKey,
) -> Result<(), ActionError> {
    let application = writing.application(key).await?;
    let view = application.view();
    let (Some(walk_in), Payment::None) = (&view.walk_in, &view.payment) else { return Ok(()) };
    let booking = &walk_in.what.booking;
    if booking.office != *office {
        return Ok(());
    }
    let now = registry.now();
    let settings = registry.settings(HEADQUARTERS_ZONE.day(now));
    let due_at = now + TimeDelta::days(settings.walk_in_payment_days.into());
    let bill = issue_bill(writing, &booking.service, &settings, due_at).await?;
    let facts = vec![Fact::Billed(bill)];
    let new = NewFacts { key, office: office.clone(), by: Actor::Node, once: None, facts };
    Ok(writing.append(new).await?)
}
