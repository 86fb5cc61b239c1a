//! Backup of an office: settings, identity, journals, pictures. It is made by reading files that only grow, so the
//! running office neither helps nor waits.

use std::fs;
use std::path::Path;

use loket_sync::archive::Purpose;
use loket_sync::journal::{COPIED_BYTES_MAX, Copied, CopyCheck, CopyError};
use loket_sync::subject_keys::SubjectKeys;
use loket_sync::{ArchiveWriter, Blobs, Disk, Identity, Journals, NodePublic};

use super::staging::Staging;
use super::{
    BackupError, IDENTITY, Made, Order, Restored, Restoring, SETTINGS_BYTES_MAX, SIDE_FILE_BYTES_MAX,
    add_pictures, add_side_files, identity_bytes, open, put_file, read_identity, read_picture, receivers,
    settings, side_file,
};
use crate::config::{NodeKind, OfficeConfig, OfficeOverrides, SETTINGS_FILE};
use crate::domain::backup::size;
use crate::new_file::NewFile;
use crate::office::store::{self, JOURNAL_FOLDER, pictures::PICTURE_FOLDER};

/// Prefix of the journals' files.
const JOURNAL: &str = "journal/";
/// A session whose bodies are being erased is read again.
const TRIES: usize = 3;

/// Makes a backup of the office in a folder, running or not.
pub fn make(
    order: &Order<'_>,
    who: &store::Identity,
    recovery: Option<NodePublic>,
) -> Result<Made, BackupError> {
    let mut tries = 1;
    loop {
        match try_make(order, who, recovery) {
            Err(BackupError::Copy(CopyError::Damaged(_))) if tries < TRIES => tries += 1,
            other => return other,
        }
    }
}

fn try_make(
    order: &Order<'_>,
    who: &store::Identity,
    recovery: Option<NodePublic>,
) -> Result<Made, BackupError> {
    let Order { dir, to, overwrite, now_ms, progress } = *order;
    let mut made = Made { recoverable: recovery.is_some(), ..Made::default() };
    let (file, out) = NewFile::begin(to, overwrite)?;
    let receivers = receivers(who.node_key.public(), recovery);
    let key = &who.node_key;
    let mut archive = ArchiveWriter::begin(out, Purpose::OfficeBackup, now_ms, key, None, &receivers)?;
    let identity = Identity { node_key: key.clone(), storage_key: who.storage_key.clone() };
    archive.whole(IDENTITY, &identity_bytes(&identity))?;
    archive.whole(SETTINGS_FILE, &settings(dir)?)?;
    let signers = who.signers();
    let copied: Copied = Journals::copy::<BackupError>(
        &Disk::default(),
        &dir.join(JOURNAL_FOLDER),
        &who.storage_key,
        &signers,
        &mut |name, bytes| {
            archive.whole(&format!("{JOURNAL}{name}"), bytes)?;
            progress(&format!("journals, {}", size(archive.written_bytes())));
            Ok(())
        },
    )?;
    made.records = copied.records();
    // Every picture that a copied record names was here before the record was.
    add_pictures(&Blobs::open(&dir.join(PICTURE_FOLDER))?, &mut archive, &mut made, progress)?;
    add_side_files(dir, &mut archive)?;
    let (out, bytes) = archive.finish()?;
    file.sync(out)?;
    made.bytes = bytes;
    progress("reading back");
    read_back(file.path(), who, &copied, made.pictures)?;
    file.finish()?;
    Ok(made)
}

