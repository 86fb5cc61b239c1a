//! Verifying a dump of the database while it goes by, row by row.

use std::collections::BTreeMap;

use loket_sync::{Have, Head, NodeId, NodePublic, Record, SessionId, StreamId};

use super::dump::{Block, Cell};
use super::error::StoreError;
use super::rows;

/// Verifies a dump while it goes by: every record follows the one before it, every session is as long as was noted, and
/// somebody known signed its end.
#[derive(Default)]
pub struct DumpCheck {
    noted: BTreeMap<(StreamId, SessionId), Have>,
    found: BTreeMap<(StreamId, SessionId), Have>,
    signers: BTreeMap<NodeId, NodePublic>,
    signed: BTreeMap<(StreamId, SessionId), Head>,
    rows: u64,
}

/// What a verified dump holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DumpHolds {
    /// Rows of all tables.
    pub rows: u64,
    /// How far the journals go.
    pub vector: Vec<Have>,
}

impl DumpCheck {
    /// A check that knows the registry's own key.
    pub fn new(own: NodePublic) -> Self {
        Self { signers: [(own.id(), own)].into(), ..Self::default() }
    }

    /// Takes a block.
    pub fn block(&mut self, table: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let block = Block::read(bytes)?;
        self.rows += block.rows.len() as u64;
        let bytes_of = |row: &[Cell], at: usize| match &row[at] {
            Cell::Bytes(bytes) => Ok(bytes.clone()),
            other => Err(StoreError::damaged("dump", format_args!("{other:?} where bytes belong"))),
        };
        match table {
            "nodes" => {
                let keys = block.at("keys")?;
                for row in &block.rows {
                    let public = NodePublic::from_bytes(&rows::fixed("nodes", &bytes_of(row, keys)?)?);
                    self.signers.insert(public.id(), public);
                }
            }
            "sessions" => {
                for row in &block.rows {
                    let have = self::have(&block, row)?;
                    self.noted.insert((have.stream, have.session), have);
                }
            }
            "records" => {
                let record = block.at("record")?;
                for row in &block.rows {
                    self.record(&bytes_of(row, record)?)?;
                }
            }
            "heads" => {
                let head = block.at("head")?;
                for row in &block.rows {
                    let head = Head::from_bytes(&rows::fixed("heads", &bytes_of(row, head)?)?);
                    let head = head.ok_or_else(|| StoreError::damaged("heads", "no stream name"))?;
                    self.signed.insert((head.stream, head.session), head);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn record(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let record = Record::from_bytes(bytes).map_err(|error| StoreError::damaged("records", error))?;
        let header = &record.header;
        let id = (header.stream, header.session);
        let before = self.found.get(&id);
        let (len, hash) = before.map_or((0, loket_sync::Hash::ZERO), |have| (have.len, have.hash));
        if header.seq != len || header.prev != hash || !record.body_matches() {
            return Err(StoreError::damaged("records", format_args!("{} does not follow", record.pos())));
        }
        let (stream, session) = id;
        self.found.insert(id, Have { stream, session, len: len + 1, hash: record.hash() });
        Ok(())
    }

    /// Says what was verified.
    pub fn finish(self) -> Result<DumpHolds, StoreError> {
        if let Some((id, _)) = self.found.iter().find(|(id, _)| !self.noted.contains_key(id)) {
            return Err(StoreError::damaged("sessions", format_args!("{}/{} is missing", id.0, id.1)));
        }
        for (id, noted) in &self.noted {
            let wrong =
                |what: &str| StoreError::damaged("sessions", format_args!("{}/{}: {what}", id.0, id.1));
            if self.found.get(id) != Some(noted) {
                return Err(wrong("its records are not those that were noted"));
            }
            let head = self.signed.get(id).filter(|head| head.have() == *noted);
            let head = head.ok_or_else(|| wrong("no signature covers it"))?;
            if self.signers.get(&head.signer).is_some_and(|signer| !head.is_signed_by(signer)) {
                return Err(wrong("its signature is wrong"));
            }
        }
        Ok(DumpHolds { rows: self.rows, vector: self.noted.into_values().collect() })
    }
}

fn have(block: &Block, row: &[Cell]) -> Result<Have, StoreError> {
    let cell = |column: &str| block.at(column).map(|at| &row[at]);
    match (cell("stream")?, cell("session")?, cell("len")?, cell("hash")?) {
        (Cell::Text(stream), Cell::Bytes(session), Cell::Number(len), Cell::Bytes(hash)) => Ok(Have {
            stream: stream.parse().map_err(|error| StoreError::damaged("sessions", error))?,
            session: SessionId::from_bytes(rows::fixed("sessions", session)?),
            len: rows::unsigned("sessions", *len)?,
            hash: loket_sync::Hash::from_bytes(rows::fixed("sessions", hash)?),
        }),
        _ => Err(StoreError::damaged("sessions", "a row of other types")),
    }
}
