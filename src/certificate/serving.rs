//! A certificate with its key as it is served, whoever made it.

use chrono::{DateTime, Utc};
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::CertificateError;
use super::hosts::Hosts;
use super::read::{self, Seen};

/// Where a certificate comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// The node's own authority.
    Own,
    /// Somebody else, who renews it too.
    Brought,
}

/// A certificate with its key, ready to be served.
#[derive(Clone, Serialize, Deserialize)]
pub struct Serving {
    /// The server's certificate first, then who vouches for it.
    pub(super) chain: Vec<Vec<u8>>,
    /// PKCS #8, SEC 1 or PKCS #1.
    pub(super) key: Zeroizing<Vec<u8>>,
    pub(super) origin: Origin,
}

impl std::fmt::Debug for Serving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Serving").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl Serving {
    /// What stands in the server's certificate.
    pub fn seen(&self) -> Result<Seen, CertificateError> {
        let first = self.chain.first().ok_or(CertificateError::None)?;
        read::seen(first)
    }

    /// Whether the node's own authority made it, and renews it.
    pub fn is_own(&self) -> bool {
        self.origin == Origin::Own
    }

    /// The hosts it is for.
    pub fn hosts(&self) -> Result<Hosts, CertificateError> {
        let (mut names, mut addresses) = (Vec::new(), Vec::new());
        for host in self.seen()?.hosts {
            match host.parse() {
                Ok(address) => addresses.push(address),
                Err(_) => names.push(host),
            }
        }
        if names.is_empty() && addresses.is_empty() {
            return Err(CertificateError::Nameless);
        }
        Ok(Hosts { names, addresses })
    }

    /// Certificate and key as the TLS library takes them; refuses a key that belongs to another certificate.
    pub fn certified(&self) -> Result<CertifiedKey, CertificateError> {
        let unreadable = |why: String| CertificateError::Unreadable { what: "the key".to_owned(), why };
        let key = PrivateKeyDer::try_from(self.key.as_slice()).map_err(|why| unreadable(why.to_owned()))?;
        let key = any_supported_type(&key).map_err(|error| unreadable(error.to_string()))?;
        let chain = self.chain.iter().map(|der| CertificateDer::from(der.clone())).collect();
        let certified = CertifiedKey::new(chain, key);
        match certified.keys_match() {
            Ok(()) => Ok(certified),
            Err(_) => Err(CertificateError::OtherKey),
        }
    }

    /// A certificate that somebody else made, from PEM: the server's first, then those between it and a root.
    pub fn brought(certificate: &[u8], key: &[u8], now: DateTime<Utc>) -> Result<Self, CertificateError> {
        let unreadable =
            |what: &str, why: String| CertificateError::Unreadable { what: what.to_owned(), why };
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
        let chain = chain.map_err(|error| unreadable("the certificate", error.to_string()))?;
        let key = PrivateKeyDer::from_pem_slice(key);
        let key = key.map_err(|error| unreadable("the key", error.to_string()))?;
        let serving = Self {
            chain: chain.into_iter().map(|der| der.to_vec()).collect(),
            key: Zeroizing::new(key.secret_der().to_vec()),
            origin: Origin::Brought,
        };
        if serving.chain.is_empty() {
            return Err(unreadable("the certificate", "there is none in the file".to_owned()));
        }
        serving.certified()?;
        serving.hosts()?;
        let until = serving.seen()?.until;
        if until <= now { Err(CertificateError::Ended(until)) } else { Ok(serving) }
    }
}
