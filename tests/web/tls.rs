//! An office over https, with real handshakes: who is let in, what the plain door says, and what happens when the
//! certificate changes while pages are open.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use loket::certificate::{Folder, Hosts, pem};
use loket::clock::{Clock, SystemClock};
use loket::config::{OfficeOverrides, PlainListen, example_office};
use loket::domain::actor::Role;
use loket::office::node::{self, NewOfficer, NodeError, Running};
use loket::web::front::FrontError;
use loket_sync::Identity;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE, STRICT_TRANSPORT_SECURITY};
use reqwest::{Certificate, Client, ClientBuilder, redirect};
use tempfile::TempDir;

use crate::harness::officer::Officer;

const PASSWORD: &str = "empat-kuda-di-pantai";

/// An office with a certificate of its own, running.
struct Secure {
    _dir: TempDir,
    folder: Folder,
    office: Running,
    authority: Vec<u8>,
}

async fn office_in(dir: &Path) -> Folder {
    node::make(dir, &example_office().unwrap(), None).unwrap();
    let officer = NewOfficer {
        login: "sari".into(),
        name: "Sari".into(),
        roles: vec![Role::FrontDesk],
        password: PASSWORD.into(),
    };
    node::add_officers(dir, &[officer]).await.unwrap();
    Folder::of(dir, &Identity::load(dir).unwrap().storage_key)
}

fn listening(address: &str) -> OfficeOverrides {
    OfficeOverrides { listen: Some(address.parse().unwrap()), ..OfficeOverrides::default() }
}

