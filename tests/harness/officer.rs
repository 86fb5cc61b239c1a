//! An officer at a browser without scripts: opens pages, fills their forms, follows where they lead.

use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, StatusCode, redirect};

use super::html::{self, Form};

/// A page as it came.
#[derive(Debug, Clone)]
pub struct Page {
    /// The answer's status.
    pub status: StatusCode,
    /// Where it stands after redirects.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Page {
    /// The form that goes to an address ending like this.
    pub fn form(&self, action: &str) -> Form {
        let forms = html::forms(&self.text);
        let found = forms.iter().find(|form| form.action.ends_with(action));
        let actions: Vec<_> = forms.iter().map(|form| &form.action).collect();
        found
            .unwrap_or_else(|| {
                panic!(
                    "{} ({}) has no form to {action}, only {actions:?}\n{}",
                    self.path,
                    self.status,
                    self.body()
                )
            })
            .clone()
    }

    /// Of several forms to one address, the one with this value in a field.
    pub fn form_with(&self, action: &str, name: &str, value: &str) -> Form {
        let mut forms = html::forms(&self.text).into_iter();
        let found = forms.find(|form| form.action.ends_with(action) && form.value(name) == Some(value));
        found.unwrap_or_else(|| {
            panic!("{} has no form to {action} with {name}={value}:\n{}", self.path, self.body())
        })
    }

    /// Of several forms to one address, the one without this field.
    pub fn form_without(&self, action: &str, name: &str) -> Form {
        let mut forms = html::forms(&self.text).into_iter();
        let found = forms.find(|form| form.action.ends_with(action) && form.value(name).is_none());
        found.unwrap_or_else(|| {
            panic!("{} has no form to {action} without {name}:\n{}", self.path, self.body())
        })
    }

    /// Whether there is such a form.
    pub fn has_form(&self, action: &str) -> bool {
        html::forms(&self.text).iter().any(|form| form.action.ends_with(action))
    }

    /// What a person reads: the text without tags, with plain spaces.
    pub fn body(&self) -> String {
        let main = self.text.split_once("<main").map_or(self.text.as_str(), |(_, main)| main);
        let pieces =
            main.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text).trim());
        let text = pieces.filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(" | ");
        html::unescape(&text).replace(['\u{a0}', '\u{202f}', '\u{2009}'], " ")
    }

    /// Fails unless the page was answered well and holds these words.
    #[track_caller]
    pub fn says(&self, words: &str) -> &Self {
        let body = self.body();
        assert!(body.contains(words), "{} ({}) does not say {words:?}:\n{body}", self.path, self.status);
        self
    }

    /// Fails unless it has this status.
    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}:\n{}", self.path, self.body());
        self
    }
}

/// What came of a form that was sent to a server which may die meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The server said that it is done (303, and not to the page where one logs in).
    Done,
    /// It answered something else: a refusal, a fault.
    Refused(StatusCode),
    /// No answer came.
    Lost,
}

/// A file in a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// The field.
    pub field: &'static str,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Somebody at a browser.
#[derive(Debug, Clone)]
pub struct Officer {
    client: Client,
    server: String,
    cookies: Vec<(String, String)>,
}

impl Officer {
    /// Somebody who has not logged in.
    pub fn stranger(server: &str) -> Self {
        Self::with(Client::builder(), server)
    }

    /// The same at a desk that has installed an authority (PEM) and trusts no other.
    pub fn stranger_trusting(authority: &[u8], server: &str) -> Self {
        let authority = reqwest::Certificate::from_pem(authority).unwrap();
        Self::with(Client::builder().tls_certs_only([authority]), server)
    }

    fn with(client: ClientBuilder, server: &str) -> Self {
        // A server closes connections that nobody uses for a while; on a busy machine that crosses the next request.
        let client = client.redirect(redirect::Policy::none()).pool_max_idle_per_host(0);
        let client = client.build().unwrap();
        Self { client, server: server.trim_end_matches('/').to_owned(), cookies: Vec::new() }
    }

    /// Somebody who has logged in at an address like `/login`.
    pub async fn signed_in(server: &str, login_path: &str, login: &str, password: &str) -> Self {
        Self::stranger(server).sign_in(login_path, login, password).await
    }

    /// Logs in. A server that has just started may still be opening its tables: it says so, and this waits as one does
    /// at a counter.
    pub async fn sign_in(self, login_path: &str, login: &str, password: &str) -> Self {
        let mut officer = self;
        let is_open = |page: &Page| page.status != StatusCode::SERVICE_UNAVAILABLE;
        let page = super::eventually(&mut officer, login_path, "where one logs in", is_open).await;
        let form = page.form(login_path);
        let name = if form.value("name").is_some() { "name" } else { "login" };
        let form = form.set(name, login).set("password", password);
        let page = officer.submit(&form).await;
        assert!(!page.path.starts_with(login_path), "{login} was not let in:\n{}", page.body());
        officer
    }

