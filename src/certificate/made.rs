//! A small authority of the node's own, and the server certificates it signs.
//!
//! Desks trust the authority once, for ten years; the server's certificate is short-lived and renewed without them.
//! It begins long before it was made, because desks have wrong clocks too, and never lasts longer in all than browsers
//! accept of an authority that people installed (825 days).

use chrono::{DateTime, TimeDelta, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls::pki_types::CertificateDer;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::hosts::Hosts;
use super::serving::{Origin, Serving};
use super::{CertificateError, read};

/// How long desks trust the authority.
const AUTHORITY_DAYS: i64 = 3650;
/// How long a server certificate lasts from the day it was made.
const SERVER_DAYS: i64 = 397;
/// How far back it begins.
const SERVER_BACK_DAYS: i64 = 400;
/// It is renewed when less than this is left: an office that stood still for a month comes back with a good one.
const RENEW_DAYS: i64 = 60;

/// An authority: its certificate, its key, and what it may vouch for.
#[derive(Clone, Serialize, Deserialize)]
pub struct Authority {
    pub(super) certificate: Vec<u8>,
    pub(super) key: Zeroizing<Vec<u8>>,
    /// What it vouches for.
    pub hosts: Hosts,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

impl Authority {
    /// Makes an authority for these hosts; `owner` is whose it is, as certificate lists show it.
    pub fn make(owner: &str, hosts: &Hosts, now: DateTime<Utc>) -> Result<Self, CertificateError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        let day = now.format("%Y-%m-%d");
        params.distinguished_name.push(DnType::OrganizationName, owner);
        params.distinguished_name.push(DnType::CommonName, format!("Loket {} {day}", hosts.first()));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.name_constraints =
            Some(NameConstraints { permitted_subtrees: subtrees(hosts), excluded_subtrees: Vec::new() });
        params.not_before = instant(now - TimeDelta::days(SERVER_BACK_DAYS))?;
        params.not_after = instant(now + TimeDelta::days(AUTHORITY_DAYS))?;
        let certificate = params.self_signed(&key)?.der().to_vec();
        Ok(Self { certificate, key: Zeroizing::new(key.serialize_der()), hosts: hosts.clone() })
    }

    /// Its certificate, as browsers read it.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Signs a certificate for the server, with a new key.
    pub fn issue(&self, now: DateTime<Utc>) -> Result<Serving, CertificateError> {
        let own = read::seen(&self.certificate)?;
        let signing = KeyPair::try_from(self.key.as_slice())?;
        let issuer = Issuer::from_ca_cert_der(&CertificateDer::from(self.certificate.as_slice()), signing)?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, self.hosts.first());
        params.subject_alt_names = alternatives(&self.hosts)?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        params.not_before = instant(own.from.max(now - TimeDelta::days(SERVER_BACK_DAYS)))?;
        params.not_after = instant(own.until.min(now + TimeDelta::days(SERVER_DAYS)))?;
        let certificate = params.signed_by(&key, &issuer)?.der().to_vec();
        let chain = vec![certificate, self.certificate.clone()];
        Ok(Serving { chain, key: Zeroizing::new(key.serialize_der()), origin: Origin::Own })
    }

    /// Whether a certificate of this authority should be replaced: it ends soon, or was made by a clock that was ahead.
    /// With a clock that stands before the authority itself nothing is replaced: what there is suits the desks, whose
    /// clocks are right.
    pub(super) fn is_due(&self, serving: &Serving, now: DateTime<Utc>) -> Result<bool, CertificateError> {
        let own = read::seen(&self.certificate)?;
        let seen = serving.seen()?;
        let ends_soon = seen.until - TimeDelta::days(RENEW_DAYS) <= now && seen.until < own.until;
        let from_ahead = now < seen.from;
        Ok(own.from <= now && (ends_soon || from_ahead))
    }
}

fn alternatives(hosts: &Hosts) -> Result<Vec<SanType>, CertificateError> {
    let names = hosts.names.iter().map(|name| Ok(SanType::DnsName(name.as_str().try_into()?)));
    names.chain(hosts.addresses.iter().map(|address| Ok(SanType::IpAddress(*address)))).collect()
}

/// There is always a name and an address of each family among the hosts, so each kind is limited: a kind without any
/// permitted subtree would be free.
fn subtrees(hosts: &Hosts) -> Vec<GeneralSubtree> {
    let names = hosts.names.iter().map(|name| GeneralSubtree::DnsName(name.clone()));
    let whole = |address: &std::net::IpAddr| if address.is_ipv4() { 32 } else { 128 };
    let addresses = hosts
        .addresses
        .iter()
        .map(|address| GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*address, whole(address))));
    names.chain(addresses).collect()
}

