//! The registry an office is tied to: its address, its keys, and by what its certificate is known.

use std::fs;
use std::path::Path;

use loket_sync::NodePublic;
use loket_sync::http::trust::Trust;
use serde::Deserialize;

use super::naked::is_naked;
use super::{ConfigError, OfficeOverrides, SETTINGS_FILE};

/// Name of the file in an office's folder that `enroll` puts the registry's certificate into.
pub const REGISTRY_CERTIFICATE: &str = "registry.pem";

/// The registry an office is tied to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryLink {
    /// Its address.
    pub url: String,
    /// Its public keys, pinned when the office was enrolled.
    pub public: NodePublic,
    /// Which certificate it shows.
    pub trust: Trust,
    /// Somebody has accepted that the line goes without TLS.
    pub without_tls: bool,
}

impl RegistryLink {
    /// A registry whose certificate the system's authorities vouch for.
    pub fn new(url: &str, public: NodePublic) -> Self {
        let url = url.trim_end_matches('/').to_owned();
        Self { url, public, trust: Trust::System, without_tls: false }
    }

    /// Whether what is said would cross a network in the open although nobody has accepted that.
    pub fn is_naked(&self) -> bool {
        !self.without_tls && is_naked(&self.url)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkSection {
    url: String,
    public_key: String,
    certificate: Option<String>,
    #[serde(default)]
    without_tls: bool,
}

impl LinkSection {
    pub(super) fn link(self, dir: &Path, over: &OfficeOverrides) -> Result<RegistryLink, ConfigError> {
        let file = dir.join(SETTINGS_FILE);
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(self.public_key.as_bytes()).ok();
        let bytes: Option<[u8; 64]> = bytes.and_then(|bytes| bytes.try_into().ok());
        let bytes = bytes.ok_or(ConfigError::RegistryKey { file })?;
        let url = over.registry_url.clone().unwrap_or(self.url);
        let trust = self.certificate.map(|said| trust(dir, &said)).transpose()?;
        Ok(RegistryLink {
            trust: trust.unwrap_or_default(),
            without_tls: self.without_tls || over.without_tls,
            ..RegistryLink::new(&url, NodePublic::from_bytes(&bytes))
        })
    }
}

/// A key's hash, or a file below the node's folder.
fn trust(dir: &Path, said: &str) -> Result<Trust, ConfigError> {
    let wrong = |source| ConfigError::RegistryCertificate { file: dir.join(SETTINGS_FILE), source };
    if said.starts_with("sha256:") {
        return Trust::pinned(said).map_err(wrong);
    }
    let file = dir.join(said);
    let text = fs::read(&file).map_err(|source| ConfigError::Io { file, source })?;
    Trust::from_pem(&text).map_err(wrong)
}
