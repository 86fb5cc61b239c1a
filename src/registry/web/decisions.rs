//! The list of applications that wait for headquarters.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use chrono::{DateTime, Utc};

use super::rows::Row;
use crate::registry::actions::Registry;
use crate::registry::store::Summary;
use crate::web::errors::Problem;
use crate::web::page::{self, Shell};

/// The most lines of the list; the oldest come first, so nobody is forgotten.
const ROWS_MAX: u32 = 200;

/// The page.
#[derive(Template)]
#[template(path = "registry/decisions/decisions.html")]
pub struct DecisionsPage {
    shell: Shell,
    title: String,
    waiting: Option<String>,
    rows: Vec<Row>,
}

impl DecisionsPage {
    /// Lists those that wait; `count` of them in all, the oldest since `oldest`.
    pub fn of(shell: Shell, waiting: &[Summary], count: u64, oldest: Option<DateTime<Utc>>) -> Self {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let since = oldest.map(|oldest| shell.dates.since(oldest, shell.now));
        Self {
            title: shell.words.staff_decisions_title(),
            waiting: since.map(|since| shell.words.staff_decisions_waiting(count, since)),
            rows: waiting.iter().map(|summary| Row::of(&shell, summary)).collect(),
            shell,
        }
    }
}

/// `GET /staff/decisions`
pub async fn list(registry: Data<Registry>, shell: Shell) -> Result<HttpResponse, Problem> {
    let waiting = registry.store.awaiting_decision(ROWS_MAX).await?;
    let (count, oldest) = registry.store.awaiting_count().await?;
    page::show(&DecisionsPage::of(shell, &waiting, count, oldest))
}

/// `GET /staff`
pub async fn home() -> HttpResponse {
    page::see_other("/staff/decisions")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::Story;
    use crate::registry::web::preview;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    #[test]
    fn who_waits_longest_comes_first() {
        let line = Summary::of(&Story::interviewed().view());
        let page =
            DecisionsPage::of(preview::shell(L10n::Id, "/staff/decisions"), &[line], 1, Some(sample::now()));
        insta::assert_snapshot!(sample::content(&page));
    }

    #[test]
    fn an_empty_list_says_so() {
        let page = DecisionsPage::of(preview::shell(L10n::En, "/staff/decisions"), &[], 0, None);
        insta::assert_snapshot!(sample::content(&page));
    }
}
