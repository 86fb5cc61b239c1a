//! Sums over files that are only read again after a stop: sled's and SQLite's own. Written at a clean stop and taken away
//! at the start, so that a bit that flipped while the node stood still is found, with the file and about where.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A sum stands for so many bytes.
const BLOCK_BYTES: usize = 1 << 20;

/// What comparing has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// Every byte is what it was at the stop.
    Same,
    /// There are no sums: the node was not stopped properly, or never ran.
    NoSums,
    /// The sums themselves are damaged and say nothing.
    Unreadable,
    /// A file is not what it was.
    Differs {
        /// Which.
        file: PathBuf,
        /// The first block that differs begins here.
        offset: u64,
        /// In words.
        what: &'static str,
    },
}

#[derive(Serialize, Deserialize)]
struct FileSum {
    name: String,
    bytes: u64,
    blocks: Vec<String>,
}

/// Sums up these files of a folder (names relative to it) and writes the sums beside them under `sums`. They are durable
/// afterwards.
pub fn write(folder: &Path, files: &[String], sums: &Path) -> io::Result<()> {
    let mut found = Vec::with_capacity(files.len());
    for name in files {
        let (blocks, bytes) = blocks(&folder.join(name))?;
        found.push(FileSum { name: name.clone(), bytes, blocks });
    }
    let text = serde_json::to_string(&found)?;
    let check = blake3::hash(text.as_bytes()).to_hex();
    let temporary = sums.with_extension("tmp");
    let mut file = File::create(&temporary)?;
    file.write_all(format!("{check}\n{text}").as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, sums)?;
    sync_folder_of(sums)
}

/// Takes the sums away for good: what they stand for is about to change. Were they back after a power cut, whole files
/// would be called damaged.
pub fn take_away(sums: &Path) -> io::Result<()> {
    match fs::remove_file(sums) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // Even if there are none: whoever removed them may have been killed before this.
    sync_folder_of(sums)
}

fn sync_folder_of(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| *folder != Path::new("")).unwrap_or_else(|| Path::new("."));
    File::open(folder)?.sync_all()
}

/// Compares the files of a folder with their sums; `files` are those that are there now.
pub fn compare(folder: &Path, files: &[String], sums: &Path) -> io::Result<Compared> {
    let text = match fs::read_to_string(sums) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Compared::NoSums),
        // No longer text: a bit has flipped in it.
        Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(Compared::Unreadable),
        Err(error) => return Err(error),
    };
    let whole = text
        .split_once('\n')
        .filter(|(check, text)| *check == blake3::hash(text.as_bytes()).to_hex().as_str());
    let Some(noted) = whole.and_then(|(_, text)| serde_json::from_str::<Vec<FileSum>>(text).ok()) else {
        return Ok(Compared::Unreadable);
    };
    for sum in &noted {
        let file = folder.join(&sum.name);
        let differs = |offset, what| Ok(Compared::Differs { file: file.clone(), offset, what });
        if !file.exists() {
            return differs(0, "it is missing");
        }
        let (found, bytes) = blocks(&file)?;
        if let Some(at) = found.iter().zip(&sum.blocks).position(|(found, noted)| found != noted) {
            return differs((at * BLOCK_BYTES) as u64, "its bytes have changed since the node was stopped");
        }
        if bytes != sum.bytes {
            return differs(bytes.min(sum.bytes), "its length has changed since the node was stopped");
        }
    }
    let strange = files.iter().find(|name| noted.iter().all(|sum| sum.name != **name));
    Ok(strange.map_or(Compared::Same, |name| Compared::Differs {
        file: folder.join(name),
        offset: 0,
        what: "it was not there when the node was stopped",
    }))
}

/// All files under a folder, by their names relative to it.
pub fn files_under(folder: &Path) -> io::Result<Vec<String>> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(name) = path.strip_prefix(folder) {
                files.push(name.to_string_lossy().into_owned());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The sums of a file's blocks, and its length.
fn blocks(file: &Path) -> io::Result<(Vec<String>, u64)> {
    let mut open = File::open(file)?;
    let (mut sums, mut bytes, mut block) = (Vec::new(), 0, Vec::with_capacity(BLOCK_BYTES));
    loop {
        block.clear();
        let read = (&mut open).take(BLOCK_BYTES as u64).read_to_end(&mut block)?;
        if read == 0 {
            return Ok((sums, bytes));
        }
        bytes += read as u64;
        sums.push(blake3::hash(&block).to_hex().to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_shortened_missing_or_added_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let (dir, sums) = (folder.path().join("kept"), folder.path().join("sums"));
        fs::create_dir_all(dir.join("deep")).unwrap();
        let long: Vec<u8> = (0..BLOCK_BYTES + 100).map(|n| n.to_le_bytes()[0]).collect();
        let put = || {
            fs::write(dir.join("a"), &long).unwrap();
            fs::write(dir.join("deep/b"), b"short").unwrap();
        };
        let compare_now = || compare(&dir, &files_under(&dir).unwrap(), &sums).unwrap();
        put();
        assert_eq!(compare_now(), Compared::NoSums);
        write(&dir, &files_under(&dir).unwrap(), &sums).unwrap();
        assert_eq!(compare_now(), Compared::Same);
        let mut flipped = long.clone();
        flipped[BLOCK_BYTES + 7] ^= 4;
        fs::write(dir.join("a"), flipped).unwrap();
        let named = |compared| match compared {
            Compared::Differs { file, offset, .. } => (file.file_name().unwrap().to_owned(), offset),
            other => panic!("{other:?}"),
        };
        assert_eq!(named(compare_now()), ("a".into(), BLOCK_BYTES as u64));
        put();
        fs::write(dir.join("deep/b"), b"sho").unwrap();
        assert_eq!(named(compare_now()).0, "b");
        fs::remove_file(dir.join("deep/b")).unwrap();
        assert_eq!(named(compare_now()).0, "b");
        put();
        fs::write(dir.join("c"), b"").unwrap();
        assert_eq!(named(compare_now()).0, "c");
        let mut noted = fs::read(&sums).unwrap();
        noted[70] ^= 1;
        fs::write(&sums, noted).unwrap();
        assert_eq!(compare_now(), Compared::Unreadable);
        take_away(&sums).unwrap();
        take_away(&sums).unwrap();
    }
}
