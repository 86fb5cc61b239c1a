//! Backup of a registry: settings, identity, every row of the database as of one moment, pictures. It is made beside the
//! running processes, which share the database anyway.

use std::path::Path;

use loket_sync::archive::Purpose;
use loket_sync::{ArchiveWriter, Blobs, Disk, Identity};

use super::staging::Staging;
use super::{
    BackupError, IDENTITY, Made, Order, Restored, Restoring, SETTINGS_BYTES_MAX, SIDE_FILE_BYTES_MAX,
    add_pictures, add_side_files, identity_bytes, io_at, open, put_file, read_identity, read_picture,
    receivers, settings, side_file,
};
use crate::config::{self, NodeKind, RegistryConfig, RegistryOverrides, SETTINGS_FILE, is_naked_database};
use crate::domain::backup::size;
use crate::new_file::NewFile;
use crate::registry::database;
use crate::registry::store::{BLOCK_BYTES_MAX, DumpCheck, DumpHolds, DumpPart, Loading, Store};

/// Prefix of the database's tables. An entry is a row of blocks, each with its length in front.
const TABLES: &str = "tables/";
/// Name of the folder of pictures.
const PICTURE_FOLDER: &str = "blobs";

/// Makes a backup of a registry whose database is open; other processes may be at work on it.
pub async fn make(order: &Order<'_>, identity: &Identity, store: &Store) -> Result<Made, BackupError> {
    let Order { dir, to, overwrite, now_ms, progress } = *order;
    let recovery = store.recovery_key().await?;
    let mut made = Made { recoverable: recovery.is_some(), ..Made::default() };
    let (file, out) = NewFile::begin(to, overwrite)?;
    let receivers = receivers(identity.node_key.public(), recovery);
    let key = &identity.node_key;
    let mut archive = ArchiveWriter::begin(out, Purpose::RegistryBackup, now_ms, key, None, &receivers)?;
    archive.whole(IDENTITY, &identity_bytes(identity))?;
    archive.whole(SETTINGS_FILE, &settings(dir)?)?;
    let rows = store
        .dump(|part| -> Result<(), BackupError> {
            match part {
                DumpPart::Table(name) => archive.entry(&format!("{TABLES}{name}"))?,
                DumpPart::Block(block) => {
                    // At most BLOCK_BYTES_MAX.
                    let len = u32::try_from(block.len()).unwrap_or(u32::MAX);
                    archive.bytes(&len.to_le_bytes())?;
                    archive.bytes(block)?;
                    progress(&format!("database, {}", size(archive.written_bytes())));
                }
            }
            Ok(())
        })
        .await?;
    // A picture is stored before the row that says so.
    add_pictures(&Blobs::open(&dir.join(PICTURE_FOLDER))?, &mut archive, &mut made, progress)?;
    add_side_files(dir, &mut archive)?;
    let (out, bytes) = archive.finish()?;
    file.sync(out)?;
    made.bytes = bytes;
    progress("reading back");
    let holds = read_back(file.path(), identity, made.pictures);
    let holds = holds.map_err(|error| BackupError::ReadBack(error.to_string()))?;
    if holds.rows != rows {
        return Err(BackupError::ReadBack(format!("{} rows of {rows}", holds.rows)));
    }
    made.records = holds.vector.iter().map(|have| have.len).sum();
    file.finish()?;
    store.note_verified_backup(now_ms, bytes, &holds.vector).await?;
    Ok(made)
}

fn read_back(file: &Path, identity: &Identity, pictures: u64) -> Result<DumpHolds, BackupError> {
    let mut archive = open(file, &identity.node_key, Purpose::RegistryBackup, NodeKind::Registry)?;
    let (mut check, mut found) = (DumpCheck::new(identity.node_key.public()), 0);
    while let Some(name) = archive.next_entry()? {
        if let Some(table) = name.strip_prefix(TABLES) {
            let mut blocks = Blocks::default();
            while let Some(piece) = archive.piece()? {
                for block in blocks.take(&piece)? {
                    check.block(table, &block)?;
                }
            }
            blocks.end()?;
        } else if read_picture(&name, &mut archive)?.is_some() {
            found += 1;
        }
    }
    if found == pictures {
        Ok(check.finish()?)
    } else {
        Err(BackupError::Unsound(format!("{found} pictures of {pictures}")))
    }
}

/// Puts blocks together from the pieces of an entry.
#[derive(Default)]
struct Blocks {
    bytes: Vec<u8>,
}

