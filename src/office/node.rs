//! Putting an office together from its folder: settings, key, store, line, pages; and taking it down again.
//!
//! The order of starting: what can refuse comes first (settings, key, lock, address), then what runs. The order of
//! stopping is the reverse: no more requests, then the line, then the store, which is closed properly.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loket_sync::enrol::{Asking, EnrolCode, KEY_SPENT};
use loket_sync::exchange::LineError;
use loket_sync::http::client::{self, Patience};
use loket_sync::http::trust::{Trust, TrustError};
use loket_sync::{Disk, Identity, IdentityError, NodeKey};

use super::store::{self, Act, ActError, OpenError, OpenReport, Store, StoreError, What};
use super::web::app::{Machine, OfficeApp};
use super::{web, worker};
use crate::certificate::Folder;
use crate::clock::{Clock, SystemClock};
use crate::config::{self, ConfigError, OfficeConfig, OfficeOverrides, RegistryLink};
use crate::domain::actor::{Actor, Role};
use crate::domain::key_protection::{AtStart, KeyProtection, KeyProtectionChanged, at_start};
use crate::domain::office::Office;
use crate::domain::officer::OfficerSet;
use crate::ids::NoRandomness;
use crate::office::courier::OfficeCourier;
use crate::passwords::PasswordError;
use crate::web::front::{self, Front, FrontError};
use crate::{ids, node_key, passwords};

/// The program and its version, as opening records name it.
pub const SOFTWARE: &str = concat!("loket ", env!("CARGO_PKG_VERSION"));

