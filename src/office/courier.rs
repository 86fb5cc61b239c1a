//! The office's side of the courier: it carries its records and pictures to its registry, and brings bookings and
//! decisions home.

use std::collections::BTreeSet;
use std::path::Path;

use loket_sync::bundle::{BundleWriter, Listed, Part, advance, not_taken};
use loket_sync::drive::Replica;
use loket_sync::exchange::{KEYS_MAX, REFUSED_MAX, RUN_BYTES_MAX, subjects_opened};
use loket_sync::{Disk, Hash, Message, NodeKey, NodePublic, StorageKey, StoreId, StreamId, plan_past};
use serde::{Deserialize, Serialize};

use super::store::{ActError, Store, StoreError};
use super::worker::OfficeReplica;
use crate::courier::{
    CourierError, Exported, Exporting, Imported, Said, Writer, add_pictures, blocking, brought, here, next,
    verified,
};
use crate::new_file::NewFile;

/// Name of the folder of what is remembered between two bundles; losing it costs nothing but a larger bundle.
const FOLDER: &str = "courier";
const NOTES_FILE: &str = "notes";
const NOTES_CONTEXT: &[u8] = b"loket courier notes 1";

impl From<ActError> for CourierError {
    fn from(error: ActError) -> Self {
        Self::Node(error.into())
    }
}

impl From<StoreError> for CourierError {
    fn from(error: StoreError) -> Self {
        Self::Node(error.into())
    }
}

/// An office that exchanges by bundles.
pub struct OfficeCourier {
    /// Its memory.
    pub store: Store,
    /// Its key.
    pub node_key: NodeKey,
    /// Seals what it remembers.
    pub storage_key: StorageKey,
    /// The registry it is tied to.
    pub registry: Option<NodePublic>,
    /// Its folder.
    pub dir: std::path::PathBuf,
}

/// What an office remembers between two bundles.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Notes {
    said: Said,
    /// Pictures that went with a bundle and of which no receipt has come: the others go first.
    carried: BTreeSet<Hash>,
}

impl OfficeCourier {
    fn replica(&self) -> Result<(OfficeReplica, NodePublic), CourierError> {
        let registry = self.registry.ok_or(CourierError::NotEnrolled)?;
        Ok((OfficeReplica::new(self.store.clone(), self.node_key.clone(), registry), registry))
    }

    /// Makes a bundle for the registry.
    pub async fn export(&self, to: &Path, overwrite: bool, how: Exporting) -> Result<Exported, CourierError> {
        let (replica, registry) = self.replica()?;
        let mut notes = self.notes();
        let (file, out) = NewFile::begin(to, overwrite)?;
        let now_ms = self.store.clock().now().timestamp_millis();
        let mut bundle = BundleWriter::begin(out, &self.node_key, &registry, now_ms)?;
        let mut exported = Exported::default();
        let theirs = if how.all { Vec::new() } else { self.store.peer_vector() };
        self.add_messages(&replica, theirs, &notes.said, &mut bundle, &mut exported).await?;
        let unsent: Vec<Hash> =
            self.store.pictures_unsent(usize::MAX).into_iter().map(|picture| picture.hash).collect();
        let wanted = self.wanted().await?;
        bundle.list(Listed::Offered, &unsent)?;
        bundle.list(Listed::Wanted, &wanted)?;
        let order = in_turns(unsent, &mut notes.carried);
        let blobs = self.store.blobs();
        let (bundle, carried) =
            blocking(move || add_pictures(bundle, &blobs, order, how.bytes_max)).await??;
        exported.pictures = carried.added.len() as u64;
        exported.pictures_left = carried.left;
        let (out, bytes) = bundle.finish()?;
        exported.bytes = bytes;
        file.sync(out)?;
        file.finish()?;
        notes.carried.extend(carried.added);
        self.keep_notes(&notes);
        Ok(exported)
    }

