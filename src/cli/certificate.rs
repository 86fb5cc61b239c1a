//! `loket certificate`: the certificate that pages are served with. A running node takes a new one over by itself.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use loket_sync::http::trust::pin_of;

use super::terminal::say;
use super::{Failure, Node};
use crate::certificate::{CertificateError, Folder, Hosts, Seen, Serving, read_seen};
use crate::clock::{Clock, SystemClock};
use crate::config::{self, NodeKind, OfficeConfig, OfficeOverrides};
use crate::registry::HEADQUARTERS_NAME;

#[derive(Debug, Subcommand)]
pub(super) enum Certificate {
    /// Make an authority of this node's own and a certificate for its names; renewed by itself from then on
    #[command(after_help = "\
Every desk installs the authority once: the page that hands it out is printed when the node starts. The authority can \
vouch for these names and addresses and for nothing else; its key lies sealed in the node's folder.")]
    New {
        #[command(flatten)]
        node: Node,
        /// A name desks reach this machine by; give it several times for several
        #[arg(long = "name", value_name = "NAME")]
        names: Vec<String>,
        /// An address desks reach this machine by; give it several times for several
        #[arg(long = "ip", value_name = "ADDRESS")]
        addresses: Vec<IpAddr>,
        /// Replace the authority there is: every desk has to install the new one
        #[arg(long)]
        replace: bool,
    },
    /// Serve a certificate that somebody else made
    Import {
        #[command(flatten)]
        node: Node,
        /// The certificate and those between it and a root, PEM, this machine's first
        #[arg(long, value_name = "FILE")]
        cert: PathBuf,
        /// Its private key, PEM; sealed into the node's folder, so that the file can be removed
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
    /// Renew the certificate now, with the authority desks already trust
    Renew {
        #[command(flatten)]
        node: Node,
    },
    /// Show names, dates and fingerprints
    Show {
        #[command(flatten)]
        node: Node,
    },
}

/// Makes, brings, renews or shows.
pub(super) fn carry_out(command: Certificate) -> Result<(), Failure> {
    let now = SystemClock.now();
    match command {
        Certificate::New { node, names, addresses, replace } => {
            let hosts = Hosts::new(&names, &addresses)?;
            let folder = folder(&node)?;
            folder.make(&owner(&node.dir)?, &hosts, replace, now)?;
            show(&folder)?;
            say(
                "\nStart the node (a running one takes it over by itself, once it serves https) and install\n\
                 the authority on every desk from the address it prints.",
            );
        }
        Certificate::Import { node, cert, key } => {
            let read = |file: &Path| {
                std::fs::read(file).map_err(|source| CertificateError::Io { file: file.to_owned(), source })
            };
            let folder = folder(&node)?;
            folder.put(&Serving::brought(&read(&cert)?, &read(&key)?, now)?)?;
            show(&folder)?;
            say(&format!("\nThe key is sealed in the node's folder now; remove {}.", key.display()));
        }
        Certificate::Renew { node } => {
            let folder = folder(&node)?;
            if folder.renew(true, now)?.is_none() {
                return Err("only a certificate of the node's own authority can be renewed here".into());
            }
            show(&folder)?;
        }
        Certificate::Show { node } => show(&folder(&node)?)?,
    }
    Ok(())
}

fn folder(node: &Node) -> Result<Folder, Failure> {
    let (identity, _) = node.identity()?;
    Ok(Folder::of(&node.dir, &identity.storage_key))
}

/// Whose certificate it is, as the lists of browsers show it.
fn owner(dir: &Path) -> Result<String, Failure> {
    match config::kind_of(dir)? {
        NodeKind::Office => Ok(OfficeConfig::load(dir, &OfficeOverrides::default())?.office.name),
        NodeKind::Registry => Ok(HEADQUARTERS_NAME.to_owned()),
    }
}

fn show(folder: &Folder) -> Result<(), Failure> {
    let serving = folder.serving()?.ok_or(CertificateError::None)?;
    say(&format!(
        "Certificate of the server{}",
        if serving.is_own() { "" } else { " (brought from elsewhere)" }
    ));
    say(&lines(&serving.seen()?));
    let Some(authority) = folder.authority()?.filter(|_| serving.is_own()) else { return Ok(()) };
    say("\nAuthority that desks install");
    say(&lines(&read_seen(authority.certificate())?));
    say(&format!("  file      {}", folder.authority_pem().display()));
    if let Some(pin) = pin_of(authority.certificate()) {
        say(&format!("  key       {pin}"));
    }
    Ok(())
}

fn lines(seen: &Seen) -> String {
    let day = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d").to_string();
    let hosts = if seen.hosts.is_empty() {
        String::new()
    } else {
        format!("  for       {}\n", seen.hosts.join(", "))
    };
    format!(
        "  name      {}\n{hosts}  until     {}\n  SHA-256   {}\n  SHA-1     {}",
        seen.subject,
        day(seen.until),
        seen.sha256,
        seen.sha1
    )
}
