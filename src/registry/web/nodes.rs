//! `/staff/offices/{code}`: the machines of one office, and taking their keys back.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use loket_sync::NodeId;

use super::app::{asker, fault_in};
use crate::domain::actor::Actor;
use crate::domain::node::RevokedWhy;
use crate::domain::office::OfficeCode;
use crate::registry::actions::{Registry, exchange, nodes};
use crate::registry::store::{Crowding, NodeRow, OfficeRow};
use crate::web::errors::Problem;
use crate::web::forms::Fields;
use crate::web::page::{self, Shell};
use crate::web::session::SignedIn;
use crate::web::words::nodes::revoked_why;

/// Causes that staff choose from; *replaced* is what the program itself says.
const CAUSES: [(&str, RevokedWhy); 3] =
    [("lost", RevokedWhy::Lost), ("copied", RevokedWhy::Copied), ("other", RevokedWhy::Other)];

/// One machine.
pub struct Machine {
    id: String,
    granted: String,
    granted_by: String,
    software: String,
    active: bool,
    revoked: Option<String>,
    revoked_how: String,
    twins: Option<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "registry/offices/office.html")]
pub struct OfficePage {
    shell: Shell,
    code: String,
    name: String,
    machines: Vec<Machine>,
    causes: Vec<(&'static str, String)>,
    is_doubled: bool,
    done: bool,
    /// What comes near its end, and what to do.
    crowded: Vec<String>,
}

impl OfficePage {
    /// Draws it.
    pub fn of(shell: Shell, row: &OfficeRow, done: bool) -> Self {
        let machines: Vec<Machine> = row.nodes.iter().map(|node| Machine::of(&shell, node)).collect();
        let is_doubled = machines.iter().filter(|machine| machine.active).count() > 1;
        let causes = CAUSES.map(|(name, why)| (name, revoked_why(shell.words, why))).into();
        let (code, name) = (row.office.code.to_string(), row.office.name.clone());
        Self { shell, code, name, machines, causes, is_doubled, done, crowded: Vec::new() }
    }

    /// Warns of what comes near its end.
    fn warning_of(self, crowding: &Crowding) -> Self {
        let words = self.shell.words;
        let sessions = crowding.sessions_told().map(|(held, most)| words.node_sessions_crowded(held, most));
        let refused = crowding.refused_told().map(|(held, most)| words.node_refused_crowded(held, most));
        Self { crowded: sessions.into_iter().chain(refused).collect(), ..self }
    }
}

impl Machine {
    fn of(shell: &Shell, row: &NodeRow) -> Self {
        let words = shell.words;
        let by = |by: &Actor| match by {
            Actor::Officer { name, .. } => words.node_by(name.as_str()),
            Actor::Applicant | Actor::Bank | Actor::Node => String::new(),
        };
        let moment = |at| shell.dates.since(at, shell.now);
        let (at, who) = &row.granted;
        let revoked = row.revoked.as_ref();
        let how = revoked.map(|it| format!("{} {} {}", moment(it.at), by(&it.by), it.reason));
        let software = row.software.clone().filter(|software| !software.is_empty());
        Self {
            id: row.id.to_string(),
            granted: moment(*at),
            granted_by: by(who),
            software: software.unwrap_or_else(|| words.node_software_unknown()),
            active: revoked.is_none(),
            revoked: revoked.map(|it| words.node_revoked(revoked_why(words, it.why))),
            revoked_how: how.unwrap_or_default().trim().to_owned(),
            twins: row.twins_since.map(|since| words.node_twins(moment(since))),
        }
    }
}

/// What the page is shown after.
#[derive(Debug, Default, serde::Deserialize)]
pub struct After {
    #[serde(default)]
    done: String,
}

/// `GET /staff/offices/{code}`
pub async fn show(
    registry: Data<Registry>,
    code: Path<String>,
    shell: Shell,
    after: Query<After>,
) -> Result<HttpResponse, Problem> {
    page::show(&draw(&registry, shell, &code, !after.done.is_empty()).await?)
}

async fn draw(registry: &Registry, shell: Shell, code: &str, done: bool) -> Result<OfficePage, Problem> {
    let code = OfficeCode::parse(code).ok_or(Problem::NoPage)?;
    let row = registry.store.office(&code).await?.ok_or(Problem::NoPage)?;
    let crowding = registry.store.crowding(&code, &exchange::shared(&code)?).await?;
    Ok(OfficePage::of(shell, &row, done).warning_of(&crowding))
}

/// `POST /staff/offices/{code}/revoke`: takes a machine's key back.
pub async fn revoke(
    registry: Data<Registry>,
    officer: SignedIn,
    code: Path<String>,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let node: NodeId = form.text("node").parse().map_err(|_| Problem::UnreadableForm)?;
    let cause = CAUSES.iter().find(|(name, _)| *name == form.text("why"));
    let why = cause.map_or(RevokedWhy::Other, |(_, why)| *why);
    match nodes::revoke(&registry, &asker(&officer), node, why, form.text("reason")).await {
        Ok(()) => Ok(page::see_other(&format!("/staff/offices/{code}?done=revoked"))),
        Err(error) => {
            let fault = fault_in(error, &shell)?;
            let page = draw(&registry, shell.faulty(fault, form), &code, false).await?;
            page::show_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// `POST /staff/offices/{code}/one`: the copy of a machine was switched off.
pub async fn settle_twins(
    registry: Data<Registry>,
    officer: SignedIn,
    code: Path<String>,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let node: NodeId = form.text("node").parse().map_err(|_| Problem::UnreadableForm)?;
    nodes::settle_twins(&registry, &asker(&officer), node).await?;
    Ok(page::see_other(&format!("/staff/offices/{code}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::node::Revocation;
    use crate::domain::office::{Office, Zone};
    use crate::domain::sample::office;
    use crate::registry::web::preview;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    #[test]
    fn machines_are_listed_with_how_their_keys_were_taken_back() {
        let by = Actor::Officer { login: "tono".to_owned(), name: "Tono".to_owned() };
        let node = |id: u8, revoked, twins_since| NodeRow {
            id: NodeId::from_bytes([id; 16]),
            software: Some("loket 0.1.0".to_owned()),
            granted: (sample::now(), by.clone()),
            revoked,
            twins_since,
        };
        let lost = Revocation {
            why: RevokedWhy::Lost,
            reason: "laptop hilang".to_owned(),
            by: by.clone(),
            at: sample::now(),
        };
        let row = OfficeRow {
            office: Office { code: office("karimun"), name: "Kantor Karimun".to_owned(), zone: Zone::Wib },
            enrolment_until: None,
            enrolled: true,
            software: None,
            last_contact_at: None,
            clock_ahead_ms: None,
            nodes: vec![node(2, None, Some(sample::now())), node(1, Some(lost), None)],
        };
        let shell = preview::shell(L10n::Id, "/staff/offices");
        insta::assert_snapshot!(sample::content(&OfficePage::of(shell, &row, false)));
        // Well before the end somebody is warned, and not before that.
        let page = |crowding| {
            let shell = preview::shell(L10n::Id, "/staff/offices");
            sample::content(&OfficePage::of(shell, &row, false).warning_of(&crowding))
        };
        assert!(!page(Crowding { sessions: 12_287, refused: 749 }).contains("class=\"note warn\""));
        assert_eq!(
            page(Crowding { sessions: 12_288, refused: 750 }).matches("class=\"note warn\"").count(),
            2
        );
    }
}
