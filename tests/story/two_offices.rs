//! Two offices at one registry: each holds its own applicants and nobody else's.

use loket::domain::actor::Role;

use super::steps::application;
use crate::harness::eventually;
use crate::harness::nodes::{Node, Town, loket};
use crate::harness::officer::Officer;

#[tokio::test(flavor = "multi_thread")]
async fn an_office_holds_its_own_applicants_only() {
    let town = Town::new();
    let registry = town.start_registry(0, None);
    let karimun = town.start_office(&registry.url);
    let mut staff = town.staff(&registry).await;
    let (batam, password) = make_batam(&town, &registry, &mut staff).await;
    let mut here = town.officer(&karimun, Role::FrontDesk).await;
    let mut there = Officer::signed_in(&batam.url, "/login", "wati", &password).await;
    let (booked_there, booked_here) = (town.case("other-office"), town.case("paid"));
    eventually(&mut there, &application(&booked_there), "the booking to arrive", |page| page.status == 200)
        .await;
    here.open(&application(&booked_there)).await.is(404);
    there.open(&application(&booked_here)).await.is(404);
    // Served there, and headquarters sees from where.
    let page = there.open(&application(&booked_there)).await;
    there.submit(&page.form("/arrive")).await.is(200).says("Hadir");
    let path = format!("/staff/applications/{booked_there}");
    eventually(&mut staff, &path, "the arrival", |page| page.body().contains("Hadir"))
        .await
        .says("Wati · batam");
    here.open(&application(&booked_there)).await.is(404);
    staff.open("/staff/offices").await.says("Batam").says("Karimun");
}

/// Makes and starts the second office; returns it and the password of its front desk.
async fn make_batam(town: &Town, registry: &Node, staff: &mut Officer) -> (Node, String) {
    let page = staff.open("/staff/offices").await;
    let page = staff.submit(&page.form("/staff/offices/batam/code")).await;
    let (_, rest) = page.text.split_once("id=\"enrolment-code\">").unwrap();
    let code = rest.split('<').next().unwrap().to_owned();
    let run = |arguments: &[&str]| {
        let output = loket().args(arguments).arg("--dir").arg(town.dir("batam")).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["init", "office", "--code", "batam", "--name", "Kantor Imigrasi Batam"]);
    let said = run(&["officer", "add", "--login", "wati", "--name", "Wati", "--role", "front-desk"]);
    run(&["enroll", "--registry", &registry.url, "--code", &code]);
    let password = said.trim().rsplit(' ').next().unwrap().to_owned();
    (town.start("batam", &registry.url), password)
}
