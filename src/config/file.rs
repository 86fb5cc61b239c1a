//! The settings file itself: written once when a node is made, changed only where it must be, and never half.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use loket_sync::Disk;
use serde::Deserialize;

use super::{
    ConfigError, LAYOUT, NodeKind, OFFICE_PORT, REGISTRY_PORT, RegistryLink, RegistryOverrides,
    SETTINGS_FILE, local,
};
use crate::domain::office::Office;

/// What is read first, and means the same for ever.
#[derive(Deserialize)]
struct KindOnly {
    node: NodeKind,
    #[serde(default = "first_layout")]
    layout: u32,
}

/// The layout of folders whose settings name none.
fn first_layout() -> u32 {
    1
}

/// What kind of node lies in a folder, if this program knows its layout: what a newer one has written would look like
/// damage, and be put right.
fn known_kind(dir: &Path, text: &str) -> Result<NodeKind, ConfigError> {
    let KindOnly { node, layout } = parse(&dir.join(SETTINGS_FILE), text)?;
    if layout > LAYOUT { Err(ConfigError::Newer { dir: dir.to_owned(), layout }) } else { Ok(node) }
}

/// What kind of node lies in a folder.
pub fn kind_of(dir: &Path) -> Result<NodeKind, ConfigError> {
    known_kind(dir, &text_of(dir)?)
}

/// Writes the settings file of a new office; refuses if the folder holds a node.
pub fn init_office(dir: &Path, office: &Office, listen: Option<SocketAddr>) -> Result<(), ConfigError> {
    let listen = listen.unwrap_or(local(OFFICE_PORT));
    let name = toml::Value::from(office.name.as_str());
    let (code, zone) = (&office.code, office.zone.abbreviation());
    let text = format!(
        "# Settings of this office. The environment (LOKET_*) and flags go over them.\n\
         node = \"office\"\n\
         listen = \"{listen}\"\n\
         # plain_listen = \"off\"   # or ADDRESS:PORT of the plain-http page that hands out the certificate\n\
         # behind_tls = true   # when a proxy on this machine speaks TLS; cookies then demand it\n\n\
         [office]\ncode = \"{code}\"\nname = {name}\nzone = \"{zone}\"\n\n\
         # [printer]\n# address = \"10.0.0.9:9100\"   # a thermal printer (ESC/POS) on the office's network\n\
         # width_mm = 80   # or 58\n"
    );
    create(dir, &text)
}

/// Writes the settings file of a new registry; refuses if the folder holds a node.
pub fn init_registry(dir: &Path, over: &RegistryOverrides) -> Result<(), ConfigError> {
    let listen = over.listen.unwrap_or(local(REGISTRY_PORT));
    let line = |key: &str, value: &Option<String>, example: &str| match value {
        Some(value) => format!("{key} = {}\n", toml::Value::from(value.as_str())),
        None => format!("# {key} = \"{example}\"\n"),
    };
    let text = format!(
        "# Settings of this registry. The environment (LOKET_*) and flags go over them.\n\
         node = \"registry\"\n\
         listen = \"{listen}\"\n\
         # plain_listen = \"off\"   # or ADDRESS:PORT of the plain-http page that hands out the certificate\n\
         # behind_tls = true   # when a proxy on this machine speaks TLS\n\
         {}\n[mail]\n{}{}",
        line("database_url", &over.database_url, "postgres://loket@localhost/loket"),
        line("smtp", &over.smtp, "smtp://localhost:25"),
        line("from", &over.mail_from, "Imigrasi <imigrasi@contoh.example>"),
    );
    create(dir, &text)
}

/// Ties the office in `dir` to a registry: replaces the section `[registry]` and leaves every other line as it was.
/// `certificate` is what stands in the file about the registry's certificate.
pub fn set_registry(dir: &Path, link: &RegistryLink, certificate: Option<&str>) -> Result<(), ConfigError> {
    let key = data_encoding::HEXLOWER.encode(&link.public.to_bytes());
    let text = without_section(&text_of(dir)?, "[registry]");
    let url = toml::Value::from(link.url.as_str());
    let certificate =
        certificate.map(|it| format!("certificate = {}\n", toml::Value::from(it))).unwrap_or_default();
    let accepted = if link.without_tls { "without_tls = true\n" } else { "" };
    let section = format!("[registry]\nurl = {url}\npublic_key = \"{key}\"\n{certificate}{accepted}");
    replace(dir, &format!("{}\n\n{section}", text.trim_end()))
}

pub(super) fn without_section(text: &str, title: &str) -> String {
    let mut inside = false;
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        if line.trim_start().starts_with('[') {
            inside = line.trim() == title;
        }
        if !inside {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

pub(super) fn read<T: serde::de::DeserializeOwned>(dir: &Path, wanted: NodeKind) -> Result<T, ConfigError> {
    let file = dir.join(SETTINGS_FILE);
    let text = text_of(dir)?;
    let found = known_kind(dir, &text)?;
    if found != wanted {
        return Err(ConfigError::OtherKind { dir: dir.to_owned(), found, wanted });
    }
    parse(&file, &text)
}

fn parse<T: serde::de::DeserializeOwned>(file: &Path, text: &str) -> Result<T, ConfigError> {
    toml::from_str(text)
        .map_err(|error| ConfigError::Malformed { file: file.to_owned(), source: Box::new(error) })
}

pub(super) fn text_of(dir: &Path) -> Result<String, ConfigError> {
    let file = dir.join(SETTINGS_FILE);
    fs::read_to_string(&file).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => ConfigError::NoNode(dir.to_owned()),
        _ => ConfigError::Io { file, source },
    })
}

fn create(dir: &Path, text: &str) -> Result<(), ConfigError> {
    if dir.join(SETTINGS_FILE).exists() {
        return Err(ConfigError::Exists(dir.to_owned()));
    }
    fs::create_dir_all(dir).map_err(|source| ConfigError::Io { file: dir.to_owned(), source })?;
    replace(dir, text)
}

/// The file is there whole or not at all, also after a power cut; its owner alone may read it, for an address may
/// hold a password.
pub(super) fn replace(dir: &Path, text: &str) -> Result<(), ConfigError> {
    let file = dir.join(SETTINGS_FILE);
    let written = Disk::default().replace_private(&file, text.as_bytes());
    written.map_err(|source| ConfigError::Io { file, source })
}
