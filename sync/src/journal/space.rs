//! Room on the disk: new acts are refused while there is still room to finish the old ones.
//!
//! A reserve file holds room that is given back when the disk is found full at the start, so that the program can
//! open, say what is wrong, and let people work off what is there.

use std::io;
use std::path::Path;

use crate::disk::Disk;

/// Nothing new is taken when less than this is left.
pub const FLOOR_BYTES: u64 = 64 * 1024 * 1024;
/// Size of the reserve file.
pub const RESERVE_BYTES: u64 = 8 * 1024 * 1024;

const RESERVE_FILE: &str = "reserve";
/// What the reserve is filled with, over and over.
const FILLING: [u8; 8192] = [0x55; 8192];

/// Watches the room on the disk.
#[derive(Debug)]
pub(crate) struct Space {
    floor_bytes: u64,
    /// As last asked; nothing where it cannot be asked.
    free_bytes: Option<u64>,
}

impl Space {
    /// Asks how much is left, and makes or gives back the reserve.
    pub(crate) fn open(disk: &Disk, folder: &Path, floor_bytes: u64, reserve_bytes: u64) -> Self {
        let mut space = Self { floor_bytes, free_bytes: disk.free_bytes(folder) };
        let reserve = folder.join(RESERVE_FILE);
        let result = if space.is_low() { disk.remove(&reserve) } else { make(disk, &reserve, reserve_bytes) };
        if let Err(error) = result {
            tracing::warn!(%error, "The reserve of disk space could not be kept");
        }
        space.refresh(disk, folder);
        space
    }

    pub(crate) fn refresh(&mut self, disk: &Disk, folder: &Path) {
        self.free_bytes = disk.free_bytes(folder);
    }

    /// Says how much is left if that is too little. Asks each time: others fill the disk too.
    pub(crate) fn admit(&mut self, disk: &Disk, folder: &Path) -> Result<(), u64> {
        self.refresh(disk, folder);
        match self.free_bytes {
            Some(free) if free < self.floor_bytes => Err(free),
            _ => Ok(()),
        }
    }

    fn is_low(&self) -> bool {
        self.free_bytes.is_some_and(|free| free < self.floor_bytes)
    }
}

/// Fills the reserve with bytes, so that it truly takes room.
fn make(disk: &Disk, reserve: &Path, len_bytes: u64) -> io::Result<()> {
    if disk.len(reserve).unwrap_or(0) == len_bytes {
        return Ok(());
    }
    disk.remove(reserve)?;
    let mut file = disk.create_new(reserve)?;
    let mut left = len_bytes;
    while left > 0 {
        let len = FILLING.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        disk.write(&mut file, reserve, &FILLING[..len])?;
        left -= len as u64;
    }
    disk.sync(&file, reserve)
}
