//! The command line: what can be asked of the program, and how it answers a shell.
//!
//! Exit codes: 0 done; 1 it did not work, or `check` found something wrong; 2 the command was not understood.
//! Passwords and keys are never arguments, for arguments are seen by everybody on the machine.

mod backup;
mod bundle;
mod certificate;
mod check;
mod import;
mod init;
mod key;
mod node;
mod officer;
mod recovery;
mod serve;
mod stop;
mod terminal;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use loket_sync::enrol::EnrolCode;

use crate::config::{self, OfficeOverrides, RegistryOverrides};
use crate::demo::DemoOptions;
use crate::domain::actor::Role;
use crate::domain::office::{Office, OfficeCode, Zone};
use crate::notify;
use crate::office::node::NewLink;
use crate::sheets;
use node::Node;

/// The server an immigration office runs on its own LAN, and the registry it syncs with
#[derive(Debug, Parser)]
#[command(name = "loket", version, help_template = HELP, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Commands stand in groups, which clap cannot draw; a test keeps this page complete.
const HELP: &str = "\
{about}

Usage: loket COMMAND [OPTIONS]

Look at it
  demo           A registry and an office with a day's bookings, ready to click through

Run a node
  office         Serve an office's pages and keep it level with its registry
  registry       Serve the registry

Set up
  init office    Make an office in an empty folder
  init registry  Make a registry in an empty folder
  enroll         Tie an office to its registry with a one-time code
  certificate    Make, bring, renew and show the certificate for https
  key            Show and change how the node's key is protected
  officer        Add, list or disable officers

Look after
  backup         Put a node into one sealed file, while it works
  restore        Make a node from a backup, in an empty folder
  recovery-key   The key on paper that opens every backup
  bundle         Exchange with the other side over a stick: export, import
  import         Take over a stage report of SPRI, with a preview
  check          Verify journals, chains, tables and pictures; rebuild the tables
  notify         Show an office's notices on this desktop

Options
  -h, --help     This page, or a command's own: loket office --help
  -V, --version  The version

Examples
  loket demo
  loket init office --dir /srv/loket --code karimun --name \"Kantor Imigrasi Karimun\"
  loket enroll --dir /srv/loket --registry https://pusat.example --code 7K2M-…
  loket officer add --dir /srv/loket --login sari --name \"Sari\" --role front-desk
  loket office --dir /srv/loket

A node's settings are in loket.toml in its folder; LOKET_* variables go over them, flags over both.
";

#[derive(Debug, Subcommand)]
enum Command {
    /// A registry and an office with a day's bookings, ready to click through
    #[command(after_help = "\
Everything lies in one folder; started again it goes on where it stopped, and on another day it books a new day.
Addresses and logins are printed and written to demo.json in that folder. Ctrl-C stops.")]
    Demo(DemoOptions),
    /// Serve an office's pages and keep it level with its registry
    Office {
        #[command(flatten)]
        node: Node,
        #[command(flatten)]
        over: OfficeOverrides,
    },
    /// Serve the registry
    Registry {
        #[command(flatten)]
        node: Node,
        #[command(flatten)]
        over: RegistryOverrides,
    },
    /// Make a node in an empty folder
    #[command(subcommand)]
    Init(Init),
    /// Tie an office to its registry with a one-time code
    #[command(
        after_help = "The code comes from the registry's staff page of the office and can be used once."
    )]
    Enroll {
        #[command(flatten)]
        node: Node,
        /// Address of the registry
        #[arg(long, value_name = "URL")]
        registry: String,
        /// The one-time code
        #[arg(long, value_name = "CODE")]
        code: String,
        /// The registry's certificate or its authority's, a PEM file, or sha256:… of a key [default: the system's]
        #[arg(long, value_name = "FILE")]
        certificate: Option<String>,
        /// Reach the registry without TLS
        #[arg(long)]
        without_tls: bool,
    },
    /// Make, bring, renew and show the certificate that pages are served with
    #[command(subcommand)]
    Certificate(certificate::Certificate),
    /// Put a node into one sealed file, while it works
    #[command(after_help = "\
The file is sealed for the node's own key and for the registry's recovery key. It holds settings, keys, journals
(or the database) and pictures. It is read back and verified before this says that it is made.")]
    Backup(backup::Backup),
    /// Make a node from a backup, in an empty folder
    #[command(after_help = "\
