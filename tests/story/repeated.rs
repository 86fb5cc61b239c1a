//! What is sent twice is done once: a double click, a page sent again after a broken line, a pause and a resume.

use loket::domain::actor::Role;

use super::steps::{application, ticket_of};
use crate::harness::eventually;
use crate::harness::nodes::Town;

#[tokio::test(flavor = "multi_thread")]
async fn a_form_sent_twice_is_done_once() {
    let town = Town::new();
    let office = town.start_office("http://127.0.0.1:9");
    let mut desk = town.officer(&office, Role::FrontDesk).await;
    let path = application(&town.case("paid"));
    let arrive = desk.open(&path).await.form("/arrive");
    let mut again = desk.clone();
    let (first, second) = tokio::join!(desk.submit(&arrive), again.submit(&arrive));
    first.is(200).says("Hadir");
    second.is(200).says("Hadir");
    let documents = desk.open(&path).await.form("/documents").press("all", "agrees");
    let (first, second) = tokio::join!(desk.submit(&documents), again.submit(&documents));
    assert_eq!(ticket_of(&first), ticket_of(&second));
    let page = desk.open(&path).await;
    // The office is stopped and started: the same form still gets the first answer.
    let ticket = ticket_of(&page);
    assert!(office.process.stop().success());
    let office = town.start_office("http://127.0.0.1:9");
    let mut desk = town.officer(&office, Role::FrontDesk).await;
    let page = desk.open(&path).await;
    let csrf = page.form("/language").value("csrf").unwrap_or_default().to_owned();
    let answer = desk.submit(&documents.force("csrf", &csrf)).await;
    assert_eq!(ticket_of(&answer), ticket, "{}", answer.body());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_line_waits_and_goes_on() {
    let town = Town::new();
    let registry = town.start_registry(0, None);
    let office = town.start_office(&registry.url);
    let mut supervisor = town.officer(&office, Role::Supervisor).await;
    let mut staff = town.staff(&registry).await;
    let number = town.case("paid");
    let page = supervisor.open("/sync").await;
    supervisor.submit(&page.form("/sync/pause")).await.is(200);
    eventually(&mut supervisor, "/sync", "the pause", |page| page.has_form("/sync/resume")).await;
    let page = supervisor.open(&application(&number)).await;
    supervisor.submit(&page.form("/arrive")).await.is(200).says("Hadir");
    let there = staff.open(&format!("/staff/applications/{number}")).await;
    assert!(!there.body().contains("Hadir"), "nothing travels while the line is paused");
    let page = supervisor.open("/sync").await;
    supervisor.submit(&page.form("/sync/resume")).await.is(200);
    let path = format!("/staff/applications/{number}");
    eventually(&mut staff, &path, "the arrival", |page| page.body().contains("Hadir")).await;
}
