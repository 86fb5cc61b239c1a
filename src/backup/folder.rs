//! The folder of a node's own.

use std::fs;
use std::io;
use std::path::Path;

/// Makes a folder that only its owner may enter, and what is missing above it.
pub(super) fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Lets its owner alone enter a folder that was there before. On a disk whose folder is somebody else's it stays as it
/// is: what lies in it is readable by its owner only, or sealed.
pub(super) fn only_for_owner(folder: &Path) {
    #[cfg(unix)]
    {
        let mode = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o700);
        if let Err(error) = fs::set_permissions(folder, mode) {
            tracing::warn!(%error, "Others may enter the restored folder");
        }
    }
    #[cfg(not(unix))]
    let _ = folder;
}
