//! Whether the derived rows say what the journals say: all of them are computed anew in a transaction that is given up
//! afterwards, and compared with those that stood there.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::Store;
use super::error::StoreError;
use super::writing::Writing;

/// How a column is read.
#[derive(Clone, Copy)]
enum Column {
    Text(&'static str),
    Number(&'static str),
    Bytes(&'static str),
    /// Sealed anew each time, so what lies inside is compared.
    Summary,
}

use Column::{Bytes, Number, Summary, Text};

impl Column {
    fn name(self) -> &'static str {
        match self {
            Text(name) | Number(name) | Bytes(name) => name,
            Summary => "summary",
        }
    }
}

/// A table with derived columns: those that name a row, and those that are compared.
struct Table {
    name: &'static str,
    key: &'static [Column],
    values: &'static [Column],
}

const TABLES: &[Table] = &[
    Table {
        name: "applications",
        key: &[Bytes("key")],
        values: &[
            Bytes("number_hash"),
            Bytes("nik_hash"),
            Text("office"),
            Text("slot_day"),
            Text("status"),
            Number("awaits_decision"),
            Number("conflict"),
            Number("waiting"),
            Text("held"),
            Text("closed_on"),
            Summary,
        ],
    },
    Table {
        name: "bills",
        key: &[Text("code")],
        values: &[Bytes("application"), Number("amount_idr"), Number("due_at_ms"), Text("state")],
    },
    Table {
        name: "payments",
        key: &[Text("ntpn"), Text("code")],
        values: &[Bytes("application"), Number("amount_idr"), Number("paid_at_ms")],
    },
    Table { name: "slots", key: &[Text("id")], values: &[Number("taken")] },
    Table { name: "mails", key: &[Bytes("application"), Text("about")], values: &[] },
    Table { name: "blobs", key: &[Bytes("hash")], values: &[Bytes("application"), Text("office")] },
];

/// Rows by table and key.
type Rows = BTreeMap<String, Vec<String>>;

impl Store {
    /// Names every derived row that is missing, too many or different. Nobody else writes meanwhile, and nothing is
    /// changed.
    pub async fn stale_rows(&self, now: DateTime<Utc>) -> Result<Vec<String>, StoreError> {
        let mut writing = self.begin(now).await?;
        let found = writing.rows().await?;
        writing.derive_all().await?;
        let computed = writing.rows().await?;
        Ok(differences(&found, &computed))
    }
}

fn differences(found: &Rows, computed: &Rows) -> Vec<String> {
    let mut differing = Vec::new();
    for (name, row) in computed {
        match found.get(name) {
            None => differing.push(format!("{name}: the row is missing")),
            Some(stands) if stands != row => {
                differing.push(format!("{name}: the row is not what the facts say"));
            }
            Some(_) => {}
        }
    }
    let unfounded = found.keys().filter(|name| !computed.contains_key(*name));
    differing.extend(unfounded.map(|name| format!("{name}: no fact stands behind the row")));
    differing
}

impl Writing {
    async fn rows(&mut self) -> Result<Rows, StoreError> {
        let mut rows = Rows::new();
        for table in TABLES {
            let columns: Vec<&str> =
                table.key.iter().chain(table.values).map(|column| column.name()).collect();
            let sql = format!("SELECT {} FROM {}", columns.join(", "), table.name);
            for row in sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(self.db()).await? {
                let key = self.texts(&row, table.key)?.join(" ");
                rows.insert(format!("{} {key}", table.name), self.texts(&row, table.values)?);
            }
        }
        Ok(rows)
    }

    fn texts(&self, row: &AnyRow, columns: &[Column]) -> Result<Vec<String>, StoreError> {
        let text = |column: &Column| {
            Ok(match *column {
                Text(name) => row.try_get::<Option<String>, _>(name)?.unwrap_or_default(),
                Number(name) => row.try_get::<i64, _>(name)?.to_string(),
                Bytes(name) => HEXLOWER.encode(&row.try_get::<Option<Vec<u8>>, _>(name)?.unwrap_or_default()),
                // One that cannot be opened differs from every one that was just sealed.
                Summary => match self.store.summary(row) {
                    Ok(summary) => serde_json::to_string(&summary)?,
                    Err(_) => String::new(),
                },
            })
        };
        columns.iter().map(text).collect()
    }
}
