//! The line over https: which certificates of a registry an office accepts, and what it says about the others.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use loket::certificate::{Authority, Folder, Hosts, Serving, pem};
use loket::clock::{Clock, SystemClock};
use loket::config::{OfficeOverrides, example_office};
use loket::office::node::{self, NewLink, NodeError};
use loket::office::store::{Line, LinkProblem};
use loket::registry::actions::offices;
use loket::registry::{self, Running};
use loket_sync::enrol::Asking;
use loket_sync::exchange::{CertificateProblem, LineError};
use loket_sync::http::client::{self, Patience};
use loket_sync::http::trust::{Trust, pin_of};
use loket_sync::{Identity, NodeKey};

use super::Fixture;
use super::exchange::{serve, wall_clock};

fn hosts() -> Hosts {
    Hosts::new(&["pusat.example".to_owned()], &[]).unwrap()
}

fn folder(it: &Fixture) -> Folder {
    Folder::of(&it.config.dir, &Identity::load(&it.config.dir).unwrap().storage_key)
}

/// A registry that serves a certificate this authority made at that time.
async fn serving(made_at: DateTime<Utc>) -> (Fixture, Running, Authority) {
    let it = Fixture::sqlite().await;
    let authority = Authority::make("Pusat", &hosts(), made_at).unwrap();
    folder(&it).put(&authority.issue(made_at).unwrap()).unwrap();
    let server = serve(&it).await;
    assert!(server.url().starts_with("https://"));
    (it, server, authority)
}

/// What an office that trusts like this hears. A code that nobody gave out is refused by the registry itself, which
/// shows that the two have talked.
async fn says(trust: &Trust, url: &str) -> LineError {
    let code = loket_sync::enrol::EnrolCode::draw().key();
    let key = NodeKey::draw();
    let asking = Asking { code: &code, office: "karimun", software: "test" };
    let patience = Patience { connect: Duration::from_secs(10), ..Patience::default() };
    let answer = client::enrol_trusting(trust, url, asking, &key, patience, wall_clock()).await;
    answer.expect_err("the code is nobody's")
}

fn is_refusal(error: &LineError) -> bool {
    matches!(error, LineError::Refused { .. })
}

fn certificates(der: &[u8]) -> Trust {
    Trust::from_pem(pem(der).as_bytes()).unwrap()
}

