//! The language switch at the top of every page.

use actix_web::{HttpRequest, HttpResponse};

use super::errors::Problem;
use super::forms::{Fields, own_path};
use super::words::L10n;
use super::{host, page, session};

/// `POST /language`: keeps the language for a year and goes back to where one was.
pub async fn switch(request: HttpRequest, fields: Fields) -> Result<HttpResponse, Problem> {
    let language: L10n = fields.text("language").parse().map_err(|_| Problem::UnreadableForm)?;
    let host = host::of(&request).ok_or(Problem::Internal)?;
    let mut answer = page::see_other(own_path(fields.text("next")).unwrap_or("/"));
    let cookie = session::language(&**host, language);
    answer.add_cookie(&cookie).map_err(|error| Problem::internal(&error))?;
    Ok(answer)
}
