//! A report of SPRI tells an office that passports are done before headquarters' decision has come over the line: the
//! applicant is told, and the book leaves the house under the number that is scanned then.

use super::steps::{Staff, application};
use crate::harness::eventually;
use crate::harness::mail::MailServer;
use crate::harness::nodes::{Town, loket};

#[tokio::test(flavor = "multi_thread")]
async fn a_report_makes_passports_ready_and_their_applicants_are_told() {
    let town = Town::new();
    let mails = MailServer::start();
    let registry = town.start_registry(0, Some(mails.url()));
    let office = town.start_office(&registry.url);
    let mut staff = Staff::sign_in(&town, &office).await;
    let paid = town.cases("paid");
    let (first, second) = (paid[0].clone(), paid[1].clone());
    for number in [&first, &second] {
        let ticket = staff.receive(number).await;
        staff.call(&ticket).await;
        staff.capture(number).await;
        staff.interview(number).await;
    }

    let report = |number: &str| format!("Laporan Penerbitan\nNO;NOMOR PERMOHONAN\n1;{number}\n");
    let page = staff.custody.open("/books").await;
    page.says("Laporan SPRI");
    let page = staff.custody.open("/books/import").await;
    let file = report(first.as_str());
    let page = staff.custody.upload(&page.form("/books/import"), "file", "terbit.csv", file.as_bytes()).await;
    page.is(200).says("1 | akan berubah").says("Menunggu ajudikasi → Paspor siap diambil");
    let form = page.form(&page.path.clone());
    staff.custody.submit(&form).await.is(200).says("Diterapkan: 1 permohonan berubah");
    mails.wait_for_mail_to("@contoh.example");

    // The second comes through the command line, while the office runs.
    let file = town.path().join("laporan.csv");
    std::fs::write(&file, report(second.as_str())).unwrap();
    let import = |more: &[&str]| {
        let output = loket()
            .arg("import")
            .args(more)
            .arg("--dir")
            .arg(town.dir("office"))
            .arg(&file)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let dry = import(&["--dry-run"]);
    assert!(dry.contains("1 would change") && dry.contains("Nothing was changed."), "{dry}");
    assert!(import(&[]).contains("1 changed"));
    assert!(import(&[]).contains("0 changed, 1 as far already"));
    let is_ready = |page: &crate::harness::officer::Page| page.body().contains("Paspor siap diambil");
    eventually(&mut staff.custody, &application(&second), "the passport to be ready", is_ready).await;
    staff.hand_over(&first, "X7700001").await;
    assert!(office.process.stop().success());

    // And once more at rest.
    assert!(import(&[]).contains("0 changed, 1 as far already"));
    assert!(registry.process.stop().success());
}