/// A certificate for an address only, without the machine's own names.
fn for_other_name() -> (Serving, Trust) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec!["other.example".to_owned()]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    let made = params.self_signed(&key).unwrap();
    let serving =
        Serving::brought(made.pem().as_bytes(), key.serialize_pem().as_bytes(), SystemClock.now()).unwrap();
    (serving, certificates(made.der()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_registry_is_known_by_its_authority_its_certificate_or_its_key() {
    let (it, server, authority) = serving(SystemClock.now()).await;
    let url = server.url();
    let shown = folder(&it).serving().unwrap().unwrap();
    let leaf = shown.certified().unwrap().cert[0].to_vec();
    for (known_by, trust) in [
        ("authority", certificates(authority.certificate())),
        ("certificate", certificates(&leaf)),
        ("its key", Trust::pinned(&pin_of(&leaf).unwrap()).unwrap()),
        ("its authority's key", Trust::pinned(&pin_of(authority.certificate()).unwrap()).unwrap()),
    ] {
        let said = says(&trust, &url).await;
        assert!(is_refusal(&said), "{known_by}: {said:?}");
    }
    let other = Authority::make("Pusat", &hosts(), SystemClock.now()).unwrap();
    let unknown = LineError::Certificate(CertificateProblem::Unknown);
    for trust in [
        Trust::System,
        certificates(other.certificate()),
        Trust::pinned(&pin_of(other.certificate()).unwrap()).unwrap(),
    ] {
        assert_eq!(says(&trust, &url).await, unknown, "{trust:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_out_of_its_time_is_named_and_a_pinned_key_goes_on() {
    let long = TimeDelta::days(900);
    for (made_at, problem) in [
        (SystemClock.now() - long, CertificateProblem::Expired),
        (SystemClock.now() + long, CertificateProblem::NotYetValid),
    ] {
        let (it, server, authority) = serving(made_at).await;
        let said = says(&certificates(authority.certificate()), &server.url()).await;
        assert_eq!(said, LineError::Certificate(problem));
        let leaf = folder(&it).serving().unwrap().unwrap().certified().unwrap().cert[0].to_vec();
        let pinned = Trust::pinned(&pin_of(&leaf).unwrap()).unwrap();
        assert!(is_refusal(&says(&pinned, &server.url()).await));
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_for_another_name_is_named() {
    let it = Fixture::sqlite().await;
    let (serving, trust) = for_other_name();
    folder(&it).put(&serving).unwrap();
    let server = serve(&it).await;
    // The certificate itself is known: then the name does not count.
    assert!(is_refusal(&says(&trust, &server.url()).await));
    server.stop().await;

    // An authority is known, and vouches for another name.
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let made = params.self_signed(&key).unwrap();
    let root = certificates(made.der());
    let issuer = rcgen::Issuer::from_params(&params, &key);
    let own = rcgen::KeyPair::generate().unwrap();
    let server_params = rcgen::CertificateParams::new(vec!["other.example".to_owned()]).unwrap();
    let leaf = server_params.signed_by(&own, &issuer).unwrap();
    let brought =
        Serving::brought(leaf.pem().as_bytes(), own.serialize_pem().as_bytes(), SystemClock.now()).unwrap();
    folder(&it).put(&brought).unwrap();
    let server = serve(&it).await;
    assert_eq!(says(&root, &server.url()).await, LineError::Certificate(CertificateProblem::OtherName));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_office_is_tied_over_https_and_says_when_the_certificate_is_another() {
    let (it, server, authority) = serving(SystemClock.now()).await;
    let dir = tempfile::tempdir().unwrap();
    let office = example_office().unwrap();
    node::make(dir.path(), &office, None).unwrap();
    let file = dir.path().join("pusat.pem");
    std::fs::write(&file, pem(authority.certificate())).unwrap();
    let code = offices::open_code(&it.registry, &office.code).await.unwrap().code;
    let mut link = NewLink { url: server.url(), code, certificate: None, without_tls: false };
    let over = OfficeOverrides { listen: Some("127.0.0.1:0".parse().unwrap()), ..OfficeOverrides::default() };
    let refused = node::enrol(dir.path(), &over, &link).await.unwrap_err();
    let unknown = LineError::Certificate(CertificateProblem::Unknown);
    assert!(matches!(refused, NodeError::Enrol(error) if error == unknown));
    link.certificate = Some(file.to_str().unwrap().to_owned());
    node::enrol(dir.path(), &over, &link).await.unwrap();
    std::fs::remove_file(&file).unwrap();

    let clock: std::sync::Arc<dyn Clock> = it.clock.clone();
    let office = node::Running::start(dir.path(), &over, clock.clone()).unwrap();
    until(&office, |link| matches!(link.line, Line::Up { .. })).await;

    // The registry gets another certificate that this office does not know; the next start of the line meets it.
    let other = Authority::make("Pusat", &hosts(), SystemClock.now()).unwrap();
    folder(&it).put(&other.issue(SystemClock.now()).unwrap()).unwrap();
    office.stop().await;
    let port = server.address().port();
    server.stop().await;
    let mut config = it.config.clone();
    config.place.listen.set_port(port);
    let server = loket::registry::serve(&config, it.clock.clone()).await.unwrap();
    let office = node::Running::start(dir.path(), &over, clock).unwrap();
    let expected = LinkProblem::Certificate(CertificateProblem::Unknown);
    until(&office, |link| link.last_error.is_some_and(|(problem, _)| problem == expected)).await;
    office.stop().await;
    server.stop().await;
}

async fn until(office: &node::Running, is_so: impl Fn(&loket::office::store::LinkState) -> bool) {
    let until = tokio::time::Instant::now() + Duration::from_secs(30);
    while !is_so(&office.store().link()) {
        assert!(tokio::time::Instant::now() < until, "{:?}", office.store().link());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_in_the_open_is_refused_unless_somebody_says_so() {
    let dir = tempfile::tempdir().unwrap();
    node::make(dir.path(), &example_office().unwrap(), None).unwrap();
    let code = loket_sync::enrol::EnrolCode::draw();
    let url = "http://192.0.2.7:9090".to_owned();
    let link = NewLink { url, code, certificate: None, without_tls: false };
    let refused = node::enrol(dir.path(), &OfficeOverrides::default(), &link).await.unwrap_err();
    assert!(matches!(refused, NodeError::NakedLine(_)), "{refused:?}");
    assert!(refused.to_string().contains("--without-tls"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_is_reached_over_tls_and_a_stranger_is_not_taken_for_it() {
    let made = Fixture::postgres().await;
    let authority = tokio::task::spawn_blocking(crate::harness::postgres::authority).await.unwrap();
    let secured = |root: &std::path::Path, host: &str| {
        let url = made.config.database_url.replace("127.0.0.1", host);
        let database_url = format!("{url}?sslmode=verify-full&sslrootcert={}", root.display());
        loket::config::RegistryConfig { database_url, ..made.config.clone() }
    };
    let opened = registry::open(&secured(&authority, "localhost"), made.clock.clone()).await.unwrap();
    assert!(opened.store.is_answering().await);
    opened.store.close().await;
    // Another name than the certificate's, and another authority.
    assert!(registry::open(&secured(&authority, "127.0.0.1"), made.clock.clone()).await.is_err());
    let dir = tempfile::tempdir().unwrap();
    let other = dir.path().join("other.pem");
    let stranger = Authority::make("Pusat", &hosts(), SystemClock.now()).unwrap();
    std::fs::write(&other, pem(stranger.certificate())).unwrap();
    assert!(registry::open(&secured(&other, "localhost"), made.clock.clone()).await.is_err());

    let mut naked = made.config.clone();
    naked.database_url = "postgres://loket@db.example/loket".to_owned();
    let refused = registry::open(&naked, made.clock.clone()).await;
    assert!(matches!(refused, Err(registry::OpenError::NakedDatabase)));
    let mut naked = made.config.clone();
    naked.smtp = Some("smtp://mail.example".to_owned());
    let refused = registry::serve(&naked, made.clock.clone()).await;
    assert!(matches!(refused, Err(registry::OpenError::PostOffice(_))));
}