/// Opens the finished file as a restore would, and verifies every chain, picture and signature in it.
fn read_back(file: &Path, who: &store::Identity, copied: &Copied, pictures: u64) -> Result<(), BackupError> {
    let read = || -> Result<(), BackupError> {
        let mut archive = open(file, &who.node_key, Purpose::OfficeBackup, NodeKind::Office)?;
        let signers = who.signers();
        let (mut check, mut found) = (CopyCheck::new(&signers), 0);
        while let Some(name) = archive.next_entry()? {
            if let Some(name) = name.strip_prefix(JOURNAL) {
                check.file(name, &archive.rest(COPIED_BYTES_MAX)?)?;
            } else if read_picture(&name, &mut archive)?.is_some() {
                found += 1;
            }
        }
        let vector = check.finish()?;
        if vector == copied.vector && found == pictures {
            Ok(())
        } else {
            Err(BackupError::Unsound("records or pictures are missing".to_owned()))
        }
    };
    read().map_err(|error| BackupError::ReadBack(error.to_string()))
}

/// Makes an office's folder from a backup.
pub fn restore(restoring: &Restoring<'_>) -> Result<Restored, BackupError> {
    let staging = Staging::begin(restoring.dir)?;
    let restored = unpack(restoring, staging.path())?;
    staging.unveil()?;
    Ok(restored)
}

fn unpack(restoring: &Restoring<'_>, staged: &Path) -> Result<Restored, BackupError> {
    let Restoring { from, key, new_identity, progress, .. } = *restoring;
    let mut archive = open(from, key, Purpose::OfficeBackup, NodeKind::Office)?;
    let disk = Disk::default();
    let (journals, blobs) = (staged.join(JOURNAL_FOLDER), Blobs::open(&staged.join(PICTURE_FOLDER))?);
    let (mut before, mut pictures) = (None, 0);
    while let Some(name) = archive.next_entry()? {
        if name == IDENTITY {
            before = Some(read_identity(&mut archive)?);
        } else if name == SETTINGS_FILE {
            put_file(&disk, &staged.join(SETTINGS_FILE), &archive.rest(SETTINGS_BYTES_MAX)?)?;
        } else if let Some(name) = name.strip_prefix(JOURNAL) {
            put_file(&disk, &journals.join(name), &archive.rest(COPIED_BYTES_MAX)?)?;
        } else if let Some(side) = side_file(&name) {
            let bytes = archive.rest(SIDE_FILE_BYTES_MAX)?;
            // Whoever has the old machine's key has that of its certificate too.
            if !(new_identity && side.is_own_certificate) {
                put_file(&disk, &staged.join(&name), &bytes)?;
            }
        } else if let Some(bytes) = read_picture(&name, &mut archive)? {
            blobs.put(&bytes)?;
            pictures += 1;
        }
        progress(&size(archive.read_bytes()));
    }
    let before = before.ok_or_else(|| BackupError::Unsound("it holds no identity".to_owned()))?;
    progress("verifying");
    let records = verify(staged, &before)?;
    if new_identity {
        let new = Identity::create(staged)?;
        SubjectKeys::reseal(disk, &journals, before.storage_key, new.storage_key)
            .map_err(super::io_at(&journals))?;
    } else {
        before.write(staged)?;
    }
    let made_at_ms = archive.header().made_at_ms;
    Ok(Restored { kind: NodeKind::Office, made_at_ms, records, pictures })
}

/// Verifies every frame, chain, signature and body of the unpacked journals.
fn verify(staged: &Path, identity: &Identity) -> Result<u64, BackupError> {
    let config = OfficeConfig::load(staged, &OfficeOverrides::default())?;
    let Identity { node_key, storage_key } = identity.clone();
    let registry = config.registry.as_ref().map(|link| link.public);
    let who = store::Identity { node_key, storage_key, office: config.office, registry };
    let unsound = |error: String| BackupError::Unsound(error);
    let stream = who.stream().map_err(|error| unsound(error.to_string()))?;
    let folder = staged.join(JOURNAL_FOLDER);
    fs::create_dir_all(&folder).map_err(super::io_at(&folder))?;
    let report = Journals::verify(&folder, &stream, Some(&who.storage_key), &who.signers());
    let report = report.map_err(super::io_at(&folder))?;
    match report.findings.first() {
        Some(finding) => Err(unsound(finding.to_string())),
        None => Ok(report.records),
    }
}
