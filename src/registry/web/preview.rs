//! What the snapshot tests of headquarters' pages draw with.

use crate::domain::actor::Role;
use crate::web::page::{Shell, sample};
use crate::web::words::L10n;

/// The frame of somebody at headquarters.
pub(crate) fn shell(language: L10n, path: &str) -> Shell {
    let mut shell = sample::shell(language, path, &[Role::Headquarters]);
    shell.line = None;
    shell
}

/// The frame of somebody who has not signed in.
pub(crate) fn stranger(language: L10n, path: &str) -> Shell {
    let mut shell = shell(language, path);
    shell.officer = None;
    shell
}
