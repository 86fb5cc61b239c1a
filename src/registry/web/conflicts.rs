//! `/staff/conflicts`: where two truths meet in any office, and what holds until a person settles it.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;

use super::rows::Row;
use crate::domain::conflict::Conflict;
use crate::registry::actions::Registry;
use crate::registry::store::Summary;
use crate::web::errors::Problem;
use crate::web::page::{self, Shell};
use crate::web::words::conflicts::{self, Told};

/// The most applications on the page: urgent ones first, then the oldest.
const APPLICATIONS_MAX: u32 = 200;

/// An application about which two truths meet.
pub struct Disputed {
    row: Row,
    points: Vec<Told>,
    /// Where headquarters settles it, when it can.
    settle: Option<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "registry/conflicts/conflicts.html")]
pub struct ConflictsPage {
    shell: Shell,
    disputed: Vec<Disputed>,
    payments: i64,
}

impl ConflictsPage {
    /// Lists these applications; beside them stand so many payments that somebody has to settle.
    pub fn of(shell: Shell, lines: &[Summary], payments: usize) -> Self {
        let disputed = lines.iter().map(|line| Disputed::of(&shell, line)).collect();
        Self { shell, disputed, payments: i64::try_from(payments).unwrap_or(i64::MAX) }
    }
}

impl Disputed {
    fn of(shell: &Shell, line: &Summary) -> Self {
        let row = Row::of(shell, line);
        let is_settled_here = line.conflicts.iter().any(|it| matches!(it, Conflict::ServedTwice { .. }));
        let settle = is_settled_here.then(|| format!("{}#decide", row.href));
        let mut points: Vec<Told> =
            line.conflicts.iter().map(|it| conflicts::tell(shell.words, it)).collect();
        points.sort_by_key(|point| !point.urgent);
        Self { row, points, settle }
    }
}

/// `GET /staff/conflicts`
pub async fn list(registry: Data<Registry>, shell: Shell) -> Result<HttpResponse, Problem> {
    let lines = registry.store.in_conflict(APPLICATIONS_MAX).await?;
    let payments = registry.store.reconciliation(APPLICATIONS_MAX).await?.len();
    page::show(&ConflictsPage::of(shell, &lines, payments))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::booking::Cancelled;
    use crate::domain::fact::Fact;
    use crate::domain::sample::{Story, hand_over};
    use crate::registry::web::preview;
    use crate::web::page::sample;
    use crate::web::words::L10n;

    #[test]
    fn what_differs_in_any_office_is_listed_with_what_holds() {
        let cancelled = Fact::BookingCancelled(Cancelled { reason: "r".to_owned() });
        let stories = [
            Story::interviewed().also_arrives_at("batam").registry(cancelled.clone()),
            Story::ready().does(hand_over(1)).registry(cancelled),
        ];
        let lines = stories.map(|story| Summary::of(&story.view()));
        let shell = preview::shell(L10n::Id, "/staff/conflicts");
        insta::assert_snapshot!(sample::content(&ConflictsPage::of(shell, &lines, 2)));
    }

    #[test]
    fn when_everything_agrees_the_page_says_so() {
        let shell = preview::shell(L10n::En, "/staff/conflicts");
        insta::assert_snapshot!(sample::content(&ConflictsPage::of(shell, &[], 0)));
    }
}
