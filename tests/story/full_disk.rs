//! A disk that is truly full: a small ext4 of its own for a node, filled by somebody else. Acts are refused in plain
//! words, everything is read, and all goes on by itself when there is room. Needs root and loop devices, like power cuts.

use std::fs;
use std::path::{Path, PathBuf};

use loket::domain::actor::Role;
use serde_json::Value;

use super::steps::{Staff, application};
use crate::crash::chance::Chance;
use crate::crash::disk::Disk;
use crate::harness::eventually;
use crate::harness::nodes::Town;

/// What somebody else leaves on the disk: less than acts need; nothing at all.
const LITTLE: u64 = 20 * 1024 * 1024;

/// A file that takes the room.
struct Filler(PathBuf);

impl Filler {
    fn leaving(folder: &Path, left_bytes: u64) -> Self {
        let file = folder.join("filler");
        let available = |folder: &Path| {
            let said = std::process::Command::new("df").args(["--output=avail", "-B1"]).arg(folder).output();
            let said = String::from_utf8(said.unwrap().stdout).unwrap();
            said.lines().last().unwrap().trim().parse::<u64>().unwrap()
        };
        // The file system's own bookkeeping needs a little too.
        let bytes = available(folder).saturating_sub(left_bytes.max(2 * 1024 * 1024));
        let filled =
            std::process::Command::new("fallocate").arg("-l").arg(bytes.to_string()).arg(&file).status();
        assert!(filled.unwrap().success());
        if left_bytes == 0 {
            // The last blocks too.
            let rest = std::process::Command::new("dd")
                .args(["if=/dev/zero", "bs=1024", &format!("of={}", folder.join("filler-rest").display())])
                .stderr(std::process::Stdio::null())
                .status();
            assert!(!rest.unwrap().success(), "the disk is full");
        }
        Self(file)
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        for file in [self.0.clone(), self.0.with_file_name("filler-rest")] {
            if file.exists() {
                fs::remove_file(file).unwrap();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_on_a_full_disk_reads_on_refuses_plainly_and_goes_on_by_itself() {
    let town = Town::new();
    let dir = town.dir("office");
    let _disk = Disk::under(dir.parent().unwrap(), "office", &mut Chance::new(1));
    let registry = town.start_registry(0, None);
    let office = town.start_office(&registry.url);
    let mut staff = Staff::sign_in(&town, &office).await;
    let mut supervisor = town.officer(&office, Role::Supervisor).await;
    let numbers = town.cases("paid");
    let (first, second) = (&numbers[0], &numbers[1]);
    staff.receive(first).await;
    let form = staff.desk.open(&application(second)).await.form("/arrive");
    let health = async |url: &str| {
        let answer = reqwest::get(format!("{url}/healthz")).await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap()["status"].clone())
    };
    assert_eq!(health(&office.url).await, (200, "ok".into()));

    for left in [LITTLE, 0] {
        let filler = Filler::leaving(&dir, left);
        // Refused, with the page as it was; in both languages the disk is named.
        let page = staff.desk.submit(&form).await;
        page.is(507).says("Diska server");
        assert!(page.has_form("/arrive"), "the form is still there:\n{}", page.body());
        for path in ["/", "/bookings", "/tickets", "/sync", "/display/aula", &application(first)] {
            supervisor.open(path).await.is(200);
        }
        supervisor.open("/").await.says("Diska server ini penuh");
        assert_eq!(health(&office.url).await, (503, "full".into()));
        drop(filler);
        let name = format!("room again after {left} bytes");
        let url = office.url.clone();
        tokio::time::timeout(std::time::Duration::from_secs(30), async {
            while health(&url).await.0 != 200 {
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
        })
        .await
        .expect(&name);
    }
    staff.desk.submit(&form).await.is(200).says("Hadir");
    // What came while there was no room comes now, without a restart.
    let filler = Filler::leaving(&dir, LITTLE);
    let mut headquarters = town.staff(&registry).await;
    let third = &numbers[2];
    let page = headquarters.open(&format!("/staff/applications/{third}")).await;
    let cancel = page.form("/cancel").set("reason", "Pemohon sakit.");
    headquarters.submit(&cancel).await.is(200);
    eventually(&mut supervisor, "/sync", "the page to say that nothing is received", |page| {
        page.text.contains("tidak dapat disimpan")
    })
    .await;
    drop(filler);
    eventually(&mut supervisor, &application(third), "the cancellation", |page| {
        page.text.contains("Dibatalkan")
    })
    .await;

    // A start on a disk without a single free block.
    assert!(office.process.stop().success());
    let filler = Filler::leaving(&dir, 0);
    let office = town.start_office(&registry.url);
    let waits_or_reads = reqwest::get(format!("{}/login", office.url)).await.unwrap();
    assert!([200, 503].contains(&waits_or_reads.status().as_u16()));
    drop(filler);
    let mut desk = town.officer(&office, Role::FrontDesk).await;
    desk.open(&application(second)).await.is(200).says("Hadir");
    assert!(office.process.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_on_a_full_disk_says_so_and_goes_on_by_itself() {
    let town = Town::new();
    let dir = town.dir("registry");
    let _disk = Disk::under(dir.parent().unwrap(), "registry", &mut Chance::new(2));
    let registry = town.start_registry(0, None);
    let mut headquarters = town.staff(&registry).await;
    let number = &town.cases("paid")[0];
    let path = format!("/staff/applications/{number}");
    let cancel = headquarters.open(&path).await.form("/cancel").set("reason", "Pemohon sakit.");
    let filler = Filler::leaving(&dir, 0);
    // More often than the registry has connections: each of them must be fit for use afterwards.
    for _ in 0..12 {
        let refused = headquarters.submit(&cancel).await;
        refused.is(507).says("Diska server").says("isian Anda tetap ada");
        assert!(refused.text.contains("value=\"Pemohon sakit.\""), "what was typed stands there");
    }
    let add = headquarters.open("/staff/offices").await.form("/staff/offices").set("code", "ranai");
    let refused = headquarters.submit(&add.set("name", "Kantor Ranai").set("zone", "WIT")).await;
    refused.is(507).says("Diska server");
    assert!(refused.text.contains("value=\"Kantor Ranai\"") && refused.text.contains("<option selected>WIT"));
    // Everything is read, also an application that nobody had opened, of which the look cannot be put on record.
    let unopened = format!("/staff/applications/{}", town.cases("paid")[1]);
    let pages =
        ["/staff", "/staff/bookings", "/staff/payments", "/staff/conflicts", "/staff/offices/karimun"];
    for page in pages.into_iter().chain([path.as_str(), &unopened]) {
        headquarters.open(page).await.is(200);
    }
    drop(filler);
    headquarters.submit(&cancel).await.is(200);
    headquarters.open(&path).await.is(200).says("Dibatalkan");
    assert!(registry.process.stop().success());
}
