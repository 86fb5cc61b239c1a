//! Putting an office together from its folder: settings, key, store, line, pages; and taking it down again.
//!
//! The order of starting: what can refuse comes first (settings, key, lock, address), then what runs. The order of
//! stopping is the reverse: no more requests, then the line, then the store, which is closed properly.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use loket_sync::enrol::EnrolCode;
use loket_sync::exchange::LineError;
use loket_sync::{Identity, IdentityError};

use super::store::{self, Act, ActError, OpenError, OpenReport, Store, What};
use super::web::app::OfficeApp;
use super::{web, worker};
use crate::clock::{Clock, SystemClock};
use crate::config::{self, ConfigError, OfficeConfig, OfficeOverrides};
use crate::domain::actor::{Actor, Role};
use crate::domain::office::Office;
use crate::domain::officer::OfficerSet;
use crate::ids::NoRandomness;
use crate::passwords::PasswordError;
use crate::web::serve::{self, Server};
use crate::{ids, passwords};

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
    /// The address is taken, or not this machine's.
    #[error("{address} cannot be listened on")]
    Listen {
        /// The address.
        address: SocketAddr,
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
    let Identity { node_key, storage_key } = Identity::load(dir)?;
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

/// Gives logins at an office that is not running.
pub async fn add_officers(dir: &Path, officers: &[NewOfficer]) -> Result<(), NodeError> {
    let mut acts = Vec::with_capacity(officers.len());
    for officer in officers {
        let password_hash = passwords::hash(&officer.password)?;
        let NewOfficer { login, name, roles, .. } = officer.clone();
        acts.push(What::SetOfficer(OfficerSet { login, name, roles, password_hash }));
    }
    act_on_stopped(dir, acts).await
}

/// Does acts at an office that is not running: by whoever sits at the machine, as its administrator.
pub async fn act_on_stopped(dir: &Path, acts: Vec<What>) -> Result<(), NodeError> {
    let (_, who) = load(dir, &OfficeOverrides::default())?;
    let (store, _) = Store::open(dir, who, Arc::new(SystemClock))?;
    for what in acts {
        let roles = vec![Role::Administrator];
        store.act(Act { what, by: Actor::Node, roles, once: ids::once()?, seen: None }).await?;
    }
    store.stop().await;
    Ok(())
}

/// Ties an office to the registry that gave out the code: pins the registry's keys in the settings.
pub async fn enrol(dir: &Path, url: &str, code: &EnrolCode) -> Result<(), NodeError> {
    let (config, who) = load(dir, &OfficeOverrides::default())?;
    let clock = Arc::new(|| SystemClock.now().timestamp_millis());
    let patience = loket_sync::http::client::Patience::default();
    let (url, key) = (url.trim_end_matches('/'), code.key());
    let granted = loket_sync::http::client::enrol(url, &key, &who.node_key, SOFTWARE, patience, clock).await;
    let granted = granted.map_err(NodeError::Enrol)?;
    let here = config.office.code.to_string();
    if granted.office != here {
        return Err(NodeError::OtherOffice { granted: granted.office, here });
    }
    Ok(config::set_registry(dir, url, &granted.registry)?)
}

/// An office that runs.
pub struct Running {
    server: Server,
    line: Option<worker::Running>,
    store: Store,
    opened: OpenReport,
}

impl Running {
    /// Starts an office from its folder.
    pub fn start(dir: &Path, over: &OfficeOverrides, clock: Arc<dyn Clock>) -> Result<Self, NodeError> {
        let (config, who) = load(dir, over)?;
        let node_key = who.node_key.clone();
        let (store, opened) = Store::open(dir, who, clock)?;
        let line = config.registry.as_ref().map(|link| worker::start(&store, link, &node_key));
        let listen = |source| NodeError::Listen { address: config.listen, source };
        let app = OfficeApp::new(store.clone(), config.behind_tls);
        let host = web::host(app.clone());
        let configure = move |routes: &mut _| web::configure(routes, &app);
        let server = serve::start(config.listen, host, configure).map_err(listen)?;
        Ok(Self { server, line, store, opened })
    }

    /// Address of its pages.
    pub fn url(&self) -> String {
        self.server.url()
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
        self.server.stop().await;
        if let Some(line) = self.line {
            line.stop().await;
        }
        self.store.stop().await;
    }
}
