//! A day with the line up: one applicant from arrival to hand-over, told by mail and on the desktop.

use loket::domain::actor::Role;

use super::steps::{Staff, application, approve};
use crate::harness::desktop::Desktop;
use crate::harness::mail::MailServer;
use crate::harness::nodes::{Town, loket};
use crate::harness::officer::Officer;
use crate::harness::process::Process;
use crate::harness::{eventually, wait_for};

#[tokio::test(flavor = "multi_thread")]
async fn one_applicant_walks_from_arrival_to_hand_over() {
    let town = Town::new();
    let (mails, mut desktop) = (MailServer::start(), Desktop::start());
    let registry = town.start_registry(0, Some(mails.url()));
    let office = town.start_office(&registry.url);
    let notifier = start_notifier(&town, &office.url, &desktop);
    let number = town.case("paid");
    let mut staff = Staff::sign_in(&town, &office).await;
    let mut headquarters = town.staff(&registry).await;

    staff.desk.open("/").await.is(200);
    staff.desk.open(&format!("/bookings?q={number}")).await.is(200).says(&grouped(number.as_str()));
    let ticket = staff.receive(&number).await;
    let mut hall = Officer::stranger(&office.url);
    hall.open("/display/aula").await.is(200);
    staff.call(&ticket).await;
    hall.open("/display/aula").await.is(200).says(&ticket);
    staff.capture(&number).await;
    staff.interview(&number).await;
    approve(&mut headquarters, &number).await;
    eventually(&mut staff.custody, &application(&number), "the approval", |page| {
        page.text.contains("Disetujui")
    })
    .await;
    staff.make_book(&number, "E1234567").await;
    assert!(desktop.wait_until_it_shows("Paspor siap").contains(number.as_str()));
    let address = email_of(&mails);
    assert!(address.ends_with("@contoh.example"), "{address}");
    staff.hand_over(&number, "E1234567").await;

    let page =
        eventually(&mut staff.desk, &application(&number), "headquarters to have everything", |page| {
            !page.body().contains(UNSENT)
        })
        .await;
    page.says("Bima Saputra").says("Yusuf Hakim").says("Sari Melati");
    assert!(notifier.stop().success());
    assert!(office.process.stop().success());
    assert!(registry.process.stop().success());
    assert_well(&town, "office");
    assert_well(&town, "registry");
}

/// What stands beside an act that headquarters has not got (`application-history-has-not`).
const UNSENT: &str = "belum terkirim";

/// The e-mail address the ready mail went to; waits for it.
fn email_of(mails: &MailServer) -> String {
    wait_for("the mail that the passport is ready", || {
        let mails = mails.received();
        let ready = mails.iter().find(|mail| mail.contains("iap diambil"));
        ready
            .and_then(|mail| mail.lines().find_map(|line| line.strip_prefix("X-RcptTo: ").map(str::to_owned)))
    })
}

fn start_notifier(town: &Town, office_url: &str, desktop: &Desktop) -> Process {
    let (name, value) = desktop.environment();
    let mut command = loket();
    command.args(["notify", "--office", office_url]).env(name, value);
    command.env("LOKET_DEVICE_KEY", &town.record().notifier_key).env("LOKET_LOG", "info");
    let mut notifier = Process::start(&mut command, town.dir("notify.log"));
    notifier.wait_until_it_says("Following");
    notifier
}

/// `loket check` says that all is well.
fn assert_well(town: &Town, node: &str) {
    let checked = loket().args(["check", "--dir"]).arg(town.dir(node)).output().unwrap();
    assert!(checked.status.success(), "{node}: {}", String::from_utf8_lossy(&checked.stdout));
}

fn grouped(number: &str) -> String {
    number.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).unwrap()).collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn unpaid_is_refused_and_a_receipt_lets_in_provisionally() {
    let town = Town::new();
    let registry = town.start_registry(0, None);
    let office = town.start_office(&registry.url);
    let mut desk = town.officer(&office, Role::FrontDesk).await;
    let expired = application(&town.case("expired"));
    let page = desk.open(&expired).await;
    page.is(200).says("kedaluwarsa");
    assert!(!page.has_form("/arrive"), "nobody arrives on a bill that ran out");
    let shown = town.record().cases.iter().find(|case| case.case == "paid-unreported").unwrap();
    let path = application(&shown.number);
    let page = desk.open(&path).await;
    let form = page.form("/receive").set("evidence", shown.ntpn.as_ref().unwrap().as_str());
    desk.submit(&form).await.is(200).says("A001");
    desk.open(&path).await.is(200).says("Menunggu dipanggil");
}
