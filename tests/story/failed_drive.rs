//! A drive that fails while an office or a registry works on it, so that the file system lets nobody write any more: acts are refused in
//! plain words, what was saved is read on, and on a sound drive everything that was acknowledged is there. Needs root and
//! loop devices, like power cuts.

use std::path::Path;
use std::process::Command;

use loket::domain::actor::Role;
use serde_json::Value;

use super::steps::{Staff, application};
use crate::crash::chance::Chance;
use crate::crash::disk::Disk;
use crate::harness::nodes::Town;

/// Has ext4 meet a fault of its own, after which it is read-only (ext4(5), `errors=remount-ro`).
fn fail(folder: &Path) {
    let run = |command: &mut Command| {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    run(Command::new("mount").args(["-o", "remount,errors=remount-ro"]).arg(folder));
    let device = run(Command::new("findmnt").args(["-no", "SOURCE", "--target"]).arg(folder));
    let name = device.strip_prefix("/dev/").unwrap();
    std::fs::write(format!("/sys/fs/ext4/{name}/trigger_fs_error"), "1").unwrap();
    assert!(std::fs::write(folder.join("probe"), "").is_err(), "it can still be written");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_whose_drive_fails_says_so_and_reads_on() {
    let town = Town::new();
    let dir = town.dir("office");
    let mut disk = Disk::under(dir.parent().unwrap(), "office", &mut Chance::new(1));
    let office = town.start_office("http://127.0.0.1:9");
    let mut staff = Staff::sign_in(&town, &office).await;
    let mut supervisor = town.officer(&office, Role::Supervisor).await;
    let numbers = town.cases("paid");
    let (first, second) = (&numbers[0], &numbers[1]);
    staff.receive(first).await;
    let form = staff.desk.open(&application(second)).await.form("/arrive").set("note", "kursi roda");

    fail(&dir);
    let page = staff.desk.submit(&form).await;
    page.is(503).says("Penyimpanan server rusak").says("TIDAK tersimpan").says("formulir kertas");
    assert!(page.text.contains("Penyimpanan server ini rusak"), "the banner:\n{}", page.body());
    assert_eq!(page.form("/arrive").value("note"), Some("kursi roda"), "what was typed is kept");
    let again = staff.desk.submit(&page.form("/arrive")).await;
    again.is(503).says("tindakan ini TIDAK tersimpan");
    // Longer than sled keeps what it was given before it writes.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    for path in ["/", "/bookings", "/tickets", "/sync", "/display/aula", &application(first)] {
        supervisor.open(path).await.is(200);
    }
    let page = supervisor.open(&application(first)).await;
    assert!(
        page.text.contains("Penyimpanan server ini rusak") && page.body().contains("Menunggu"),
        "{}",
        page.body()
    );
    let health = reqwest::get(format!("{}/healthz", office.url)).await.unwrap();
    assert_eq!(health.status(), 503);
    assert_eq!(health.json::<Value>().await.unwrap()["status"], "read-only");
    office.process.kill();

    // Another drive with what was on it.
    disk.power_returns();
    let office = town.start_office("http://127.0.0.1:9");
    let mut desk = town.officer(&office, Role::FrontDesk).await;
    desk.open(&application(first)).await.is(200).says("Menunggu");
    let page = desk.open(&application(second)).await;
    desk.submit(&page.form("/arrive")).await.is(200).says("Hadir");
    assert!(office.process.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_whose_drive_fails_says_so_and_reads_on() {
    let town = Town::new();
    let dir = town.dir("registry");
    let mut disk = Disk::under(dir.parent().unwrap(), "registry", &mut Chance::new(2));
    let registry = town.start_registry(0, None);
    let mut headquarters = town.staff(&registry).await;
    let numbers = town.cases("paid");
    let paths = [0, 1].map(|at: usize| format!("/staff/applications/{}", numbers[at]));
    let cancel = headquarters.open(&paths[0]).await.form("/cancel").set("reason", "Pemohon sakit.");

    fail(&dir);
    let page = headquarters.submit(&cancel).await;
    page.is(503).says("Penyimpanan server rusak").says("anggap TIDAK tersimpan");
    assert_eq!(page.form("/cancel").value("reason"), Some("Pemohon sakit."), "what was typed is kept");
    // The second one nobody has opened before: that somebody looks cannot be put on record.
    for path in ["/staff", "/staff/payments", "/staff/conflicts", &paths[0], &paths[1]] {
        headquarters.open(path).await.is(200);
    }
    registry.process.kill();

    disk.power_returns();
    let registry = town.start_registry(0, None);
    let mut headquarters = town.staff(&registry).await;
    let page = headquarters.open(&paths[0]).await;
    assert!(!page.body().contains("Dibatalkan"), "{}", page.body());
    headquarters.submit(&page.form("/cancel").set("reason", "Pemohon sakit.")).await.is(200);
    headquarters.open(&paths[0]).await.says("Dibatalkan");
    assert!(registry.process.stop().success());
}