    async fn add_messages(
        &self,
        replica: &OfficeReplica,
        mut theirs: Vec<loket_sync::Have>,
        said: &Said,
        bundle: &mut Writer,
        exported: &mut Exported,
    ) -> Result<(), CourierError> {
        let shared: BTreeSet<StreamId> = self.store.shared_streams()?.into_iter().collect();
        let own = self.store.own_stream();
        let mut owed = said.wanted_keys.clone();
        loop {
            let mut mine = replica.vector().await?;
            mine.retain(|have| shared.contains(&have.stream));
            let is_shared = |stream: &StreamId| shared.contains(stream);
            let ranges = plan_past(&mine, &theirs, &said.refused, &is_shared).first(&own).ranges;
            let now_ms = self.store.clock().now().timestamp_millis();
            let mut message = Message::new(StoreId(self.node_key.id().0), now_ms, mine);
            if !ranges.is_empty() {
                let runs = replica.runs(ranges.clone(), RUN_BYTES_MAX).await?;
                message.load(&ranges, runs);
            }
            let mut subjects = subjects_opened(&message.runs);
            subjects.extend(std::mem::take(&mut owed));
            message.keys = replica.grants(subjects.into_iter().take(KEYS_MAX).collect()).await?;
            message.refused = replica.refused().await?.into_iter().take(REFUSED_MAX).collect();
            message.wanted_keys = replica.wanted_keys().await?.into_iter().take(KEYS_MAX).collect();
            exported.records += message.records();
            bundle.message(&message)?;
            if message.runs.is_empty() {
                return Ok(());
            }
            advance(&mut theirs, &message.runs);
        }
    }

    /// Takes a bundle of the registry.
    pub async fn import(&self, file: &Path) -> Result<Imported, CourierError> {
        let (replica, registry) = self.replica()?;
        let (path, me) = (file.to_owned(), self.node_key.clone());
        let (header, mut reader) = blocking(move || verified(&path, &me, Some(registry))).await??;
        let mut notes = self.notes();
        let (mut imported, mut came) = (Imported::default(), Vec::new());
        // The disk is asked about every one of them, so they are looked for once.
        let mut wanted: Option<BTreeSet<Hash>> = None;
        let mut said = Said::begin(header.made_at_ms, self.store.clock().now().timestamp_millis());
        while let (read, Some(part)) = next(reader).await? {
            reader = read;
            match part {
                Part::Message(message) => {
                    // Its records may name other pictures.
                    wanted = None;
                    said.hear(&message);
                    came.extend(brought(&message));
                    let Message { runs, keys, .. } = *message;
                    if !runs.is_empty() || !keys.is_empty() {
                        imported.records += replica.receive(runs, keys).await?;
                    }
                }
                Part::List(Listed::Arrived, hashes) => {
                    let hashes: BTreeSet<Hash> = hashes.into_iter().collect();
                    let unsent = self.store.pictures_unsent(usize::MAX);
                    for picture in unsent.iter().filter(|picture| hashes.contains(&picture.hash)) {
                        self.store.picture_sent(picture.hash).await?;
                        imported.arrived += 1;
                    }
                }
                Part::List(listed, hashes) => said.hear_list(listed, &hashes),
                Part::Blob(hash, bytes) => {
                    let mut still_wanted = match wanted.take() {
                        Some(wanted) => wanted,
                        None => self.wanted().await?.into_iter().collect(),
                    };
                    if still_wanted.remove(&hash) {
                        self.keep(hash, bytes).await?;
                        imported.pictures += 1;
                    }
                    wanted = Some(still_wanted);
                }
            }
        }
        imported.lacking = not_taken(&came, &replica.vector().await?).len() as u64;
        imported.refused = said.refused.len() as u64;
        // A bundle that was overtaken brings what it brings, but no longer says how things stand.
        if said.overtakes(&notes.said) {
            self.store.peer_has(said.vector.clone()).await?;
            self.show(&said);
            notes.said = said;
            self.keep_notes(&notes);
        }
        Ok(imported)
    }

