//! Taking in what was kept aside, once a person has decided so.

use loket_sync::exchange::Accepted;
use loket_sync::{Head, Record, Run, SessionId, StreamId, head};
use sqlx::Row;

use crate::registry::store::error::StoreError;
use crate::registry::store::exchange::Brought;
use crate::registry::store::writing::Writing;
use crate::registry::store::{journal, rows};

/// Whether records that were kept aside are the ones that stand here, as far as both go, and follow them from there on.
/// Both are of one session and in their order; a gap between them is for the caller to see.
fn follows(here: &[Record], aside: &[Record]) -> bool {
    aside.iter().all(|record| {
        let same = here.iter().find(|known| known.header.seq == record.header.seq);
        let before = here.iter().find(|known| known.header.seq + 1 == record.header.seq);
        same.is_none_or(|same| same.header.hash() == record.header.hash())
            && before.is_none_or(|before| before.header.hash() == record.header.prev)
    })
}

impl Writing {
    /// Takes what was kept aside of a session into the journal, as far as it has not come there since; nothing if it
    /// does not follow what is there.
    pub async fn take_in(
        &mut self,
        stream: StreamId,
        session: SessionId,
    ) -> Result<Option<Brought>, StoreError> {
        let mine = journal::haves(self.db(), stream).await?;
        let at = head::find(&mine, &stream, &session).map_or(0, |have| have.len);
        let mut brought = Brought::default();
        let (records, heads) = self.kept_aside(stream, session).await?;
        let first = records.first().map_or(at, |record| record.header.seq).min(at);
        let here = journal::records(self.db(), stream, session, first.saturating_sub(1), at).await?;
        if !follows(&here, &records) {
            return Ok(None);
        }
        let mut from = at;
        for head in heads.into_iter().filter(|head| head.len > at) {
            let within = records.iter().filter(|record| (from..head.len).contains(&record.header.seq));
            let run = Run { records: within.cloned().collect(), head };
            if run.first() != from || run.records.len() as u64 != head.len - from {
                return Ok(None);
            }
            let kept = self.keep(&Accepted { have: run.head.have(), run, known: 0 }).await?;
            brought.records += kept.records;
            brought.applications.extend(kept.applications);
            from = head.len;
        }
        self.forget_aside(stream, session).await?;
        Ok(Some(brought))
    }

    /// Records and heads of a session that are kept aside, in their order.
    async fn kept_aside(
        &mut self,
        stream: StreamId,
        session: SessionId,
    ) -> Result<(Vec<Record>, Vec<Head>), StoreError> {
        let (name, id) = (stream.as_str().to_owned(), session.as_bytes().to_vec());
        let rows =
            sqlx::query("SELECT record FROM aside_records WHERE stream = $1 AND session = $2 ORDER BY seq")
                .bind(name.clone())
                .bind(id.clone())
                .fetch_all(self.db())
                .await?;
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            let bytes: Vec<u8> = row.try_get("record")?;
            let record = Record::from_bytes(&bytes);
            records.push(record.map_err(|error| StoreError::damaged("aside_records", error))?);
        }
        let rows =
            sqlx::query("SELECT head FROM aside_heads WHERE stream = $1 AND session = $2 ORDER BY len")
                .bind(name)
                .bind(id)
                .fetch_all(self.db())
                .await?;
        let mut heads = Vec::with_capacity(rows.len());
        for row in rows {
            let bytes: Vec<u8> = row.try_get("head")?;
            let head = Head::from_bytes(&rows::fixed("aside_heads", &bytes)?);
            heads.push(head.ok_or_else(|| StoreError::damaged("aside_heads", "no stream name"))?);
        }
        Ok((records, heads))
    }
}
