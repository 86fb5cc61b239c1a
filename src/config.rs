//! The settings of a node: `loket.toml` in its folder, over it the environment (`LOKET_*`), over it flags.
//!
//! Nothing else in the program reads the environment, but for the log filter (`LOKET_LOG`, `src/cli/terminal.rs`).
//! What differs between offices and changes with time (quotas, tariffs, cut-offs) is no setting of a node but a fact
//! with a date: `domain/setting.rs`.

mod file;
mod front;
mod naked;
mod printer;
mod recovery;
mod registry_link;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Args;
use loket_sync::http::trust::TrustError;
use loket_sync::{NodePublic, Unlock};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::office::{Office, OfficeCode, Zone};
use file::read;
pub use file::{init_office, init_registry, kind_of, set_registry};
pub use front::{Place, PlainListen};
pub use naked::{is_naked, is_naked_database, is_naked_mail};
pub use printer::PrinterSettings;
pub use recovery::{parse_recovery, recovery_text, set_database, set_recovery};
use registry_link::LinkSection;
pub use registry_link::{REGISTRY_CERTIFICATE, RegistryLink};

/// Name of the settings file in a node's folder.
pub const SETTINGS_FILE: &str = "loket.toml";

/// How files lie in a node's folder: the number that this program knows. A program whose files an older one would misread
/// raises it in the settings (`layout = 2`) before it writes the first of them. No number stands for 1.
pub const LAYOUT: u32 = 1;

/// Why a node's settings cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The folder holds no node.
    #[error("there is no {SETTINGS_FILE} in {0}; make a node there first: loket init office --help")]
    NoNode(PathBuf),
    /// The folder holds a node already.
    #[error("{0} holds a node already; a node is made once")]
    Exists(PathBuf),
    /// The folder holds the other kind of node.
    #[error("{dir} holds {found}, not {wanted}")]
    OtherKind {
        /// The folder.
        dir: PathBuf,
        /// What lies there.
        found: NodeKind,
        /// What was asked for.
        wanted: NodeKind,
    },
    /// A newer program has been at work there.
    #[error(
        "{dir} was last used by a newer version of this program (layout {layout}; this one knows layout {LAYOUT}). Nothing \
         was touched: start the newer version, or restore a backup from before the upgrade into another folder"
    )]
    Newer {
        /// The folder.
        dir: PathBuf,
        /// Its layout.
        layout: u32,
    },
    /// The settings cannot be understood.
    #[error("{file} cannot be understood")]
    Malformed {
        /// The file.
        file: PathBuf,
        /// What is wrong, with the line.
        source: Box<toml::de::Error>,
    },
    /// A key of the registry is no key.
    #[error("{file}: [registry] public_key must be 128 hexadecimal digits")]
    RegistryKey {
        /// The file.
        file: PathBuf,
    },
    /// The registry's certificate.
    #[error("{file}: [registry] certificate is neither a file with certificates (PEM) nor sha256:… of a key")]
    RegistryCertificate {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: TrustError,
    },
    /// The recovery key is no key.
    #[error("{file}: [recovery] public_key must be 128 hexadecimal digits")]
    RecoveryKey {
        /// The file.
        file: PathBuf,
    },
    /// The file system refused.
    #[error("{file} cannot be read or written")]
    Io {
        /// The file.
        file: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// The key of this machine's notices, when it stands in the environment and not in a file.
#[expect(clippy::disallowed_methods, reason = "the environment is read here and nowhere else")]
pub fn device_key() -> Option<String> {
    std::env::var("LOKET_DEVICE_KEY").ok()
}

/// The folder in which a service manager hands credentials over to this process.
#[expect(clippy::disallowed_methods, reason = "the environment is read here and nowhere else")]
pub fn credentials_folder() -> Option<PathBuf> {
    std::env::var("CREDENTIALS_DIRECTORY").ok().map(PathBuf::from)
}

/// What a folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeKind {
    /// An office.
    Office,
    /// The registry.
    Registry,
}

impl std::fmt::Display for NodeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            NodeKind::Office => "an office",
            NodeKind::Registry => "a registry",
        })
    }
}

/// Flags and variables that go over an office's settings file.
#[derive(Debug, Clone, Default, Args)]
pub struct OfficeOverrides {
    /// Address to serve pages on [default: the settings file, else 127.0.0.1:8080]
    #[arg(long, env = "LOKET_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Address of the registry, if it moved
    #[arg(long, env = "LOKET_REGISTRY_URL", value_name = "URL")]
    pub registry_url: Option<String>,
    /// Address of the plain-http page that hands out the certificate, or `off` [default: port 80 beside 443, else the next port]
    #[arg(long, env = "LOKET_PLAIN_LISTEN", value_name = "ADDRESS:PORT")]
    pub plain_listen: Option<PlainListen>,
    /// Serve other machines, and reach them, without TLS: everybody on the network can read along
    #[arg(long, env = "LOKET_WITHOUT_TLS")]
    pub without_tls: bool,
    /// What opens the node's key; read by the command line.
    #[arg(skip)]
    pub unlock: Unlock,
    /// Start although the node's key is protected less than it was; that goes on record
    #[arg(long)]
    pub accept_weaker_key_protection: bool,
}

