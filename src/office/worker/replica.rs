//! The office's store as the exchange sees it: records through the writer, blobs through their folder.

use loket_sync::blob::{BlobError, Progress};
use loket_sync::drive::Replica;
use loket_sync::exchange::{Alarm, BLOBS_MAX, KeyGrant, LineError, NotTaken, Range, WhyNot};
use loket_sync::keys::Envelopes;
use loket_sync::{Hash, NodeKey, NodePublic, Run, Signers, Standing, Subject, SubjectKey, Vector};

use crate::office::store::{ActError, LinkAlarm, NodeSigners, Store, nodes};

/// The stream of what every node must know.
const COMMON: &str = "hq/common";

/// The store of an office, and whose records it takes.
pub struct OfficeReplica {
    store: Store,
    node_key: NodeKey,
    registry: NodePublic,
}

impl OfficeReplica {
    /// The replica of an office that trusts this registry.
    pub fn new(store: Store, node_key: NodeKey, registry: NodePublic) -> Self {
        Self { store, node_key, registry }
    }

    /// Takes records of streams that this office shares, signed by whoever may; the others are noted, for a person and
    /// for the other side. Another office's are none of this one's, whoever hands them over.
    async fn take(&self, runs: Vec<Run>, keys: Vec<(Subject, SubjectKey)>) -> Result<u64, LineError> {
        let (own, registry) = (self.node_key.public(), Some(self.registry));
        let signers = NodeSigners { nodes: self.store.nodes(), own, registry };
        let shared = self.store.shared_streams().map_err(here)?;
        let mut signed = Vec::with_capacity(runs.len());
        for run in runs {
            let covered = run.head.have();
            let is_shared = shared.contains(&covered.stream);
            let why = match signers.standing(&covered, &run.head.signer) {
                _ if !is_shared => WhyNot::NotShared,
                Standing::Writer(public) => {
                    signed.push((run, public));
                    continue;
                }
                Standing::Revoked { .. } => WhyNot::SignerRevoked,
                Standing::Stranger => WhyNot::SignerUnknown,
            };
            tracing::error!(?covered, ?why, "Records from headquarters were not taken");
            self.store.note_refused(nodes::not_taken(&covered, run.first(), why));
        }
        if signed.is_empty() && keys.is_empty() {
            return Ok(0);
        }
        let taken = self.store.receive(signed, keys).await.map_err(refused)?;
        taken.refused.into_iter().for_each(|what| self.alarmed(what));
        taken.not_taken.into_iter().for_each(|not| self.store.note_refused(not));
        Ok(taken.new_records)
    }

    fn alarmed(&self, what: LinkAlarm) {
        tracing::error!(?what, "A person must look at the exchange with headquarters");
        self.store.update_link(|link| {
            if !link.alarms.contains(&what) {
                link.alarms.push(what);
            }
        });
    }
}

impl Replica for OfficeReplica {
    async fn vector(&self) -> Result<Vector, LineError> {
        Ok(self.store.reader().vector())
    }

    async fn runs(&self, ranges: Vec<Range>, bytes_max: usize) -> Result<Vec<Run>, LineError> {
        let reader = self.store.reader();
        let (runs, damaged) = aside(move || reader.sound_runs(&ranges, bytes_max).map_err(here)).await?;
        if let Some(error) = damaged {
            // The rest flows on meanwhile.
            tracing::error!(%error, "What was to be sent is damaged");
            self.store.doubt_journals();
        }
        Ok(runs)
    }

    async fn grants(&self, subjects: Vec<Subject>) -> Result<Vec<KeyGrant>, LineError> {
        let (reader, registry) = (self.store.reader(), self.registry);
        let envelopes = Envelopes::to(&registry);
        let grant =
            move |subject: Subject| Some(KeyGrant::seal_with(&envelopes, subject, &reader.key(&subject)?));
        aside(move || Ok(subjects.into_iter().filter_map(grant).collect())).await
    }

    async fn wanted_keys(&self) -> Result<Vec<Subject>, LineError> {
        self.store.wanted_keys().await.map_err(refused)
    }

    async fn receive(&self, runs: Vec<Run>, keys: Vec<KeyGrant>) -> Result<u64, LineError> {
        let mut opened = Vec::with_capacity(keys.len());
        for grant in keys {
            match grant.open(&self.node_key) {
                Ok(key) => opened.push((grant.subject, key)),
                Err(error) => {
                    let detail = format!("{}: {error}", grant.subject);
                    self.alarmed(LinkAlarm::KeyUnusable { detail });
                }
            }
        }
        // Facts about nodes first: they say who may have signed the rest.
        let (common, others): (Vec<Run>, Vec<Run>) =
            runs.into_iter().partition(|run| run.head.stream.as_str() == COMMON);
        if common.is_empty() {
            return self.take(others, opened).await;
        }
        let received = self.take(common, opened).await?;
        Ok(received + self.take(others, Vec::new()).await?)
    }