impl Blocks {
    fn take(&mut self, piece: &[u8]) -> Result<Vec<Vec<u8>>, BackupError> {
        self.bytes.extend_from_slice(piece);
        let mut whole = Vec::new();
        while let Some((len, rest)) = self.bytes.split_first_chunk::<4>() {
            let len = u32::from_le_bytes(*len) as usize;
            if len > BLOCK_BYTES_MAX {
                return Err(BackupError::Unsound("a block of rows is too large".to_owned()));
            }
            let Some(block) = rest.get(..len) else { break };
            whole.push(block.to_vec());
            self.bytes.drain(..4 + len);
        }
        Ok(whole)
    }

    fn end(&self) -> Result<(), BackupError> {
        let unsound = || BackupError::Unsound("a block of rows is cut short".to_owned());
        if self.bytes.is_empty() { Ok(()) } else { Err(unsound()) }
    }
}

/// The database that is to be filled.
#[derive(Clone, Copy, Default)]
pub struct Target<'a> {
    /// Another one than the settings in the backup say.
    pub url: Option<&'a str>,
    /// Somebody has accepted that rows cross the network in the open.
    pub without_tls: bool,
}

/// Makes a registry's folder and database from a backup. The database may be of the other kind.
pub async fn restore(restoring: &Restoring<'_>, target: Target<'_>) -> Result<Restored, BackupError> {
    if restoring.new_identity {
        return Err(BackupError::RegistryIdentity);
    }
    let staging = Staging::begin(restoring.dir)?;
    let restored = unpack(restoring, target, staging.path()).await?;
    staging.unveil()?;
    Ok(restored)
}

async fn unpack(
    restoring: &Restoring<'_>,
    target: Target<'_>,
    staged: &Path,
) -> Result<Restored, BackupError> {
    let Restoring { from, key, progress, .. } = *restoring;
    let mut archive = open(from, key, Purpose::RegistryBackup, NodeKind::Registry)?;
    let (disk, blobs) = (Disk::default(), Blobs::open(&staged.join(PICTURE_FOLDER))?);
    let (mut check, mut loading, mut pictures) = (None, None, 0);
    // A try that was cut short when the database was full and the folder was not is made again.
    let claim = format!("{} of {}", archive.header().made_at_ms, archive.header().writer.id());
    while let Some(name) = archive.next_entry()? {
        if name == IDENTITY {
            let identity = read_identity(&mut archive)?;
            identity.write(staged)?;
            check = Some(DumpCheck::new(identity.node_key.public()));
        } else if name == SETTINGS_FILE {
            put_file(&disk, &staged.join(SETTINGS_FILE), &archive.rest(SETTINGS_BYTES_MAX)?)?;
            if let Some(url) = target.url {
                config::set_database(staged, url)?;
            }
            let config = RegistryConfig::load(staged, &RegistryOverrides::default())?;
            let is_accepted = target.without_tls || config.place.without_tls;
            if !is_accepted && is_naked_database(&config.database_url) {
                return Err(BackupError::NakedDatabase);
            }
            loading = Some(Loading::begin(&config.database_url, &claim).await?);
        } else if side_file(&name).is_some() {
            put_file(&disk, &staged.join(&name), &archive.rest(SIDE_FILE_BYTES_MAX)?)?;
        } else if let Some(table) = name.strip_prefix(TABLES) {
            let (Some(check), Some(loading)) = (&mut check, &mut loading) else {
                return Err(BackupError::Unsound("rows come before the settings".to_owned()));
            };
            let mut blocks = Blocks::default();
            while let Some(piece) = archive.piece()? {
                for block in blocks.take(&piece)? {
                    check.block(table, &block)?;
                    loading.block(table, &block).await?;
                }
                progress(&size(archive.read_bytes()));
            }
            blocks.end()?;
        } else if let Some(bytes) = read_picture(&name, &mut archive)? {
            blobs.put(&bytes)?;
            pictures += 1;
            progress(&size(archive.read_bytes()));
        }
    }
    let (Some(check), Some(loading)) = (check, loading) else {
        return Err(BackupError::Unsound("it holds no identity or no settings".to_owned()));
    };
    let holds = check.finish()?;
    loading.finish().await?;
    // From here on it can be told whether anybody changed the files before the first start.
    let config = RegistryConfig::load(staged, &RegistryOverrides::default())?;
    database::open(&config).map_err(io_at(staged))?;
    database::close(&config);
    let made_at_ms = archive.header().made_at_ms;
    let records = holds.vector.iter().map(|have| have.len).sum();
    Ok(Restored { kind: NodeKind::Registry, made_at_ms, records, pictures })
}
