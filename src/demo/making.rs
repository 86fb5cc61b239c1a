//! Making the demo's nodes: folders, people, the office at the registry, its enrolment, the desktop's key.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use loket_sync::Disk;

use super::booking::DayMaker;
use super::client::Client;
use super::record::{Case, Login, RECORD_FILE, Record, RecordError};
use super::time::DemoClock;
use super::{DemoError, DemoOptions};
use crate::clock::SystemClock;
use crate::config::{self, OfficeOverrides, RegistryConfig, RegistryOverrides, SETTINGS_FILE};
use crate::domain::actor::Role;
use crate::domain::number::ApplicationNumber;
use crate::domain::office::{Office, OfficeCode, Zone};
use crate::domain::officer::DeviceKind;
use crate::office::actions::{Asker, devices};
use crate::office::node::{self, NewLink, NewOfficer};
use crate::registry::actions::offices;
use crate::registry::{self, NewStaff};
use crate::{backup, ids, passwords};

/// Who works in the demo: role, login name, name.
const STAFF: &[(Role, &str, &str)] = &[
    (Role::FrontDesk, "sari", "Sari Melati"),
    (Role::Interviewer, "bima", "Bima Saputra"),
    (Role::Supervisor, "ratna", "Ratna Dewi"),
    (Role::Custody, "yusuf", "Yusuf Hakim"),
    (Role::Administrator, "admin", "Dian Pratama"),
    (Role::Auditor, "auditor", "Lestari Wulan"),
    (Role::Headquarters, "pusat", "Adi Nugraha"),
];

/// Name of the file with the registry's recovery key.
const RECOVERY_FILE: &str = "recovery.key";

/// How long the bookings may take to reach the office.
const LEVEL_SECONDS_MAX: u64 = 90;

/// The folder of the demo's office.
pub(super) fn office_dir(dir: &Path) -> PathBuf {
    dir.join("office")
}

/// The folder of the demo's registry.
pub(super) fn registry_dir(dir: &Path) -> PathBuf {
    dir.join("registry")
}

/// The office the demo is set in.
pub(super) fn office() -> Result<Office, DemoError> {
    config::example_office()
        .ok_or_else(|| DemoError::Code("the example office has no proper code".to_owned()))
}

/// An office that somebody booked by mistake.
fn elsewhere() -> Result<Office, DemoError> {
    let code = OfficeCode::try_from("batam".to_owned()).map_err(DemoError::Code)?;
    Ok(Office { code, name: "Kantor Imigrasi Kelas I Khusus TPI Batam".to_owned(), zone: Zone::Wib })
}

/// Makes both nodes and everybody's login, and saves what only is known now.
pub(super) async fn nodes(options: &DemoOptions, office: &Office) -> Result<Record, DemoError> {
    let (office_dir, registry_dir) = (office_dir(&options.dir), registry_dir(&options.dir));
    if [&office_dir, &registry_dir].iter().any(|dir| dir.join(SETTINGS_FILE).exists()) {
        return Err(DemoError::Unfinished(options.dir.clone(), RECORD_FILE));
    }
    let logins = STAFF.iter().map(login).collect::<Result<Vec<_>, _>>()?;
    let over = registry_overrides(options);
    config::init_registry(&registry_dir, &over)?;
    let headquarters: Vec<NewStaff> =
        logins.iter().filter(|login| login.role == Role::Headquarters).map(new_staff).collect();
    let settings = RegistryConfig::load(&registry_dir, &over)?;
    let made = registry::init(&settings, &headquarters, Arc::new(SystemClock)).await?;
    // A real registry's lies on paper; the demo's beside its passwords.
    let (paper, file) = (backup::recovery_paper(&made.recovery), options.dir.join(RECOVERY_FILE));
    let kept = Disk::default().replace_private(&file, paper.as_bytes());
    kept.map_err(|source| RecordError::Io { file, source })?;
    node::make(&office_dir, office, None)?;
    let officers: Vec<NewOfficer> =
        logins.iter().filter(|login| login.role != Role::Headquarters).map(new_officer).collect();
    node::add_officers(&office_dir, &officers).await?;
    let record = Record::new(made.channel_key, logins);
    record.save(&options.dir)?;
    Ok(record)
}