    async fn refused(&self) -> Result<Vec<NotTaken>, LineError> {
        Ok(self.store.refused_here())
    }

    async fn offered_blobs(&self, len_max: usize) -> Result<Vec<Hash>, LineError> {
        Ok(self.store.pictures_unsent(len_max).into_iter().map(|picture| picture.hash).collect())
    }

    async fn wanted_blobs(&self, len_max: usize) -> Result<Vec<Hash>, LineError> {
        let store = self.store.clone();
        let wanted = move || store.pictures_wanted(len_max).into_iter().map(|picture| picture.hash).collect();
        aside(move || Ok(wanted())).await
    }

    async fn blob_len(&self, hash: &Hash) -> Result<Option<u64>, LineError> {
        Ok(self.store.blobs().len(hash))
    }

    async fn is_blob_sound(&self, hash: &Hash) -> Result<bool, LineError> {
        let (blobs, hash) = (self.store.blobs(), *hash);
        aside(move || blobs.is_sound(&hash).map_err(here)).await
    }

    async fn read_chunk(&self, hash: &Hash, offset: u64, len_max: usize) -> Result<Vec<u8>, LineError> {
        let (blobs, hash) = (self.store.blobs(), *hash);
        let chunk = aside(move || blobs.chunk(&hash, offset, len_max).map_err(here)).await?;
        chunk.ok_or_else(|| LineError::Here(format!("the picture {hash} is gone")))
    }

    async fn part_len(&self, hash: &Hash) -> Result<u64, LineError> {
        Ok(self.store.blobs().offset(hash))
    }

    async fn write_chunk(&self, hash: &Hash, offset: u64, bytes: Vec<u8>, len: u64) -> Result<(), LineError> {
        let (blobs, hash) = (self.store.blobs(), *hash);
        let appended = aside(move || Ok(blobs.append_chunk(&hash, offset, &bytes, len))).await?;
        match appended {
            Ok(Progress::Whole) => {
                self.store.picture_arrived(hash).await;
                let store = self.store.clone();
                let wanted = aside(move || Ok(store.pictures_wanted(BLOBS_MAX).len())).await?;
                self.store.update_link(|link| link.blobs_wanted = wanted);
                Ok(())
            }
            // A part that stands elsewhere than thought is asked for again from where it stands.
            Ok(Progress::Part(_)) | Err(BlobError::Offset { .. }) => Ok(()),
            Err(error) => {
                self.store.stop_after(&error);
                Err(here(error))
            }
        }
    }

    async fn blob_arrived_there(&self, hash: &Hash) {
        if let Err(error) = self.store.picture_sent(*hash).await {
            tracing::warn!(%error, "A picture was sent, but this could not be noted; it is offered once more");
        }
    }

    async fn alarm(&self, alarm: Alarm) {
        let what = match alarm {
            Alarm::Fork { mine, theirs } => {
                let stream = mine.stream.to_string();
                LinkAlarm::TwoHistories { stream, here: mine.len, there: theirs.len }
            }
            // It was damaged when it was to be sent, and is asked for again since.
            Alarm::BlobGone(hash) if self.store.blobs().is_aside(&hash) => {
                LinkAlarm::PictureDamaged { hash: hash.to_string() }
            }
            Alarm::BlobGone(hash) => LinkAlarm::PictureGone { hash: hash.to_string() },
            Alarm::BlobDamaged(hash) => LinkAlarm::PictureDamaged { hash: hash.to_string() },
            Alarm::Stuck => LinkAlarm::Stuck,
            Alarm::StoreChanged { .. } => LinkAlarm::RegistryReplaced,
            Alarm::WentBack { times: 1 } => LinkAlarm::RegistryWentBack,
            Alarm::WentBack { .. } => LinkAlarm::TwoRegistries,
        };
        self.alarmed(what);
    }
}

fn here(error: impl std::error::Error) -> LineError {
    LineError::Here(error.to_string())
}

fn refused(error: ActError) -> LineError {
    here(error)
}

/// Reads and writes files where it holds nobody up.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LineError> + Send + 'static,
) -> Result<T, LineError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(LineError::Here(error.to_string())),
    }
}
