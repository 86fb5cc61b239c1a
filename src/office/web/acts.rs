//! How a form of the floor's pages becomes an act, and what an act that was not done becomes.

use actix_web::HttpResponse;

use super::app::{self, OfficeApp};
use crate::domain::application::{Application, ApplicationKey};
use crate::domain::fact::Fact;
use crate::domain::refusal::Refusal;
use crate::domain::view::View;
use crate::domain::visit::Viewed;
use crate::ids;
use crate::office::actions::{ActionError, PictureFault};
use crate::office::store::{Act, What, facts_seen};
use crate::web::errors::Problem;
use crate::web::session::SignedIn;

/// What a handler answers.
pub type Answer = Result<HttpResponse, Problem>;

/// Why an act was not done.
pub enum Undone {
    /// The rules refuse it: the page is shown again.
    Refused(Refusal),
    /// The picture cannot be taken: the page is shown again.
    Picture(PictureFault),
    /// Anything else has a page of its own.
    Problem(Problem),
}

impl From<ActionError> for Undone {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::Picture(fault) => Self::Picture(fault),
            error => app::refusal_in(error).map_or_else(Self::Problem, Self::Refused),
        }
    }
}

impl From<Refusal> for Undone {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Problem> for Undone {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// An application as a page needs it.
pub struct Opened {
    /// The application.
    pub application: Application,
    /// What its facts add up to.
    pub view: View,
    /// The number of facts a page drawn now is drawn from.
    pub seen: usize,
}

/// Opens the application of an address.
pub fn open(app: &OfficeApp, number: &str) -> Result<Opened, Problem> {
    let application = app.application(number)?;
    let view = application.view();
    let seen = facts_seen(&application, &app.store.office().code);
    Ok(Opened { application, view, seen })
}

/// Writes down who looked at a page about an application; the store leaves out those who looked just before. The page does not wait for it; a store that cannot write says
/// so itself.
pub fn note_view(app: &OfficeApp, officer: &SignedIn, key: ApplicationKey, page: &str) {
    let Ok(once) = ids::once() else { return };
    let fact = Fact::Viewed(Viewed { page: page.to_owned() });
    let what = What::Note { key, fact };
    let act = Act { what, by: officer.actor(), roles: officer.roles.clone(), once, seen: None };
    let store = app.store.clone();
    actix_web::rt::spawn(async move {
        if let Err(error) = store.act(act).await {
            tracing::warn!(%error, "A look at an application could not be written down");
        }
    });
}