fn login((role, name, full_name): &(Role, &str, &str)) -> Result<Login, DemoError> {
    let (name, full_name) = ((*name).to_owned(), (*full_name).to_owned());
    Ok(Login { role: *role, name, full_name, password: passwords::draw()? })
}

fn new_staff(login: &Login) -> NewStaff {
    let Login { name, full_name, password, .. } = login.clone();
    NewStaff { login: name, name: full_name, password }
}

fn new_officer(login: &Login) -> NewOfficer {
    let Login { role, name, full_name, password } = login.clone();
    NewOfficer { login: name, name: full_name, roles: vec![role], password }
}

fn registry_overrides(options: &DemoOptions) -> RegistryOverrides {
    let listen = Some(([127, 0, 0, 1], options.registry_port).into());
    RegistryOverrides {
        listen,
        smtp: options.smtp.clone(),
        database_url: options.database_url.clone(),
        ..RegistryOverrides::default()
    }
}

/// Starts the registry on a clock that the demo leads.
pub(super) async fn start_registry(
    options: &DemoOptions,
    clock: Arc<DemoClock>,
) -> Result<registry::Running, DemoError> {
    let config = RegistryConfig::load(&registry_dir(&options.dir), &registry_overrides(options))?;
    Ok(registry::serve(&config, clock).await?)
}

/// Starts the office, which reaches its registry at this address today.
pub(super) fn start_office(options: &DemoOptions, registry_url: &str) -> Result<node::Running, DemoError> {
    let listen = Some(([127, 0, 0, 1], options.office_port).into());
    let over =
        OfficeOverrides { listen, registry_url: Some(registry_url.to_owned()), ..OfficeOverrides::default() };
    Ok(node::Running::start(&office_dir(&options.dir), &over, Arc::new(SystemClock))?)
}

/// Books a day at the running registry.
pub(super) async fn book(
    registry: &registry::Running,
    clock: &DemoClock,
    record: &Record,
    day: NaiveDate,
    said: &dyn Fn(&str),
) -> Result<Vec<Case>, DemoError> {
    let (here, elsewhere) = (office()?, elsewhere()?);
    for office in [&here, &elsewhere] {
        offices::add(&registry.registry, office).await?;
    }
    let client = Client::new(registry.url(), record.channel_key.clone())?;
    let maker = DayMaker {
        registry: &registry.registry,
        clock,
        client,
        here: &here,
        elsewhere: &elsewhere.code,
        day,
    };
    maker.make(&|made| said(&format!("Booking and paying through the registry: {made}"))).await
}

/// Ties the office to the registry, as `loket enroll` does, if it is not tied yet.
pub(super) async fn enrol(
    registry: &registry::Running,
    office: &Office,
    dir: &Path,
) -> Result<(), DemoError> {
    let dir = office_dir(dir);
    let (config, _) = node::load(&dir, &OfficeOverrides::default())?;
    if config.registry.is_some() {
        return Ok(());
    }
    let open = offices::open_code(&registry.registry, &office.code).await?;
    let link = NewLink { url: registry.url(), code: open.code, certificate: None, without_tls: false };
    Ok(node::enrol(&dir, &OfficeOverrides::default(), &link).await?)
}

/// Gives the desktop a key; the office keeps only its hash.
pub(super) async fn notifier_key(office: &node::Running) -> Result<String, DemoError> {
    let asker = Asker::node(ids::once()?);
    Ok(devices::give_key(office.store(), asker, "desktop", DeviceKind::Notifier).await?)
}

/// Waits until the exchange has brought these bookings to the office.
pub(super) async fn wait_until_level(
    office: &node::Running,
    numbers: &[ApplicationNumber],
) -> Result<(), DemoError> {
    let mut changes = office.store().changes();
    let limit = tokio::time::sleep(Duration::from_secs(LEVEL_SECONDS_MAX));
    tokio::pin!(limit);
    loop {
        changes.borrow_and_update();
        let mut arrived = 0;
        for number in numbers {
            arrived += usize::from(office.store().by_number(number)?.is_some());
        }
        if arrived == numbers.len() {
            return Ok(());
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = &mut limit => return Err(DemoError::NotLevel { arrived, expected: numbers.len() }),
        }
    }
}
