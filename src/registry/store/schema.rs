//! Opening the database and bringing its tables up to date: SQLite and PostgreSQL from the same statements.
//!
//! Types differ: a text says `BYTEA`, which SQLite is given as `BLOB`. What SQLite alone is given stands behind
//! `-- sqlite: `. A database is never stepped back, and one
//! made by a newer program is not opened.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Connection, Row};

use super::error::StoreError;

const MIGRATIONS: &[&str] = &[include_str!("migrations/0001_first.sql")];

/// The tables of a dump and their order. Who is logged in is not among them: a restored registry asks for passwords.
pub(super) const TABLES: &[&str] = &[
    "schema_versions",
    "facts_of_the_store",
    "offices",
    "nodes",
    "aside",
    "aside_records",
    "aside_heads",
    "handed_back",
    "staff",
    "staff_changes",
    "key_protections",
    "channels",
    "slots",
    "answered_once",
    "payments",
    "ntpn_counted",
    "mails",
    "carried",
    "blobs",
    "subject_keys",
    "keyless",
    "erased",
    "erasure_proposals",
    "legal_holds",
    "retention_rules",
    "doomed_blobs",
    "applications",
    "bills",
    "sessions",
    "records",
    "heads",
];

/// The lock that keeps two processes from migrating one PostgreSQL at once.
const MIGRATION_LOCK: i64 = 0x006c_6f6b_6574;

/// Which of the two databases we talk to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    pub(super) fn of(url: &str) -> Self {
        if url.starts_with("sqlite:") { Self::Sqlite } else { Self::Postgres }
    }

    /// How a transaction that will write begins. SQLite takes its only write lock at once, so that it never has to
    /// give up half-way.
    pub(super) fn begin_write(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }

    fn ddl(self, text: &str) -> String {
        match self {
            Self::Sqlite => text.replace("BYTEA", "BLOB").replace("-- sqlite: ", ""),
            Self::Postgres => text.to_owned(),
        }
    }
}

/// The file of an embedded database.
pub(crate) fn embedded_file(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?.trim_start_matches("//");
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
}

/// Connects, with the durability every acknowledged act relies on, and migrates.
pub(super) async fn connect(url: &str) -> Result<(AnyPool, Dialect), StoreError> {
    let (pool, dialect) = connect_unmigrated(url).await?;
    migrate(&pool, dialect).await?;
    Ok((pool, dialect))
}

/// Connects to a database as it is.
pub(super) async fn connect_unmigrated(url: &str) -> Result<(AnyPool, Dialect), StoreError> {
    sqlx::any::install_default_drivers();
    let dialect = Dialect::of(url);
    if dialect == Dialect::Sqlite {
        // A pool would try a file again and again that nobody can read, and then not say why.
        let mut first = AnyConnection::connect(url).await?;
        prepare(&mut first, dialect).await?;
        first.close().await?;
    }
    let pool = AnyPoolOptions::new()
        .max_connections(8)
        .acquire_timeout(Duration::from_secs(10))
        .after_connect(move |connection, _| Box::pin(prepare(connection, dialect)))
        // SQLite ends a transaction by itself when the disk is full. The library then rolls back in vain and takes the
        // connection for one inside a transaction from then on: nothing could be begun on it any more.
        .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
        .connect(url)
        .await?;
    Ok((pool, dialect))
}

async fn prepare(connection: &mut AnyConnection, dialect: Dialect) -> sqlx::Result<()> {
    let settings = match dialect {
        Dialect::Sqlite => {
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000; \
             PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
        }
        Dialect::Postgres => "SET synchronous_commit = on; SET client_min_messages = warning",
    };
    sqlx::raw_sql(settings).execute(connection).await?;
    Ok(())
}

async fn migrate(pool: &AnyPool, dialect: Dialect) -> Result<(), StoreError> {
    let mut tx = pool.begin_with(dialect.begin_write()).await?;
    if dialect == Dialect::Postgres {
        sqlx::query("SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)")
            .bind(MIGRATION_LOCK)
            .execute(&mut *tx)
            .await?;
    }
    make_versions_table(&mut tx).await?;
    step_to(&mut tx, dialect, known()).await?;
    tx.commit().await?;
    Ok(())
}

/// The newest version this program makes.
fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Makes the table that says how far the schema goes.
pub(super) async fn make_versions_table(db: &mut AnyConnection) -> Result<(), StoreError> {
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT PRIMARY KEY)")
        .execute(db)
        .await?;
    Ok(())
}

/// How far the schema goes; 0 in a database without tables.
pub(super) async fn version(db: &mut AnyConnection) -> Result<i64, StoreError> {
    let row =
        sqlx::query("SELECT COALESCE(MAX(version), 0) AS version FROM schema_versions").fetch_one(db).await?;
    Ok(row.try_get("version")?)
}

/// Brings the schema up to a version; it is never stepped back.
pub(super) async fn step_to(db: &mut AnyConnection, dialect: Dialect, wanted: i64) -> Result<(), StoreError> {
    let (found, known) = (version(db).await?, known());
    if found.max(wanted) > known {
        return Err(StoreError::TooNew { found: found.max(wanted), known });
    }
    let missing = |version: &i64| *version > found && *version <= wanted;
    for (text, version) in MIGRATIONS.iter().zip(1_i64..).filter(|(_, version)| missing(version)) {
        sqlx::raw_sql(AssertSqlSafe(dialect.ddl(text))).execute(&mut *db).await?;
        sqlx::query("INSERT INTO schema_versions (version) VALUES ($1)")
            .bind(version)
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// All statements, for tests that look at what tables there are.
#[cfg(test)]
pub(super) fn text() -> String {
    MIGRATIONS.concat()
}
