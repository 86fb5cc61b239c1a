//! The route table: one entry per method and address, each saying who may call it. The gate asks the table; a test
//! prints it.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{Handler, Responder};

use super::errors::Problem;
use crate::domain::actor::Role;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everybody who reaches the server.
    Anyone,
    /// Every officer who is signed in.
    SignedIn,
    /// Officers with one of these roles.
    Roles(&'static [Role]),
    /// A program with a key of its own, which the handler checks; neither cookies nor form tokens count.
    Machine,
}

/// One route.
pub struct Entry {
    method: Method,
    path: &'static str,
    who: Who,
    route: Box<dyn Fn() -> actix_web::Route>,
    bytes_max: Option<usize>,
}

impl Entry {
    /// The most bytes that a request to this address may bring; read before anybody knows who sends them.
    #[must_use]
    pub fn of_at_most(self, bytes_max: usize) -> Self {
        Self { bytes_max: Some(bytes_max), ..self }
    }
}

/// A page or picture to read.
pub fn get<F, Args>(path: &'static str, who: Who, handler: F) -> Entry
where
    F: Handler<Args> + Clone,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    entry(Method::GET, path, who, handler)
}

/// Something that changes state.
pub fn post<F, Args>(path: &'static str, who: Who, handler: F) -> Entry
where
    F: Handler<Args> + Clone,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    entry(Method::POST, path, who, handler)
}

/// The headers of something to read.
pub fn head<F, Args>(path: &'static str, who: Who, handler: F) -> Entry
where
    F: Handler<Args> + Clone,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    entry(Method::HEAD, path, who, handler)
}

/// A piece that is added to something.
pub fn patch<F, Args>(path: &'static str, who: Who, handler: F) -> Entry
where
    F: Handler<Args> + Clone,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    entry(Method::PATCH, path, who, handler)
}

fn entry<F, Args>(method: Method, path: &'static str, who: Who, handler: F) -> Entry
where
    F: Handler<Args> + Clone,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    let verb = method.clone();
    let route = Box::new(move || web::route().method(verb.clone()).to(handler.clone()));
    Entry { method, path, who, route, bytes_max: None }
}

/// Who may call what, for the gate.
#[derive(Debug, Default)]
pub struct Table(BTreeMap<&'static str, Vec<(Method, Who)>>);

impl Table {
    fn of(entries: &[Entry]) -> Self {
        let mut table = Self::default();
        for entry in entries {
            table.0.entry(entry.path).or_default().push((entry.method.clone(), entry.who));
        }
        table
    }

    /// Who may call a pattern with a method. `HEAD` is asked like `GET` where it has no entry of its own.
    pub fn who(&self, method: &Method, pattern: &str) -> Result<Who, Problem> {
        let methods = self.0.get(pattern).ok_or(Problem::NoPage)?;
        let find = |wanted: &Method| methods.iter().find(|(known, _)| known == wanted).map(|(_, who)| *who);
        let like_get = || if method == Method::HEAD { find(&Method::GET) } else { None };
        find(method).or_else(like_get).ok_or(Problem::WrongMethod)
    }

    /// Every route on a line of its own, for the test that shows them.
    pub fn listing(&self) -> String {
        let routes = self.0.iter().flat_map(|(path, methods)| methods.iter().map(move |it| (path, it)));
        let lines: Vec<_> =
            routes.map(|(path, (method, who))| format!("{method} {path} {who:?}\n")).collect();
        lines.concat()
    }
}

/// The table of these routes, without serving them.
pub fn table(entries: &[Entry]) -> Table {
    Table::of(entries)
}

/// Serves the routes and gives the gate their table.
pub fn configure(config: &mut ServiceConfig, entries: &[Entry]) {
    let mut resources: BTreeMap<&'static str, actix_web::Resource> = BTreeMap::new();
    // Fixed addresses before addresses with a part that varies: the first that fits answers.
    for entry in entries {
        let resource = resources.remove(entry.path).unwrap_or_else(|| web::resource(entry.path));
        let mut resource = resource.route((entry.route)());
        if let Some(bytes_max) = entry.bytes_max {
            resource = resource.app_data(web::PayloadConfig::new(bytes_max));
        }
        resources.insert(entry.path, resource);
    }
    let (varying, fixed): (Vec<_>, Vec<_>) = resources.into_iter().partition(|(path, _)| path.contains('{'));
    for (_, resource) in fixed.into_iter().chain(varying) {
        config.service(resource);
    }
    config.app_data(Data::new(Table::of(entries)));
}
