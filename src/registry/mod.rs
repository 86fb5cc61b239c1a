//! The registry (*pusat*): bookings, money and decisions of all offices, the exchange with them, headquarters' pages.
//!
//! Any number of registry processes may share one PostgreSQL; each needs the same key file and the same blob folder.

pub mod actions;
pub mod courier;
pub mod database;
pub mod store;
pub mod web;
pub mod worker;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use loket_sync::{BlobError, Blobs, Identity, IdentityError, NodePublic, RecoveryKey};

use crate::certificate::Folder;
use crate::clock::Clock;
use crate::config::{RegistryConfig, is_naked_database};
use crate::dictionary;
use crate::domain::actor::Role;
use crate::domain::fact::Vocabulary;
use crate::domain::key_protection::{AtStart, KeyProtection, at_start};
use crate::ids::{self, NoRandomness};
use crate::node_key;
use crate::passwords::{self, PasswordError};
use crate::web::front::{self, Front, FrontError};
use actions::Registry;
use store::{StaffSet, Store, StoreError};
use web::host::Headquarters;
use worker::{PostOffice, PostOfficeError, Workers};

/// What a node of this version calls itself in journals.
pub const SOFTWARE: &str = concat!("loket ", env!("CARGO_PKG_VERSION"));

/// Whose pages and certificates these are.
pub const HEADQUARTERS_NAME: &str = "Direktorat Jenderal Imigrasi";

/// Why a registry cannot be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its key file.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Its database.
    #[error("the database cannot be opened")]
    Store(#[from] StoreError),
    /// The files of its database are not what they were at the stop.
    #[error(
        "the database was damaged while the registry stood still: {0}. Nothing was changed; see `loket check`"
    )]
    Damaged(String),
    /// The files of its database cannot be looked at.
    #[error("the files of the database cannot be read or written")]
    Files(#[from] std::io::Error),
    /// Its blob folder.
    #[error("the blob folder cannot be opened")]
    Blobs(#[from] BlobError),
    /// A password that was given for the first login.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The system gives no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// Its mail settings.
    #[error(transparent)]
    PostOffice(#[from] PostOfficeError),
    /// Its pages cannot be served.
    #[error(transparent)]
    Front(#[from] FrontError),
    /// The database would be reached over a network in the open.
    #[error(
        "the database would be reached in the open; add sslmode=verify-full (and sslrootcert=FILE for an authority of \
         your own) to its address. If it must be without: --without-tls"
    )]
    NakedDatabase,
    /// Its key is protected less than before.
    #[error(
        "the registry's key is protected by less than before ({before} until now, {now} at this start). If somebody \
         else did that, the key may be known. If it is meant: --accept-weaker-key-protection; it goes on record"
    )]
    WeakerKey {
        /// How it is now.
        now: &'static str,
        /// How it was.
        before: &'static str,
    },
}

/// Somebody who shall be able to log in to headquarters' pages.
#[derive(Debug, Clone)]
pub struct NewStaff {
    /// Login name.
    pub login: String,
    /// The name people know.
    pub name: String,
    /// The password, of which only a hash is kept.
    pub password: String,
}

/// What a new registry says once and never again.
#[derive(Debug, Clone)]
pub struct Initialised {
    /// What its offices know it by.
    pub public: NodePublic,
    /// The key a channel calls the API with; only its hash is kept.
    pub channel_key: String,
    /// Opens every backup; only its public half is kept.
    pub recovery: RecoveryKey,
}

/// Makes a registry in its folder: key, database, the first people, a key for the API.
pub async fn init(
    config: &RegistryConfig,
    staff: &[NewStaff],
    clock: Arc<dyn Clock>,
) -> Result<Initialised, OpenError> {
    let identity = Identity::create(&config.dir)?;
    database::open(config)?;
    let registry = open_with(config, &identity, clock).await?;
    for person in staff {
        add_staff(&registry, person).await?;
    }
    let channel_key = ids::token()?;
    registry.store.put_channel(&channel_key, "bank").await?;
    let recovery = RecoveryKey::draw();
    registry.store.set_recovery_key(&recovery.public()).await?;
    registry.store.close().await;
    database::close(config);
    Ok(Initialised { public: identity.node_key.public(), channel_key, recovery })
}

/// Adds somebody to headquarters' staff, or gives them a new name and password.
pub async fn add_staff(registry: &Registry, person: &NewStaff) -> Result<(), OpenError> {
    let NewStaff { login, name, password } = person.clone();
    let password_hash = passwords::hash(&password)?;
    let set = StaffSet { login, name, roles: vec![Role::Headquarters], password_hash };
    Ok(registry.store.put_staff(&set, None).await?)
}

