//! Backups: a node's folder in one sealed, signed file, made while it works, and a folder made from such a file.
//!
//! A backup is sealed for the node itself and for the registry's recovery key; whoever finds one learns its size and
//! its age. It holds what cannot be drawn anew: settings, keys, journals (or the database) and pictures. Tables are not
//! in it. A backup is called made only after it was read back and verified.

mod folder;
pub mod office;
pub mod registry;
mod staging;

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use loket_sync::archive::{Header, Purpose};
use loket_sync::blob::{BLOB_BYTES_MAX, BlobError};
use loket_sync::journal::CopyError;
use loket_sync::{
    ArchiveError, ArchiveReader, ArchiveWriter, Blobs, Disk, Hash, Identity, IdentityError, NodeKey,
    NodePublic, RecoveryKey, StorageKey,
};
use zeroize::Zeroizing;

use crate::config::{ConfigError, NodeKind, REGISTRY_CERTIFICATE, SETTINGS_FILE};
use crate::domain::backup::size;
use crate::ids::NoRandomness;
use crate::new_file::NewFileError;
use crate::registry::store::StoreError;

/// The node's two secrets: seed and storage key.
const IDENTITY: &str = "identity";
/// Prefix of pictures, each named by its hash.
const PICTURES: &str = "blobs/";
/// Prefix of the files of the certificate; what is secret in them is sealed with the storage key.
const TLS: &str = "tls/";
const SETTINGS_BYTES_MAX: usize = 1 << 20;
const SIDE_FILE_BYTES_MAX: usize = 1 << 20;
const READ_BUFFER_BYTES: usize = 256 * 1024;

/// Why a backup is not made, or not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The backup's file cannot be written.
    #[error(transparent)]
    File(#[from] NewFileError),
    /// A backup is restored into an empty folder.
    #[error("{0} is not empty; a backup is restored into an empty folder only")]
    NotEmpty(PathBuf),
    /// The archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A bundle, or a backup of the other kind of node.
    #[error("this file is no backup of {0}")]
    OtherPurpose(NodeKind),
    /// The journals.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// What was read back is not what was written.
    #[error("the backup was read back and is not what was written: {0}; it was thrown away")]
    ReadBack(String),
    /// Something in the backup does not hold together.
    #[error("the backup does not hold together: {0}")]
    Unsound(String),
    /// Only an office's node gets a new identity: a registry's keys are pinned by all its offices.
    #[error("a registry keeps its identity: its offices know it by it")]
    RegistryIdentity,
    /// The node's key.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The node's settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database would be filled over a network in the open.
    #[error(
        "every row would cross the network in the open; add sslmode=verify-full (and sslrootcert=FILE for an authority \
         of your own) to the database's address. If it must be without: --without-tls"
    )]
    NakedDatabase,
    /// The registry's database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The pictures.
    #[error(transparent)]
    Pictures(#[from] BlobError),
    /// No random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The file system refused.
    #[error("{file} cannot be read or written")]
    Io {
        /// The file.
        file: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
}

fn io_at(file: &Path) -> impl FnOnce(std::io::Error) -> BackupError + '_ {
    |source| BackupError::Io { file: file.to_owned(), source }
}

/// Where to, and how.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// The node's folder.
    pub dir: &'a Path,
    /// The file to be made.
    pub to: &'a Path,
    /// Whether it may replace one.
    pub overwrite: bool,
    /// When it is made.
    pub now_ms: i64,
    /// Says what is being done, for whoever watches.
    pub progress: &'a dyn Fn(&str),
}

/// A backup that was made, read back and verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Made {
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Records in it.
    pub records: u64,
    /// Pictures in it.
    pub pictures: u64,
    /// Whether the recovery key opens it.
    pub recoverable: bool,
    /// Pictures that are damaged here and therefore not in it.
    pub damaged: Vec<String>,
}

/// What to make a folder from, and how.
#[derive(Clone, Copy)]
pub struct Restoring<'a> {
    /// The backup.
    pub from: &'a Path,
    /// The folder to be made.
    pub dir: &'a Path,
    /// A key that it is sealed for: the node's own, or the recovery key.
    pub key: &'a NodeKey,
    /// Whether the node gets a new identity, because the old one may be in other hands.
    pub new_identity: bool,
    /// When.
    pub now_ms: i64,
    /// Says what is being done, for whoever watches.
    pub progress: &'a dyn Fn(&str),
}

/// A folder that was made from a backup and verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What lies there now.
    pub kind: NodeKind,
    /// When the backup was made.
    pub made_at_ms: i64,
    /// Records.
    pub records: u64,
    /// Pictures.
    pub pictures: u64,
}

/// What can be said of a backup without opening it.
pub fn header(from: &Path) -> Result<Header, BackupError> {
    let mut file = std::fs::File::open(from).map_err(io_at(from))?;
    Ok(Header::read(&mut file)?)
}

/// What kind of node a backup is of.
pub fn kind_of(header: &Header) -> Option<NodeKind> {
    match header.purpose {
        Purpose::OfficeBackup => Some(NodeKind::Office),
        Purpose::RegistryBackup => Some(NodeKind::Registry),
        Purpose::Bundle => None,
    }
}

