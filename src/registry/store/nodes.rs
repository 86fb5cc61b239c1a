//! Who may write for which office: read from the facts in `hq/common`, which every office holds as well, so that a
//! registry restored from an old backup gets them back. Beside them stands what is seen of nodes on the line.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use loket_sync::enrol::nodes_subject;
use loket_sync::journal::Standing;
use loket_sync::{Have, NodeId, NodePublic, SessionId, Signers, StorageKey, StreamId, Subject, SubjectKey};
use sqlx::{AnyConnection, Row};

use super::error::StoreError;
use super::writing::Writing;
use super::{Store, journal, rows};
use crate::domain::actor::Actor;
use crate::domain::fact::{self, Fact};
use crate::domain::node::{Nodes, Reach};
use crate::domain::office::OfficeCode;

/// The stream of what every node must know.
const COMMON: &str = "hq/common";
/// A second process of one node is believed to be a copy when one that was followed has spoken again so often.
const RETURNS_OF_TWINS: i64 = 2;
/// A process that has been silent so long is forgotten.
const PROCESS_DAYS: i64 = 14;

/// The nodes as read at a vector of the common stream.
pub(super) type Cached = RwLock<Option<(Vec<Have>, Arc<Nodes>)>>;

/// The stream of what every node must know.
pub(super) fn common() -> Result<StreamId, StoreError> {
    StreamId::parse(COMMON).map_err(|error| StoreError::Record(error.to_string()))
}

/// The key of facts about nodes: derived, so that a registry restored from a copy older than the first such fact
/// draws no other one.
fn common_key(storage: &StorageKey) -> SubjectKey {
    SubjectKey::from_bytes(storage.hash("key of facts about nodes", b""))
}

/// Keeps the key of facts about nodes where offices are given keys from.
pub(super) async fn put_common_key(store: &Store) -> Result<(), StoreError> {
    let mut db = store.inner.pool.acquire().await?;
    let (storage, subject) = (&store.inner.storage_key, store.nodes_subject());
    journal::put_subject_key(&mut db, storage, subject, &common_key(storage)).await?;
    Ok(())
}

async fn read(db: &mut AnyConnection, key: &SubjectKey, subject: Subject) -> Result<Nodes, StoreError> {
    let mut nodes = Nodes::default();
    for record in journal::records_about(db, common()?, subject).await? {
        let Ok(body) = loket_sync::open_body(&record, key) else { continue };
        let Ok(Some(written)) = fact::decode(record.header.kind, &body) else { continue };
        let at = DateTime::from_timestamp_millis(record.header.at_ms).unwrap_or_default();
        nodes.join(&written.fact, at, &written.by);
    }
    Ok(nodes)
}

/// Who may sign what an office sends: the office's nodes its own stream, this registry everything else.
pub struct OfficeSigners {
    /// What is known of nodes.
    pub nodes: Arc<Nodes>,
    /// This registry.
    pub ours: NodePublic,
}

impl Signers for OfficeSigners {
    fn standing(&self, up_to: &Have, node: &NodeId) -> Standing {
        if up_to.stream.group() == "hq" {
            return if *node == self.ours.id() { Standing::Writer(self.ours) } else { Standing::Stranger };
        }
        let id = node.to_string();
        let Some(public) = public_of(&self.nodes, &id) else { return Standing::Stranger };
        match self.nodes.reach(&id, up_to.stream.as_str(), &up_to.session.to_string()) {
            Reach::Writer => Standing::Writer(public),
            Reach::UpTo(good) if up_to.len <= good => Standing::Writer(public),
            Reach::UpTo(good) => Standing::Revoked { public, good },
            Reach::Never => Standing::Stranger,
        }
    }
}

/// The public keys of a node, as they were granted.
pub fn public_of(nodes: &Nodes, id: &str) -> Option<NodePublic> {
    let (granted, _, _) = nodes.get(id)?.granted.as_ref()?;
    NodePublic::from_hex(&granted.keys).filter(|public| public.id().to_string() == id)
}

impl Store {
    pub(super) fn nodes_subject(&self) -> Subject {
        nodes_subject(&self.inner.node_key.public())
    }

