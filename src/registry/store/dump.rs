//! All rows of the database as one consistent picture, and a new database from such a picture: whichever of the two
//! databases either is.
//!
//! A dump is read in one read-only transaction, so acts that are committed meanwhile are in it wholly or not at all.
//! Rows travel in blocks of a bounded size; nothing is held in memory but one block.

use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use sqlx::any::{AnyArguments, AnyRow, AnyTypeInfoKind};
use sqlx::{Any, AnyPool, AssertSqlSafe, Column, Row, Transaction, ValueRef};

use super::Store;
use super::error::StoreError;
use super::schema::{self, Dialect, TABLES};

/// Tables that are left behind on purpose.
const LEFT_BEHIND: &[&str] = &["staff_sessions", "node_processes"];

/// A block is handed on when it has about so many bytes.
const BLOCK_BYTES: usize = 256 * 1024;
/// The most bytes a block may have: one row over the limit above.
pub const BLOCK_BYTES_MAX: usize = 1024 * 1024;
/// Rows that share one statement on their way in.
const ROWS_PER_INSERT: usize = 100;

/// A value; nothing but these three types stands in the schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Cell {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// Rows of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Block {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<Cell>>,
}

impl Block {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, StoreError> {
        let malformed = || StoreError::damaged("dump", "a block that cannot be read");
        let block: Self = postcard::from_bytes(bytes).map_err(|_| malformed())?;
        let is_word = |name: &String| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        let is_whole = |row: &Vec<Cell>| row.len() == block.columns.len();
        if !block.columns.iter().all(is_word) || !block.rows.iter().all(is_whole) {
            return Err(malformed());
        }
        Ok(block)
    }

    pub(super) fn at(&self, column: &str) -> Result<usize, StoreError> {
        let found = self.columns.iter().position(|known| known == column);
        found.ok_or_else(|| StoreError::damaged("dump", format_args!("no column {column}")))
    }
}

