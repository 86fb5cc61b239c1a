//! The courier: an office and its registry exchange by bundles that somebody carries, with no network at all.
//!
//! A bundle says what the line would say: how far the sender is, what the other side lacks by what it last said, keys,
//! pictures. What the importer then has goes back as a receipt in its next bundle the other way.
//! Here stands what both sides share; each has its own in `office/courier.rs` and `registry/courier.rs`.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loket_sync::archive::Header;
use loket_sync::bundle::{BundleError, BundleReader, BundleWriter, Listed, Part};
use loket_sync::exchange::{LineError, NotTaken};
use loket_sync::{Blobs, Hash, Have, Message, NodeId, NodeKey, NodePublic, Subject, head};
use serde::{Deserialize, Serialize};

use crate::new_file::NewFileError;

/// Why a bundle is not made or not taken.
#[derive(Debug, thiserror::Error)]
pub enum CourierError {
    /// The bundle itself.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The file it is written to.
    #[error(transparent)]
    File(#[from] NewFileError),
    /// Another office's, or none.
    #[error("this office has no node that is let in; enrol it first")]
    NoNode,
    /// The office is not tied to a registry.
    #[error("this office is not tied to a registry; enrol it first")]
    NotEnrolled,
    /// The office's records could not be read or kept.
    #[error(transparent)]
    Line(#[from] LineError),
    /// The registry.
    #[error("the registry did not do what it was asked")]
    Registry(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What the node of this side keeps could not be read or written.
    #[error(transparent)]
    Node(Box<dyn std::error::Error + Send + Sync>),
    /// The file system refused.
    #[error("{file} cannot be read or written")]
    Io {
        /// The file.
        file: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
}

/// How a bundle is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exporting {
    /// Pictures are added until the file has about so many bytes; records go in any case.
    pub bytes_max: u64,
    /// Everything, whatever the other side said it has.
    pub all: bool,
}

/// A bundle that was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exported {
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Records in it.
    pub records: u64,
    /// Pictures in it.
    pub pictures: u64,
    /// Pictures that wait for the next one.
    pub pictures_left: u64,
}

/// A bundle that was taken; what it brought is durable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Records that were new.
    pub records: u64,
    /// Pictures that were new.
    pub pictures: u64,
    /// Pictures of which the other side says that they arrived.
    pub arrived: u64,
    /// Journals of which something came and is still lacking here: an earlier bundle has not come, or a person must look.
    pub lacking: u64,
    /// Journals of which the other side does not take all that it was given.
    pub refused: u64,
}

/// What the other side said last, apart from records and pictures: where the next bundle to it starts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// When the bundle was made, by its maker's clock, and not later than when it was taken here.
    pub made_at_ms: i64,
    /// What it has.
    pub vector: Vec<Have>,
    /// Whose keys it lacks.
    pub wanted_keys: Vec<Subject>,
    /// Pictures that it lacks.
    pub wanted: Vec<Hash>,
    /// Pictures that it does not know to be here.
    pub offered: Vec<Hash>,
    /// What it does not take of what it was given: that is not carried again.
    pub refused: Vec<NotTaken>,
    /// Since when it sees two copies of this machine at work.
    pub twins_since_ms: Option<i64>,
}

impl Said {
    /// What a bundle says that was made then and is taken now. A clock that is ahead does not outlast the moment.
    pub(crate) fn begin(made_at_ms: i64, now_ms: i64) -> Self {
        Self { made_at_ms: made_at_ms.min(now_ms), ..Self::default() }
    }

    /// Whether this holds now, when `before` was said in another bundle: bundles may overtake each other. Journals only
    /// grow, so what is further along was said later, whatever a clock says. Where that does not decide it, the clock
    /// does: a node that was restored has less than before.
    pub(crate) fn overtakes(&self, before: &Self) -> bool {
        let has_more = |these: &[Have], than: &[Have]| {
            these.iter().any(|have| {
                head::find(than, &have.stream, &have.session).is_none_or(|other| other.len < have.len)
            })
        };
        let is_further = has_more(&self.vector, &before.vector) && !has_more(&before.vector, &self.vector);
        is_further || self.made_at_ms >= before.made_at_ms
    }

    /// Takes over what a message says.
    pub(crate) fn hear(&mut self, message: &Message) {
        self.vector.clone_from(&message.vector);
        self.wanted_keys.clone_from(&message.wanted_keys);
        self.refused.clone_from(&message.refused);
        self.twins_since_ms = message.twins_since_ms;
    }

