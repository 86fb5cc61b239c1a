//! What people and machines send by mistake or on purpose: a clear refusal, and nothing is written.

use loket::domain::actor::Role;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};

use super::steps::{Staff, application, picture};
use crate::harness::nodes::{Node, Town};
use crate::harness::officer::Officer;

/// Facts the office has written.
async fn written(office: &Node) -> u64 {
    let page = Officer::stranger(&office.url).open("/healthz").await;
    let health: Value = serde_json::from_str(&page.text).unwrap();
    health["journal_seq"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_refuses_clearly_and_writes_nothing() {
    let town = Town::new();
    let office = town.start_office("http://127.0.0.1:9");
    let mut staff = Staff::sign_in(&town, &office).await;
    let number = town.case("paid");
    let ticket = staff.receive(&number).await;
    staff.call(&ticket).await;
    let path = application(&number);
    let mut desk = staff.desk.clone();
    // A page that was drawn before somebody else acted.
    let other = application(&town.cases("paid")[1]);
    let mut colleague = town.officer(&office, Role::Supervisor).await;
    let old = desk.open(&other).await;
    let page = colleague.open(&other).await;
    colleague.submit(&page.form("/arrive")).await.is(200);
    let capture = format!("{path}/capture");
    let portrait = staff.interviewer.open(&capture).await.form_with("/capture", "piece", "portrait");
    let before = written(&office).await;

    desk.open("/applications/1234567890123456").await.is(404);
    desk.open("/applications/abc").await.is(404);
    desk.open(&application(&town.case("other-office"))).await.is(404);
    desk.open(&application(&town.case("other-day"))).await.says("bukan hari ini");
    desk.submit(&old.form("/arrive").set("note", "tetap ada")).await.is(409);
    // A second arrival, from a page that somebody kept open.
    let again = old.form("/arrive").force("seen", "1").force("once", "another-once-of-a-form");
    desk.submit(&again).await.is(409).says("Kedatangan sudah dicatat");
    // Pictures that are none, and one of thirty megabytes.
    let text = staff.interviewer.upload(&portrait, "picture", "wajah.jpg", b"this is a text").await;
    assert!(text.status.is_client_error(), "{}", text.body());
    let mut large = picture(480, 640);
    large.resize(30 * 1024 * 1024, 0);
    let large = staff.interviewer.upload(&portrait, "picture", "wajah.jpg", &large).await;
    assert!(large.status.is_client_error() && large.body().contains("10 MB"), "{}", large.body());
    let small = staff.interviewer.upload(&portrait, "picture", "wajah.jpg", &picture(20, 20)).await;
    assert!(small.status.is_client_error(), "{}", small.body());
    small.says("paling sedikit 240 × 240 piksel");
    let signature = staff.interviewer.open(&capture).await.form_with("/capture", "piece", "signature");
    let none = staff.interviewer.upload(&signature, "picture", "ttd.png", b"").await;
    // The form that was refused is not folded away again.
    assert!(none.text.contains(r#"<details class="more" open"#), "{}", none.body());
    // A token of somebody else's page, and a cookie that was never given out.
    let page = desk.open(&application(&town.cases("paid")[2])).await;
    let foreign = page.form("/arrive").force("csrf", "0123456789abcdef");
    desk.submit(&foreign).await.is(403);
    let mut forged = desk.clone();
    forged.forge_cookies(|value| value.chars().rev().collect());
    let shown = forged.open("/bookings").await;
    assert!(shown.path.starts_with("/login"), "{}", shown.path);
    // A role that may not.
    let mut auditor = town.officer(&office, Role::Auditor).await;
    let own = auditor.open("/").await.form("/language");
    let theirs = page.form("/arrive").force("csrf", own.value("csrf").unwrap());
    auditor.submit(&theirs).await.is(403);

    let viewed = written(&office).await - before;
    desk.open(&application(&town.cases("paid")[2])).await.is(200);
    assert!(!desk.open(&path).await.body().contains("20 × 20"));
    // Reading is kept for the audit trail: the desk looked at two applications it had not opened before.
    assert_eq!(viewed, 2, "refused acts wrote something");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_refuses_clearly_what_it_cannot_book() {
    let town = Town::new();
    let registry = town.start_registry(0, None);
    let client = reqwest::Client::new();
    let key = town.record().channel_key.clone();
    let book = async |key: &str, body: Value| {
        let request = client.post(format!("{}/api/v1/bookings", registry.url));
        let request = request.header(AUTHORIZATION, format!("Bearer {key}")).json(&body);
        let response = request.send().await.unwrap();
        let kind = response.headers().get(CONTENT_TYPE).unwrap().to_str().unwrap().to_owned();
        (response.status().as_u16(), kind, response.text().await.unwrap())
    };
    let day = town.record().day.unwrap();
    let booking = |nik: &str, office: &str| {
        json!({
            "applicant": {
                "name": "Suhartini", "nik": nik, "born_on": "1990-01-01", "birthplace": "Karimun",
                "sex": "F", "civil_status": "single",
            },
            "service": {"kind": "new", "product": "ordinary", "validity": "5", "channel": "m-paspor"},
            "office": office,
            "slot": {"day": day + chrono::Days::new(1), "from": "03:00:00", "until": "04:00:00"},
        })
    };
    for (what, key, body, status) in [
        ("a NIK of fifteen digits", key.as_str(), booking("210201410190900", "karimun"), 400),
        ("an office that is none", key.as_str(), booking("2102014101909001", "nowhere"), 404),
        ("an interval that is not offered", key.as_str(), booking("2102014101909001", "karimun"), 409),
        ("a key nobody gave out", "wrong", booking("2102014101909001", "karimun"), 401),
        ("something else", key.as_str(), json!({"hello": 1}), 400),
    ] {
        let (answered, kind, text) = book(key, body).await;
        assert!((400..500).contains(&answered), "{what}: {answered} {text}");
        assert_eq!((answered, kind.as_str()), (status, "application/problem+json"), "{what}: {text}");
    }
}
