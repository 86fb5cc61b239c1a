//! Whose certificate the registry must show: one that the system's authorities vouch for, or one that is pinned.
//!
//! A pinned key is the registry, whatever name it was reached by and whatever the clock says: an office whose clock
//! lost its battery goes on talking to the registry it knows. Where an authority vouches, names and dates count.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{self, CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use sha2::{Digest, Sha256};

use crate::exchange::CertificateProblem;

/// How a pinned key is written.
const PIN_PREFIX: &str = "sha256:";

/// What cannot be trusted in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// No certificate in the text.
    #[error("there is no certificate in it (-----BEGIN CERTIFICATE-----)")]
    NoCertificate,
    /// Not the hash of a key.
    #[error("a pinned key is sha256: and 64 hexadecimal digits")]
    BadPin,
}

/// Whose certificate is accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// One that an authority of this machine vouches for.
    #[default]
    System,
    /// One of these, or one that one of these vouches for.
    Certificates(Vec<CertificateDer<'static>>),
    /// One with this key (SHA-256 of its `SubjectPublicKeyInfo`), or one that a shown certificate with this key vouches
    /// for.
    Key([u8; 32]),
}

impl Trust {
    /// The certificates of a PEM file.
    pub fn from_pem(text: &[u8]) -> Result<Self, TrustError> {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
        match found {
            Ok(certificates) if !certificates.is_empty() => Ok(Self::Certificates(certificates)),
            _ => Err(TrustError::NoCertificate),
        }
    }

    /// A key, written `sha256:` and its hash in hexadecimal digits.
    pub fn pinned(text: &str) -> Result<Self, TrustError> {
        let digits = text.strip_prefix(PIN_PREFIX).ok_or(TrustError::BadPin)?.replace(':', "");
        let hash = data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok();
        hash.and_then(|hash| hash.try_into().ok()).map(Self::Key).ok_or(TrustError::BadPin)
    }

    /// How a TLS client verifies with it; `None` leaves it to the system.
    pub(super) fn client_config(&self) -> Result<Option<ClientConfig>, Error> {
        if *self == Self::System {
            return Ok(None);
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = Pinned { trust: self.clone(), provider: Arc::clone(&provider) };
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let verified = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = verified.with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Some(config))
    }
}

/// The pin of a certificate's key, as [`Trust::pinned`] reads it.
pub fn pin_of(certificate: &[u8]) -> Option<String> {
    let hash = key_hash(&CertificateDer::from(certificate))?;
    Some(format!("{PIN_PREFIX}{}", data_encoding::HEXLOWER.encode(&hash)))
}

fn key_hash(certificate: &CertificateDer<'_>) -> Option<[u8; 32]> {
    let parsed = ParsedCertificate::try_from(certificate).ok()?;
    Some(Sha256::digest(parsed.subject_public_key_info()).into())
}

#[derive(Debug)]
struct Pinned {
    trust: Trust,
    provider: Arc<CryptoProvider>,
}

impl Pinned {
    /// Who may vouch, and whether the certificate itself is the one that was pinned.
    fn vouching(
        &self,
        shown: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
    ) -> (bool, Vec<CertificateDer<'static>>) {
        match &self.trust {
            Trust::System => (false, Vec::new()),
            Trust::Certificates(known) => (known.iter().any(|known| known == shown), known.clone()),
            Trust::Key(hash) => {
                let has_key = |certificate: &CertificateDer<'_>| key_hash(certificate) == Some(*hash);
                let others = others.iter().filter(|other| has_key(other));
                (has_key(shown), others.map(|other| other.clone().into_owned()).collect())
            }
        }
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let (is_pinned, vouching) = self.vouching(shown, others);
        if is_pinned {
            return Ok(ServerCertVerified::assertion());
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(vouching);
        if roots.is_empty() {
            return Err(CertificateError::UnknownIssuer.into());
        }
        let provider = Arc::clone(&self.provider);
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        let verifier = verifier.map_err(|error| Error::General(error.to_string()))?;
        verifier.verify_server_cert(shown, others, name, stapled, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What is wrong with the server's certificate, if that is why a connection failed.
pub fn problem_in(error: &(dyn std::error::Error + 'static)) -> Option<CertificateProblem> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let wrapped = wrapped.map(|inner| inner as &(dyn std::error::Error + 'static));
        let tls = error.downcast_ref::<Error>().or_else(|| wrapped?.downcast_ref());
        if let Some(Error::InvalidCertificate(why)) = tls {
            return Some(problem(why));
        }
        cause = wrapped.or_else(|| error.source());
    }
    None
}

fn problem(why: &CertificateError) -> CertificateProblem {
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => CertificateProblem::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            CertificateProblem::NotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            CertificateProblem::OtherName
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => CertificateProblem::Unknown,
        CertificateError::Revoked => CertificateProblem::Revoked,
        _ => CertificateProblem::Unusable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_read_as_it_is_written() {
        let hash = [0xab; 32];
        let text = format!("sha256:{}", data_encoding::HEXLOWER.encode(&hash));
        assert_eq!(Trust::pinned(&text), Ok(Trust::Key(hash)));
        assert_eq!(Trust::pinned(&text.to_uppercase().replace("SHA256", "sha256")), Ok(Trust::Key(hash)));
        for bad in ["", "sha256:", "sha256:abcd", "md5:00", &text[..70]] {
            assert_eq!(Trust::pinned(bad), Err(TrustError::BadPin), "{bad}");
        }
        assert_eq!(Trust::from_pem(b"nothing"), Err(TrustError::NoCertificate));
    }
}