/// Flags and variables that go over a registry's settings file.
#[derive(Debug, Clone, Default, Args)]
pub struct RegistryOverrides {
    /// Address to serve on [default: the settings file, else 127.0.0.1:9090]
    #[arg(long, env = "LOKET_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Database: sqlite://… or postgres://… [default: registry.db in the folder]
    #[arg(long, env = "LOKET_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Mail server, smtp://… or smtps://… [default: mails are put into the folder `mail`]
    #[arg(long, env = "LOKET_SMTP", value_name = "URL", hide_env_values = true)]
    pub smtp: Option<String>,
    /// Sender of mails
    #[arg(long, env = "LOKET_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    /// Address of the plain-http page that hands out the certificate, or `off` [default: port 80 beside 443, else the next port]
    #[arg(long, env = "LOKET_PLAIN_LISTEN", value_name = "ADDRESS:PORT")]
    pub plain_listen: Option<PlainListen>,
    /// Serve other machines, and reach them, without TLS: everybody on the network can read along
    #[arg(long, env = "LOKET_WITHOUT_TLS")]
    pub without_tls: bool,
    /// What opens the node's key; read by the command line.
    #[arg(skip)]
    pub unlock: Unlock,
    /// Start although the node's key is protected less than it was; that goes on record
    #[arg(long)]
    pub accept_weaker_key_protection: bool,
}

/// Everything an office needs to know to start.
#[derive(Debug, Clone)]
pub struct OfficeConfig {
    /// Its folder.
    pub dir: PathBuf,
    /// Where it serves pages.
    pub place: Place,
    /// Who it is.
    pub office: Office,
    /// Its registry, once enrolled.
    pub registry: Option<RegistryLink>,
    /// What its backups are sealed for besides its own key.
    pub recovery: Option<NodePublic>,
    /// What opens its key, and whether that may be protected less than before.
    pub key: KeySettings,
    /// What prints tickets, if anything does.
    pub printer: Option<PrinterSettings>,
}

/// Everything a registry needs to know to start.
#[derive(Debug, Clone)]
pub struct RegistryConfig {
    /// Its folder.
    pub dir: PathBuf,
    /// Where it serves.
    pub place: Place,
    /// `sqlite://…` or `postgres://…`.
    pub database_url: String,
    /// Mail server; without one, mails are files in the folder `mail`.
    pub smtp: Option<String>,
    /// Sender of mails.
    pub mail_from: String,
    /// What opens its key, and whether that may be protected less than before.
    pub key: KeySettings,
}