    /// Shows what headquarters last said by a bundle, after a start. A line that works says it anew.
    pub fn show_noted(&self) {
        self.show(&self.notes().said);
    }

    fn show(&self, said: &Said) {
        let twins_since = said.twins_since_ms.and_then(chrono::DateTime::from_timestamp_millis);
        self.store.update_link(|link| {
            link.refused.clone_from(&said.refused);
            link.twins_since = twins_since;
        });
    }

    /// Pictures that records here name and that are not here, in the order they should travel.
    async fn wanted(&self) -> Result<Vec<Hash>, CourierError> {
        let store = self.store.clone();
        let wanted = blocking(move || store.pictures_wanted(usize::MAX)).await?;
        Ok(wanted.into_iter().map(|picture| picture.hash).collect())
    }

    async fn keep(&self, hash: Hash, bytes: Vec<u8>) -> Result<(), CourierError> {
        let blobs = self.store.blobs();
        let kept = blocking(move || blobs.put(&bytes)).await?;
        kept.map_err(|error| CourierError::Line(here(&error)))?;
        self.store.picture_arrived(hash).await;
        Ok(())
    }

    fn notes(&self) -> Notes {
        let sealed = Disk::default().read(&self.dir.join(FOLDER).join(NOTES_FILE)).ok();
        let opened = sealed.and_then(|sealed| self.storage_key.open(NOTES_CONTEXT, &sealed).ok());
        opened.and_then(|notes| postcard::from_bytes(&notes).ok()).unwrap_or_default()
    }

    fn keep_notes(&self, notes: &Notes) {
        let (disk, folder) = (Disk::default(), self.dir.join(FOLDER));
        let bytes = postcard::to_stdvec(notes).unwrap_or_default();
        let sealed = self.storage_key.seal(NOTES_CONTEXT, &bytes);
        let kept = disk
            .create_folder(&folder)
            .and_then(|()| disk.replace_private(&folder.join(NOTES_FILE), &sealed));
        if let Err(error) = kept {
            tracing::warn!(%error, "What the other side said could not be noted; the next bundle says more than it must");
        }
    }
}

/// Unsent pictures, those first that went with no bundle yet. Once all went, all go again.
fn in_turns(unsent: Vec<Hash>, carried: &mut BTreeSet<Hash>) -> Vec<Hash> {
    let waiting: BTreeSet<Hash> = unsent.iter().copied().collect();
    carried.retain(|hash| waiting.contains(hash));
    if carried.len() == waiting.len() {
        carried.clear();
    }
    let (again, first): (Vec<Hash>, Vec<Hash>) = unsent.into_iter().partition(|hash| carried.contains(hash));
    first.into_iter().chain(again).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_that_went_with_no_bundle_go_first_and_all_go_again_in_the_end() {
        let picture = |number: u8| Hash::from_bytes([number; 32]);
        let unsent = || vec![picture(1), picture(2), picture(3)];
        let mut carried = BTreeSet::from([picture(1), picture(9)]);
        assert_eq!(in_turns(unsent(), &mut carried), [picture(2), picture(3), picture(1)]);
        assert_eq!(carried, [picture(1)].into(), "what has arrived is forgotten");
        carried.extend(unsent());
        assert_eq!(in_turns(unsent(), &mut carried), unsent());
        assert_eq!(carried, BTreeSet::new());
    }

    #[test]
    fn as_many_pictures_as_an_office_ever_has_are_put_in_order_at_once() {
        let picture = |number: u32| Hash::of(&number.to_le_bytes());
        let unsent: Vec<Hash> = (0..100_000).map(picture).collect();
        let mut carried: BTreeSet<Hash> = (0..99_999).map(picture).collect();
        // Were each looked for in the list, this would take minutes.
        assert_eq!(in_turns(unsent, &mut carried)[0], picture(99_999));
    }
}
