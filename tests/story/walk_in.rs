//! June 2024 (DOMAIN: the application cannot be reached, walk-ins are admitted, capture goes on, same-day service is refused
//! with its reason): the line is cut, somebody is registered at the counter, and when it is back everything flows.

use loket::domain::actor::Role;
use loket::domain::number::ApplicationNumber;
use serde_json::json;

use super::steps::{Staff, application, approve, ticket_of};
use crate::harness::eventually;
use crate::harness::nodes::Town;
use crate::harness::officer::Page;

/// All channels are open all day: this story happens whenever it is told.
fn channels() -> String {
    let rule = |channel: &str, needs_line: bool| {
        json!({
            "channel": channel, "weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "00:00:00", "until": "23:59:59",
            "quota": 20, "kinds": ["new"], "needs-line": needs_line,
        })
    };
    json!([rule("priority", false), rule("same-day", true)]).to_string()
}

fn filled(page: &Page, channel: &str) -> crate::harness::html::Form {
    let form = page.form("/walk-in").set("channel", channel).set("kind", "new").set("product", "electronic");
    let form = form.set("validity", "10").set("priority", "pregnant").set("nik", "2102014101900001");
    let form = form.set("name", "Halimah Ismail").set("born-on", "1990-01-01").set("birthplace", "Karimun");
    form.set("sex", "F").set("civil-status", "married")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_in_is_served_with_the_line_cut_and_approved_when_it_is_back() {
    let town = Town::new();
    let registry = town.start_registry(0, None);
    let port = registry.port();
    let office = town.start_office(&registry.url);
    let mut staff = Staff::sign_in(&town, &office).await;
    let mut administrator = town.officer(&office, Role::Administrator).await;
    let today = town.record().day.unwrap().to_string();
    let page = administrator.open("/settings").await;
    let set = page.form("/settings").set("setting", "walk-in-channels").set("from", &today);
    administrator.submit(&set.set("value", &channels())).await.is(200);
    eventually(&mut staff.desk, "/walk-in", "the reserved numbers", |page| page.body().contains("2000"))
        .await;
    registry.process.kill();
    eventually(&mut staff.desk, "/sync", "the page to say that the line is down", |page| {
        page.text.contains("Jalur ke pusat terputus")
    })
    .await;

    let page = staff.desk.open("/walk-in").await;
    staff.desk.submit(&filled(&page, "same-day")).await.is(409).says("perlu kode billing hari ini juga");
    let page = staff.desk.submit(&filled(&page, "priority")).await;
    page.is(200).says("Pemohon terdaftar").says("Kode billing belum datang");
    let number = page.path.strip_prefix("/applications/").unwrap().split('?').next().unwrap();
    let number = ApplicationNumber::parse(number).unwrap();
    let page = staff.desk.submit(&page.form("/documents").press("all", "agrees")).await;
    let ticket = ticket_of(page.is(200).says("Menunggu dipanggil"));
    let counters = staff.interviewer.open("/tickets").await;
    let open = counters.form("/tickets/counter/open").set("counter", "3");
    staff.interviewer.submit(&open).await.is(200);
    staff.call(&ticket).await;
    staff.capture(&number).await;
    staff.interview(&number).await;

    // The line is back: headquarters bills, the applicant pays, headquarters approves, the book is handed over.
    let registry = town.start_registry(port, None);
    let page = eventually(&mut staff.desk, &application(&number), "the billing code", |page| {
        page.body().contains("Kode billing |")
    })
    .await;
    let mut headquarters = town.staff(&registry).await;
    let path = format!("/staff/applications/{number}");
    eventually(&mut headquarters, &path, "the interview", |page| page.body().contains("Halimah Ismail"))
        .await;
    pay(&town, &registry.url, &page).await;
    approve(&mut headquarters, &number).await;
    eventually(&mut staff.custody, &application(&number), "the approval", |page| {
        page.text.contains("Disetujui")
    })
    .await;
    staff.make_book(&number, "E7654321").await;
    staff.hand_over(&number, "E7654321").await;
    eventually(&mut headquarters, &path, "the hand-over", |page| page.text.contains("Sudah diserahkan"))
        .await;
}

/// The bank reports the payment of the bill on an application's page.
async fn pay(town: &Town, registry: &str, page: &Page) {
    let body = page.body();
    let value = |label: &str| {
        let rest = body.split_once(label).unwrap().1.trim_start_matches([' ', '|']);
        rest.split(" |").next().unwrap().chars().filter(char::is_ascii_digit).collect::<String>()
    };
    let report = json!({
        "code": value("Kode billing |"), "ntpn": "WALK000000000001",
        "amount_idr": value("Jumlah |").parse::<u64>().unwrap(),
        "paid_at": chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()), "channel": "Bank Contoh",
    });
    let answer = reqwest::Client::new()
        .post(format!("{registry}/api/v1/payments"))
        .bearer_auth(&town.record().channel_key)
        .json(&report)
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}
