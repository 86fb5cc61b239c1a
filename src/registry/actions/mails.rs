//! Telling applicants: what is to be said to whom, and putting on record that it was.

use chrono::TimeDelta;

use super::bookings::{finish, office_of};
use super::{ActionError, Registry};
use crate::domain::actor::Actor;
use crate::domain::decision::{ApplicantTold, Decision};
use crate::domain::fact::Fact;
use crate::domain::number::ApplicationNumber;
use crate::ids;
use crate::registry::store::{Mail, NewFacts};

/// How long a process may take over one mail before another one tries.
const LEASE_MINUTES: i64 = 5;
/// Seconds before the second try; each further one waits twice as long, up to an hour.
const RETRY_SECONDS: i64 = 20;
const RETRY_SECONDS_MAX: i64 = 3_600;
/// Then somebody has to look: about four days.
const TRIES_MAX: u32 = 100;

/// What an applicant is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matter {
    /// The passport can be collected.
    Ready {
        /// Within so many days.
        collection_days: u16,
    },
    /// Headquarters approved.
    Approved,
    /// Headquarters refused.
    Refused {
        /// Why.
        reason: String,
    },
}

/// A mail with everything it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The row it is sent for.
    pub mail: Mail,
    /// To which address.
    pub to: String,
    /// Which application.
    pub number: ApplicationNumber,
    /// The office's name.
    pub office: String,
    /// What about.
    pub matter: Matter,
}

/// Takes the next mail that is due. A mail whose reason is gone (a decision taken back) is given up.
pub async fn next(registry: &Registry) -> Result<Option<Letter>, ActionError> {
    let lease = TimeDelta::minutes(LEASE_MINUTES);
    while let Some(mail) = registry.store.claim_mail(registry.now(), lease).await? {
        match letter(registry, &mail).await? {
            Some(letter) => return Ok(Some(letter)),
            None => registry.store.put_mail_back(&mail, None).await?,
        }
    }
    Ok(None)
}

async fn letter(registry: &Registry, mail: &Mail) -> Result<Option<Letter>, ActionError> {
    let view = registry.store.application(mail.application).await?.view();
    let Some(booking) = view.booking else { return Ok(None) };
    let office = registry.office(&booking.office).await?;
    let matter = match (mail.about.as_str(), view.decision.as_ref().map(|done| &done.what)) {
        ("ready", _) => Matter::Ready {
            collection_days: registry.settings(office.zone.day(registry.now())).collection_days,
        },
        ("approved", Some(Decision::Approved(_))) => Matter::Approved,
        ("refused", Some(Decision::Refused(refused))) => Matter::Refused { reason: refused.reason.clone() },
        _ => return Ok(None),
    };
    let Some(to) = booking.contact.email else { return Ok(None) };
    Ok(Some(Letter { mail: mail.clone(), to, number: booking.number, office: office.name, matter }))
}

/// Puts on record that the applicant was told.
pub async fn told(registry: &Registry, letter: &Letter) -> Result<(), ActionError> {
    let Mail { application: key, about, .. } = &letter.mail;
    let mut writing = registry.store.begin(registry.now()).await?;
    let application = writing.application(*key).await?;
    if !writing.mail_sent(&letter.mail).await? {
        return Ok(());
    }
    let office = office_of(&application)?;
    let facts = vec![Fact::ApplicantTold(ApplicantTold { about: about.clone(), by: "e-mail".to_owned() })];
    writing.append(NewFacts { key: *key, office, by: Actor::Node, once: None, facts }).await?;
    finish(writing, *key).await
}

/// Puts a mail that could not be sent back for later; after many tries it is given up.
pub async fn failed(registry: &Registry, letter: &Letter) -> Result<(), ActionError> {
    let mail = &letter.mail;
    let chance = u16::from_le_bytes(ids::bytes()?);
    let again = (mail.tries < TRIES_MAX).then(|| registry.now() + wait(mail.tries, chance));
    Ok(registry.store.put_mail_back(mail, again).await?)
}

/// How long to wait after so many tries: doubling, capped, spread by up to a quarter either way so that mails that
/// failed together do not come back together.
fn wait(tries: u32, chance: u16) -> TimeDelta {
    let doubled =
        RETRY_SECONDS.saturating_mul(1_i64 << tries.saturating_sub(1).min(20)).min(RETRY_SECONDS_MAX);
    let spread = doubled * (i64::from(chance) - 32_768) / 32_768 / 4;
    TimeDelta::seconds(doubled + spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_and_is_spread_but_never_over_an_hour_and_a_quarter() {
        let seconds = [1, 2, 3, 9, 60].map(|tries| wait(tries, 32_768).num_seconds());
        assert_eq!(seconds, [20, 40, 80, 3_600, 3_600]);
        assert_eq!([0, u16::MAX].map(|chance| wait(40, chance).num_seconds()), [2_700, 4_499]);
    }
}