fn instant(at: DateTime<Utc>) -> Result<OffsetDateTime, CertificateError> {
    OffsetDateTime::from_unix_timestamp(at.timestamp()).map_err(|error| CertificateError::Unreadable {
        what: "the machine's clock".to_owned(),
        why: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier;
    use rustls::crypto::aws_lc_rs;
    use rustls::pki_types::{ServerName, UnixTime};
    use rustls::{CertificateError as Rejected, Error, RootCertStore};

    use super::*;

    fn day(text: &str) -> DateTime<Utc> {
        format!("{text}T03:00:00Z").parse().unwrap()
    }

    fn hosts(name: &str) -> Hosts {
        Hosts::new(&[name.to_owned()], &["192.0.2.10".parse().unwrap()]).unwrap()
    }

    /// What a client that trusts `authority` says to `serving`.
    fn verified(
        authority: &Authority,
        serving: &Serving,
        host: &str,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(authority.certificate.clone())).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(at.timestamp().unsigned_abs()));
        let leaf = CertificateDer::from(serving.chain[0].clone());
        let name = ServerName::try_from(host.to_owned()).unwrap();
        verifier.verify_server_cert(&leaf, &[], &name, &[], at).map(drop)
    }

    #[test]
    fn desks_accept_the_server_under_its_names_and_no_other() {
        let now = day("2026-11-22");
        let authority = Authority::make("Kantor Contoh", &hosts("loket.kantor.example"), now).unwrap();
        let serving = authority.issue(now).unwrap();
        for host in ["loket.kantor.example", "192.0.2.10", "localhost", "127.0.0.1", "::1"] {
            verified(&authority, &serving, host, now).unwrap();
        }
        // A desk whose clock is a year behind, or half a year ahead.
        verified(&authority, &serving, "loket.kantor.example", day("2025-11-23")).unwrap();
        verified(&authority, &serving, "loket.kantor.example", day("2027-06-01")).unwrap();
        assert!(matches!(
            verified(&authority, &serving, "other.example", now),
            Err(Error::InvalidCertificate(Rejected::NotValidForNameContext { .. }))
        ));
        assert!(matches!(
            verified(&authority, &serving, "loket.kantor.example", day("2028-06-01")),
            Err(Error::InvalidCertificate(Rejected::ExpiredContext { .. }))
        ));
    }

    #[test]
    fn a_thief_of_the_authoritys_key_can_pose_as_nobody_else() {
        let now = day("2026-11-22");
        let authority = Authority::make("Kantor Contoh", &hosts("loket.kantor.example"), now).unwrap();
        for (name, address) in [("bank.example", "192.0.2.10"), ("loket.kantor.example", "192.0.2.99")] {
            let forged = Authority {
                hosts: Hosts::new(&[name.to_owned()], &[address.parse().unwrap()]).unwrap(),
                ..authority.clone()
            };
            let serving = forged.issue(now).unwrap();
            let refused = verified(&authority, &serving, name, now);
            assert!(refused.is_err(), "{name} {address}: {refused:?}");
        }
    }

    #[test]
    fn a_certificate_is_renewed_before_it_ends_and_clocks_do_no_harm() {
        let now = day("2026-11-22");
        let authority = Authority::make("Kantor Contoh", &hosts("loket.kantor.example"), now).unwrap();
        let serving = authority.issue(now).unwrap();
        let seen = serving.seen().unwrap();
        assert!(seen.until - seen.from <= TimeDelta::days(825));
        for (at, due) in [
            ("2026-11-22", false),
            ("2027-10-20", false),
            ("2027-10-30", true),
            ("2028-12-01", true),
            // The battery of the clock is empty: what there is suits the desks.
            ("2020-01-01", false),
        ] {
            assert_eq!(authority.is_due(&serving, day(at)).unwrap(), due, "{at}");
        }
        // Made while the clock stood ten years ahead, and the clock is right again.
        let ahead = authority.issue(day("2036-10-01")).unwrap();
        assert!(authority.is_due(&ahead, now).unwrap());
        // It cannot outlive its authority, and is not renewed in vain at its end.
        let last = authority.issue(day("2036-11-01")).unwrap();
        assert!(!authority.is_due(&last, day("2036-11-10")).unwrap());
    }
}