    pub(crate) fn hear_list(&mut self, listed: Listed, hashes: &[Hash]) {
        match listed {
            Listed::Offered => self.offered = hashes.to_vec(),
            Listed::Wanted => self.wanted = hashes.to_vec(),
            Listed::Arrived => {}
        }
    }
}

/// In a box: hashers and buffers are large, and it wanders through futures.
pub(crate) type Reader = Box<BundleReader<BufReader<File>>>;
pub(crate) type Writer = BundleWriter<BufWriter<File>>;

fn open(file: &Path, me: &NodeKey, known: Option<NodePublic>) -> Result<Reader, CourierError> {
    let source = File::open(file).map_err(|source| CourierError::Io { file: file.to_owned(), source })?;
    let known = |node: &NodeId| known.filter(|known| known.id() == *node);
    Ok(Box::new(BundleReader::open(BufReader::with_capacity(256 * 1024, source), me, known)?))
}

/// Reads a whole bundle before anything of it is acted on.
pub(crate) fn verified(
    file: &Path,
    me: &NodeKey,
    known: Option<NodePublic>,
) -> Result<(Header, Reader), CourierError> {
    let header = open(file, me, known)?.verify()?;
    Ok((header, open(file, me, known)?))
}

/// How far the sessions go that a message brings.
pub(crate) fn brought(message: &Message) -> Vec<Have> {
    message.runs.iter().map(|run| run.head.have()).collect()
}

/// The next part of a bundle, where waiting for a disk is fine.
pub(crate) async fn next(mut reader: Reader) -> Result<(Reader, Option<Part>), CourierError> {
    let read = tokio::task::spawn_blocking(move || {
        let part = reader.part();
        part.map(|part| (reader, part))
    });
    let joined = read.await.map_err(|error| LineError::Here(error.to_string()))?;
    Ok(joined?)
}

/// What went into a bundle and what did not.
pub(crate) struct Carried {
    pub(crate) added: Vec<Hash>,
    pub(crate) left: u64,
}

/// Adds pictures until the bundle is large enough. One that is gone or damaged here is left out: others wait for it too.
pub(crate) fn add_pictures(
    mut bundle: Writer,
    blobs: &Arc<Blobs>,
    hashes: Vec<Hash>,
    bytes_max: u64,
) -> Result<(Writer, Carried), CourierError> {
    let mut carried = Carried { added: Vec::new(), left: 0 };
    for hash in hashes {
        let len = blobs.len(&hash).unwrap_or(0);
        if bundle.written_bytes() + len > bytes_max {
            carried.left += 1;
            continue;
        }
        match blobs.get(&hash) {
            Ok(Some(bytes)) => {
                bundle.blob(&hash, &bytes)?;
                carried.added.push(hash);
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "A picture does not go with the bundle"),
        }
    }
    Ok((bundle, carried))
}

pub(crate) fn here(error: &dyn std::error::Error) -> LineError {
    LineError::Here(error.to_string())
}

/// Reads and writes files where it holds nobody up.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, CourierError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| CourierError::Line(here(&error)))
}

#[cfg(test)]
mod tests {
    use loket_sync::SessionId;

    use super::*;

    fn said(made_at_ms: i64, lens: &[(u8, u64)]) -> Said {
        let stream = "office/karimun".parse().unwrap();
        let have = |(session, len): &(u8, u64)| Have {
            stream,
            session: SessionId::from_bytes([*session; 16]),
            len: *len,
            hash: Hash::ZERO,
        };
        Said { vector: lens.iter().map(have).collect(), ..Said::begin(made_at_ms, 1_000) }
    }

    #[test]
    fn of_two_bundles_the_one_that_is_further_along_speaks_whatever_its_clock_says() {
        let noted = said(9_999_999, &[(1, 5)]);
        assert!(said(500, &[(1, 6)]).overtakes(&noted) && said(500, &[(1, 5), (2, 1)]).overtakes(&noted));
        assert!(!said(500, &[(1, 4)]).overtakes(&noted), "it was overtaken");
        assert!(
            said(1_000, &[(1, 4)]).overtakes(&noted),
            "it was restored; a clock ahead outlasts no moment"
        );
        assert!(said(1_000, &[(1, 5)]).overtakes(&noted) && !said(500, &[(1, 5)]).overtakes(&noted));
    }
}