    /// Opens a page, following redirects.
    pub async fn open(&mut self, path: &str) -> Page {
        let request = self.client.get(format!("{}{path}", self.server));
        self.send(request, path).await
    }

    /// Sends a form and follows where it leads.
    pub async fn submit(&mut self, form: &Form) -> Page {
        let request = self.urlencoded(form);
        self.send(request, &form.action).await
    }

    /// Sends a form, with a file if it takes any, to a server that may die meanwhile.
    pub async fn try_to_send(&self, form: &Form, file: Option<&Attached>) -> Answer {
        let request = if form.is_multipart {
            let nothing = Attached { field: "picture", bytes: Vec::new() };
            let Attached { field, bytes } = file.unwrap_or(&nothing);
            self.multipart(form, field, "berkas.jpg", bytes)
        } else {
            self.urlencoded(form)
        };
        let Ok(answer) = request.header(COOKIE, self.cookie_header()).send().await else {
            return Answer::Lost;
        };
        let leads_to = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok());
        let to_log_in = leads_to.is_some_and(|location| location.contains("/login"));
        match answer.status() {
            StatusCode::SEE_OTHER if !to_log_in => Answer::Done,
            status => Answer::Refused(status),
        }
    }

    /// Opens a page of a server that may die meanwhile; nothing when it does, or has no such page now.
    pub async fn try_to_open(&self, path: &str) -> Option<Page> {
        let request = self.client.get(format!("{}{path}", self.server)).header(COOKIE, self.cookie_header());
        let answer = request.send().await.ok()?;
        let status = answer.status();
        let text = answer.text().await.ok()?;
        (status == StatusCode::OK).then(|| Page { status, path: path.to_owned(), text })
    }

    /// Sends a form with a file in it.
    pub async fn upload(&mut self, form: &Form, field: &str, file_name: &str, bytes: &[u8]) -> Page {
        let request = self.multipart(form, field, file_name, bytes);
        self.send(request, &form.action).await
    }

    fn urlencoded(&self, form: &Form) -> RequestBuilder {
        let kind = "application/x-www-form-urlencoded";
        self.post(&form.action).header("content-type", kind).body(encode(&form.fields))
    }

    fn multipart(&self, form: &Form, field: &str, file_name: &str, bytes: &[u8]) -> RequestBuilder {
        const BOUNDARY: &str = "loket-test-boundary";
        let mut body = Vec::new();
        for (name, value) in &form.fields {
            let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(value.as_bytes());
            body.extend_from_slice(b"\r\n");
        }
        let head = format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{file_name}\"\r\n\
             content-type: image/jpeg\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.post(&form.action).header("content-type", kind).body(body)
    }

    /// What the server has given to keep: names and values.
    pub fn cookies(&self) -> &[(String, String)] {
        &self.cookies
    }

    /// Changes a cookie, as somebody with bad intent would.
    pub fn forge_cookies(&mut self, forge: impl Fn(&str) -> String) {
        for (_, value) in &mut self.cookies {
            *value = forge(value);
        }
    }

    fn post(&self, action: &str) -> RequestBuilder {
        self.client.request(Method::POST, format!("{}{action}", self.server)).header(ORIGIN, &self.server)
    }

    async fn send(&mut self, request: RequestBuilder, path: &str) -> Page {
        let mut request = request;
        let mut path = path.to_owned();
        for _ in 0..5 {
            let response = request.header(COOKIE, self.cookie_header()).send().await.unwrap();
            for cookie in response.headers().get_all(SET_COOKIE) {
                self.keep(cookie.to_str().unwrap());
            }
            let status = response.status();
            if !status.is_redirection() {
                return Page { status, path, text: response.text().await.unwrap() };
            }
            path = response.headers()[LOCATION].to_str().unwrap().to_owned();
            request = self.client.get(format!("{}{path}", self.server));
        }
        panic!("{path} leads in circles")
    }

    fn cookie_header(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, cookie: &str) {
        let pair = cookie.split(';').next().unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        self.cookies.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }
}

/// As a browser encodes a form (WHATWG URL §5.1).
fn encode(fields: &[(String, String)]) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        b' ' => "+".to_owned(),
        _ => format!("%{byte:02X}"),
    };
    let text = |text: &str| text.bytes().map(byte).collect::<String>();
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", text(name), text(value)));
    pairs.collect::<Vec<_>>().join("&")
}
