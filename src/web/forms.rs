//! What a form sends. Reading a form checks its token, so that no handler can forget to.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Form;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::errors::Problem;
use super::session::Caller;

/// The longest text of a field, in bytes: longer ones are cut by nobody's pen.
pub(super) const TEXT_LEN_MAX: usize = 4000;

/// The fields of a form, in the order they came. A field may come more than once (ticked boxes).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Fields put together by hand: typed values of a multipart form, samples in tests.
    pub fn new(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// The first field of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The first field of this name without space around it; empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default().trim()
    }

    /// The same, owned.
    pub fn owned(&self, name: &str) -> String {
        self.text(name).to_owned()
    }

    /// All values of one name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether a box was ticked.
    pub fn ticked(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The idempotency key of the form.
    pub fn once(&self) -> String {
        self.owned("once")
    }

    /// The number of facts the page was drawn from.
    pub fn seen(&self) -> Option<usize> {
        self.text("seen").parse().ok()
    }

    fn check(self, request: &HttpRequest) -> Result<Self, Problem> {
        check_token(request, self.get("csrf"))?;
        if self.0.iter().any(|(_, value)| value.len() > TEXT_LEN_MAX) {
            return Err(Problem::TooLarge);
        }
        Ok(self)
    }
}

impl FromRequest for Fields {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = Form::<Vec<(String, String)>>::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let fields = form.await.map_err(|error| {
                let status = error.as_response_error().status_code();
                if status == 413 { Problem::TooLarge } else { Problem::UnreadableForm }
            })?;
            Self(fields.into_inner()).check(&request)
        })
    }
}

/// Checks the token of a form. Urlencoded forms are checked by reading [`Fields`]; multipart forms call this.
pub fn check_token(request: &HttpRequest, token: Option<&str>) -> Result<(), Problem> {
    let extensions = request.extensions();
    let expected = extensions.get::<Caller>().map(|caller| caller.csrf.as_str());
    match (expected, token) {
        (Some(expected), Some(token)) if same(expected, token) => Ok(()),
        _ => Err(Problem::ForeignForm),
    }
}

/// Compares without telling by its duration where two texts differ.
fn same(left: &str, right: &str) -> bool {
    blake3::hash(left.as_bytes()) == blake3::hash(right.as_bytes())
}

/// A text as part of a query.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/') {
            escaped.push(char::from(byte));
        } else {
            escaped.push('%');
            data_encoding::HEXUPPER.encode_append(&[byte], &mut escaped);
        }
    }
    escaped
}

/// A path to go on to after the login: only one of our own pages, never another site. Browsers drop tabs and line
/// breaks from an address and read a backslash as a slash, so nothing but plain characters is let through.
pub fn own_path(text: &str) -> Option<&str> {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b':'));
    let ours = text.starts_with('/') && !text.starts_with("//") && plain;
    ours.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_are_gone_on_to() {
        assert_eq!(own_path("/bookings?q=ani"), Some("/bookings?q=ani"));
        for foreign in
            ["//elsewhere", "https://elsewhere", "bookings", "/\\elsewhere", "/\t/elsewhere", "/\u{a0}", ""]
        {
            assert_eq!(own_path(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn a_field_may_come_more_than_once() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields =
            Fields::new(vec![pair("role", "a"), pair("role", "b"), pair("seen", "7"), pair("x", " y ")]);
        assert_eq!(fields.all("role").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((fields.seen(), fields.text("x"), fields.text("none")), (Some(7), "y", ""));
    }

    #[test]
    fn escaping_keeps_paths_readable() {
        assert_eq!(escape("/bookings?q=a b"), "/bookings%3Fq%3Da%20b");
    }
}
