//! Making a real office and registry by hand, as the README says, and what the program says when something is wrong.

use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use crate::harness::nodes::{Town, loket, start_demo};
use crate::harness::officer::Officer;
use crate::harness::process::Process;

fn run(arguments: &[&str], dir: &Path) -> Output {
    loket().args(arguments).arg("--dir").arg(dir).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_is_made_tied_and_opened_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let (registry, office) = (folder.path().join("pusat"), folder.path().join("kantor"));
    let made = run(&["init", "registry"], &registry);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let staff = ["officer", "add", "--login", "adi", "--name", "Adi", "--role", "headquarters"];
    let mut adding = loket();
    adding.args(staff).arg("--password-stdin").arg("--dir").arg(&registry);
    let mut adding = adding.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    adding.stdin.take().unwrap().write_all(b"rahasia-sekali\n").unwrap();
    assert!(adding.wait().unwrap().success());
    let made =
        run(&["init", "office", "--code", "contoh", "--name", "Kantor Contoh", "--zone", "wita"], &office);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let again = run(&["init", "office", "--code", "contoh", "--name", "Kantor Contoh"], &office);
    assert_eq!(again.status.code(), Some(1));
    let added =
        run(&["officer", "add", "--login", "dian", "--name", "Dian", "--role", "administrator"], &office);
    let password = text(&added.stdout).trim().rsplit(' ').next().unwrap().to_owned();
    assert!(text(&run(&["officer", "list"], &office).stdout).contains("administrator"));

    let mut command = loket();
    command.args(["registry", "--listen", "127.0.0.1:0", "--dir"]).arg(&registry);
    let mut process = Process::start(&mut command, folder.path().join("pusat.log"));
    let url = process.wait_until_it_says("Registry at ").replace("Registry at ", "");
    let mut adi = Officer::signed_in(&url, "/staff/login", "adi", "rahasia-sekali").await;
    let page = adi.open("/staff/offices").await;
    let form = page.form("/staff/offices").set("code", "contoh").set("name", "Kantor Contoh");
    adi.submit(&form).await.is(200).says("Kantor Contoh");
    let page = adi.open("/staff/offices").await;
    let page = adi.submit(&page.form("/staff/offices/contoh/code")).await;
    let code = code_on(&page.body());
    let wrong = run(&["enroll", "--registry", &url, "--code", "0000-0000-0000-0000"], &office);
    assert_eq!(wrong.status.code(), Some(1), "{}", text(&wrong.stderr));
    let tied = run(&["enroll", "--registry", &url, "--code", &code], &office);
    assert!(tied.status.success(), "{}", text(&tied.stderr));
    let twice = run(&["enroll", "--registry", &url, "--code", &code], &office);
    assert_eq!(twice.status.code(), Some(1), "a code is used once");

    let mut command = loket();
    command.args(["office", "--listen", "127.0.0.1:0", "--dir"]).arg(&office);
    let mut running = Process::start(&mut command, folder.path().join("kantor.log"));
    let url = running.wait_until_it_says("Office at ").replace("Office at ", "");
    Officer::signed_in(&url, "/login", "dian", &password).await.open("/").await.is(200);
    let locked = run(&["check"], &office);
    assert_eq!(locked.status.code(), Some(1), "a running office is not checked");
    assert!(text(&locked.stderr).contains("open"), "{}", text(&locked.stderr));
    assert!(running.stop().success() && process.stop().success());
    assert!(run(&["check", "--rebuild"], &office).status.success());
    assert!(run(&["check", "--rebuild"], &registry).status.success());
}

fn code_on(page: &str) -> String {
    let is_code = |word: &&str| word.len() == 19 && word.matches('-').count() == 3 && !word.contains(' ');
    page.split([' ', '|']).find(is_code).unwrap_or_else(|| panic!("no code on the page:\n{page}")).to_owned()
}

#[test]
fn what_cannot_work_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = run(&["office"], folder.path());
    assert_eq!(nothing.status.code(), Some(1));
    assert!(text(&nothing.stderr).contains("loket init office"), "{}", text(&nothing.stderr));
    assert_eq!(loket().arg("fly").output().unwrap().status.code(), Some(2));
    let help = loket().arg("--help").output().unwrap();
    assert!(help.status.success() && text(&help.stdout).contains("loket demo"));
}

#[test]
fn a_damaged_journal_is_found_and_named() {
    let town = Town::new();
    let journals = town.dir("office").join("journal");
    let mut folders = vec![journals];
    let mut largest = (0, std::path::PathBuf::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, len) = (entry.path(), entry.metadata().unwrap().len());
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "seg") && len > largest.0 {
                largest = (len, path);
            }
        }
    }
    let mut bytes = std::fs::read(&largest.1).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(&largest.1, bytes).unwrap();
    let checked = run(&["check"], &town.dir("office"));
    assert_eq!(checked.status.code(), Some(1));
    let file = largest.1.file_name().unwrap().to_str().unwrap().to_owned();
    assert!(text(&checked.stdout).contains(&file), "{}", text(&checked.stdout));
}

#[test]
fn the_demo_goes_on_where_it_stopped() {
    let town = Town::new();
    let folder = town.dir("");
    let before = town.record().clone();
    assert!(start_demo(&folder).stop().success());
    let after = loket::demo::record::Record::load(&folder).unwrap().unwrap();
    assert_eq!((before.bookings, before.logins), (after.bookings, after.logins));
    assert_eq!(after.names.len(), 75);
}

#[test]
fn a_demo_that_was_interrupted_is_finished_without_booking_anybody_twice() {
    let town = Town::new();
    let folder = town.dir("");
    let before = town.record().clone();
    let mut unfinished = before.clone();
    (unfinished.day, unfinished.bookings, unfinished.cases) = (None, Vec::new(), Vec::new());
    unfinished.save(&folder).unwrap();
    assert!(start_demo(&folder).stop().success());
    let after = loket::demo::record::Record::load(&folder).unwrap().unwrap();
    assert_eq!(before.bookings, after.bookings);
    assert_eq!(before.cases, after.cases);
}

#[test]
fn an_address_in_use_is_said() {
    let town = Town::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = run(&["office", "--listen", &address], &town.dir("office"));
    assert_eq!(said.status.code(), Some(1));
    assert!(text(&said.stderr).contains(&address), "{}", text(&said.stderr));
    let said = run(&["registry", "--listen", &address], &town.dir("registry"));
    assert_eq!(said.status.code(), Some(1));
    assert!(text(&said.stderr).contains(&address), "{}", text(&said.stderr));
}
