//! The store as the exchange with headquarters sees it: what is here, what arrives, what the other side said it has.

use chrono::{DateTime, Utc};
use loket_sync::{Have, JournalReader, NodePublic, Run, SessionId, StreamId, Subject, SubjectKey};
use tokio::sync::mpsc;

use super::link::{LineOrder, LinkState};
use super::receive::{Inbound, Taken};
use super::rows::Rows;
use super::shared::{Shared, read, write};
use super::tables;
use super::writer::Job;
use super::{ActError, Store, StoreError, recheck};

/// Says when an exchange last went through, as it was noted, until this process has had one itself.
pub(super) fn recall(shared: &Shared, rows: &dyn Rows) -> Result<(), StoreError> {
    let noted = tables::EXCHANGED.get(rows, &[])?;
    let mut link = write(&shared.link);
    link.last_ok_at = link.last_ok_at.or(noted);
    Ok(())
}

impl Store {
    /// Reads committed records: all that may be sent.
    pub fn reader(&self) -> JournalReader {
        self.shared().reader.clone()
    }

    /// Something that was read is not what was committed: the journals are read again while the office works, and what
    /// is damaged is set aside, so that headquarters hands it back.
    pub fn doubt_journals(&self) {
        if let Some(jobs) = &self.inner.jobs {
            recheck::doubt(&self.inner.shared, &jobs.downgrade());
        }
    }

    /// The stream this office writes.
    pub fn own_stream(&self) -> StreamId {
        self.shared().own_stream
    }

    /// The session that this process writes: how the registry tells two copies of one machine apart.
    pub fn process(&self) -> SessionId {
        self.shared().process
    }

    /// The streams this office and its registry share.
    pub fn shared_streams(&self) -> Result<Vec<StreamId>, StoreError> {
        super::shared_streams(&self.shared().office)
    }

    /// Takes records, each run with whoever must have signed it, and opened keys; durable when it returns.
    pub async fn receive(
        &self,
        runs: Vec<(Run, NodePublic)>,
        keys: Vec<(Subject, SubjectKey)>,
    ) -> Result<Taken, ActError> {
        self.ask(|answer| Job::Receive(Inbound { runs, keys }, answer)).await
    }

    /// Subjects whose keys are not here: the other side is asked for them.
    pub async fn wanted_keys(&self) -> Result<Vec<Subject>, ActError> {
        self.ask(Job::WantedKeys).await
    }

    /// What headquarters last said it has.
    pub fn peer_vector(&self) -> Vec<Have> {
        read(&self.shared().peer).clone()
    }

    /// Notes what headquarters says it has: for the screens alone, an exchange asks anew.
    pub async fn peer_has(&self, vector: Vec<Have>) -> Result<(), ActError> {
        if *read(&self.shared().peer) == vector {
            return Ok(());
        }
        let rows = vector.clone();
        self.note(move |changes| {
            rows.iter().try_for_each(|have| tables::PEER.put(changes, &tables::session_key(have), have))
        })
        .await?;
        *write(&self.shared().peer) = vector;
        self.shared().changed();
        Ok(())
    }

    /// What headquarters last said it has: for the screens.
    pub fn peer(&self) -> Vec<Have> {
        read(&self.shared().peer).clone()
    }

    /// Remembers for the next start when an exchange last went through. Not synced at once: it may be lost for as long
    /// as the tables are not settled.
    pub async fn note_exchanged(&self, at: DateTime<Utc>) -> Result<(), ActError> {
        self.note(move |changes| tables::EXCHANGED.put(changes, &[], &at)).await
    }

    /// Changes what the screens say of the line.
    pub fn update_link(&self, change: impl FnOnce(&mut LinkState)) {
        let mut link = write(&self.shared().link);
        let before = link.clone();
        change(&mut link);
        let differs = *link != before;
        drop(link);
        if differs {
            self.shared().changed();
        }
    }

    /// Passes an order on to the line; whether there is a line that hears it.
    pub fn order_line(&self, order: LineOrder) -> bool {
        let orders = read(&self.shared().line_orders);
        orders.as_ref().is_some_and(|orders| orders.try_send(order).is_ok())
    }

    /// Says who hears orders to the line.
    pub fn hear_line_orders(&self, orders: mpsc::Sender<LineOrder>) {
        *write(&self.shared().line_orders) = Some(orders);
    }
}
