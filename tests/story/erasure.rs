//! An applicant's data are erased: two people of headquarters, the office at its next contact, and both folders check well.

use loket::domain::actor::Role;

use super::steps::application;
use crate::harness::eventually;
use crate::harness::nodes::{Town, loket};
use crate::harness::officer::Officer;

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_applicant_is_gone_at_headquarters_and_in_the_office() {
    let town = Town::new();
    let registry = town.start_registry(0, None);
    let office = town.start_office(&registry.url);
    let case = town.record().cases.iter().find(|case| case.case == "expired").unwrap().clone();
    let other = town.case("paid");
    let mut desk = town.officer(&office, Role::FrontDesk).await;
    desk.open(&application(&case.number)).await.is(200).says(&case.name);

    let mut first = town.staff(&registry).await;
    let page = first.open("/staff/officers").await;
    let form = page.form("/staff/officers").set("login", "hana").set("name", "Hana Lestari");
    first.submit(&form.set("password", "pusat-yang-teliti")).await.is(200);
    let mut second = Officer::signed_in(&registry.url, "/staff/login", "hana", "pusat-yang-teliti").await;

    let page = first.open("/staff/erasures").await;
    page.says("masih memuat data orang itu").says("belum mencatat cadangan");
    let open = page.form_with("/staff/erasures/propose", "why", "request");
    let open = open.set("number", other.as_str()).set("basis", "surat 7/2026");
    first.submit(&open).await.is(409).says("Permohonan belum selesai");
    let page = first.open("/staff/erasures").await;
    let propose = page.form_with("/staff/erasures/propose", "why", "request");
    let propose = propose.set("number", case.number.as_str()).set("basis", "surat 7/2026");
    first.submit(&propose).await.is(200).says("1 permohonan diusulkan").says(&case.name);
    // Nobody erases alone, and nobody by a slip.
    let page = first.open("/staff/erasures").await;
    let alone = page.form("/staff/erasures/confirm").set("number", case.number.as_str()).set("sure", "yes");
    first.submit(&alone).await.is(409);
    let page = second.open("/staff/erasures").await;
    let confirm = page.form("/staff/erasures/confirm").set("number", case.number.as_str());
    second.submit(&confirm).await.is(422).says("Centang dahulu");
    let page = second.submit(&confirm.set("sure", "yes")).await;
    page.is(200).says("Data 1 permohonan dihapus");
    assert!(!page.body().contains(&case.name));
    let mut backup = loket();
    backup.arg("backup").arg("--dir").arg(town.dir("registry")).arg("--to").arg(town.dir("pusat.backup"));
    assert!(backup.output().unwrap().status.success());
    second.open("/staff/erasures").await.is(200).says("Cadangan terakhir server pusat: ");

    let at_headquarters = format!("/staff/applications/{}", case.number);
    let page = second.open(&at_headquarters).await;
    page.is(200).says("Data pemohon sudah dihapus").says("surat 7/2026").says("Hana Lestari");
    assert!(!page.body().contains(&case.name) && !page.body().contains(&case.nik));
    let page =
        eventually(&mut desk, &application(&case.number), "the erasure", |page| page.status != 200).await;
    page.says("Data pemohon ini sudah dihapus");
    let found = desk.open(&format!("/bookings?q={}", case.nik)).await;
    assert!(!found.body().contains(&case.name));
    desk.open(&application(&other)).await.is(200);

    assert!(office.process.stop().success());
    assert!(registry.process.stop().success());
    for node in ["office", "registry"] {
        let checked = loket().args(["check", "--dir"]).arg(town.dir(node)).output().unwrap();
        assert!(checked.status.success(), "{node}: {}", String::from_utf8_lossy(&checked.stdout));
    }
}
