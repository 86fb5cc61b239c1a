//! SQLite's pages have no checksums: rows that no journal speaks of lie there twice, so that a flipped bit in them is found.

use std::fs;
use std::path::Path;

use loket::registry::actions::payments;
use sqlx::{AnyConnection, Connection, Row};

use super::{Fixture, paid};

/// Tables whose rows are verified in another way: by chains and signatures, by opening what is sealed, or against these.
const VERIFIED: &[&str] = &["records", "heads", "subject_keys", "keyless", "applications", "schema_versions"];
/// Tables of which nothing is missed.
const PASSING: &[&str] = &["staff_sessions", "doomed_blobs"];

async fn open(file: &Path) -> AnyConnection {
    AnyConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap()
}

async fn names(db: &mut AnyConnection, sql: &'static str, of: &str) -> Vec<String> {
    let rows = sqlx::query(sql).bind(of.to_owned()).fetch_all(db).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

const TABLES: &str =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> $1";
const COLUMNS: &str = "SELECT name FROM pragma_table_info($1)";
const TWICE: &str = "SELECT name FROM pragma_index_info($1 || '_twice')";

/// Values of four bytes and more, as SQLite holds them, of the first row of a table.
async fn values(db: &mut AnyConnection, table: &str, columns: &[String]) -> Vec<(String, Vec<u8>)> {
    let mut values = Vec::new();
    for column in columns {
        let sql =
            format!("SELECT hex({column}) FROM {table} WHERE typeof({column}) IN ('text', 'blob') LIMIT 1");
        let found = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_optional(&mut *db).await.unwrap();
        let bytes =
            found.map(|row| data_encoding::HEXUPPER.decode(row.get::<String, _>(0).as_bytes()).unwrap());
        values.extend(bytes.filter(|bytes| bytes.len() > 3).map(|bytes| (column.clone(), bytes)));
    }
    values
}

async fn is_sound(file: &Path) -> bool {
    let mut db = open(file).await;
    let found = sqlx::query("PRAGMA integrity_check").fetch_all(&mut db).await;
    let is_ok = |rows: Vec<sqlx::any::AnyRow>| rows.iter().all(|row| row.get::<String, _>(0) == "ok");
    let sound = found.is_ok_and(is_ok);
    db.close().await.unwrap();
    sound
}

#[tokio::test]
async fn a_bit_that_flips_in_what_no_journal_speaks_of_is_found_by_the_database() {
    let it = Fixture::sqlite().await;
    it.offer(5).await;
    let made = it.book("Siti").await;
    payments::pay(&it.registry, paid(&made, "0000000000000001", it.now())).await.unwrap();
    let file = it.registry.store.file().unwrap().to_owned();
    let mut db = open(&file).await;
    sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut db).await.unwrap();
    assert!(is_sound(&file).await);

    let whole = fs::read(&file).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    let mut struck = Vec::new();
    for table in names(&mut db, TABLES, "").await {
        let columns = names(&mut db, COLUMNS, &table).await;
        if VERIFIED.contains(&table.as_str()) || PASSING.contains(&table.as_str()) {
            continue;
        }
        assert_eq!(names(&mut db, TWICE, &table).await, columns, "{table}: every column lies there twice");
        for (column, bytes) in values(&mut db, &table, &columns).await {
            let places = whole.windows(bytes.len()).enumerate().filter(|(_, here)| *here == bytes.as_slice());
            let places: Vec<usize> = places.map(|(at, _)| at).collect();
            assert!(places.len() > 1, "{table}.{column}");
            for at in places {
                let mut damaged = whole.clone();
                damaged[at + bytes.len() / 2] ^= 0x10;
                fs::write(&copy, damaged).unwrap();
                if !is_sound(&copy).await {
                    struck.push(format!("{table}.{column}"));
                }
            }
        }
    }
    for value in
        ["staff.sealed", "slots.product", "payments.ntpn", "offices.name", "channels.name", "bills.code"]
    {
        let found = struck.iter().filter(|it| *it == value).count();
        assert!(found > 1, "{value}, in the table and in its copy: {struck:?}");
    }
    db.close().await.unwrap();
}