Everything is verified before the folder is there. What the node wrote after the backup comes back from the other
side by ordinary sync, once it runs.")]
    Restore(backup::Restore),
    /// Exchange with the other side over a stick, without any network
    #[command(subcommand)]
    Bundle(bundle::Bundle),
    /// Take over a stage report of SPRI, with a preview
    #[command(after_help = "\
What is news changes; the same report again changes nothing. Row by row it says what is refused and why.")]
    Import(import::Import),
    /// The key on paper that opens every backup
    #[command(subcommand)]
    RecoveryKey(recovery::Recovery),
    /// Show and change how the node's key is protected
    #[command(subcommand)]
    Key(key::Key),
    /// Verify journals, chains, tables and pictures; the node must be stopped
    #[command(after_help = "Exit code 0: all is well. 1: something is wrong, and what is said above.")]
    Check {
        #[command(flatten)]
        node: Node,
        #[command(flatten)]
        wish: check::Wish,
    },
    /// Show an office's notices on this desktop
    #[command(after_help = "\
The device key comes from the office's page of settings. Without a message bus notices go to the log.")]
    Notify(Notify),
    /// Add, list or disable officers; the node must be stopped
    #[command(subcommand)]
    Officer(Officer),
    /// Take a spreadsheet apart; started by Loket itself
    #[command(name = crate::sheets::COMMAND, hide = true)]
    ReadSheet,
}

#[derive(Debug, Subcommand)]
enum Init {
    /// Make an office
    Office {
        #[command(flatten)]
        node: Node,
        /// Short name: lower case letters, digits and hyphens; the registry must know it
        #[arg(long, value_parser = office_code)]
        code: OfficeCode,
        /// Full name, as it stands at the top of every page
        #[arg(long)]
        name: String,
        /// Time zone
        #[arg(long, value_enum, default_value = "wib")]
        zone: ZoneName,
        /// Address to serve pages on
        #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
    },
    /// Make a registry
    Registry {
        #[command(flatten)]
        node: Node,
        #[command(flatten)]
        over: RegistryOverrides,
    },
}

#[derive(Debug, Args)]
struct Notify {
    /// Address of the office
    #[arg(long, value_name = "URL")]
    office: String,
    /// The office's certificate or its authority's, a PEM file [default: the system's authorities]
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Reach the office without TLS
    #[arg(long)]
    without_tls: bool,
    /// File that holds the device key; without it the key is taken from the environment
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Language of the notices: id or en
    #[arg(long, env = "LOKET_LANGUAGE", default_value = "id", value_name = "LANGUAGE")]
    language: String,
}

#[derive(Debug, Subcommand)]
enum Officer {
    /// Add an officer, or give one a new name, roles and password
    Add {
        #[command(flatten)]
        node: Node,
        /// Login name
        #[arg(long)]
        login: String,
        /// The name people know
        #[arg(long)]
        name: String,
        /// A role; give it several times for several
        #[arg(long = "role", value_enum, required = true, value_name = "ROLE")]
        roles: Vec<RoleName>,
        /// Read the password from standard input; otherwise one is drawn and printed once
        #[arg(long)]
        password_stdin: bool,
    },
    /// List officers
    List {
        #[command(flatten)]
        node: Node,
    },
    /// Keep an officer from logging in; the officer's acts stay
    Disable {
        #[command(flatten)]
        node: Node,
        /// Login name
        #[arg(long)]
        login: String,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ZoneName {
    /// Western Indonesia, UTC+7
    Wib,
    /// Central Indonesia, UTC+8
    Wita,
    /// Eastern Indonesia, UTC+9
    Wit,
}

impl From<ZoneName> for Zone {
    fn from(name: ZoneName) -> Self {
        match name {
            ZoneName::Wib => Zone::Wib,
            ZoneName::Wita => Zone::Wita,
            ZoneName::Wit => Zone::Wit,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RoleName {
    /// Receives applicants, checks papers, gives out tickets
    FrontDesk,
    /// Captures and interviews
    Interviewer,
    /// Settles conflicts and exceptions
    Supervisor,
    /// Keeps finished books and hands them over
    Custody,
    /// Officers, settings, devices
    Administrator,
    /// Reads everything, changes nothing
    Auditor,
    /// Staff of the registry
    Headquarters,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::FrontDesk => Role::FrontDesk,
            RoleName::Interviewer => Role::Interviewer,
            RoleName::Supervisor => Role::Supervisor,
            RoleName::Custody => Role::Custody,
            RoleName::Administrator => Role::Administrator,
            RoleName::Auditor => Role::Auditor,
            RoleName::Headquarters => Role::Headquarters,
        }
    }
}

fn office_code(text: &str) -> Result<OfficeCode, String> {
    OfficeCode::try_from(text.to_owned())
}

/// Why a command did not work.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the program as the command line asks.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Command::ReadSheet) {
        return if sheets::answer().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    terminal::start_log(matches!(cli.command, Command::Demo(_)));
    keep_memory_private();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return terminal::failed(&error),
    };
    match runtime.block_on(carry_out(cli.command)) {
        Ok(code) => code,
        Err(failure) => terminal::failed(failure.as_ref()),
    }
}

/// Keys and names stand in memory: no core dump, and no other process of the same user looks in.
#[cfg(target_os = "linux")]
fn keep_memory_private() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "Core dumps could not be turned off");
    }
}

