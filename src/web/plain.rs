//! The plain-http door beside https: hands out the authority's certificate with how to install it, and sends everything
//! else to https. It sets no cookie and takes no form.

use std::io;
use std::net::{SocketAddr, TcpListener};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer};
use askama::Template;
use tokio::sync::watch;

use super::dates::Dates;
use super::serve::Server;
use super::tls::{AuthorityShown, Shown};
use super::words::{L10n, L10nLanguage, words};
use super::{assets, headers, page};
use crate::certificate::pem;
use crate::domain::office::Zone;

/// Where the certificate is handed out.
pub const INSTALL_PATH: &str = "/certificate";
/// The certificate as Windows, Android and Firefox take it.
const DER_PATH: &str = "/certificate/loket.crt";
/// The same as text.
const PEM_PATH: &str = "/certificate/loket.pem";
/// What browsers and systems know a certificate by.
const CERTIFICATE_TYPE: &str = "application/x-x509-ca-cert";
const HTTPS_PORT: u16 = 443;

/// What the door knows.
#[derive(Clone)]
pub struct Door {
    /// The certificate that is served.
    pub shown: watch::Receiver<Shown>,
    /// The port of the pages.
    pub https_port: u16,
    /// Whose pages they are.
    pub place: String,
    /// Its time zone.
    pub zone: Zone,
}

impl Door {
    /// The address of a page over https, under the host the caller used if the certificate is for it.
    fn address(&self, request: &HttpRequest, path: &str) -> String {
        let shown = self.shown.borrow();
        let asked = request.connection_info().host().to_owned();
        let host = host_of(&asked);
        let host = if shown.hosts.contains(host) { host.to_owned() } else { shown.hosts.first() };
        match self.https_port {
            HTTPS_PORT => format!("https://{host}{path}"),
            port => format!("https://{host}:{port}{path}"),
        }
    }

    fn authority(&self) -> Option<AuthorityShown> {
        self.shown.borrow().authority.clone()
    }
}

/// A host without its port: `loket:8081`, `192.0.2.10`, `[2001:db8::7]:80`.
fn host_of(authority: &str) -> &str {
    let after_brackets = authority.rfind(']').map_or(0, |at| at + 1);
    match authority[after_brackets..].find(':') {
        Some(colon) => &authority[..after_brackets + colon],
        None => authority,
    }
}

/// How the certificate is installed, in one language.
struct Told {
    words: &'static L10nLanguage,
    language: L10n,
    until: String,
}

/// The page.
#[derive(Template)]
#[template(path = "tls/install.html")]
struct InstallPage {
    place: String,
    told: [Told; 2],
    sha256: String,
    sha1: String,
    hosts: String,
    https: String,
}

impl InstallPage {
    fn asset(name: &str) -> String {
        assets::address(name)
    }
}

/// Opens the door.
pub fn open(listen: SocketAddr, door: Door) -> io::Result<Server> {
    let listener = TcpListener::bind(listen)?;
    let address = listener.local_addr()?;
    let (stopping, _) = watch::channel(false);
    let door = Data::new(door);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(door.clone())
            .wrap(from_fn(with_headers))
            .route(INSTALL_PATH, web::get().to(install))
            .route(DER_PATH, web::get().to(der))
            .route(PEM_PATH, web::get().to(text))
            .route("/static/{name}", web::get().to(assets::serve))
            .default_service(web::to(elsewhere))
    })
    .workers(1)
    .shutdown_timeout(1)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(Server::running(address, "http", stopping, server))
}

async fn with_headers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut answer = next.call(request).await?;
    headers::add(answer.headers_mut());
    Ok(answer)
}

/// Reading is sent on; anything else would already have crossed the network in the open, and is refused so that it is
/// noticed.
async fn elsewhere(door: Data<Door>, request: HttpRequest) -> HttpResponse {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let told = [L10n::Id, L10n::En].map(|language| words(language).certificate_only_https());
        return HttpResponse::Forbidden().content_type("text/plain; charset=utf-8").body(told.join("\n"));
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let to = door.address(&request, path);
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, to)).finish()
}

/// The page about the certificate; without an authority of our own there is nothing to install.
async fn install(door: Data<Door>, request: HttpRequest) -> HttpResponse {
    let Some(authority) = door.authority() else { return elsewhere(door, request).await };
    let told = [L10n::Id, L10n::En].map(|language| Told {
        words: words(language),
        language,
        until: Dates { language, zone: door.zone }.day(door.zone.day(authority.seen.until)),
    });
    let page = InstallPage {
        place: door.place.clone(),
        told,
        sha256: authority.seen.sha256,
        sha1: authority.seen.sha1,
        hosts: door.shown.borrow().hosts.to_string(),
        https: door.address(&request, "/"),
    };
    match page.render() {
        Ok(text) => HttpResponse::Ok().content_type(page::HTML).body(text),
        Err(error) => {
            tracing::error!(%error, "The page about the certificate cannot be drawn");
            HttpResponse::InternalServerError().finish()
        }
    }
}

async fn der(door: Data<Door>, request: HttpRequest) -> HttpResponse {
    match door.authority() {
        Some(authority) => file(CERTIFICATE_TYPE, "loket.crt", authority.der),
        None => elsewhere(door, request).await,
    }
}

async fn text(door: Data<Door>, request: HttpRequest) -> HttpResponse {
    match door.authority() {
        Some(authority) => file("application/x-pem-file", "loket.pem", pem(&authority.der).into_bytes()),
        None => elsewhere(door, request).await,
    }
}

fn file(media_type: &'static str, name: &str, bytes: Vec<u8>) -> HttpResponse {
    let disposition = format!("attachment; filename=\"{name}\"");
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .body(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_found_with_and_without_a_port() {
        for (authority, host) in [
            ("loket.kantor.example:8081", "loket.kantor.example"),
            ("192.0.2.10", "192.0.2.10"),
            ("[2001:db8::7]:80", "[2001:db8::7]"),
            ("[2001:db8::7]", "[2001:db8::7]"),
        ] {
            assert_eq!(host_of(authority), host);
        }
    }
}
