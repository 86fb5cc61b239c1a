//! What stands in a certificate, as people compare it.

use std::net::IpAddr;

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use data_encoding::{BASE64, HEXUPPER};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::CertificateError;

/// A certificate, as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Whose it is.
    pub subject: String,
    /// Names and addresses it is for.
    pub hosts: Vec<String>,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// SHA-256 of its bytes, as `AA:BB:…`: what browsers show.
    pub sha256: String,
    /// SHA-1 of its bytes: what Windows shows as the thumbprint when it asks whether to trust it.
    pub sha1: String,
}

/// Reads a certificate.
pub fn seen(der: &[u8]) -> Result<Seen, CertificateError> {
    let unreadable = |why: String| CertificateError::Unreadable { what: "the certificate".to_owned(), why };
    let (_, certificate) = X509Certificate::from_der(der).map_err(|error| unreadable(error.to_string()))?;
    let validity = certificate.validity();
    let instant =
        |at: i64| DateTime::from_timestamp(at, 0).ok_or_else(|| unreadable("it has no dates".to_owned()));
    let names = certificate.subject_alternative_name().map_err(|error| unreadable(error.to_string()))?;
    let names = names.map(|extension| extension.value.general_names.as_slice()).unwrap_or_default();
    Ok(Seen {
        subject: certificate.subject().to_string(),
        hosts: names.iter().filter_map(host).collect(),
        from: instant(validity.not_before.timestamp())?,
        until: instant(validity.not_after.timestamp())?,
        sha256: fingerprint(&digest::SHA256, der),
        sha1: fingerprint(&digest::SHA1_FOR_LEGACY_USE_ONLY, der),
    })
}

fn host(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            let address = four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
            address.ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

fn fingerprint(algorithm: &'static digest::Algorithm, der: &[u8]) -> String {
    let hash = digest::digest(algorithm, der);
    let pairs: Vec<String> = hash.as_ref().iter().map(|byte| HEXUPPER.encode(&[*byte])).collect();
    pairs.join(":")
}

/// A certificate as text (RFC 7468).
pub fn pem(der: &[u8]) -> String {
    let text = BASE64.encode(der);
    let mut lines = String::from("-----BEGIN CERTIFICATE-----\n");
    for (at, letter) in text.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            lines.push('\n');
        }
        lines.push(letter);
    }
    lines.push_str("\n-----END CERTIFICATE-----\n");
    lines
}
