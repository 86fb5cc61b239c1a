//! The courier: an office and its registry exchange by bundles that somebody carries, with no network at all.
//!
//! A bundle says what the line would say: how far the sender is, what the other side lacks by what it last said, keys,
//! pictures. What the importer then has goes back as a receipt in its next bundle the other way.

pub mod office;
pub mod registry;

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use loket_sync::archive::Header;
use loket_sync::bundle::{BundleError, BundleReader, BundleWriter, Listed, Part};
use loket_sync::exchange::{LineError, NotTaken};
use loket_sync::{Hash, Have, Message, NodeId, NodeKey, NodePublic, Subject};
use serde::{Deserialize, Serialize};

use crate::backup::BackupError;
use crate::office::store::{ActError, StoreError};
use crate::registry::actions::ActionError;

/// Why a bundle is not made or not taken.
#[derive(Debug, thiserror::Error)]
pub enum CourierError {
    /// The bundle itself.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The file it is written to.
    #[error(transparent)]
    File(#[from] BackupError),
    /// Another office's, or none.
    #[error("this office has no node that is let in; enrol it first")]
    NoNode,
    /// The office is not tied to a registry.
    #[error("this office is not tied to a registry; enrol it first")]
    NotEnrolled,
    /// An act on the office's store.
    #[error(transparent)]
    Act(#[from] ActError),
    /// The office's tables.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The office's records could not be read or kept.
    #[error(transparent)]
    Line(#[from] LineError),
    /// The registry.
    #[error("the registry did not do what it was asked")]
    Registry(#[from] ActionError),
    /// The registry's database.
    #[error(transparent)]
    Database(#[from] crate::registry::store::StoreError),
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
    /// When the bundle was made, by its maker's clock: of two bundles the later one speaks.
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
    /// Takes over what a message says.
    fn hear(&mut self, message: &Message) {
        self.vector.clone_from(&message.vector);
        self.wanted_keys.clone_from(&message.wanted_keys);
        self.refused.clone_from(&message.refused);
        self.twins_since_ms = message.twins_since_ms;
    }

    fn hear_list(&mut self, listed: Listed, hashes: &[Hash]) {
        match listed {
            Listed::Offered => self.offered = hashes.to_vec(),
            Listed::Wanted => self.wanted = hashes.to_vec(),
            Listed::Arrived => {}
        }
    }
}

/// In a box: hashers and buffers are large, and it wanders through futures.
type Reader = Box<BundleReader<BufReader<File>>>;
type Writer = BundleWriter<BufWriter<File>>;

fn open(file: &Path, me: &NodeKey, known: Option<NodePublic>) -> Result<Reader, CourierError> {
    let source = File::open(file).map_err(|source| CourierError::Io { file: file.to_owned(), source })?;
    let known = |node: &NodeId| known.filter(|known| known.id() == *node);
    Ok(Box::new(BundleReader::open(BufReader::with_capacity(256 * 1024, source), me, known)?))
}

/// Reads a whole bundle before anything of it is acted on.
fn verified(file: &Path, me: &NodeKey, known: Option<NodePublic>) -> Result<(Header, Reader), CourierError> {
    let header = open(file, me, known)?.verify()?;
    Ok((header, open(file, me, known)?))
}

/// How far the sessions go that a message brings.
fn brought(message: &Message) -> Vec<Have> {
    message.runs.iter().map(|run| run.head.have()).collect()
}

/// The next part of a bundle, where waiting for a disk is fine.
async fn next(mut reader: Reader) -> Result<(Reader, Option<Part>), CourierError> {
    let read = tokio::task::spawn_blocking(move || {
        let part = reader.part();
        part.map(|part| (reader, part))
    });
    let joined = read.await.map_err(|error| LineError::Here(error.to_string()))?;
    Ok(joined?)
}
