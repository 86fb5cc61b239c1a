//! The recovery key's public half, which an office's backups are sealed for. It comes with the enrolment, or by hand when
//! headquarters draws another one.

use std::path::Path;

use loket_sync::NodePublic;
use serde::Deserialize;

use super::file::{replace, text_of, without_section};
use super::{ConfigError, SETTINGS_FILE};

/// The section of the settings file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecoverySection {
    public_key: String,
}

impl RecoverySection {
    /// The key that is named.
    pub(super) fn public(&self, dir: &Path) -> Result<NodePublic, ConfigError> {
        parse_recovery(&self.public_key)
            .ok_or_else(|| ConfigError::RecoveryKey { file: dir.join(SETTINGS_FILE) })
    }
}

/// Reads a public half as [`recovery_text`] wrote it.
pub fn parse_recovery(text: &str) -> Option<NodePublic> {
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok()?;
    bytes.try_into().ok().map(|bytes| NodePublic::from_bytes(&bytes))
}

/// A public half as it stands in settings.
pub fn recovery_text(public: &NodePublic) -> String {
    data_encoding::HEXLOWER.encode(&public.to_bytes())
}

/// Names the recovery key in an office's settings, and leaves every other line as it was.
pub fn set_recovery(dir: &Path, public: &NodePublic) -> Result<(), ConfigError> {
    let text = without_section(&text_of(dir)?, "[recovery]");
    let key = recovery_text(public);
    replace(dir, &format!("{}\n\n[recovery]\npublic_key = \"{key}\"\n", text.trim_end()))
}

/// Names the database in a registry's settings, and leaves every other line as it was.
pub fn set_database(dir: &Path, url: &str) -> Result<(), ConfigError> {
    let line = format!("database_url = {}", toml::Value::from(url));
    let text = text_of(dir)?;
    let is_ours = |line: &str| {
        let line = line.trim_start().trim_start_matches('#').trim_start();
        line.strip_prefix("database_url").is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    // A line before any section: behind one it would belong to it.
    let mut lines: Vec<&str> = text.lines().filter(|line| !is_ours(line)).collect();
    let at = lines.iter().position(|line| line.trim_start().starts_with('[')).unwrap_or(lines.len());
    lines.insert(at, &line);
    replace(dir, &format!("{}\n", lines.join("\n")))
}