    /// All nodes as the facts say now, whoever wrote them.
    pub async fn nodes(&self) -> Result<Arc<Nodes>, StoreError> {
        let mut db = self.inner.pool.acquire().await?;
        let vector = journal::haves(&mut db, common()?).await?;
        let held = self.inner.nodes.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, nodes)) = held.filter(|(at, _)| *at == vector) {
            debug_assert_eq!(at, vector);
            return Ok(nodes);
        }
        let nodes =
            Arc::new(read(&mut db, &common_key(&self.inner.storage_key), self.nodes_subject()).await?);
        let mut cached = self.inner.nodes.write().unwrap_or_else(PoisonError::into_inner);
        *cached = Some((vector, Arc::clone(&nodes)));
        Ok(nodes)
    }

    /// What a node runs, and since when two copies of it are at work, if so.
    pub async fn seen_of(&self, id: NodeId) -> Result<(Option<String>, Option<DateTime<Utc>>), StoreError> {
        let row = sqlx::query("SELECT software, twins_since_ms FROM nodes WHERE id = $1")
            .bind(id.as_bytes().to_vec())
            .fetch_optional(&self.inner.pool)
            .await?;
        let Some(row) = row else { return Ok((None, None)) };
        let twins: Option<i64> = row.try_get("twins_since_ms")?;
        let twins = twins.map(|ms| rows::instant("nodes", ms)).transpose()?;
        Ok((Some(row.try_get("software")?), twins))
    }

    /// Notes which process speaks for a node; since when two copies of it are at work, if so. `said_ms` is the clock of
    /// the message, so that a message that is repeated on the way counts for nothing.
    pub async fn heard_process(
        &self,
        public: &NodePublic,
        process: SessionId,
        said_ms: i64,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let mut tx = self.inner.pool.begin_with(self.inner.dialect.begin_write()).await?;
        let node = public.id().as_bytes().to_vec();
        let rows =
            sqlx::query("SELECT process, said_ms, speaks, returns FROM node_processes WHERE node = $1")
                .bind(node.clone())
                .fetch_all(&mut *tx)
                .await?;
        let mut known = Vec::with_capacity(rows.len());
        for row in &rows {
            let process: Vec<u8> = row.try_get("process")?;
            let speaks: i64 = row.try_get("speaks")?;
            known.push(Process {
                session: SessionId::from_bytes(rows::fixed("node_processes", &process)?),
                said_ms: row.try_get("said_ms")?,
                speaks: speaks == 1,
                returns: row.try_get("returns")?,
            });
        }
        if hear(&mut known, process, said_ms) {
            for Process { session, said_ms, speaks, returns } in &known {
                sqlx::query(
                    "INSERT INTO node_processes (node, process, said_ms, seen_ms, speaks, returns) \
                     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (node, process) DO UPDATE SET \
                     said_ms = excluded.said_ms, speaks = excluded.speaks, returns = excluded.returns",
                )
                .bind(node.clone())
                .bind(session.as_bytes().to_vec())
                .bind(*said_ms)
                .bind(now.timestamp_millis())
                .bind(i64::from(*speaks))
                .bind(*returns)
                .execute(&mut *tx)
                .await?;
            }
            sqlx::query("DELETE FROM node_processes WHERE node = $1 AND speaks = 0 AND seen_ms < $2")
                .bind(node.clone())
                .bind((now - TimeDelta::days(PROCESS_DAYS)).timestamp_millis())
                .execute(&mut *tx)
                .await?;
        }
        if are_twins(&known) {
            sqlx::query("UPDATE nodes SET twins_since_ms = $1 WHERE id = $2 AND twins_since_ms IS NULL")
                .bind(now.timestamp_millis())
                .bind(node.clone())
                .execute(&mut *tx)
                .await?;
        }
        let row = sqlx::query("SELECT twins_since_ms FROM nodes WHERE id = $1")
            .bind(node)
            .fetch_optional(&mut *tx)
            .await?;
        self.commit(tx).await?;
        let since: Option<i64> = row.map(|row| row.try_get("twins_since_ms")).transpose()?.flatten();
        since.map(|ms| rows::instant("nodes", ms)).transpose()
    }

    /// Somebody has stopped the copy: what is seen from now on counts anew.
    pub async fn settle_twins(&self, node: NodeId) -> Result<(), StoreError> {
        let mut tx = self.inner.pool.begin_with(self.inner.dialect.begin_write()).await?;
        for statement in [
            "DELETE FROM node_processes WHERE node = $1",
            "UPDATE nodes SET twins_since_ms = NULL WHERE id = $1",
        ] {
            sqlx::query(statement).bind(node.as_bytes().to_vec()).execute(&mut *tx).await?;
        }
        self.commit(tx).await?;
        Ok(())
    }
}

impl Writing {
    /// All nodes as this act sees them.
    pub async fn nodes(&mut self) -> Result<Nodes, StoreError> {
        let (key, subject) = (common_key(&self.store.inner.storage_key), self.store.nodes_subject());
        read(self.db(), &key, subject).await
    }

    /// Writes facts about nodes, for every node.
    pub async fn append_common(&mut self, by: &Actor, facts: Vec<Fact>) -> Result<(), StoreError> {
        let (stream, subject) = (common()?, self.store.nodes_subject());
        let key = common_key(&self.store.inner.storage_key);
        let written = journal::records_about(self.db(), stream, subject).await?.len();
        let first_rev = u32::try_from(written).unwrap_or(u32::MAX).saturating_add(1);
        self.append_written(stream, subject, &key, (by, None), facts, first_rev).await
    }

    /// How far the sessions of a stream go, as far as this act sees.
    pub async fn sessions(&mut self, stream: StreamId) -> Result<Vec<Have>, StoreError> {
        journal::haves(self.db(), stream).await
    }

