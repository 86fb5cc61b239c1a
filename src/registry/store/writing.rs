//! One act: facts, rows and counters that become durable together, or not at all.
//!
//! A process writes one act at a time, because its sessions have one writer. A failed commit may or may not have
//! happened; the sessions of this process are then given up and new ones opened, so that no position is used twice.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use loket_sync::record::{FLAG_OPENS_SUBJECT, KIND_SESSION_OPENED};
use loket_sync::{Chain, NewRecord, Record, SessionId, StreamId, Subject, SubjectKey, chain};
use sqlx::{Any, AnyConnection, Transaction};
use tokio::sync::OwnedMutexGuard;

use super::erasures;
use super::error::StoreError;
use super::journal;
use super::{Chains, Store};
use crate::domain::actor::Actor;
use crate::domain::application::{Application, ApplicationKey, Author};
use crate::domain::fact::{self, Fact, Written};
use crate::domain::office::OfficeCode;

/// An act that is being written. Dropped without [`Writing::commit`], nothing of it remains.
pub struct Writing {
    pub(super) store: Store,
    pub(super) tx: Transaction<'static, Any>,
    now: DateTime<Utc>,
    kept: OwnedMutexGuard<Chains>,
    staged: Chains,
    /// Streams that records from elsewhere were kept in.
    received: BTreeSet<StreamId>,
}

/// Facts of one act about one application.
pub struct NewFacts {
    /// Which application.
    pub key: ApplicationKey,
    /// The office they go to.
    pub office: OfficeCode,
    /// Who did it.
    pub by: Actor,
    /// The key under which a repetition finds its first answer.
    pub once: Option<String>,
    /// What happened, in this order.
    pub facts: Vec<Fact>,
}

impl Store {
    /// Begins an act. `now` is what its facts are dated with.
    pub async fn begin(&self, now: DateTime<Utc>) -> Result<Writing, StoreError> {
        let kept = self.inner.chains.clone().lock_owned().await;
        let tx = self.inner.pool.begin_with(self.inner.dialect.begin_write()).await?;
        Ok(Writing { store: self.clone(), tx, now, kept, staged: Chains::new(), received: BTreeSet::new() })
    }
}

/// The stream of the registry's facts for one office.
pub fn stream_for(office: &OfficeCode) -> Result<StreamId, StoreError> {
    StreamId::parse(&format!("hq/{office}")).map_err(|error| StoreError::Record(error.to_string()))
}

impl Writing {
    pub(super) fn db(&mut self) -> &mut AnyConnection {
        &mut self.tx
    }

    /// Notes that a stream has records from elsewhere, for whoever waits for them.
    pub(super) fn has_grown(&mut self, stream: StreamId) {
        self.received.insert(stream);
    }

    /// When the act happens.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Locks an application until the act ends and returns what is known of it.
    pub async fn application(&mut self, key: ApplicationKey) -> Result<Application, StoreError> {
        journal::lock(&mut self.tx, key).await?;
        journal::application(&mut self.tx, self.store.reading(), key).await
    }

    /// Appends facts about a locked application. The derived rows follow with `Writing::refresh`.
    pub async fn append(&mut self, new: NewFacts) -> Result<(), StoreError> {
        let application = journal::application(&mut self.tx, self.store.reading(), new.key).await?;
        let stream = stream_for(&new.office)?;
        let subject = journal::subject_of(new.key);
        let key = self.subject_key(subject).await?;
        let first_rev = application.next_rev(&Author::Registry);
        let NewFacts { by, once, facts, .. } = new;
        self.append_written(stream, subject, &key, (&by, once.as_ref()), facts, first_rev).await
    }

    pub(super) async fn append_written(
        &mut self,
        stream: StreamId,
        subject: Subject,
        key: &SubjectKey,
        (by, once): (&Actor, Option<&String>),
        facts: Vec<Fact>,
        first_rev: u32,
    ) -> Result<(), StoreError> {
        for (fact, rev) in facts.into_iter().zip(first_rev..) {
            let written = Written { rev, by: by.clone(), once: once.cloned(), fact };
            let body = fact::encode(&written)?;
            self.append_record(stream, subject, key, written.fact.kind(), &body).await?;
        }
        Ok(())
    }

    /// The key of a subject, drawn when it has none yet. One that was erased never gets another.
    pub async fn subject_key(&mut self, subject: Subject) -> Result<SubjectKey, StoreError> {
        let storage = self.store.inner.storage_key.clone();
        if let Some(key) = journal::subject_key(&mut self.tx, &storage, subject).await? {
            return Ok(key);
        }
        if erasures::is_erased(&mut self.tx, subject).await? {
            return Err(StoreError::Erased);
        }
        let key = SubjectKey::draw();
        journal::put_subject_key(&mut self.tx, &storage, subject, &key).await?;
        Ok(key)
    }

    pub(super) async fn append_record(
        &mut self,
        stream: StreamId,
        subject: Subject,
        key: &SubjectKey,
        kind: u16,
        body: &[u8],
    ) -> Result<(), StoreError> {
        let at_ms = self.now.timestamp_millis();
        let mut chain = self.chain(stream).await?;
        let known = journal::mentions(&mut self.tx, stream, chain.have().session, subject).await?;
        let flags = if known { 0 } else { FLAG_OPENS_SUBJECT };
        let new = NewRecord { at_ms, kind, flags, subject, body };
        let record = chain.next(&new, key).map_err(|error| StoreError::Record(error.to_string()))?;
        // Given up until the commit: an act that ends otherwise has sealed a body for this position, and may have left
        // it in the database's log. Nothing else is sealed for it: the next act opens a new session.
        self.kept.remove(&stream);
        self.staged.insert(stream, chain);
        journal::put_record(&mut self.tx, &record).await
    }

    /// The chain this process writes a stream with, opened when it is the first time.
    async fn chain(&mut self, stream: StreamId) -> Result<Chain, StoreError> {
        if let Some(chain) = self.staged.get(&stream).or_else(|| self.kept.get(&stream)) {
            return Ok(chain.clone());
        }
        let before = journal::latest(&mut self.tx, stream).await?;
        let opened = chain::opening(before, self.store.inner.node_key.id(), &self.store.inner.software);
        let at_ms = self.now.timestamp_millis();
        let (chain, first): (Chain, Record) = Chain::open(stream, SessionId::draw(), at_ms, &opened);
        debug_assert_eq!(first.header.kind, KIND_SESSION_OPENED);
        journal::put_record(&mut self.tx, &first).await?;
        Ok(chain)
    }

    /// Signs what was appended and makes everything durable. Only after this may the act be acknowledged.
    pub async fn commit(self) -> Result<(), StoreError> {
        let Self { store, mut tx, now, mut kept, staged, received } = self;
        for chain in staged.values() {
            let head = chain.head(&store.inner.node_key);
            journal::put_head(&mut tx, &head, now.timestamp_millis()).await?;
        }
        // Should the commit fail or its caller go away half-way, nobody knows whether it happened, and a position must
        // not be used twice. New sessions are opened then.
        store.commit(tx).await?;
        store.inner.grown.send_modify(|grown| {
            for stream in received.iter().chain(staged.keys()) {
                *grown.entry(*stream).or_default() += 1;
            }
        });
        kept.extend(staged);
        store.inner.news.send_modify(|count| *count += 1);
        Ok(())
    }
}