impl Secure {
    async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = office_in(dir.path()).await;
        let hosts = Hosts::new(&["loket.kantor.example".to_owned()], &[]).unwrap();
        folder.make("Kantor Contoh", &hosts, false, SystemClock.now()).unwrap();
        let over = listening("127.0.0.1:0");
        let office = Running::start(dir.path(), &over, Arc::new(SystemClock)).unwrap();
        let authority = std::fs::read(folder.authority_pem()).unwrap();
        Self { _dir: dir, folder, office, authority }
    }

    fn desk(&self) -> ClientBuilder {
        let authority = Certificate::from_pem(&self.authority).unwrap();
        Client::builder().redirect(redirect::Policy::none()).tls_certs_only([authority])
    }

    async fn sari(&self) -> Officer {
        let stranger = Officer::stranger_trusting(&self.authority, &self.office.url());
        stranger.sign_in("/login", "sari", PASSWORD).await
    }

    fn door(&self, path: &str) -> String {
        format!("http://{}{path}", self.office.front().door().unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn officers_work_over_https_and_cookies_never_leave_it() {
    let it = Secure::open().await;
    assert!(it.office.url().starts_with("https://"));
    let mut sari = it.sari().await;
    sari.open("/").await.is(200).says("Hari ini");
    let names: Vec<_> = sari.cookies().iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"__Host-loket"), "{names:?}");

    // As it comes over the wire.
    let desk = it.desk().build().unwrap();
    let answer = desk.get(format!("{}/login", it.office.url())).send().await.unwrap();
    let cookies: Vec<_> = answer.headers().get_all(SET_COOKIE).iter().collect();
    assert!(!cookies.is_empty());
    for cookie in cookies {
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.starts_with("__Host-") && cookie.contains("Secure"), "{cookie}");
    }
    // A desk that insists on https would not find the plain door again when the authority is replaced.
    assert!(!answer.headers().contains_key(STRICT_TRANSPORT_SECURITY));

    // Under its name as well, as a desk reaches it.
    let address = it.office.front().address();
    let by_name = it.desk().resolve("loket.kantor.example", address).build().unwrap();
    let url = format!("https://loket.kantor.example:{}/healthz", address.port());
    assert!(by_name.get(url).send().await.unwrap().status().is_success());

    // Who has not installed the authority is warned by the browser, and nothing is said in the open on this port.
    let stranger = Client::builder().build().unwrap();
    assert!(stranger.get(it.office.url()).send().await.is_err());
    assert!(stranger.get(it.office.url().replace("https", "http")).send().await.is_err());
    it.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plain_door_gives_the_certificate_and_sends_everything_else_to_https() {
    let it = Secure::open().await;
    let anybody = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    let https = it.office.front().address();

    let page = anybody.get(it.door("/certificate")).send().await.unwrap();
    assert!(page.status().is_success() && !page.headers().contains_key(SET_COOKIE));
    assert!(page.headers().contains_key("content-security-policy"));
    let text = page.text().await.unwrap();
    let (address, fingerprint) = it.office.front().install().unwrap();
    assert_eq!(address, it.door("/certificate"));
    assert!(text.contains(&fingerprint));
    for said in ["Pasang sertifikat", "Install this server", "Firefox", "Android", "Windows", "ChromeOS"] {
        assert!(text.contains(said), "{said}");
    }
    assert!(text.contains(&format!("https://127.0.0.1:{}/", https.port())));
    let der = anybody.get(it.door("/certificate/loket.crt")).send().await.unwrap();
    assert_eq!(der.headers()["content-type"], "application/x-x509-ca-cert");
    assert_eq!(pem(&der.bytes().await.unwrap()).as_bytes(), it.authority);
    let text = anybody.get(it.door("/certificate/loket.pem")).send().await.unwrap();
    assert_eq!(text.bytes().await.unwrap(), it.authority);

    for path in ["/", "/login?next=/tickets", "/live", "/nothing"] {
        let sent = anybody.get(it.door(path)).send().await.unwrap();
        assert_eq!(sent.status(), 308, "{path}");
        assert_eq!(sent.headers()[LOCATION], format!("https://127.0.0.1:{}{path}", https.port()));
        assert!(!sent.headers().contains_key(SET_COOKIE), "{path}");
    }
    // Who asks under a name that the certificate is not for is sent to one that it is for.
    let forged = anybody.get(it.door("/login")).header("host", "evil.example").send().await.unwrap();
    let to = forged.headers()[LOCATION].to_str().unwrap();
    assert_eq!(to, format!("https://loket.kantor.example:{}/login", https.port()));
    // A password that was sent in the open is not taken, so that nobody gets used to it.
    let posted =
        anybody.post(it.door("/login")).header(COOKIE, "loket=x").body("name=sari").send().await.unwrap();
    assert_eq!(posted.status(), 403);
    assert!(!posted.headers().contains_key(SET_COOKIE));
    it.office.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_certificate_is_served_at_once_and_open_streams_go_on() {
    let it = Secure::open().await;
    let sari = it.sari().await;
    let cookies: Vec<_> = sari.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let desk = it.desk().build().unwrap();
    let live = desk.get(format!("{}/live", it.office.url())).header(COOKIE, cookies.join("; "));
    let mut live = live.send().await.unwrap().bytes_stream();
    let first = tokio::time::timeout(Duration::from_secs(20), live.next()).await.unwrap();
    assert!(!first.unwrap().unwrap().is_empty());

    let before = shown(&it).await;
    assert_eq!(shown(&it).await, before);
    it.folder.renew(true, SystemClock.now()).unwrap().unwrap();
    let until = tokio::time::Instant::now() + Duration::from_secs(30);
    while shown(&it).await == before {
        assert!(tokio::time::Instant::now() < until, "the renewed certificate is not served");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // The session goes on, and so does the stream that was opened under the old certificate.
    sari.clone().open("/").await.is(200).says("Hari ini");
    let more = tokio::time::timeout(Duration::from_secs(25), live.next()).await.unwrap();
    assert!(!more.unwrap().unwrap().is_empty());
    it.office.stop().await;
}

/// The certificate a new connection is answered with.
async fn shown(it: &Secure) -> Vec<u8> {
    let desk = it.desk().tls_info(true).build().unwrap();
    let answer = desk.get(format!("{}/healthz", it.office.url())).send().await.unwrap();
    let info = answer.extensions().get::<reqwest::tls::TlsInfo>().unwrap();
    info.peer_certificate().unwrap().to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_not_served_to_other_machines_in_the_open_unless_somebody_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let folder = office_in(dir.path()).await;
    let start = |over: &OfficeOverrides| Running::start(dir.path(), over, Arc::new(SystemClock));
    let Err(refused) = start(&listening("0.0.0.0:0")) else { panic!("served in the open") };
    assert!(matches!(refused, NodeError::Front(FrontError::Naked(_))));
    let said = refused.to_string();
    for way_out in ["loket certificate new", "behind_tls", "--without-tls"] {
        assert!(said.contains(way_out), "{said}");
    }
    let accepted = OfficeOverrides { without_tls: true, ..listening("0.0.0.0:0") };
    start(&accepted).unwrap().stop().await;
    // A proxy that speaks TLS stands in front of this machine alone: others would reach the address beside it.
    let settings = dir.path().join("loket.toml");
    let written = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, written.replace("# behind_tls = true", "behind_tls = true")).unwrap();
    let Err(refused) = start(&listening("0.0.0.0:0")) else { panic!("served beside the proxy") };
    assert!(matches!(refused, NodeError::Front(FrontError::Naked(_))));
    let office = start(&listening("127.0.0.1:0")).unwrap();
    office.stop().await;
    start(&accepted).unwrap().stop().await;
    std::fs::write(&settings, written).unwrap();

    let hosts = Hosts::new(&[], &["192.0.2.10".parse().unwrap()]).unwrap();
    folder.make("Kantor Contoh", &hosts, false, SystemClock.now()).unwrap();
    let over = OfficeOverrides { plain_listen: Some(PlainListen::Off), ..listening("0.0.0.0:0") };
    let office = start(&over).unwrap();
    assert!(office.url().starts_with("https://192.0.2.10:"), "{}", office.url());
    assert_eq!(office.front().door(), None);
    office.stop().await;
}
