//! Making nodes and tying them together.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use super::terminal::say;
use super::{Failure, Node};
use crate::clock::SystemClock;
use crate::config::{self, OfficeOverrides, RegistryConfig, RegistryOverrides};
use crate::domain::office::Office;
use crate::office::node::{self, NewLink};
use crate::registry;

/// Makes an office: its settings and its key.
pub(super) fn office(dir: &Path, office: &Office, listen: SocketAddr) -> Result<(), Failure> {
    node::make(dir, office, Some(listen))?;
    let folder = dir.display();
    say(&format!(
        "{folder} is now {}.\n\n\
         Next:\n  \
         loket officer add --dir {folder} --login NAME --name \"Full Name\" --role administrator\n  \
         loket enroll --dir {folder} --registry URL --code CODE\n  \
         loket certificate new --dir {folder} --name NAME --ip ADDRESS\n  \
         loket office --dir {folder} --listen ADDRESS:PORT\n\n\
         Keep a copy of {folder}/node.key in a safe place: without it nobody can read the folder.",
        office.name,
    ));
    Ok(())
}

/// Makes a registry: its settings, its key, its database, and the first key of the interface for bookings and banks.
pub(super) async fn registry(dir: &Path, over: &RegistryOverrides) -> Result<(), Failure> {
    config::init_registry(dir, over)?;
    let config = RegistryConfig::load(dir, over)?;
    let made = registry::init(&config, &[], Arc::new(SystemClock)).await?;
    let folder = dir.display();
    say(&format!(
        "{folder} is now a registry.\n\n\
         Key of the booking and payment interface, shown this once:\n  {}\n\n\
         {}\n\n\
         Next:\n  \
         loket officer add --dir {folder} --login NAME --name \"Full Name\" --role headquarters\n  \
         loket registry --dir {folder}\n\n\
         Keep a copy of {folder}/node.key in a safe place: without it nobody can read the database.",
        made.channel_key,
        super::recovery::printed(&made.recovery),
    ));
    Ok(())
}

/// Ties an office to its registry.
pub(super) async fn enroll(office: &Node, link: &NewLink) -> Result<(), Failure> {
    node::enrol(&office.dir, &office.office(OfficeOverrides::default())?, link).await?;
    let folder = office.dir.display();
    say(&format!("{folder} is tied to {}. Start it (again) to let the two exchange.", link.url));
    Ok(())
}
