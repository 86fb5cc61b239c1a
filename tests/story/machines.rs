//! Machines come and go: a key is taken back, a machine is replaced, a disk is copied, a folder is rolled back. Each
//! story is one of the drills in `docs/drills.md`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use loket::domain::actor::Role;

use super::steps::{Staff, application, approve};
use crate::harness::nodes::{Node, Town, loket};
use crate::harness::officer::{Officer, Page};
use crate::harness::{eventually, files, wait_for};

/// Copies a folder, as somebody does who makes a backup by hand.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    let everything = format!("{}/.", from.display());
    assert!(Command::new("cp").args(["-a", &everything]).arg(to).status().unwrap().success());
}

fn restore(from: &Path, to: &Path) {
    std::fs::remove_dir_all(to).unwrap();
    copy(from, to);
}

fn run(dir: &Path, arguments: &[&str]) -> String {
    let output = loket().args(arguments).arg("--dir").arg(dir).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// Opens an enrolment code for the demo's office.
async fn code(headquarters: &mut Officer) -> String {
    let page = headquarters.open("/staff/offices/karimun").await;
    let page = headquarters.submit(&page.form("/staff/offices/karimun/code")).await;
    let (_, rest) = page.text.split_once("id=\"enrolment-code\">").unwrap();
    rest.split('<').next().unwrap().to_owned()
}

async fn enrol_again(town: &Town, registry: &Node, headquarters: &mut Officer, folder: &str) {
    let code = code(headquarters).await;
    run(&town.dir(folder), &["enroll", "--registry", &registry.url, "--code", &code]);
}

async fn says(officer: &mut Officer, path: &str, words: &str) -> Page {
    eventually(officer, path, words, |page| page.body().contains(words)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_taken_back_the_office_works_on_and_its_work_is_taken_in() {
    let town = Town::new();
    let numbers = town.cases("paid");
    let registry = town.start_registry(0, None);
    let office = town.start_office(&registry.url);
    let mut staff = Staff::sign_in(&town, &office).await;
    let mut headquarters = town.staff(&registry).await;
    staff.receive(&numbers[0]).await;
    says(&mut headquarters, &format!("/staff/applications/{}", numbers[0]), "Menunggu dipanggil").await;

    // Three clicks: the office, the cause and reason, the button. Without a reason nothing happens.
    let page = headquarters.open("/staff/offices/karimun").await;
    let form = page.form("/revoke").set("why", "lost");
    let refused = headquarters.submit(&form).await;
    refused.is(422).says("Keterangan harus diisi");
    // What is wrong leads to the field.
    assert!(refused.text.contains("href=\"#reason\"") && refused.text.contains("id=\"reason\""));
    let page = headquarters.submit(&form.set("reason", "dikira hilang")).await;
    page.is(200).says("Kunci dicabut").says("hilang atau dicuri");

    // The office is told by whom and works on.
    let page = staff.desk.open("/sync").await;
    staff.desk.submit(&page.form("/sync/now")).await;
    says(&mut staff.desk, "/conflicts", "Kunci komputer ini dicabut").await.says("loket enroll");
    says(&mut staff.desk, "/sync", "Kunci komputer ini sudah dicabut").await;
    for page in ["/", "/sync"] {
        staff.desk.open(page).await.says("Perselisihan data: 1");
    }
    staff.receive(&numbers[1]).await;

    // With a fresh code the same machine comes back under a new key; its work in between waits for a person.
    assert!(office.process.stop().success());
    enrol_again(&town, &registry, &mut headquarters, "office").await;
    let office = town.start_office(&registry.url);
    let mut staff = Staff::sign_in(&town, &office).await;
    staff.receive(&numbers[2]).await;
    says(&mut headquarters, &format!("/staff/applications/{}", numbers[2]), "Menunggu dipanggil").await;
    let page = says(&mut headquarters, "/staff/conflicts", "Ditulis setelah kunci komputernya dicabut").await;
    let second = format!("/staff/applications/{}", numbers[1]);
    assert!(page.text.contains(&second), "it is named whom it is about");
    assert!(!headquarters.open(&second).await.body().contains("Menunggu dipanggil"));
    says(&mut staff.desk, "/conflicts", "tidak diterima pusat").await.says("Pusat memutuskan");
    staff.desk.open("/").await.says("Perselisihan data: 1");
    let form = page.form("/staff/conflicts/aside").set("reason", "petugas sah").press("decided", "take-in");
    headquarters.submit(&form).await.is(200);
    says(&mut headquarters, &second, "Menunggu dipanggil").await;
    says(&mut staff.desk, "/conflicts", "Semua keterangan sejalan").await;
    headquarters.open("/staff/conflicts").await.says("Semua keterangan sejalan");

    // What the office signed with the key before is verified, and nobody is called unknown.
    assert!(office.process.stop().success());
    let checked = loket().args(["check", "--dir"]).arg(town.dir("office")).output().unwrap();
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(
        checked.status.success() && said.contains("All is well") && !said.contains("not known"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_machine_takes_the_place_of_a_broken_one_and_knows_everything() {
    let town = Town::new();
    let number = town.case("paid");
    let registry = town.start_registry(0, None);
    let office = town.start_office(&registry.url);
    let mut staff = Staff::sign_in(&town, &office).await;
    let mut headquarters = town.staff(&registry).await;
    let ticket = staff.receive(&number).await;
    says(&mut headquarters, &format!("/staff/applications/{number}"), "Menunggu dipanggil").await;
    office.process.kill();

    let name = "Kantor Imigrasi Kelas II TPI Tanjung Balai Karimun";
    run(&town.dir("new"), &["init", "office", "--code", "karimun", "--name", name]);
    enrol_again(&town, &registry, &mut headquarters, "new").await;
    let machine = town.start("new", &registry.url);
    // Logins come down with everything else.
    let mut stranger = Officer::stranger(&machine.url);
    eventually(&mut stranger, "/healthz", "the office to have its records", |page| page.status == 200).await;
    let mut staff = eventually_signed_in(&town, &machine).await;
    says(&mut staff.desk, &application(&number), &ticket).await;
    staff.call(&ticket).await;
    staff.capture(&number).await;
    staff.interview(&number).await;
    approve(&mut headquarters, &number).await;
    says(&mut staff.desk, "/conflicts", "Semua keterangan sejalan").await;

    // The old one, should it ever start again, is told that it was replaced.
    let old = town.start("office", &registry.url);
    let mut desk = town.officer(&old, Role::FrontDesk).await;
    says(&mut desk, "/conflicts", "Kunci komputer ini dicabut").await.says("diganti komputer");
    headquarters.open("/staff/offices/karimun").await.says("Boleh menulis").says("diganti komputer");
}

/// Signs in as soon as the officers' logins have come.
async fn eventually_signed_in(town: &Town, office: &Node) -> Staff {
    let login = town.record().login(Role::FrontDesk).unwrap();
    for _ in 0..300 {
        let mut desk = Officer::stranger(&office.url);
        let page = desk.open("/login").await;
        let form = page.form("/login").set("name", &login.name).set("password", &login.password);
        if !desk.submit(&form).await.path.starts_with("/login") {
            return Staff::sign_in(town, office).await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("the officers' logins did not come down");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_disk_is_noticed_everywhere_and_nothing_is_lost_or_doubled() {
    let town = Town::new();
    let numbers = town.cases("paid");
    let registry = town.start_registry(0, None);
    copy(&town.dir("office"), &town.dir("copy"));
    let office = town.start_office(&registry.url);
    let twin = town.start("copy", &registry.url);
    let mut headquarters = town.staff(&registry).await;
    let mut here = Staff::sign_in(&town, &office).await;
    let mut there = Staff::sign_in(&town, &twin).await;
    here.receive(&numbers[0]).await;
    there.receive(&numbers[1]).await;
    here.receive(&numbers[2]).await;
    says(&mut headquarters, "/staff/offices", "Ada salinan").await;
    let page = says(&mut headquarters, "/staff/conflicts", "Dua salinan komputer ini berjalan").await;
    assert!(!page.text.contains("Semua keterangan sejalan"));
    for staff in [&mut here, &mut there] {
        says(&mut staff.desk, "/conflicts", "Salinan komputer ini berjalan di tempat lain").await;
        staff.desk.open("/").await.says("Perselisihan data: 1");
        for number in &numbers[..3] {
            says(&mut staff.desk, &application(number), "Menunggu dipanggil").await;
        }
    }
    for number in &numbers[..3] {
        says(&mut headquarters, &format!("/staff/applications/{number}"), "Menunggu dipanggil").await;
    }
    // One is switched off, and headquarters is told so.
    assert!(twin.process.stop().success());
    let page = headquarters.open("/staff/offices/karimun").await;
    headquarters.submit(&page.form("/one")).await.is(200);
    let page = here.desk.open("/sync").await;
    here.desk.submit(&page.form("/sync/now")).await;
    says(&mut here.desk, "/conflicts", "Semua keterangan sejalan").await;
    headquarters.open("/staff/offices").await;
    assert!(!headquarters.open("/staff/conflicts").await.body().contains("Dua salinan"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_from_an_old_backup_gets_everything_back_that_the_office_holds() {
    let town = Town::new();
    let numbers = town.cases("paid");
    let registry = town.start_registry(0, None);
    let port = registry.port();
    let office = town.start_office(&registry.url);
    let mut staff = Staff::sign_in(&town, &office).await;
    let mut headquarters = town.staff(&registry).await;
    let ticket = staff.receive(&numbers[0]).await;
    says(&mut headquarters, &format!("/staff/applications/{}", numbers[0]), "Menunggu dipanggil").await;
    assert!(registry.process.stop().success());
    copy(&town.dir("registry"), &town.dir("backup"));

    // Work goes on for a while after the backup: pictures, a decision of headquarters, another applicant.
    let registry = town.start_registry(port, None);
    let mut headquarters = town.staff(&registry).await;
    staff.call(&ticket).await;
    staff.capture(&numbers[0]).await;
    staff.interview(&numbers[0]).await;
    approve(&mut headquarters, &numbers[0]).await;
    says(&mut staff.desk, &application(&numbers[0]), "Disetujui").await;
    staff.receive(&numbers[1]).await;
    says(&mut headquarters, &format!("/staff/applications/{}", numbers[1]), "Menunggu dipanggil").await;
    registry.process.kill();
    restore(&town.dir("backup"), &town.dir("registry"));

    let registry = town.start_registry(port, None);
    let mut headquarters = town.staff(&registry).await;
    let first = format!("/staff/applications/{}", numbers[0]);
    let page = eventually(&mut headquarters, &first, "the decision and the pictures to come back", |page| {
        page.body().contains("Permohonan ini sudah disetujui") && page.text.contains("/pictures/")
    })
    .await;
    assert!(!page.has_form("/decide"), "it is decided once");
    says(&mut headquarters, &format!("/staff/applications/{}", numbers[1]), "Menunggu dipanggil").await;
    let page = says(&mut headquarters, "/staff/conflicts", "Pusat ini dipulihkan dari salinan lama").await;
    page.says("cocokkan pembayaran dengan bank");
    headquarters.submit(&page.form("/restored")).await.is(200);
    assert!(!headquarters.open("/staff/conflicts").await.body().contains("dipulihkan"));
    says(&mut staff.desk, "/sync", "mungkin dipulihkan dari cadangan lama").await;
    run_check(&town, registry);
}

/// Nothing is wrong with the registry's journals, pictures and rows.
fn run_check(town: &Town, registry: Node) {
    assert!(registry.process.stop().success());
    run(&town.dir("registry"), &["check"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_folder_that_was_rolled_back_gets_its_own_lost_tail_and_repeats_no_number() {
    let town = Town::new();
    let numbers = town.cases("paid");
    let registry = town.start_registry(0, None);
    let office = town.start_office(&registry.url);
    assert!(office.process.stop().success());
    copy(&town.dir("office"), &town.dir("backup"));
    let office = town.start_office(&registry.url);
    let mut staff = Staff::sign_in(&town, &office).await;
    let mut headquarters = town.staff(&registry).await;
    let ticket = staff.receive(&numbers[0]).await;
    staff.call(&ticket).await;
    staff.capture(&numbers[0]).await;
    staff.interview(&numbers[0]).await;
    let page = format!("/staff/applications/{}", numbers[0]);
    eventually(&mut headquarters, &page, "the pictures", |page| page.text.contains("/pictures/")).await;
    eventually(&mut staff.desk, &application(&numbers[0]), "everything to be sent", |page| {
        !page.body().contains("belum terkirim")
    })
    .await;
    // Whatever has not reached headquarters by then is gone with the folder.
    let pictures = |node| -> BTreeSet<_> {
        files(&town.dir(node).join("blobs")).iter().map(|file| file.file_name().unwrap().to_owned()).collect()
    };
    wait_for("headquarters to have the pictures", || {
        pictures("office").is_subset(&pictures("registry")).then_some(())
    });
    office.process.kill();
    restore(&town.dir("backup"), &town.dir("office"));

    let office = town.start_office(&registry.url);
    let mut staff = Staff::sign_in(&town, &office).await;
    let path = application(&numbers[0]);
    says(&mut staff.desk, &path, "Menunggu ajudikasi").await;
    let again = staff.receive(&numbers[1]).await;
    assert_eq!((ticket.as_str(), again.as_str()), ("A001", "A501"), "no number is given out twice");
    staff.desk.open("/tickets").await.says("dikembalikan oleh pusat").says("dilanjutkan dari 501");
    approve(&mut headquarters, &numbers[0]).await;
    says(&mut staff.desk, &path, "Disetujui").await;
    says(&mut staff.desk, "/conflicts", "Semua keterangan sejalan").await;
    // Its pictures come back too, without anybody looking at them.
    wait_for("the office to have its pictures", || {
        pictures("registry").is_subset(&pictures("office")).then_some(())
    });
    assert!(office.process.stop().success());
    run(&town.dir("office"), &["check"]);
    run_check(&town, registry);
}