#[cfg(not(target_os = "linux"))]
fn keep_memory_private() {}

async fn carry_out(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Demo(options) => serve::demo(&options).await?,
        Command::Office { node, over } => serve::office(&node.dir, &node.office(over)?).await?,
        Command::Registry { node, over } => serve::registry(&node.dir, &node.registry(over)?).await?,
        Command::Init(Init::Office { node, code, name, zone, listen }) => {
            init::office(&node.dir, &Office { code, name, zone: zone.into() }, listen)?;
        }
        Command::Init(Init::Registry { node, over }) => init::registry(&node.dir, &over).await?,
        Command::Enroll { node, registry, code, certificate, without_tls } => {
            let code = EnrolCode::parse(&code)?;
            let link = NewLink { url: registry, code, certificate, without_tls };
            init::enroll(&node, &link).await?;
        }
        Command::Certificate(command) => certificate::carry_out(command)?,
        Command::Backup(asked) => backup::back_up(&asked).await?,
        Command::Restore(asked) => backup::restore(&asked).await?,
        Command::Bundle(command) => bundle::carry_out(command).await?,
        Command::Import(import) => import::carry_out(import).await?,
        Command::RecoveryKey(command) => recovery::carry_out(command).await?,
        Command::Key(command) => key::carry_out(command)?,
        Command::Check { node, wish } => return check::check(&node, wish).await,
        Command::Notify(options) => follow_notices(options).await?,
        Command::Officer(command) => officer::carry_out(command).await?,
        Command::ReadSheet => sheets::answer()?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn follow_notices(options: Notify) -> Result<(), Failure> {
    let key = match options.key_file {
        Some(file) => {
            std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?
        }
        None => config::device_key().ok_or("a device key is needed: --key-file, or LOKET_DEVICE_KEY")?,
    };
    let key = key.trim().to_owned();
    if !options.without_tls && config::is_naked(&options.office) {
        return Err("the office's address is not https, and the device key would cross the network in the open; if it must be: --without-tls".into());
    }
    let certificate = options.certificate.map(std::fs::read).transpose()?;
    let (office, language) = (options.office, options.language);
    let subscription = notify::Subscription { office, key, language, certificate };
    tokio::select! {
        followed = notify::follow(&subscription) => Ok(followed?),
        () = stop::asked() => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_first_page_names_every_command_in_its_own_words() {
        let is_told = |command: &&clap::Command| command.get_name() != "init" && !command.is_hide_set();
        for command in Cli::command().get_subcommands().filter(is_told) {
            assert!(HELP.contains(&format!("\n  {}", command.get_name())), "{}", command.get_name());
        }
        for kind in ["office", "registry"] {
            assert!(HELP.contains(&format!("init {kind}")), "init {kind}");
        }
    }

    #[test]
    fn no_password_or_key_is_an_argument() {
        let parsed =
            Cli::try_parse_from(["loket", "officer", "add", "--dir", "d", "--login", "l", "--password", "p"]);
        assert!(parsed.is_err());
    }
}