fn open(from: &Path, key: &NodeKey, purpose: Purpose, kind: NodeKind) -> Result<Opened, BackupError> {
    let file = std::fs::File::open(from).map_err(io_at(from))?;
    let archive = ArchiveReader::open(BufReader::with_capacity(READ_BUFFER_BYTES, file), key)?;
    if archive.header().purpose == purpose { Ok(archive) } else { Err(BackupError::OtherPurpose(kind)) }
}

type Opened = ArchiveReader<BufReader<std::fs::File>>;

/// The keys a backup is sealed for.
fn receivers(own: NodePublic, recovery: Option<NodePublic>) -> Vec<NodePublic> {
    [own].into_iter().chain(recovery).collect()
}

/// The settings as they lie there.
fn settings(dir: &Path) -> Result<Vec<u8>, BackupError> {
    let file = dir.join(SETTINGS_FILE);
    std::fs::read(&file).map_err(io_at(&file))
}

fn identity_bytes(identity: &Identity) -> Zeroizing<Vec<u8>> {
    let seed = identity.node_key.seed();
    Zeroizing::new([seed.as_slice(), identity.storage_key.as_bytes()].concat())
}

/// The identity in a backup; it must be that of the node that signed the backup.
fn read_identity(archive: &mut ArchiveReader<impl Read>) -> Result<Identity, BackupError> {
    let bytes = Zeroizing::new(archive.rest(64)?);
    let unsound = || BackupError::Unsound("it holds no proper identity".to_owned());
    let (seed, storage) = bytes.split_first_chunk::<32>().ok_or_else(unsound)?;
    let node_key = NodeKey::from_seed(*seed);
    if node_key.public() != archive.header().writer {
        return Err(BackupError::Unsound("another node signed it than the one inside".to_owned()));
    }
    let storage_key = StorageKey::from_bytes(storage.try_into().map_err(|_| unsound())?);
    Ok(Identity { node_key, storage_key })
}

/// The private half of a recovery key as a file to be kept offline.
pub fn recovery_paper(key: &RecoveryKey) -> Zeroizing<String> {
    Zeroizing::new(format!(
        "Recovery key of a Loket registry. Whoever has it can read every backup. Keep it offline, in two places.\n{}\n",
        *key.to_code(),
    ))
}

/// Adds all whole pictures; those whose bytes have changed are named and left out.
fn add_pictures(
    blobs: &Blobs,
    archive: &mut ArchiveWriter<impl std::io::Write>,
    made: &mut Made,
    progress: &dyn Fn(&str),
) -> Result<(), BackupError> {
    for hash in blobs.list()?.0 {
        match blobs.get(&hash) {
            Ok(Some(bytes)) => {
                archive.whole(&format!("{PICTURES}{hash}"), &bytes)?;
                made.pictures += 1;
                if made.pictures.is_multiple_of(100) {
                    progress(&format!("{} pictures, {}", made.pictures, size(archive.written_bytes())));
                }
            }
            // Erased since the list was read.
            Ok(None) => {}
            Err(BlobError::Damaged(hash)) => made.damaged.push(hash.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// A file beside the settings that belongs to the node.
struct SideFile {
    /// Whether it belongs to the certificate that pages are served with.
    is_own_certificate: bool,
}

/// Whether an entry is such a file: the certificate that desks have installed, or the one the registry is known by.
fn side_file(name: &str) -> Option<SideFile> {
    let is_own_certificate = name.strip_prefix(TLS).is_some_and(|file| !file.contains('/'));
    (is_own_certificate || name == REGISTRY_CERTIFICATE).then_some(SideFile { is_own_certificate })
}

fn add_side_files(dir: &Path, archive: &mut ArchiveWriter<impl std::io::Write>) -> Result<(), BackupError> {
    let (disk, folder) = (Disk::default(), dir.join(TLS));
    let mut files = vec![dir.join(REGISTRY_CERTIFICATE)];
    if disk.is_folder(&folder) {
        files.extend(disk.list(&folder).map_err(io_at(&folder))?);
    }
    for file in files.into_iter().filter(|file| disk.is_file(file)) {
        let name = file.strip_prefix(dir).unwrap_or(&file).to_string_lossy().into_owned();
        if side_file(&name).is_some() && file.extension().is_none_or(|end| end != "tmp") {
            archive.whole(&name, &disk.read(&file).map_err(io_at(&file))?)?;
        }
    }
    Ok(())
}

/// A picture of a backup: its hash, if the entry is one, and its bytes.
fn read_picture(name: &str, archive: &mut ArchiveReader<impl Read>) -> Result<Option<Vec<u8>>, BackupError> {
    let Some(hash) = name.strip_prefix(PICTURES) else { return Ok(None) };
    let bytes = archive.rest(usize::try_from(BLOB_BYTES_MAX).unwrap_or(usize::MAX))?;
    if hash.parse::<Hash>().ok() == Some(Hash::of(&bytes)) {
        Ok(Some(bytes))
    } else {
        Err(BackupError::Unsound(format!("the picture {hash} is not what it is named by")))
    }
}

/// Writes a file of the restored folder, durably.
fn put_file(disk: &Disk, file: &Path, bytes: &[u8]) -> Result<(), BackupError> {
    let folder = file.parent().unwrap_or(Path::new("."));
    disk.create_folder(folder).and_then(|()| disk.replace_private(file, bytes)).map_err(io_at(file))
}