/// About the node's key.
#[derive(Debug, Clone, Default)]
pub struct KeySettings {
    /// What opens it.
    pub unlock: Unlock,
    /// Somebody has accepted that it is protected less than before.
    pub accept_weaker: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfficeFile {
    #[serde(rename = "node")]
    _node: NodeKind,
    #[serde(rename = "layout")]
    _layout: Option<u32>,
    listen: Option<SocketAddr>,
    #[serde(default)]
    plain_listen: PlainListen,
    #[serde(default)]
    behind_tls: bool,
    #[serde(default)]
    without_tls: bool,
    office: Office,
    registry: Option<LinkSection>,
    recovery: Option<recovery::RecoverySection>,
    printer: Option<PrinterSettings>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegistryFile {
    #[serde(rename = "node")]
    _node: NodeKind,
    #[serde(rename = "layout")]
    _layout: Option<u32>,
    listen: Option<SocketAddr>,
    #[serde(default)]
    plain_listen: PlainListen,
    #[serde(default)]
    behind_tls: bool,
    #[serde(default)]
    without_tls: bool,
    database_url: Option<String>,
    mail: Option<MailSection>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct MailSection {
    smtp: Option<String>,
    from: Option<String>,
}

const OFFICE_PORT: u16 = 8080;
const REGISTRY_PORT: u16 = 9090;
const MAIL_FROM: &str = "Loket <loket@localhost>";

impl OfficeConfig {
    /// Reads the settings of the office in `dir`.
    pub fn load(dir: &Path, over: &OfficeOverrides) -> Result<Self, ConfigError> {
        let file: OfficeFile = read(dir, NodeKind::Office)?;
        let registry = file.registry.map(|section| section.link(dir, over)).transpose()?;
        let place = Place {
            listen: over.listen.or(file.listen).unwrap_or(local(OFFICE_PORT)),
            plain: over.plain_listen.unwrap_or(file.plain_listen),
            behind_tls: file.behind_tls,
            without_tls: over.without_tls || file.without_tls,
        };
        let recovery = file.recovery.map(|section| section.public(dir)).transpose()?;
        let key =
            KeySettings { unlock: over.unlock.clone(), accept_weaker: over.accept_weaker_key_protection };
        let (dir, office, printer) = (dir.to_owned(), file.office, file.printer);
        Ok(Self { dir, place, office, registry, recovery, key, printer })
    }
}

impl RegistryConfig {
    /// Reads the settings of the registry in `dir`.
    pub fn load(dir: &Path, over: &RegistryOverrides) -> Result<Self, ConfigError> {
        let file: RegistryFile = read(dir, NodeKind::Registry)?;
        let mail = file.mail.unwrap_or_default();
        let database_url = over.database_url.clone().or(file.database_url);
        let place = Place {
            listen: over.listen.or(file.listen).unwrap_or(local(REGISTRY_PORT)),
            plain: over.plain_listen.unwrap_or(file.plain_listen),
            behind_tls: file.behind_tls,
            without_tls: over.without_tls || file.without_tls,
        };
        Ok(Self {
            dir: dir.to_owned(),
            place,
            database_url: database_url.unwrap_or_else(|| embedded_database(dir)),
            smtp: over.smtp.clone().or(mail.smtp),
            mail_from: over.mail_from.clone().or(mail.from).unwrap_or_else(|| MAIL_FROM.to_owned()),
            key: KeySettings {
                unlock: over.unlock.clone(),
                accept_weaker: over.accept_weaker_key_protection,
            },
        })
    }
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn embedded_database(dir: &Path) -> String {
    format!("sqlite://{}?mode=rwc", dir.join("registry.db").display())
}

/// The office the demo and the tests are set in.
pub fn example_office() -> Option<Office> {
    let name = "Kantor Imigrasi Kelas II TPI Tanjung Balai Karimun".to_owned();
    OfficeCode::parse("karimun").map(|code| Office { code, name, zone: Zone::Wib })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use loket_sync::NodePublic;

    use super::file::{replace, text_of};
    use super::*;

    fn office() -> Office {
        let name = "Kantor Imigrasi \"Contoh\"".to_owned();
        Office { code: OfficeCode::parse("contoh").unwrap(), name, zone: Zone::Wita }
    }

    #[test]
    fn flags_go_over_the_file() {
        let dir = tempfile::tempdir().unwrap();
        init_office(dir.path(), &office(), Some("127.0.0.1:8181".parse().unwrap())).unwrap();
        let plain = OfficeConfig::load(dir.path(), &OfficeOverrides::default()).unwrap();
        assert_eq!(plain.place.listen.port(), 8181);
        assert_eq!(plain.office, office());
        let over =
            OfficeOverrides { listen: Some("127.0.0.1:0".parse().unwrap()), ..OfficeOverrides::default() };
        assert_eq!(OfficeConfig::load(dir.path(), &over).unwrap().place.listen.port(), 0);
    }

    #[test]
    fn tying_an_office_to_a_registry_keeps_the_rest_of_the_file() {
        let dir = tempfile::tempdir().unwrap();
        init_office(dir.path(), &office(), None).unwrap();
        let public = NodePublic { signing: [7; 32], agreement: [8; 32] };
        let link = |url: &str| RegistryLink::new(url, public);
        set_registry(dir.path(), &link("http://one.example/"), None).unwrap();
        set_registry(dir.path(), &link("http://two.example"), None).unwrap();
        let text = fs::read_to_string(dir.path().join(SETTINGS_FILE)).unwrap();
        assert_eq!(text.matches("[registry]").count(), 1);
        assert!(text.contains("# behind_tls"));
        let config = OfficeConfig::load(dir.path(), &OfficeOverrides::default()).unwrap();
        assert_eq!(config.registry, Some(link("http://two.example")));
    }

    #[test]
    fn a_registry_keeps_its_database_in_its_folder_unless_told() {
        let dir = tempfile::tempdir().unwrap();
        init_registry(dir.path(), &RegistryOverrides::default()).unwrap();
        let plain = RegistryConfig::load(dir.path(), &RegistryOverrides::default()).unwrap();
        assert!(plain.database_url.starts_with("sqlite:///"), "{}", plain.database_url);
        assert_eq!(plain.smtp, None);
        let told = tempfile::tempdir().unwrap();
        let over = RegistryOverrides {
            smtp: Some("smtp://localhost:2525".to_owned()),
            ..RegistryOverrides::default()
        };
        init_registry(told.path(), &over).unwrap();
        let config = RegistryConfig::load(told.path(), &RegistryOverrides::default()).unwrap();
        assert_eq!(config.smtp.as_deref(), Some("smtp://localhost:2525"));
    }

    #[test]
    fn a_folder_is_not_taken_for_what_it_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let load = || OfficeConfig::load(dir.path(), &OfficeOverrides::default());
        assert!(matches!(load(), Err(ConfigError::NoNode(_))));
        init_registry(dir.path(), &RegistryOverrides::default()).unwrap();
        assert!(matches!(load(), Err(ConfigError::OtherKind { .. })));
        assert!(matches!(init_office(dir.path(), &office(), None), Err(ConfigError::Exists(_))));
    }

    #[test]
    fn a_misspelt_setting_is_refused_and_named() {
        let dir = tempfile::tempdir().unwrap();
        init_office(dir.path(), &office(), None).unwrap();
        let text = text_of(dir.path()).unwrap().replace("listen", "lissen");
        replace(dir.path(), &text).unwrap();
        let error = OfficeConfig::load(dir.path(), &OfficeOverrides::default()).unwrap_err();
        assert!(std::error::Error::source(&error).unwrap().to_string().contains("lissen"));
    }
}
