//! Machines are lost. An office made anew from its backup goes on where it was, and so does a registry; what was written
//! after the backup comes back from the other side.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use loket::domain::actor::Role;

use super::steps::{Staff, application, approve};
use crate::harness::eventually;
use crate::harness::nodes::{Town, loket};
use crate::harness::postgres;

fn run(arguments: &[&str], paths: &[(&str, &Path)]) -> Output {
    let mut command = loket();
    command.args(arguments);
    for (flag, path) in paths {
        command.arg(flag).arg(path);
    }
    command.output().unwrap()
}

fn succeeds(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    out.into_owned()
}

fn fails(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn back_up(dir: &Path, to: &Path) -> String {
    succeeds(&run(&["backup"], &[("--dir", dir), ("--to", to)]))
}

/// The recovery key of a town's registry, as if it came out of the safe.
fn recovery(town: &Town) -> PathBuf {
    town.dir("recovery.key")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_office_machine_is_made_anew_from_its_backup_with_the_recovery_key() {
    let town = Town::new();
    let numbers = town.cases("paid");
    let (first, second) = (&numbers[0], &numbers[1]);
    let registry = town.start_registry(0, None);
    let office = town.start_office(&registry.url);
    let mut staff = Staff::sign_in(&town, &office).await;
    let ticket = staff.receive(first).await;
    staff.call(&ticket).await;
    staff.capture(first).await;
    // While they work.
    let file = town.dir("kantor.backup");
    let said = back_up(&town.dir("office"), &file);
    assert!(said.contains("verified") && !said.contains("Only this node"), "{said}");
    let mut supervisor = town.officer(&office, Role::Supervisor).await;
    eventually(&mut supervisor, "/audit", "the backup on record", |page| {
        page.text.contains("Cadangan dibuat")
    })
    .await;
    supervisor.open("/sync").await.says("Cadangan terakhir");
    // What comes after it.
    staff.interview(first).await;
    staff.receive(second).await;
    let mut headquarters = town.staff(&registry).await;
    eventually(&mut staff.desk, &application(second), "headquarters to have everything", |page| {
        !page.body().contains("belum terkirim")
    })
    .await;
    approve(&mut headquarters, first).await;
    office.process.kill();
    fs::remove_dir_all(town.dir("office")).unwrap();

    // A new machine: the file, the key from the safe, an empty folder.
    let key = recovery(&town);
    let again = &[("--from", file.as_path()), ("--dir", &town.dir("office")), ("--recovery-key", &key)];
    let said = succeeds(&run(&["restore"], again));
    assert!(said.contains("all verified"), "{said}");
    let twice = fails(&run(&["restore"], again));
    assert!(twice.contains("not empty"), "{twice}");
    // Without a line it does not know that a ticket was given out after the backup, and gives no number out twice.
    let office = town.start_office("http://127.0.0.1:9");
    let mut staff = Staff::sign_in(&town, &office).await;
    for page in ["/", "/tickets"] {
        eventually(&mut staff.desk, page, "that numbers are left out", |page| {
            page.body().contains("dipulihkan dari cadangan") && page.body().contains("dilanjutkan dari 501")
        })
        .await;
    }
    assert_eq!(staff.receive(&numbers[2]).await, "A501");
    assert!(office.process.stop().success());
    let office = town.start_office(&registry.url);
    let mut staff = Staff::sign_in(&town, &office).await;
    eventually(&mut staff.desk, &application(first), "what came after the backup", |page| {
        page.text.contains("Disetujui")
    })
    .await;
    eventually(&mut staff.desk, &application(second), "the other ticket", |page| {
        page.text.contains("Menunggu dipanggil")
    })
    .await;
    staff.make_book(first, "E1234567").await;
    staff.hand_over(first, "E1234567").await;
    let mut supervisor = town.officer(&office, Role::Supervisor).await;
    eventually(&mut supervisor, "/audit", "the recovery on record", |page| {
        page.text.contains("kunci pemulihan")
    })
    .await;
    eventually(&mut headquarters, &format!("/staff/applications/{first}"), "the hand-over", |page| {
        page.text.contains("Sudah diserahkan")
    })
    .await;
    assert!(office.process.stop().success() && registry.process.stop().success());
    for node in ["office", "registry"] {
        succeeds(&run(&["check"], &[("--dir", &town.dir(node))]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_restored_from_an_old_backup_gets_back_what_the_office_holds() {
    let town = Town::new();
    let numbers = town.cases("paid");
    let (first, second) = (&numbers[0], &numbers[1]);
    let registry = town.start_registry(0, None);
    let (url, port) = (registry.url.clone(), registry.port());
    let office = town.start_office(&url);
    let mut staff = Staff::sign_in(&town, &office).await;
    let ticket = staff.receive(first).await;
    staff.call(&ticket).await;
    staff.capture(first).await;
    // While it runs.
    let file = town.dir("pusat.backup");
    back_up(&town.dir("registry"), &file);
    // A decision that the backup does not know.
    staff.interview(first).await;
    let mut headquarters = town.staff(&registry).await;
    approve(&mut headquarters, first).await;
    eventually(&mut staff.desk, &application(first), "the approval", |page| page.text.contains("Disetujui"))
        .await;
    registry.process.kill();
    fs::remove_dir_all(town.dir("registry")).unwrap();
    staff.receive(second).await;

    let key = recovery(&town);
    let paths = [("--from", file.as_path()), ("--dir", &town.dir("registry")), ("--recovery-key", &key)];
    succeeds(&run(&["restore"], &paths));
    let registry = town.start_registry(port, None);
    let mut headquarters = town.staff(&registry).await;
    for (number, words) in [(first, "Disetujui"), (second, "Menunggu dipanggil")] {
        let path = format!("/staff/applications/{number}");
        eventually(&mut headquarters, &path, words, |page| page.text.contains(words)).await;
    }
    assert!(office.process.stop().success() && registry.process.stop().success());
    for node in ["office", "registry"] {
        succeeds(&run(&["check"], &[("--dir", &town.dir(node))]));
    }
}

#[test]
fn a_registry_moves_from_its_embedded_database_to_postgres_and_back() {
    let town = Town::new();
    let (file, key) = (town.dir("pusat.backup"), recovery(&town));
    back_up(&town.dir("registry"), &file);
    let url = postgres::database_url();
    let moved = town.dir("pusat-pg");
    let to_postgres = |dir: &Path| {
        let paths = [("--from", file.as_path()), ("--dir", dir), ("--recovery-key", &key)];
        run(&["restore", "--database-url", &url], &paths)
    };
    succeeds(&to_postgres(&moved));
    succeeds(&run(&["check"], &[("--dir", &moved)]));
    let occupied = fails(&to_postgres(&town.dir("pusat-2")));
    assert!(occupied.contains("empty one"), "{occupied}");
    assert!(!town.dir("pusat-2").exists(), "half a node is none");
    // The way back, with the node's own key.
    let (second, back) = (town.dir("pusat-2.backup"), town.dir("pusat-3"));
    back_up(&moved, &second);
    let embedded = format!("sqlite://{}?mode=rwc", town.dir("pusat-3.db").display());
    let own = moved.join("node.key");
    let paths = [("--from", second.as_path()), ("--dir", &back), ("--node-key", &own)];
    succeeds(&run(&["restore", "--database-url", &embedded], &paths));
    succeeds(&run(&["check"], &[("--dir", &back)]));
}

#[test]
fn a_registrys_restore_that_was_cut_short_after_its_database_was_full_is_made_again() {
    let town = Town::new();
    let (file, key) = (town.dir("pusat.backup"), recovery(&town));
    back_up(&town.dir("registry"), &file);
    let other = town.dir("pusat-2.backup");
    back_up(&town.dir("registry"), &other);
    let embedded = format!("sqlite://{}?mode=rwc", town.dir("baru.db").display());
    for (url, name) in [(embedded, "baru"), (postgres::database_url(), "baru-pg")] {
        let dir = town.dir(name);
        let restore = |file: &Path, dir: &Path| {
            let paths = [("--from", file), ("--dir", dir), ("--recovery-key", &key)];
            run(&["restore", "--database-url", &url], &paths)
        };
        succeeds(&restore(&file, &dir));
        // As if the power had gone when the database was durable, and no file had been moved to its place.
        let staged = town.dir("staged");
        fs::rename(&dir, &staged).unwrap();
        fs::create_dir(&dir).unwrap();
        fs::rename(&staged, dir.join(".restoring")).unwrap();
        assert!(fails(&restore(&other, &dir)).contains("empty one"), "another backup is not put over it");
        succeeds(&restore(&file, &dir));
        succeeds(&run(&["check"], &[("--dir", &dir)]));
        // A registry has used it: it is nobody's to be filled.
        assert!(fails(&restore(&file, &town.dir("lain"))).contains("empty one"));
    }
}

#[test]
fn a_backup_says_what_it_will_not_do_and_tells_a_finder_nothing() {
    let town = Town::new();
    let (office, file) = (town.dir("office"), town.dir("kantor.backup"));
    back_up(&office, &file);
    let again = [("--dir", office.as_path()), ("--to", &file)];
    assert!(fails(&run(&["backup"], &again)).contains("--overwrite"));
    succeeds(&run(&["backup", "--overwrite"], &again));
    let folder = town.dir("baru");
    let restore = |from: &Path, how: &[(&str, &Path)]| {
        let paths: Vec<_> =
            [("--from", from), ("--dir", &folder)].into_iter().chain(how.iter().copied()).collect();
        run(&["restore"], &paths)
    };
    let stranger = town.dir("lain.key");
    succeeds(&run(&["recovery-key", "new"], &[("--dir", &town.dir("registry")), ("--to", &stranger)]));
    let said = fails(&restore(&file, &[("--recovery-key", &stranger)]));
    assert!(said.contains("not sealed for the recovery key"), "{said}");
    fails(&restore(&file, &[]));
    let whole = fs::read(&file).unwrap();
    let key = recovery(&town);
    for broken in [&whole[..whole.len() / 2], &whole[..whole.len() - 1], &[whole.as_slice(), b"x"].concat()] {
        let damaged = town.dir("rusak.backup");
        fs::write(&damaged, broken).unwrap();
        fails(&restore(&damaged, &[("--recovery-key", &key)]));
        assert!(!folder.exists(), "half a node is none");
    }
    succeeds(&restore(&file, &[("--recovery-key", &key)]));
    // No name, number or key can be read in it, nor what lies in it.
    let mut secrets: Vec<Vec<u8>> = vec![b"loketseg".to_vec(), b"karimun".to_vec(), b"[office]".to_vec()];
    secrets.extend(town.record().names.iter().map(|name| name.as_bytes().to_vec()));
    secrets.push(fs::read(office.join("node.key")).unwrap()[1..33].to_vec());
    for secret in secrets {
        assert!(!whole.windows(secret.len()).any(|window| window == secret), "{secret:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_office_gets_a_new_identity_and_goes_on_after_it_was_enrolled_again() {
    let town = Town::new();
    let numbers = town.cases("paid");
    let (first, second) = (&numbers[0], &numbers[1]);
    let registry = town.start_registry(0, None);
    let office = town.start_office(&registry.url);
    let mut staff = Staff::sign_in(&town, &office).await;
    staff.receive(first).await;
    let file = town.dir("kantor.backup");
    back_up(&town.dir("office"), &file);
    assert!(office.process.stop().success());
    let old_key = fs::read(town.dir("office").join("node.key")).unwrap();
    fs::remove_dir_all(town.dir("office")).unwrap();

    let key = recovery(&town);
    let dir = town.dir("office");
    let paths = [("--from", file.as_path()), ("--dir", &dir), ("--recovery-key", &key)];
    let said = succeeds(&run(&["restore", "--new-identity"], &paths));
    assert!(said.contains("revoke the old node"), "{said}");
    let new_key = fs::read(dir.join("node.key")).unwrap();
    // Neither the node's seed nor the key that seals what rests here is the thief's.
    assert_ne!(new_key[1..33], old_key[1..33]);
    assert_ne!(new_key[33..65], old_key[33..65]);
    let mut headquarters = town.staff(&registry).await;
    let page = headquarters.open("/staff/offices").await;
    let page = headquarters.submit(&page.form("/staff/offices/karimun/code")).await;
    let is_code = |word: &&str| word.len() == 19 && word.matches('-').count() == 3 && !word.contains(' ');
    let body = page.body();
    let code = body.split([' ', '|']).find(is_code).unwrap_or_else(|| panic!("no code: {body}"));
    succeeds(&run(&["enroll", "--registry", &registry.url, "--code", code], &[("--dir", &dir)]));
    let office = town.start_office(&registry.url);
    let mut staff = Staff::sign_in(&town, &office).await;
    staff.desk.open(&application(first)).await.says("Menunggu dipanggil");
    staff.receive(second).await;
    let path = format!("/staff/applications/{second}");
    eventually(&mut headquarters, &path, "the new node's facts", |page| {
        page.text.contains("Menunggu dipanggil")
    })
    .await;
    assert!(office.process.stop().success() && registry.process.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_goes_into_the_folder_one_stands_in_and_its_rows_over_no_network_in_the_open() {
    let town = Town::new();
    let (file, key, dir) = (town.dir("pusat.backup"), recovery(&town), town.dir("new"));
    back_up(&town.dir("registry"), &file);
    fs::create_dir(&dir).unwrap();
    let restore = |more: &[&str]| {
        let mut command = loket();
        command.args(["restore", "--dir", "."]).args(more).current_dir(&dir);
        command.arg("--from").arg(&file).arg("--recovery-key").arg(&key).output().unwrap()
    };
    for mode in ["", "?sslmode=prefer", "?sslmode=require"] {
        let url = format!("postgres://loket@192.0.2.7:1/loket{mode}");
        let said = fails(&restore(&["--database-url", &url]));
        assert!(said.contains("--without-tls"), "{mode}: {said}");
    }
    // A try that was refused stands in nobody's way.
    succeeds(&restore(&[]));
    assert!(!dir.join(".restoring").exists());
    succeeds(&run(&["check"], &[("--dir", &dir)]));
    assert!(fails(&restore(&[])).contains("not empty"));
}
