//! What officers do.

mod arrivals;
mod captures;
mod officers;
mod settings;

use loket::office::actions::Asker;

use super::officer;

/// An officer who holds every role, and a form.
pub fn asker(login: &str, once: String) -> Asker {
    Asker { by: officer(login), ..Asker::node(once) }
}
