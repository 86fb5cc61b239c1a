//! What the registry remembers: journals and subject keys as the truth, rows derived from them, and the registry's own
//! affairs (offices, quotas, staff, mails), in SQLite or PostgreSQL.
//!
//! Everything that is written goes through a [`Writing`]: facts, rows and counters of one act become durable in one
//! database transaction, and nothing is acknowledged or offered to an office before its commit. Names, NIK and bodies
//! lie sealed; look-up columns hold keyed hashes. Nothing here knows HTTP.

mod applications;
mod aside;
mod backups;
mod bills;
mod blobs;
mod carried;
mod compare;
mod damage;
mod dump;
mod dump_check;
mod erasures;
mod error;
mod exchange;
mod journal;
mod key_protections;
mod mails;
mod mark;
mod nodes;
mod numbers;
mod offices;
mod payments;
mod rebuild;
mod retention;
mod rows;
mod schema;
mod slots;
mod staff;
mod writing;

use std::collections::BTreeMap;
use std::sync::Arc;

use loket_sync::{Chain, NodeKey, StorageKey, StoreId, StreamId};
use sqlx::{AnyPool, Row};
use tokio::sync::{Mutex, watch};

pub use applications::{Summary, status_name};
pub use aside::{AsideRow, Crowding};
pub use backups::VerifiedBackup;
pub use bills::{Bill, BillState};
pub use blobs::pictures;
pub use dump::{BLOCK_BYTES_MAX, DumpPart, Loading};
pub use dump_check::{DumpCheck, DumpHolds};
pub use error::StoreError;
pub use exchange::Brought;
pub use mails::{Mail, MailCounts};
pub use mark::{Mark, Said};
pub use nodes::{HandedBack, OfficeSigners, public_of};
pub use offices::{Enrolled, Heard, NodeRow, OfficeRow};
pub use payments::{PaymentRow, PaymentState, Settled, Settlement};
pub use rebuild::Rebuilt;
pub use retention::{Hold, Proposed};
pub(crate) use schema::embedded_file;
pub use slots::{Quota, QuotaKey, Room};
pub use staff::{StaffAct, StaffChange, StaffRow, StaffSession, StaffSet};
pub use writing::{NewFacts, Writing, stream_for};

use crate::domain::fact::Vocabulary;
use schema::Dialect;

/// The sessions this process writes, one per stream, opened when first needed.
type Chains = BTreeMap<StreamId, Chain>;

/// How often this process has committed to each stream.
pub type Grown = BTreeMap<StreamId, u64>;

/// The registry's memory. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    pool: AnyPool,
    mark: Option<Mark>,
    dialect: Dialect,
    storage_key: StorageKey,
    node_key: NodeKey,
    id: StoreId,
    software: String,
    vocabulary: Vocabulary,
    nodes: nodes::Cached,
    /// Held while writing: one act at a time per process, so that its sessions have one writer.
    chains: Arc<Mutex<Chains>>,
    news: watch::Sender<u64>,
    grown: watch::Sender<Grown>,
}

impl Store {
    /// Opens the database at `url`, making its tables when they are missing.
    pub async fn open(
        url: &str,
        node_key: NodeKey,
        storage_key: StorageKey,
        software: &str,
    ) -> Result<Self, StoreError> {
        Self::open_knowing(url, node_key, storage_key, software, Vocabulary::default()).await
    }

    /// The same as a program that knows these kinds of facts.
    pub async fn open_knowing(
        url: &str,
        node_key: NodeKey,
        storage_key: StorageKey,
        software: &str,
        vocabulary: Vocabulary,
    ) -> Result<Self, StoreError> {
        let (pool, dialect) = schema::connect(url).await?;
        let mark = Mark::of(url);
        if let Some(mark) = &mark {
            let held = mark::held(&mut *pool.acquire().await?).await?;
            mark.compare(held)?;
        }
        dump::taken_into_use(&pool).await?;
        let id = store_id(&pool).await?;
        let inner = Inner {
            pool,
            mark,
            dialect,
            storage_key,
            node_key,
            id,
            software: software.to_owned(),
            vocabulary,
            nodes: nodes::Cached::default(),
            chains: Arc::default(),
            news: watch::Sender::new(0),
            grown: watch::Sender::default(),
        };
        let store = Self { inner: Arc::new(inner) };
        nodes::put_common_key(&store).await?;
        Ok(store)
    }

    fn reading(&self) -> journal::Reading<'_> {
        journal::Reading { storage: &self.inner.storage_key, vocabulary: self.inner.vocabulary }
    }

    /// The identity of this database: all processes that share it say the same.
    pub fn id(&self) -> StoreId {
        self.inner.id
    }

    /// The registry's own key.
    pub fn node_key(&self) -> &NodeKey {
        &self.inner.node_key
    }

    /// Counts commits of this process, for whoever waits for news. Other processes on the same database are not seen.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.news.subscribe()
    }

    /// Counts commits to each stream, for whoever waits for some of them; see [`Store::changes`].
    pub fn grown(&self) -> watch::Receiver<Grown> {
        self.inner.grown.subscribe()
    }

    /// Whether other processes may write to the same database.
    pub fn is_shared(&self) -> bool {
        self.inner.dialect == Dialect::Postgres
    }

    /// Whether the database answers.
    pub async fn is_answering(&self) -> bool {
        sqlx::query("SELECT 1").execute(&self.inner.pool).await.is_ok()
    }

    /// Ends all connections; what is committed stays.
    pub async fn close(&self) {
        self.inner.pool.close().await;
    }

    /// A keyed hash of a number by which something is looked up.
    fn look_up_hash(&self, context: &str, value: &str) -> Vec<u8> {
        self.inner.storage_key.hash(context, value.as_bytes()).to_vec()
    }
}

/// Reads the database's identity, drawing it when the database is new.
async fn store_id(pool: &AnyPool) -> Result<StoreId, StoreError> {
    sqlx::query(
        "INSERT INTO facts_of_the_store (name, value) VALUES ('id', $1) ON CONFLICT (name) DO NOTHING",
    )
    .bind(StoreId::draw().as_bytes().to_vec())
    .execute(pool)
    .await?;
    let row = sqlx::query("SELECT value FROM facts_of_the_store WHERE name = 'id'").fetch_one(pool).await?;
    let value: Vec<u8> = row.try_get("value")?;
    Ok(StoreId::from_bytes(rows::fixed("facts_of_the_store", &value)?))
}