/// Opens the registry in its folder, perhaps beside one that runs. Refuses a database that has changed since it was
/// closed.
pub async fn open(config: &RegistryConfig, clock: Arc<dyn Clock>) -> Result<Registry, OpenError> {
    let (identity, _) = Identity::open(&config.dir, &config.key.unlock)?;
    if let Some(what) = database::changed(config)? {
        return Err(OpenError::Damaged(what));
    }
    database::open(config)?;
    open_with(config, &identity, clock).await
}

/// Opens it however its files look, and leaves alone what says how they were: for a check.
pub async fn open_as_it_lies(
    config: &RegistryConfig,
    identity: &Identity,
    clock: Arc<dyn Clock>,
) -> Result<Registry, OpenError> {
    open_with(config, identity, clock).await
}

/// Opens it as a program that knows these kinds of facts: an older one beside newer offices.
pub async fn open_knowing(
    config: &RegistryConfig,
    clock: Arc<dyn Clock>,
    vocabulary: Vocabulary,
) -> Result<Registry, OpenError> {
    let (identity, _) = Identity::open(&config.dir, &config.key.unlock)?;
    database::open(config)?;
    open_as(config, &identity, clock, vocabulary).await
}

async fn open_with(
    config: &RegistryConfig,
    identity: &Identity,
    clock: Arc<dyn Clock>,
) -> Result<Registry, OpenError> {
    open_as(config, identity, clock, Vocabulary::default()).await
}

async fn open_as(
    config: &RegistryConfig,
    identity: &Identity,
    clock: Arc<dyn Clock>,
    vocabulary: Vocabulary,
) -> Result<Registry, OpenError> {
    if !config.place.without_tls && is_naked_database(&config.database_url) {
        return Err(OpenError::NakedDatabase);
    }
    dictionary::ship();
    let Identity { node_key, storage_key } = identity.clone();
    let url = &config.database_url;
    let store = Store::open_knowing(url, node_key, storage_key, SOFTWARE, vocabulary).await?;
    let applied = store.apply_newly_known(clock.now()).await?;
    if applied > 0 {
        tracing::info!(applications = applied, "Facts that an older program could not read were applied");
    }
    let blobs = Arc::new(Blobs::open(&blob_folder(&config.dir))?);
    let (dir, desk) = (config.dir.clone(), actions::desk::Desk::new());
    Ok(Registry { store, blobs, clock, dir, desk, named: Arc::default(), erased: Arc::default() })
}

fn blob_folder(dir: &Path) -> std::path::PathBuf {
    dir.join("blobs")
}

/// A registry that runs.
pub struct Running {
    /// What it remembers and does, for whoever runs in the same process.
    pub registry: Registry,
    front: front::Open,
    workers: Workers,
    config: RegistryConfig,
}

/// Opens the registry in its folder, serves it and starts its workers. Port 0 takes any free port.
pub async fn serve(config: &RegistryConfig, clock: Arc<dyn Clock>) -> Result<Running, OpenError> {
    if let Some(finding) = database::look(config)?.keeps_closed {
        return Err(OpenError::Damaged(finding.what));
    }
    let (identity, protection) = Identity::open(&config.dir, &config.key.unlock)?;
    let folder = Folder::of(&config.dir, &identity.storage_key);
    let front = Front::of(config.place, folder, Arc::clone(&clock))?;
    let post_office = PostOffice::of(config)?;
    database::open(config)?;
    let registry = open_with(config, &identity, clock).await?;
    note_key_protection(&registry, node_key::as_fact(protection), config.key.accept_weaker).await?;
    let host = Arc::new(Headquarters {
        registry: registry.clone(),
        secure: front.is_secure(),
        is_unreadable: AtomicBool::new(false),
        bodies: Arc::default(),
    });
    let served = host.clone();
    let front = front.open(host, move |app| web::configure(app, &served))?;
    let workers = Workers::start(&registry, post_office);
    tracing::info!(address = %front.address(), "The registry is open");
    Ok(Running { registry, front, workers, config: config.clone() })
}

/// Refuses a start with less protection than before, and puts every other change on record.
async fn note_key_protection(
    registry: &Registry,
    now: KeyProtection,
    accepted: bool,
) -> Result<(), OpenError> {
    let last = registry.store.key_protections(1).await?.first().map(|(changed, _)| changed.now);
    match at_start(last, now, accepted) {
        AtStart::Same => Ok(()),
        AtStart::Weaker(it) => {
            Err(OpenError::WeakerKey { now: node_key::name(it.now), before: node_key::name(it.before) })
        }
        AtStart::Changed(it) => Ok(registry.store.put_key_protection(&it, registry.now()).await?),
    }
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.front.address()
    }

    /// Its address as people type it.
    pub fn url(&self) -> String {
        self.front.url()
    }

    /// The front it is served by.
    pub fn front(&self) -> &front::Open {
        &self.front
    }

    /// Stops taking requests, finishes what is being done, closes the database.
    pub async fn stop(self) {
        self.front.stop().await;
        self.workers.stop().await;
        self.registry.store.close().await;
        database::close(&self.config);
    }
}
