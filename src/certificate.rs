//! The certificate a node shows to browsers and to other nodes: made by a small authority of the node's own, or brought
//! from somewhere else.
//!
//! Both lie in the folder `tls` of the node, sealed with its storage key: a stolen disk gives nobody a key to pose as
//! the office with. An own authority may vouch for the names and addresses it was made for and for nothing else
//! (RFC 5280 §4.2.1.10), so that even its key, once stolen, opens no other site on the desks that trust it.

mod folder;
mod hosts;
mod made;
mod read;
mod serving;

use std::io;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

pub use folder::{AUTHORITY_PEM, Folder};
pub use hosts::Hosts;
pub use made::Authority;
pub use read::{Seen, pem, seen as read_seen};
pub use serving::Serving;

/// Why a certificate cannot be made, brought or used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// There is one, and every desk trusts it.
    #[error(
        "there is an authority already, made for {hosts}; another one has to be installed on every desk anew: \
         give --replace if that is meant"
    )]
    Exists {
        /// What it vouches for.
        hosts: String,
    },
    /// There is none.
    #[error("there is no certificate here yet: loket certificate new --help")]
    None,
    /// Not a name or address of a server.
    #[error("{0:?} is no name of a server, like loket.kantor.example")]
    BadName(String),
    /// A certificate is for somebody.
    #[error("a certificate needs a name or an address that desks reach this machine by: --name or --ip")]
    NoHosts,
    /// The library refused.
    #[error("the certificate cannot be made")]
    Make(#[from] rcgen::Error),
    /// Not a certificate, or not its key.
    #[error("{what} cannot be read: {why}")]
    Unreadable {
        /// Which file or part.
        what: String,
        /// What the reader said.
        why: String,
    },
    /// The key belongs to another certificate.
    #[error("the key does not belong to the certificate")]
    OtherKey,
    /// Nobody would accept it.
    #[error("the certificate has ended on {0}")]
    Ended(DateTime<Utc>),
    /// Browsers look at the alternative names only.
    #[error("the certificate names no server (no subject alternative name)")]
    Nameless,
    /// The sealed file does not open.
    #[error("{0} does not open: it was damaged, or sealed by another node")]
    Sealed(PathBuf),
    /// The file system refused.
    #[error("{file} cannot be read or written")]
    Io {
        /// The file.
        file: PathBuf,
        /// What it said.
        source: io::Error,
    },
}
