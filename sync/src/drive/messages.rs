//! Composes what goes to the other side, and makes durable what comes back.

use super::{Drive, Replica, Uplink};
use crate::chain::Run;
use crate::exchange::{
    BLOBS_MAX, Input, KEYS_MAX, KeyGrant, LineError, Message, NotTaken, Now, REFUSED_MAX, RUN_BYTES_MAX,
    Ticket, plan_past, subjects_opened,
};
use crate::head::{Have, Vector};
use crate::ids::{StreamId, Subject};

impl<R: Replica, U: Uplink, C: Fn() -> Now + Send + Sync> Drive<R, U, C> {
    /// What is here, and as much as fits of what the other side lacks.
    async fn compose(
        &self,
        theirs: Option<&[Have]>,
        refused: &[NotTaken],
        owed_keys: Vec<Subject>,
    ) -> Result<Message, LineError> {
        let is_shared = |stream: &StreamId| self.shared.contains(stream);
        let mut vector = self.replica.vector().await?;
        vector.retain(|have| is_shared(&have.stream));
        let plan = theirs.map(|theirs| plan_past(&vector, theirs, refused, &is_shared));
        let ranges = plan.map(|plan| plan.first(&self.own_stream).ranges).unwrap_or_default();
        let mut message = Message::new(self.store, (self.clock)().wall_ms, vector);
        message.process = Some(self.process);
        message.refused = first(self.replica.refused().await?, REFUSED_MAX);
        if !ranges.is_empty() {
            let runs = self.replica.runs(ranges.clone(), RUN_BYTES_MAX).await?;
            message.load(&ranges, runs);
        }
        let mut subjects = subjects_opened(&message.runs);
        subjects.extend(owed_keys);
        if !subjects.is_empty() {
            message.keys = self.replica.grants(subjects.into_iter().take(KEYS_MAX).collect()).await?;
        }
        message.wanted_keys = first(self.replica.wanted_keys().await?, KEYS_MAX);
        message.offered_blobs = first(self.replica.offered_blobs().await?, BLOBS_MAX);
        message.wanted_blobs = first(self.replica.wanted_blobs().await?, BLOBS_MAX);
        Ok(message)
    }

    pub(super) async fn post(
        &self,
        ticket: Ticket,
        theirs: Option<Vector>,
        owed_keys: Vec<Subject>,
        refused: Vec<NotTaken>,
    ) -> Input {
        let result = async {
            let message = self.compose(theirs.as_deref(), &refused, owed_keys).await?;
            let answer = self.uplink.exchange(&message).await?;
            Ok((answer, message.records()))
        };
        match result.await {
            Ok((answer, sent)) => Input::Answer { ticket, answer: Box::new(answer), sent },
            Err(error) => Input::Failed { ticket, error },
        }
    }

    pub(super) async fn append(&self, ticket: Ticket, runs: Vec<Run>, keys: Vec<KeyGrant>) -> Input {
        let result = async {
            let received =
                if runs.is_empty() && keys.is_empty() { 0 } else { self.replica.receive(runs, keys).await? };
            Ok((self.replica.vector().await?, received, self.replica.refused().await?))
        };
        match result.await {
            Ok((mine, received, refused)) => Input::Durable { ticket, mine, received, refused },
            Err(error) => Input::Failed { ticket, error },
        }
    }
}

fn first<T>(mut list: Vec<T>, len_max: usize) -> Vec<T> {
    list.truncate(len_max);
    list
}