/// Why a node cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// Its settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Its key.
    #[error(transparent)]
    Key(#[from] IdentityError),
    /// The office's store.
    #[error("the office's folder cannot be opened")]
    Office(#[from] OpenError),
    /// An act on the office's store.
    #[error(transparent)]
    Act(#[from] ActError),
    /// Its pages cannot be served.
    #[error(transparent)]
    Front(#[from] FrontError),
    /// The line would go over a network in the open.
    #[error(
        "the registry's address {0} is not https: somebody on the way could see who talks and when, and keep it \
         away. If it must be without TLS: --without-tls"
    )]
    NakedLine(String),
    /// The registry's certificate that was given.
    #[error("the registry's certificate cannot be used")]
    RegistryCertificate(#[from] TrustError),
    /// Its key is protected less than before.
    #[error(
        "the node's key is protected by less than before ({before} until now, {now} at this start). If somebody else \
         did that, the key may be known. If it is meant: --accept-weaker-key-protection; it goes on record"
    )]
    WeakerKey {
        /// How it is now.
        now: &'static str,
        /// How it was.
        before: &'static str,
    },
    /// The office's memory.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file that was given.
    #[error("{file} cannot be read or written")]
    Io {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Passwords.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// No random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The registry did not take the office in.
    #[error("the registry did not enrol this office")]
    Enrol(#[source] LineError),
    /// The code belongs to another office.
    #[error("the code is for the office {granted}; this folder holds {here}")]
    OtherOffice {
        /// Whose code it is.
        granted: String,
        /// What lies here.
        here: String,
    },
}

/// An office's settings, and who it is.
pub fn load(dir: &Path, over: &OfficeOverrides) -> Result<(OfficeConfig, store::Identity), NodeError> {
    let config = OfficeConfig::load(dir, over)?;
    let (Identity { node_key, storage_key }, _) = Identity::open(dir, &config.key.unlock)?;
    let registry = config.registry.as_ref().map(|link| link.public);
    let office = config.office.clone();
    Ok((config, store::Identity { node_key, storage_key, office, registry }))
}

/// Makes an office: its settings and its key.
pub fn make(dir: &Path, office: &Office, listen: Option<SocketAddr>) -> Result<(), NodeError> {
    config::init_office(dir, office, listen)?;
    Identity::create(dir)?;
    Ok(())
}

/// Somebody who gets a login.
#[derive(Debug, Clone)]
pub struct NewOfficer {
    /// Login name.
    pub login: String,
    /// The name people know.
    pub name: String,
    /// What they may do.
    pub roles: Vec<Role>,
    /// The password, in the open.
    pub password: String,
}

/// Gives logins at an office that is not running and whose key lies bare.
pub async fn add_officers(dir: &Path, officers: &[NewOfficer]) -> Result<(), NodeError> {
    add_officers_over(dir, &OfficeOverrides::default(), officers).await
}

/// Gives logins at an office that is not running.
pub async fn add_officers_over(
    dir: &Path,
    over: &OfficeOverrides,
    officers: &[NewOfficer],
) -> Result<(), NodeError> {
    let mut acts = Vec::with_capacity(officers.len());
    for officer in officers {
        let password_hash = passwords::hash(&officer.password)?;
        let NewOfficer { login, name, roles, .. } = officer.clone();
        acts.push(What::SetOfficer(OfficerSet { login, name, roles, password_hash }));
    }
    act_on_stopped(dir, over, acts).await
}

/// Does acts at an office that is not running: by whoever sits at the machine, as its administrator.
pub async fn act_on_stopped(dir: &Path, over: &OfficeOverrides, acts: Vec<What>) -> Result<(), NodeError> {
    let (_, who) = load(dir, over)?;
    let (store, _) = Store::open(dir, who, Arc::new(SystemClock))?;
    for what in acts {
        let roles = vec![Role::Administrator];
        store.act(Act { what, by: Actor::Node, roles, once: ids::once()?, seen: None }).await?;
    }
    store.stop().await;
    Ok(())
}

/// The registry an office is to be tied to.
#[derive(Clone)]
pub struct NewLink {
    /// Its address.
    pub url: String,
    /// The one-time code.
    pub code: EnrolCode,
    /// Its certificate: a PEM file, or `sha256:…` of a key. Without it the system's authorities vouch.
    pub certificate: Option<String>,
    /// Whether the line may go without TLS.
    pub without_tls: bool,
}

/// Ties an office to the registry that gave out the code: pins the registry's keys, and its certificate if one was
/// given, in the settings. A folder that is tied already gets a new node key: the old one is taken back, and a key never
/// comes back. So does a folder whose key the registry does not let in any more.
pub async fn enrol(dir: &Path, over: &OfficeOverrides, link: &NewLink) -> Result<(), NodeError> {
    let config = OfficeConfig::load(dir, over)?;
    let url = link.url.trim_end_matches('/');
    if !link.without_tls && config::is_naked(url) {
        return Err(NodeError::NakedLine(url.to_owned()));
    }
    let certificate = link.certificate.as_deref().map(registry_certificate).transpose()?;
    let trust = certificate.as_ref().map(|it| it.trust.clone()).unwrap_or_default();
    let clock = Arc::new(|| SystemClock.now().timestamp_millis());
    let (code, here) = (link.code.key(), config.office.code.to_string());
    let asking = Asking { code: &code, office: &here, software: SOFTWARE };
    let ask = async |key: &NodeKey| {
        let clock = Arc::clone(&clock);
        client::enrol_trusting(&trust, url, asking, key, Patience::default(), clock).await
    };
    let (unlock, present) = (&config.key.unlock, Identity::open(dir, &config.key.unlock)?.0);
    let mut next = config.registry.is_some().then(|| present.next(dir, unlock)).transpose()?;
    let mut granted = ask(&next.as_ref().unwrap_or(&present).node_key).await;
    if matches!(granted, Err(LineError::Refused { status: KEY_SPENT, .. })) {
        Identity::drop_next(dir)?;
        let fresh = next.insert(present.next(dir, unlock)?);
        granted = ask(&fresh.node_key).await;
    }
    let granted = granted.map_err(NodeError::Enrol)?;
    if granted.office != here {
        return Err(NodeError::OtherOffice { granted: granted.office, here });
    }
    if next.is_some() {
        Identity::adopt_next(dir)?;
    }
    if let Some(pem) = certificate.as_ref().and_then(|it| it.pem.as_ref()) {
        let file = dir.join(config::REGISTRY_CERTIFICATE);
        let written = Disk::default().replace_private(&file, pem);
        written.map_err(|source| NodeError::Io { file, source })?;
    }
    let link =
        RegistryLink { trust, without_tls: link.without_tls, ..RegistryLink::new(url, granted.registry) };
    config::set_registry(dir, &link, certificate.as_ref().map(|it| it.said.as_str()))?;
    if let Some(recovery) = &granted.recovery {
        config::set_recovery(dir, recovery)?;
    }
    Ok(())
}

/// A certificate that was given at enrolment: what it stands for, its bytes, and what the settings say of it.
struct GivenCertificate {
    trust: Trust,
    pem: Option<Vec<u8>>,
    said: String,
}

fn registry_certificate(given: &str) -> Result<GivenCertificate, NodeError> {
    if given.starts_with("sha256:") {
        return Ok(GivenCertificate { trust: Trust::pinned(given)?, pem: None, said: given.to_owned() });
    }
    let bytes = std::fs::read(given).map_err(|source| NodeError::Io { file: given.into(), source })?;
    let trust = Trust::from_pem(&bytes)?;
    Ok(GivenCertificate { trust, pem: Some(bytes), said: config::REGISTRY_CERTIFICATE.to_owned() })
}

/// Refuses a start with less protection than before, and puts every other change on record. While the tables that know
/// of before are drawn anew the office's journal tells it (only a bare file can be less than before), and the change goes
/// on record as soon as they are there.
fn note_key_protection(store: &Store, now: KeyProtection, accepted: bool) -> Result<(), NodeError> {
    if store.waiting().is_none() {
        return note_key_protection_now(store, now, accepted);
    }
    if now == KeyProtection::File {
        key_protection_change(store.key_protection_in_journal(), now, accepted)?;
    }
    let store = store.clone();
    tokio::spawn(async move {
        store.ready().await;
        // The journal has allowed it.
        if let Err(error) = note_key_protection_now(&store, now, true) {
            tracing::error!(%error, "How the node's key is protected could not be put on record");
        }
    });
    Ok(())
}

/// What is to be put on record about a start; a start that must not be is an error.
fn key_protection_change(
    last: Option<KeyProtection>,
    now: KeyProtection,
    accepted: bool,
) -> Result<Option<KeyProtectionChanged>, NodeError> {
    match at_start(last, now, accepted) {
        AtStart::Same => Ok(None),
        AtStart::Weaker(it) => {
            let (now, before) = (node_key::name(it.now), node_key::name(it.before));
            Err(NodeError::WeakerKey { now, before })
        }
        AtStart::Changed(changed) => Ok(Some(changed)),
    }
}

fn note_key_protection_now(store: &Store, now: KeyProtection, accepted: bool) -> Result<(), NodeError> {
    let last = store.key_protection()?.map(|(changed, _)| changed.now);
    let Some(changed) = key_protection_change(last, now, accepted)? else { return Ok(()) };
    let act = Act {
        what: What::NoteKeyProtection(changed),
        by: Actor::Node,
        roles: vec![Role::Administrator],
        once: ids::once()?,
        seen: None,
    };
    let store = store.clone();
    // Until it is written the next start finds it unwritten and writes it.
    tokio::spawn(async move {
        if let Err(error) = store.act(act).await {
            tracing::error!(%error, "How the node's key is protected could not be put on record");
        }
    });
    Ok(())
}

/// An office that runs.
pub struct Running {
    front: front::Open,
    line: Option<worker::Running>,
    spool: worker::Watching,
    store: Store,
    opened: OpenReport,
    sweep: tokio::task::JoinHandle<()>,
    printing: Option<worker::Printing>,
}

impl Running {
    /// Starts an office from its folder.
    pub fn start(dir: &Path, over: &OfficeOverrides, clock: Arc<dyn Clock>) -> Result<Self, NodeError> {
        let (config, who) = load(dir, over)?;
        if let Some(link) = config.registry.as_ref().filter(|link| link.is_naked()) {
            return Err(NodeError::NakedLine(link.url.clone()));
        }
        let folder = Folder::of(dir, &who.storage_key);
        let front = Front::of(config.place, folder, Arc::clone(&clock))?;
        let (node_key, storage_key) = (who.node_key.clone(), who.storage_key.clone());
        let (store, opened) = Store::start(dir, who, clock)?;
        let protection = node_key::as_fact(Identity::protection(dir)?);
        note_key_protection(&store, protection, config.key.accept_weaker)?;
        let line = config.registry.as_ref().map(|link| worker::start(&store, link, &node_key));
        let spool = worker::watch(OfficeCourier {
            store: store.clone(),
            node_key: node_key.clone(),
            storage_key,
            registry: store.registry().copied(),
            dir: dir.to_owned(),
        });
        let machine = Machine {
            certificate: front.shown(),
            key: Some(protection),
            in_the_open: front.is_in_the_open(),
        };
        let printing = config.printer.map(|settings| worker::Printing::start(&store, settings));
        let printer = printing.as_ref().map(|printing| printing.printer.clone());
        let app = OfficeApp { printer, ..OfficeApp::new(store.clone(), front.is_secure()).on(machine) };
        let host = web::host(app.clone());
        let front = front.open(host, move |routes: &mut _| web::configure(routes, &app))?;
        let sweep = worker::sweep::start(&store);
        Ok(Self { front, line, spool, store, opened, sweep, printing })
    }

    /// Address of its pages.
    pub fn url(&self) -> String {
        self.front.url()
    }

    /// The front its pages are served by.
    pub fn front(&self) -> &front::Open {
        &self.front
    }

    /// What it remembers.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What was found at opening.
    pub fn opened(&self) -> &OpenReport {
        &self.opened
    }

    /// Stops properly.
    pub async fn stop(self) {
        self.front.stop().await;
        self.spool.stop();
        self.sweep.abort();
        if let Some(printing) = &self.printing {
            printing.stop();
        }
        if let Some(line) = self.line {
            line.stop().await;
        }
        self.store.stop().await;
    }
}
