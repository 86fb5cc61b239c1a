//! The registry's side of the courier: what an office's bundle brings goes the way of an exchange, and so does what is given back.

use std::collections::BTreeSet;
use std::path::Path;

use loket_sync::archive::Header;
use loket_sync::bundle::{BundleWriter, Listed, Part, advance, not_taken};
use loket_sync::{Hash, Message, StoreId, Subject};

use super::actions::exchange::{self, Peer};
use super::actions::{ActionError, Registry, pictures};
use super::store::StoreError;
use crate::courier::{
    CourierError, Exported, Exporting, Imported, Said, add_pictures, blocking, brought, next, verified,
};
use crate::domain::office::OfficeCode;
use crate::new_file::NewFile;

/// Pictures are kept in pieces of this size, as over the line.
const CHUNK_BYTES: usize = loket_sync::blob::CHUNK_BYTES_MAX;

impl From<ActionError> for CourierError {
    fn from(error: ActionError) -> Self {
        Self::Registry(error.into())
    }
}

impl From<StoreError> for CourierError {
    fn from(error: StoreError) -> Self {
        Self::Node(error.into())
    }
}

/// Makes a bundle for an office.
pub async fn export(
    registry: &Registry,
    office: &OfficeCode,
    to: &Path,
    overwrite: bool,
    how: Exporting,
) -> Result<Exported, CourierError> {
    let node = registry.store.active_node(office).await?.ok_or(CourierError::NoNode)?;
    let peer = Peer { office: office.clone(), public: node };
    let said = said(registry, office).await?;
    let (_, twins_since) = registry.store.seen_of(peer.public.id()).await?;
    let twins_since_ms = twins_since.map(|since| since.timestamp_millis());
    let (file, out) = NewFile::begin(to, overwrite)?;
    let (key, now_ms) = (registry.store.node_key(), registry.now().timestamp_millis());
    let mut bundle = BundleWriter::begin(out, key, &peer.public, now_ms)?;
    let mut exported = Exported::default();
    let mut theirs = if how.all { Vec::new() } else { said.vector.clone() };
    let mut owed = said.wanted_keys.clone();
    let mut subjects: BTreeSet<Subject> = BTreeSet::new();
    loop {
        // What an office with this vector would be answered.
        let mut asked = Message::new(StoreId(peer.public.id().0), now_ms, theirs.clone());
        asked.wanted_keys = std::mem::take(&mut owed);
        asked.refused.clone_from(&said.refused);
        let mut answer = exchange::answer_carried(registry, &peer, asked).await?;
        answer.offered_blobs.clear();
        answer.wanted_blobs.clear();
        answer.twins_since_ms = twins_since_ms;
        exported.records += answer.records();
        subjects.extend(answer.runs.iter().flat_map(|run| &run.records).map(|record| record.header.subject));
        bundle.message(&answer)?;
        if answer.runs.is_empty() {
            break;
        }
        advance(&mut theirs, &answer.runs);
    }
    let (blobs, offered) = (registry.blobs.clone(), said.offered.clone());
    let arrived = blocking(move || blobs.kept(offered)).await?.map_err(ActionError::from)?;
    bundle.list(Listed::Arrived, &arrived)?;
    bundle.list(Listed::Wanted, &registry.store.missing_blobs(office.as_str(), None, u32::MAX).await?)?;
    let mut order = Vec::new();
    for hash in said.wanted {
        if registry.store.blob_belongs_to(&hash, office.as_str()).await? {
            order.push(hash);
        }
    }
    // Those of bookings that the office hears of only now.
    for subject in subjects {
        order.extend(registry.store.blobs_of(subject, office.as_str()).await?);
    }
    let mut seen: BTreeSet<Hash> = said.offered.into_iter().collect();
    order.retain(|hash| seen.insert(*hash) && registry.blobs.has(hash));
    let blobs = registry.blobs.clone();
    let (bundle, carried) = blocking(move || add_pictures(bundle, &blobs, order, how.bytes_max)).await??;
    exported.pictures = carried.added.len() as u64;
    exported.pictures_left = carried.left;
    let (out, bytes) = bundle.finish()?;
    exported.bytes = bytes;
    file.sync(out)?;
    file.finish()?;
    Ok(exported)
}

/// Takes a bundle of an office.
pub async fn import(registry: &Registry, header: &Header, file: &Path) -> Result<Imported, CourierError> {
    // Only the office's present node brings anything: one whose key was taken back does not.
    let peer = exchange::peer(registry, header.writer.id()).await?;
    let peer = peer.ok_or(loket_sync::bundle::BundleError::Stranger(header.writer.id()))?;
    let (path, me, known) = (file.to_owned(), registry.store.node_key().clone(), peer.public);
    let (header, mut reader) = blocking(move || verified(&path, &me, Some(known))).await??;
    let before = said(registry, &peer.office).await?;
    let (mut imported, mut came, mut mine) = (Imported::default(), Vec::new(), Vec::new());
    let mut said = Said::begin(header.made_at_ms, registry.now().timestamp_millis());
    while let (read, Some(part)) = next(reader).await? {
        reader = read;
        match part {
            Part::Message(message) => {
                said.hear(&message);
                came.extend(brought(&message));
                // Only what it brings matters; what it would be answered goes with a bundle the other way.
                let vector = registry.store.vector(&exchange::shared(&peer.office)?).await?;
                let asked = Message { process: None, vector, ..*message };
                let had = records(&asked.vector);
                mine = exchange::answer_carried(registry, &peer, asked).await?.vector;
                imported.records += records(&mine).saturating_sub(had);
            }
            Part::List(listed, hashes) => said.hear_list(listed, &hashes),
            Part::Blob(hash, bytes) => {
                imported.pictures += u64::from(keep(registry, &peer, hash, &bytes).await?);
            }
        }
    }
    imported.lacking = not_taken(&came, &mine).len() as u64;
    imported.refused = said.refused.len() as u64;
    if said.overtakes(&before) {
        let bytes = postcard::to_stdvec(&said).unwrap_or_default();
        registry.store.note_carried(&peer.office, &bytes).await?;
    }
    Ok(imported)
}

fn records(vector: &[loket_sync::Have]) -> u64 {
    vector.iter().map(|have| have.len).sum()
}

/// Keeps a picture that a record of this office names; whether it was new.
async fn keep(registry: &Registry, peer: &Peer, hash: Hash, bytes: &[u8]) -> Result<bool, CourierError> {
    if registry.blobs.has(&hash) {
        return Ok(false);
    }
    let len = bytes.len() as u64;
    // A part of it may have come over the line before.
    let mut offset = registry.blobs.offset(&hash).min(len);
    while offset < len {
        let at = usize::try_from(offset).unwrap_or(usize::MAX);
        let end = bytes.len().min(at + CHUNK_BYTES);
        let chunk = bytes[at..end].to_vec();
        if pictures::write(registry, peer, &hash, offset, chunk, len).await?.is_none() {
            return Ok(false);
        }
        offset = end as u64;
    }
    Ok(true)
}

async fn said(registry: &Registry, office: &OfficeCode) -> Result<Said, CourierError> {
    let noted = registry.store.carried(office).await?;
    Ok(noted.and_then(|bytes| postcard::from_bytes(&bytes).ok()).unwrap_or_default())
}