    /// Notes what a node runs.
    pub async fn put_node(&mut self, public: &NodePublic, software: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO nodes (id, keys, software) VALUES ($1, $2, $3) \
             ON CONFLICT (id) DO UPDATE SET software = excluded.software",
        )
        .bind(public.id().as_bytes().to_vec())
        .bind(public.to_bytes().to_vec())
        .bind(software.to_owned())
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Makes rows for nodes that came back with this registry's own facts.
    pub async fn put_nodes(&mut self, nodes: &Nodes) -> Result<(), StoreError> {
        for public in nodes.ids().filter_map(|id| public_of(nodes, id)) {
            sqlx::query(
                "INSERT INTO nodes (id, keys, software) VALUES ($1, $2, '') ON CONFLICT (id) DO NOTHING",
            )
            .bind(public.id().as_bytes().to_vec())
            .bind(public.to_bytes().to_vec())
            .execute(self.db())
            .await?;
        }
        Ok(())
    }

    /// Notes that an office handed records of this registry back that were not here.
    pub async fn note_handed_back(
        &mut self,
        office: &OfficeCode,
        stream: StreamId,
        records: usize,
    ) -> Result<(), StoreError> {
        let at_ms = self.now().timestamp_millis();
        sqlx::query("INSERT INTO handed_back (at_ms, office, stream, records) VALUES ($1, $2, $3, $4)")
            .bind(at_ms)
            .bind(office.as_str().to_owned())
            .bind(stream.as_str().to_owned())
            .bind(i64::try_from(records).unwrap_or(i64::MAX))
            .execute(self.db())
            .await?;
        Ok(())
    }
}

/// Records that came back from offices: since when, how many, from how many offices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandedBack {
    /// When the first came.
    pub since: DateTime<Utc>,
    /// How many in all.
    pub records: u64,
    /// From how many offices.
    pub offices: u64,
}

impl Store {
    /// What offices handed back of this registry's own records, if they ever did.
    pub async fn handed_back(&self) -> Result<Option<HandedBack>, StoreError> {
        let row = sqlx::query(
            "SELECT MIN(at_ms) AS since, CAST(COALESCE(SUM(records), 0) AS BIGINT) AS records, \
             COUNT(DISTINCT office) AS offices FROM handed_back",
        )
        .fetch_one(&self.inner.pool)
        .await?;
        let since: Option<i64> = row.try_get("since")?;
        let Some(since) = since else { return Ok(None) };
        let number = |column: &str| rows::unsigned("handed_back", row.try_get(column)?);
        let since = rows::instant("handed_back", since)?;
        Ok(Some(HandedBack { since, records: number("records")?, offices: number("offices")? }))
    }

    /// Somebody has gone through what a restored registry has to be compared with.
    pub async fn settle_handed_back(&self) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM handed_back").execute(&self.inner.pool).await?;
        Ok(())
    }
}

/// A process that spoke for a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Process {
    session: SessionId,
    /// The clock of its latest message.
    said_ms: i64,
    /// Whether it spoke last.
    speaks: bool,
    /// How often it spoke again after another one had taken over.
    returns: i64,
}

/// Notes that a process has spoken; whether anything changed that is to be kept. A restart only ever goes on to a
/// process that nobody has heard of.
fn hear(known: &mut Vec<Process>, process: SessionId, said_ms: i64) -> bool {
    let place = known.iter().position(|it| it.session == process);
    if let Some(it) = place.and_then(|place| known.get_mut(place)) {
        // A message that was on its way for long, or is played again, is older than what was heard since.
        if said_ms <= it.said_ms {
            return false;
        }
        it.said_ms = said_ms;
        if it.speaks {
            return true;
        }
        it.returns += 1;
    } else {
        known.push(Process { session: process, said_ms, speaks: true, returns: 0 });
    }
    for it in known.iter_mut() {
        it.speaks = it.session == process;
    }
    true
}

fn are_twins(known: &[Process]) -> bool {
    known.iter().map(|it| it.returns).sum::<i64>() >= RETURNS_OF_TWINS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(order: &[(u8, i64)]) -> bool {
        let mut known = Vec::new();
        for (process, said_ms) in order {
            hear(&mut known, SessionId([*process; 16]), *said_ms);
        }
        are_twins(&known)
    }

    #[test]
    fn restarts_are_no_copies_and_two_that_take_turns_are() {
        assert!(!heard(&[(1, 1), (1, 2), (2, 3), (2, 4), (3, 5)]), "restarted twice");
        assert!(!heard(&[(1, 1), (2, 2), (1, 3), (2, 4)][..3]), "once may be a message that was late");
        assert!(heard(&[(1, 1), (2, 2), (1, 3), (2, 4)]));
        assert!(!heard(&[(1, 1), (2, 2), (1, 1), (2, 2), (1, 1)]), "old messages that are played again");
    }
}
