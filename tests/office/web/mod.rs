//! The office's pages over a real socket: an officer in every role, signed in.

mod captures;
mod custody;
mod deadlines;
mod displays;
mod gate;
mod importing;
mod receiving;
mod reviews;
mod settling;
mod stock;
mod storage;
mod tickets;
mod walk_ins;

use std::path::Path;
use std::sync::Arc;

use loket::domain::actor::Role;
use loket::office::actions::officers::OfficerForm;
use loket::office::actions::{Asker, officers, sessions};
use loket::office::web::app::OfficeApp;
use loket::office::web::{configure, host};
use loket::office::worker::Printer;
use loket::sheets::SheetReader;
use loket::web::serve::{self, Server};
use loket::web::uploads::Places;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION};

use super::TestOffice;

pub const PASSWORD: &str = "empat-kuda-di-pantai";

/// An office whose pages are served, and a browser of an officer.
pub struct Site {
    pub office: TestOffice,
    server: Server,
    client: reqwest::Client,
    cookie: String,
    csrf: String,
}

/// An answer.
pub struct Page {
    pub status: StatusCode,
    pub location: String,
    pub media_type: String,
    pub body: Vec<u8>,
}

impl Page {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The value of the first hidden field of this name.
    fn hidden(&self, name: &str) -> Option<String> {
        let text = self.text();
        let from = text.split_once(&format!("name=\"{name}\" value=\""))?.1;
        from.split_once('"').map(|(value, _)| value.to_owned())
    }
}

impl Site {
    pub async fn open() -> Self {
        Self::of(TestOffice::open()).await
    }

    /// The pages of an office that is open.
    pub async fn of(office: TestOffice) -> Self {
        Self::with_places(office, Places::default()).await
    }

    /// The same with a printer for tickets.
    pub async fn printing(office: TestOffice, printer: Printer) -> Self {
        Self::with(office, Places::default(), Some(printer)).await
    }

    /// The same with so many places for pictures on their way.
    pub async fn with_places(office: TestOffice, places: Places) -> Self {
        Self::with(office, places, None).await
    }

    async fn with(office: TestOffice, places: Places, printer: Option<Printer>) -> Self {
        let roles =
            vec![Role::FrontDesk, Role::Interviewer, Role::Supervisor, Role::Custody, Role::Administrator];
        let form = OfficerForm {
            login: "sari".into(),
            name: "Sari Melayu".into(),
            roles,
            password: Some(PASSWORD.into()),
        };
        officers::set(office.store(), Asker::node("first".into()), form).await.unwrap();
        let signed_in = sessions::sign_in(office.store(), &*office.clock, "sari", PASSWORD).await;
        let Ok(signed_in) = signed_in else { panic!("the officer cannot sign in") };
        let places = Arc::new(places);
        let sheets = Some(SheetReader::of(Path::new(env!("CARGO_BIN_EXE_loket"))));
        let app = OfficeApp { places, sheets, printer, ..OfficeApp::new(office.store().clone(), false) };
        let listen = "127.0.0.1:0".parse().unwrap();
        let server = serve::start(listen, host(app.clone()), move |config| configure(config, &app)).unwrap();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let cookie = format!("loket={}", signed_in.token);
        let mut site = Self { office, server, client, cookie, csrf: String::new() };
        site.csrf = site.get("/tickets").await.hidden("csrf").unwrap();
        site
    }

    /// Another officer sits down at the browser.
    pub async fn sign_in(&mut self, login: &str, name: &str, roles: &[Role]) {
        let form = OfficerForm {
            login: login.into(),
            name: name.into(),
            roles: roles.to_vec(),
            password: Some(PASSWORD.into()),
        };
        let asker = Asker::node(format!("officer {login}"));
        officers::set(self.office.store(), asker, form).await.unwrap();
        let signed_in = sessions::sign_in(self.office.store(), &*self.office.clock, login, PASSWORD).await;
        let Ok(signed_in) = signed_in else { panic!("the officer cannot sign in") };
        self.cookie = format!("loket={}", signed_in.token);
        self.csrf = self.get("/tickets").await.hidden("csrf").unwrap();
    }

    /// Serves no more pages.
    pub async fn close(self) -> TestOffice {
        self.server.stop().await;
        self.office
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.url())
    }

    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    pub async fn get(&self, path: &str) -> Page {
        self.send(self.client.get(self.url(path)).header(COOKIE, &self.cookie)).await
    }

    /// The same without being signed in.
    pub async fn get_as_stranger(&self, path: &str) -> Page {
        self.send(self.client.get(self.url(path))).await
    }

    pub async fn stream(&self, path: &str) -> reqwest::Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }

    /// Sends a form as the page would: with its token and a fresh idempotency key.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let once = self.office.form();
        let own = [("csrf", self.csrf.as_str()), ("once", once.as_str())];
        let body: Vec<String> = own
            .iter()
            .chain(fields)
            .map(|(name, value)| format!("{name}={}", loket::web::forms::escape(value).replace('/', "%2F")))
            .collect();
        let request = self.client.post(self.url(path)).header(COOKIE, &self.cookie);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(body.join("&"))).await
    }

    /// Sends a form with a file.
    pub async fn post_file(&self, path: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Page {
        let once = self.office.form();
        let own = [("csrf", self.csrf.as_str()), ("once", once.as_str())];
        let mut body = Vec::new();
        for (name, value) in own.iter().chain(fields) {
            let part =
                format!("--part\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        let (name, bytes) = file;
        let part = format!(
            "--part\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"{name}\"\r\nContent-Type: image/jpeg\r\n\r\n"
        );
        body.extend_from_slice(part.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--part--\r\n");
        let request = self.client.post(self.url(path)).header(COOKIE, &self.cookie);
        self.send(request.header(CONTENT_TYPE, "multipart/form-data; boundary=part").body(body)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Page {
        let answer = request.send().await.unwrap();
        let header = |name| {
            answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let (status, location, media_type) = (answer.status(), header(LOCATION), header(CONTENT_TYPE));
        Page { status, location, media_type, body: answer.bytes().await.unwrap().to_vec() }
    }
}