/// A part of a dump, in the order it comes.
#[derive(Debug, Clone, Copy)]
pub enum DumpPart<'a> {
    /// A table begins.
    Table(&'a str),
    /// Some of its rows, in at most [`BLOCK_BYTES_MAX`] bytes.
    Block(&'a [u8]),
}

impl Store {
    /// Reads every row as of one moment. Writers are not held up. Returns how many rows there were.
    pub async fn dump<E: From<StoreError>>(
        &self,
        mut take: impl FnMut(DumpPart<'_>) -> Result<(), E>,
    ) -> Result<u64, E> {
        let begin = match self.inner.dialect {
            Dialect::Sqlite => "BEGIN",
            Dialect::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        let mut tx = self.inner.pool.begin_with(begin).await.map_err(StoreError::from)?;
        let mut count = 0;
        for table in TABLES {
            take(DumpPart::Table(table))?;
            let order = match *table {
                "records" => " ORDER BY stream, session, seq",
                "heads" => " ORDER BY stream, session, len",
                _ => "",
            };
            let sql = AssertSqlSafe(format!("SELECT * FROM {table}{order}"));
            let mut found = sqlx::query(sql).fetch(&mut *tx);
            let mut block = Block { columns: Vec::new(), rows: Vec::new() };
            let mut bytes = 0;
            while let Some(row) = found.try_next().await.map_err(StoreError::from)? {
                if block.columns.is_empty() {
                    block.columns = row.columns().iter().map(|column| column.name().to_owned()).collect();
                }
                let cells = cells(table, &row)?;
                bytes += cells.iter().map(len_of).sum::<usize>();
                block.rows.push(cells);
                count += 1;
                if bytes >= BLOCK_BYTES {
                    hand_on(&mut block, &mut take)?;
                    bytes = 0;
                }
            }
            if !block.rows.is_empty() {
                hand_on(&mut block, &mut take)?;
            }
        }
        tx.rollback().await.map_err(StoreError::from)?;
        Ok(count)
    }
}

fn hand_on<E: From<StoreError>>(
    block: &mut Block,
    take: &mut impl FnMut(DumpPart<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let bytes = postcard::to_stdvec(block).map_err(|error| StoreError::damaged("dump", error))?;
    block.rows.clear();
    take(DumpPart::Block(&bytes))
}

fn len_of(cell: &Cell) -> usize {
    match cell {
        Cell::Null => 1,
        Cell::Number(_) => 9,
        Cell::Text(text) => text.len() + 2,
        Cell::Bytes(bytes) => bytes.len() + 3,
    }
}

fn cells(table: &'static str, row: &AnyRow) -> Result<Vec<Cell>, StoreError> {
    let cell = |at: usize| -> Result<Cell, StoreError> {
        let raw = row.try_get_raw(at)?;
        if raw.is_null() {
            return Ok(Cell::Null);
        }
        let kind = raw.type_info().kind();
        match kind {
            AnyTypeInfoKind::SmallInt | AnyTypeInfoKind::Integer | AnyTypeInfoKind::BigInt => {
                Ok(Cell::Number(row.try_get(at)?))
            }
            AnyTypeInfoKind::Text => Ok(Cell::Text(row.try_get(at)?)),
            AnyTypeInfoKind::Blob => Ok(Cell::Bytes(row.try_get(at)?)),
            other => Err(StoreError::damaged(table, format_args!("a value of type {other:?}"))),
        }
    };
    (0..row.columns().len()).map(cell).collect()
}

/// A new database that is being filled from a dump: nothing of it is there before [`Loading::finish`].
pub struct Loading {
    pool: AnyPool,
    dialect: Dialect,
    tx: Transaction<'static, Any>,
    claim: String,
}

/// The row that says which dump a database was filled from, until a registry opens it.
const FILLED_FROM: &str = "filled-from";

/// A registry uses the database now: nothing is put over it any more.
pub(super) async fn taken_into_use(pool: &AnyPool) -> Result<(), StoreError> {
    let used = sqlx::query("DELETE FROM facts_of_the_store WHERE name = $1").bind(FILLED_FROM);
    used.execute(pool).await?;
    Ok(())
}

impl Loading {
    /// Begins to fill the database at `url`, which must hold nothing yet, or what was filled in from the dump of the same
    /// `claim` and no registry has used since: that try was cut short.
    pub async fn begin(url: &str, claim: &str) -> Result<Self, StoreError> {
        let (pool, dialect) = schema::connect_unmigrated(url).await?;
        let mut tx = pool.begin_with(dialect.begin_write()).await?;
        schema::make_versions_table(&mut tx).await?;
        let found = schema::version(&mut tx).await?;
        if found > 0 && filled_from(&mut tx).await?.as_deref() == Some(claim.as_bytes()) {
            for table in TABLES.iter().chain(LEFT_BEHIND).filter(|table| **table != "schema_versions") {
                sqlx::query(AssertSqlSafe(format!("DELETE FROM {table}"))).execute(&mut *tx).await?;
            }
        } else if found > 0 {
            for table in TABLES.iter().chain(LEFT_BEHIND).filter(|table| **table != "schema_versions") {
                let sql = AssertSqlSafe(format!("SELECT COUNT(*) AS rows FROM {table}"));
                let row = sqlx::query(sql).fetch_one(&mut *tx).await?;
                let rows: i64 = row.try_get("rows")?;
                // A registry that was only opened has drawn its identity.
                if rows > i64::from(*table == "facts_of_the_store") {
                    return Err(StoreError::NotEmpty);
                }
            }
            sqlx::query("DELETE FROM facts_of_the_store").execute(&mut *tx).await?;
        }
        Ok(Self { pool, dialect, tx, claim: claim.to_owned() })
    }

    /// Puts the rows of one block into a table; the first block is that of the schema's version.
    pub async fn block(&mut self, table: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let known = TABLES.iter().find(|known| **known == table);
        let table = *known.ok_or_else(|| StoreError::damaged("dump", format_args!("the table {table}")))?;
        let block = Block::read(bytes)?;
        if table == "schema_versions" {
            let at = block.at("version")?;
            let newest = block.rows.iter().filter_map(|row| match row[at] {
                Cell::Number(version) => Some(version),
                _ => None,
            });
            return schema::step_to(&mut self.tx, self.dialect, newest.max().unwrap_or(0)).await;
        }
        let mut rows = block.rows.as_slice();
        while let Some(first) = rows.first() {
            // Columns without a value are left out, for a missing value has no type to be bound with.
            let has_same = |row: &&Vec<Cell>| {
                row.iter().zip(first).all(|(one, other)| (*one == Cell::Null) == (*other == Cell::Null))
            };
            let count = rows.iter().take(ROWS_PER_INSERT).take_while(has_same).count();
            let (now, later) = rows.split_at(count);
            self.insert(table, &block.columns, now).await?;
            rows = later;
        }
        Ok(())
    }

    async fn insert(
        &mut self,
        table: &str,
        columns: &[String],
        rows: &[Vec<Cell>],
    ) -> Result<(), StoreError> {
        let Some(first) = rows.first() else { return Ok(()) };
        let present =
            |row: &[Cell]| -> Vec<Cell> { row.iter().filter(|cell| **cell != Cell::Null).cloned().collect() };
        let named = columns.iter().zip(first).filter(|(_, cell)| **cell != Cell::Null);
        let names: Vec<&str> = named.map(|(name, _)| name.as_str()).collect();
        let mut next = 0;
        let groups: Vec<String> = rows
            .iter()
            .map(|_| {
                let places = names.iter().map(|_| {
                    next += 1;
                    format!("${next}")
                });
                format!("({})", places.collect::<Vec<_>>().join(", "))
            })
            .collect();
        let sql = format!("INSERT INTO {table} ({}) VALUES {}", names.join(", "), groups.join(", "));
        let mut query: sqlx::query::Query<'_, Any, AnyArguments> = sqlx::query(AssertSqlSafe(sql));
        for cell in rows.iter().flat_map(|row| present(row)) {
            query = match cell {
                Cell::Null => query,
                Cell::Number(number) => query.bind(number),
                Cell::Text(text) => query.bind(text),
                Cell::Bytes(bytes) => query.bind(bytes),
            };
        }
        query.execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Makes the database durable as a whole. One-time codes that were open then are void: they may have been used.
    pub async fn finish(mut self) -> Result<(), StoreError> {
        let void = "UPDATE offices SET enrolment_code = NULL, enrolment_until_ms = NULL";
        sqlx::query(void).execute(&mut *self.tx).await?;
        sqlx::query("INSERT INTO facts_of_the_store (name, value) VALUES ($1, $2)")
            .bind(FILLED_FROM)
            .bind(self.claim.into_bytes())
            .execute(&mut *self.tx)
            .await?;
        self.tx.commit().await?;
        self.pool.close().await;
        Ok(())
    }
}

async fn filled_from(tx: &mut Transaction<'static, Any>) -> Result<Option<Vec<u8>>, StoreError> {
    let row = sqlx::query("SELECT value FROM facts_of_the_store WHERE name = $1")
        .bind(FILLED_FROM)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.map(|row| row.try_get("value")).transpose()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_dumped_or_left_behind_on_purpose() {
        let text = schema::text();
        let mut made: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("CREATE TABLE ")?.strip_suffix(" ("))
            .chain(["schema_versions"])
            .collect();
        let mut known: Vec<&str> = TABLES.iter().chain(LEFT_BEHIND).copied().collect();
        made.sort_unstable();
        known.sort_unstable();
        assert_eq!(made, known);
    }

    #[test]
    fn a_block_with_a_strange_column_is_refused() {
        let block = |column: &str| {
            let block = Block { columns: vec![column.to_owned()], rows: vec![vec![Cell::Null]] };
            Block::read(&postcard::to_stdvec(&block).unwrap())
        };
        assert!(block("stream").is_ok());
        for bad in ["", "a; DROP TABLE records", "A", "a)"] {
            assert!(block(bad).is_err(), "{bad}");
        }
        assert!(Block::read(b"\xff\xff\xff").is_err());
    }
}
