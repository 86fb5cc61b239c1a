//! Officers from the command line: the first administrator of a new node, or a way back in. While a node runs, officers
//! are changed on its own pages; its folder is locked.

use std::io::{self, BufRead};
use std::path::Path;
use std::sync::Arc;

use super::terminal::say;
use super::{Failure, Node, Officer, RoleName};
use crate::clock::SystemClock;
use crate::config::{self, NodeKind, OfficeOverrides, RegistryConfig, RegistryOverrides};
use crate::domain::actor::Role;
use crate::office::node::{self, NewOfficer};
use crate::office::store::{Store, What};
use crate::passwords;
use crate::registry::{self, NewStaff};

/// Adds, lists or disables.
pub(super) async fn carry_out(command: Officer) -> Result<(), Failure> {
    match command {
        Officer::Add { node, login, name, roles, password_stdin } => {
            let drawn = if password_stdin { None } else { Some(passwords::draw()?) };
            let password = drawn.clone().map_or_else(password_from_input, Ok)?;
            let roles = roles.into_iter().map(Role::from).collect();
            let officer = NewOfficer { login, name, roles, password };
            add(&node, &officer).await?;
            say(&format!("{} may log in as {}.", officer.name, officer.login));
            if let Some(password) = drawn {
                say(&format!("Password, shown this once: {password}"));
            }
            Ok(())
        }
        Officer::List { node } => list(&node).await,
        Officer::Disable { node, login } => {
            only_office(&node.dir)?;
            let over = node.office(OfficeOverrides::default())?;
            let what = vec![What::DisableOfficer { login: login.clone() }];
            node::act_on_stopped(&node.dir, &over, what).await?;
            say(&format!("{login} may no longer log in."));
            Ok(())
        }
    }
}

async fn add(at: &Node, officer: &NewOfficer) -> Result<(), Failure> {
    let is_headquarters = officer.roles.contains(&Role::Headquarters);
    match config::kind_of(&at.dir)? {
        NodeKind::Office if is_headquarters => Err("the role headquarters belongs to a registry".into()),
        NodeKind::Office => {
            let over = at.office(OfficeOverrides::default())?;
            Ok(node::add_officers_over(&at.dir, &over, std::slice::from_ref(officer)).await?)
        }
        NodeKind::Registry if !is_headquarters => {
            Err("a registry knows one role: --role headquarters".into())
        }
        NodeKind::Registry => {
            let config = RegistryConfig::load(&at.dir, &at.registry(RegistryOverrides::default())?)?;
            let registry = registry::open(&config, Arc::new(SystemClock)).await?;
            let NewOfficer { login, name, password, .. } = officer.clone();
            registry::add_staff(&registry, &NewStaff { login, name, password }).await?;
            registry.store.close().await;
            registry::database::close(&config);
            Ok(())
        }
    }
}

async fn list(at: &Node) -> Result<(), Failure> {
    only_office(&at.dir)?;
    let (_, who) = node::load(&at.dir, &at.office(OfficeOverrides::default())?)?;
    let (store, _) = Store::open(&at.dir, who, Arc::new(SystemClock))?;
    let officers = store.officers()?;
    store.stop().await;
    if officers.is_empty() {
        say("Nobody may log in yet: loket officer add --help");
    }
    for officer in officers {
        let roles = if officer.disabled { "disabled".to_owned() } else { role_names(&officer.roles) };
        say(&format!("{:16} {:28} {roles}", officer.login, officer.name));
    }
    Ok(())
}

/// The registry's staff see and disable each other on its staff pages.
fn only_office(dir: &Path) -> Result<(), Failure> {
    match config::kind_of(dir)? {
        NodeKind::Office => Ok(()),
        NodeKind::Registry => {
            Err("this works for offices; a registry's staff is added with `officer add`".into())
        }
    }
}

fn role_names(roles: &[Role]) -> String {
    let name = |role: &Role| {
        let all = <RoleName as clap::ValueEnum>::value_variants();
        let known = all.iter().find(|known| Role::from(**known) == *role);
        known.and_then(clap::ValueEnum::to_possible_value).map(|value| value.get_name().to_owned())
    };
    roles.iter().filter_map(name).collect::<Vec<_>>().join(", ")
}

fn password_from_input() -> Result<String, Failure> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.is_empty() { Err("no password came on standard input".into()) } else { Ok(password) }
}
