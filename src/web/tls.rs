//! The certificate that pages are served with: swapped while requests run, renewed by itself, and taken over when
//! somebody puts another one into the node's folder.
//!
//! A handshake that has begun keeps the certificate it began with, so nothing is cut off by a renewal.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::certificate::{self, CertificateError, Folder, Hosts, Seen, Serving};
use crate::clock::Clock;

/// How often the folder is looked at: somebody who has just brought a certificate waits no longer.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How many looks lie between two tries to renew: an hour.
const LOOKS_PER_RENEWAL: u32 = 720;

/// What is served, as pages tell it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The server's certificate.
    pub server: Seen,
    /// Who it is for.
    pub hosts: Hosts,
    /// The node's own authority, when it made the certificate: what desks install.
    pub authority: Option<AuthorityShown>,
}

/// An authority that desks install.
#[derive(Debug, Clone)]
pub struct AuthorityShown {
    /// What stands in it.
    pub seen: Seen,
    /// Its bytes, as a file to download.
    pub der: Vec<u8>,
}

impl Shown {
    /// Whether somebody has to do something about it: whoever brings a certificate brings the next one in time, and
    /// desks must be given a new authority in time.
    pub fn needs_care(&self, now: DateTime<Utc>) -> bool {
        let soon = |until: DateTime<Utc>, days| until - chrono::TimeDelta::days(days) <= now;
        match &self.authority {
            Some(authority) => soon(authority.seen.until, 180) || soon(self.server.until, 7),
            None => soon(self.server.until, 30),
        }
    }
}

/// The certificate handshakes are answered with.
#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl Current {
    fn swap(&self, certified: CertifiedKey) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(certified);
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// A certificate that is looked after.
pub struct Tls {
    folder: Folder,
    current: Arc<Current>,
    shown: watch::Sender<Shown>,
    /// The sealed bytes that `current` was read from.
    bytes: Option<Vec<u8>>,
    clock: Arc<dyn Clock>,
}

impl Tls {
    /// Loads what a node serves, renewing it first when it is due; `None` when no certificate was set up.
    pub fn load(folder: Folder, clock: Arc<dyn Clock>) -> Result<Option<Self>, CertificateError> {
        if folder.serving()?.is_none() {
            return Ok(None);
        }
        renew(&folder, clock.now());
        let bytes = folder.serving_bytes();
        let Some(serving) = folder.serving()? else { return Ok(None) };
        let current = Arc::new(Current(RwLock::new(Arc::new(serving.certified()?))));
        let shown = watch::Sender::new(shown(&folder, &serving)?);
        Ok(Some(Self { folder, current, shown, bytes, clock }))
    }

    /// How handshakes are answered (TLS 1.2 and 1.3).
    pub fn config(&self) -> Result<ServerConfig, rustls::Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let resolver: Arc<dyn ResolvesServerCert> = self.current.clone();
        Ok(builder.with_no_client_auth().with_cert_resolver(resolver))
    }

    /// What is served, now and later.
    pub fn shown(&self) -> watch::Receiver<Shown> {
        self.shown.subscribe()
    }

    /// Looks after the certificate until the task is ended.
    pub fn look_after(mut self) -> JoinHandle<()> {
        tokio::spawn(async move {
            let mut looks = 0;
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                looks = (looks + 1) % LOOKS_PER_RENEWAL;
                // Files and signatures are slow enough to be kept off the thread that answers.
                let looked = tokio::task::spawn_blocking(move || {
                    if looks == 0 {
                        renew(&self.folder, self.clock.now());
                    }
                    self.take_over();
                    self
                });
                match looked.await {
                    Ok(back) => self = back,
                    Err(error) => {
                        tracing::error!(%error, "The certificate is not looked after any more");
                        return;
                    }
                }
            }
        })
    }

    /// Serves what lies in the folder now, if it changed. One that cannot be served is told of once and passed over.
    fn take_over(&mut self) {
        let bytes = self.folder.serving_bytes();
        if bytes.is_none() || bytes == self.bytes {
            return;
        }
        self.bytes = bytes;
        let taken = self.folder.serving().and_then(|serving| {
            let serving = serving.ok_or(CertificateError::None)?;
            Ok((serving.certified()?, shown(&self.folder, &serving)?))
        });
        match taken {
            Ok((certified, shown)) => {
                tracing::info!(until = %shown.server.until, "Another certificate is served from now on");
                self.current.swap(certified);
                self.shown.send_replace(shown);
            }
            Err(error) => {
                tracing::error!(%error, "The certificate in the folder cannot be served; the old one is kept");
            }
        }
    }
}

/// What cannot be renewed is served as it is: browsers warn, and the log says why.
fn renew(folder: &Folder, now: DateTime<Utc>) {
    match folder.renew(false, now) {
        Ok(None) => {}
        Ok(Some(_)) => tracing::info!("The certificate was renewed"),
        Err(error) => tracing::error!(%error, "The certificate could not be renewed"),
    }
}

fn shown(folder: &Folder, serving: &Serving) -> Result<Shown, CertificateError> {
    let authority = if serving.is_own() { folder.authority()? } else { None };
    let authority = authority.map(|authority| {
        let der = authority.certificate().to_vec();
        certificate::read_seen(&der).map(|seen| AuthorityShown { seen, der })
    });
    Ok(Shown { server: serving.seen()?, hosts: serving.hosts()?, authority: authority.transpose()? })
}
