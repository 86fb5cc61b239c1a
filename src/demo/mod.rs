//! `loket demo`: a registry and an office with a day's bookings, in one folder, ready to click through.
//!
//! Nothing is faked: the nodes are made, the office is enrolled with a one-time code, and the bookings go through the
//! registry's own interface and reach the office by the exchange. Only the registry's clock is led through the days in
//! which people book and pay.

mod booking;
mod chance;
mod client;
mod day;
pub mod facts;
mod making;
mod names;
mod people;
pub mod record;
mod report;
mod scans;
mod time;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;
use clap::Args;
use thiserror::Error;

use crate::clock::{Clock, SystemClock};
use crate::config::ConfigError;
use crate::domain::number::NumberError;
use crate::domain::office::Office;
use crate::domain::person::NikError;
use crate::ids::NoRandomness;
use crate::office::actions;
use crate::office::node::{self, NodeError};
use crate::office::store::StoreError;
use crate::passwords::PasswordError;
use crate::registry;

use client::ClientError;
use record::{Case, Login, Record, RecordError};
use time::DemoClock;

/// What can be said to the demo.
#[derive(Debug, Clone, Args)]
pub struct DemoOptions {
    /// Folder of the demo
    #[arg(long, default_value = "loket-demo", value_name = "FOLDER")]
    pub dir: PathBuf,
    /// Port of the office's pages; 0 takes any free port
    #[arg(long, default_value_t = 8080, value_name = "PORT")]
    pub office_port: u16,
    /// Port of the registry; 0 takes any free port
    #[arg(long, default_value_t = 9090, value_name = "PORT")]
    pub registry_port: u16,
    /// Database of the registry, postgres://… with an empty database [default: SQLite in the folder]
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// Mail server for mails to applicants, smtp://…; otherwise they are put into a folder
    #[arg(long, env = "LOKET_SMTP", value_name = "URL", hide_env_values = true)]
    pub smtp: Option<String>,
}

/// Why the demo does not come about.
#[derive(Debug, Error)]
pub enum DemoError {
    /// A node.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// Settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The record of what was made.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The registry's interface.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The registry itself.
    #[error("the registry did not do what the demo asked")]
    Registry(#[from] registry::actions::ActionError),
    /// Making the registry.
    #[error(transparent)]
    RegistryOpen(#[from] registry::OpenError),
    /// Reading the office.
    #[error(transparent)]
    OfficeStore(#[from] StoreError),
    /// An office's short name.
    #[error("{0}")]
    Code(String),
    /// The office itself.
    #[error("the office did not do what the demo asked")]
    Office(#[from] actions::ActionError),
    /// A drawn person.
    #[error(transparent)]
    Nik(#[from] NikError),
    /// A drawn number.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// A drawn picture.
    #[error(transparent)]
    Picture(#[from] image::ImageError),
    /// Passwords.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// Keys.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The folder holds nodes without the demo's record.
    #[error(
        "{0} holds nodes but no {1}: an unfinished demo, or somebody's own; remove it or choose another --dir"
    )]
    Unfinished(PathBuf, &'static str),
    /// The bookings did not reach the office.
    #[error("only {arrived} of {expected} bookings reached the office in time")]
    NotLevel {
        /// How many did.
        arrived: usize,
        /// How many should.
        expected: usize,
    },
}

/// A demo whose nodes run.
pub struct Demo {
    office: node::Running,
    registry: registry::Running,
    record: Record,
    about: Office,
    dir: PathBuf,
}

impl Demo {
    /// Makes what is missing, starts both nodes, and returns when the day's bookings are in the office. `said` hears
    /// what is being done.
    pub async fn start(options: &DemoOptions, said: &dyn Fn(&str)) -> Result<Self, DemoError> {
        let office = making::office()?;
        let mut record = if let Some(record) = Record::load(&options.dir)? {
            record
        } else {
            said("Making a registry and an office");
            making::nodes(options, &office).await?
        };
        let clock = Arc::new(DemoClock::default());
        let registry = making::start_registry(options, Arc::clone(&clock)).await?;
        record.registry_url = registry.url();
        let today = office.zone.day(SystemClock.now());
        if record.day != Some(today) {
            let cases = making::book(&registry, &clock, &record, today, said).await?;
            record.take(today, cases);
        }
        said("Enrolling the office and waiting for its bookings");
        making::enrol(&registry, &office, &options.dir).await?;
        let running = making::start_office(options, &record.registry_url)?;
        running.store().ready().await;
        record.office_url = running.url();
        record.display_url = format!("{}/display/aula", record.office_url);
        if record.notifier_key.is_empty() {
            record.notifier_key = making::notifier_key(&running).await?;
        }
        making::wait_until_level(&running, &record.bookings).await?;
        record.save(&options.dir)?;
        Ok(Self { office: running, registry, record, about: office, dir: options.dir.clone() })
    }

    /// Where to look and who may log in, as text for a terminal.
    pub fn report(&self) -> String {
        report::text(&self.record, &self.about, &self.dir)
    }

    /// What was made.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Stops both nodes properly.
    pub async fn stop(self) {
        self.office.stop().await;
        self.registry.stop().await;
    }
}

impl Record {
    fn new(channel_key: String, logins: Vec<Login>) -> Self {
        Self {
            office_url: String::new(),
            registry_url: String::new(),
            display_url: String::new(),
            logins,
            day: None,
            bookings: Vec::new(),
            names: Vec::new(),
            cases: Vec::new(),
            channel_key,
            notifier_key: String::new(),
        }
    }

    /// Takes over a day's bookings.
    fn take(&mut self, day: NaiveDate, cases: Vec<Case>) {
        let here = cases.iter().filter(|case| !case.case.starts_with("other"));
        (self.bookings, self.names) = here.map(|case| (case.number.clone(), case.name.clone())).unzip();
        self.day = Some(day);
        self.cases = cases;
    }
}
