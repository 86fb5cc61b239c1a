//! Notices on an officer's desktop: the line that goes and comes back, a key that is none, a machine without a desktop.

use std::path::Path;
use std::process::Command;

use loket::domain::actor::Role;

use crate::harness::certified::Certified;
use crate::harness::desktop::Desktop;
use crate::harness::eventually;
use crate::harness::nodes::{Node, Town, loket};
use crate::harness::process::Process;

fn notify(office: &Node, key: &str) -> Command {
    let mut command = loket();
    command.args(["notify", "--office", &office.url]).env("LOKET_DEVICE_KEY", key);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desktop_is_told_when_the_line_goes_and_comes_back() {
    let (town, mut desktop) = (Town::new(), Desktop::start());
    let registry = town.start_registry(0, None);
    let port = registry.port();
    let office = town.start_office(&registry.url);
    let mut desk = town.officer(&office, Role::FrontDesk).await;
    eventually(&mut desk, "/", "the line to be up", |page| page.text.contains("Tersambung ke pusat")).await;
    let (name, value) = desktop.environment();
    let mut command = notify(&office, &town.record().notifier_key);
    let mut notifier = Process::start(command.env(name, value), town.dir("notify.log"));
    notifier.wait_until_it_says("Following");
    registry.process.kill();
    desktop.wait_until_it_shows("Tanpa sambungan ke pusat");
    let _registry = town.start_registry(port, None);
    desktop.wait_until_it_shows("Tersambung lagi ke pusat");
    assert!(notifier.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_desktop_notices_go_to_the_log_and_a_wrong_key_is_said() {
    let town = Town::new();
    let office = town.start_office("http://127.0.0.1:9");
    let refused = notify(&office, "not-a-key").output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("device key"));
    let none = notify(&office, "").env_remove("LOKET_DEVICE_KEY").output().unwrap();
    assert_eq!(none.status.code(), Some(1), "{}", String::from_utf8_lossy(&none.stderr));
    // The office is stopped and comes back: the notifier waits for it.
    let mut command = notify(&office, &town.record().notifier_key);
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
    let mut notifier = Process::start(&mut command, town.dir("notify.log"));
    notifier.wait_until_it_says("Following");
    assert!(office.process.stop().success(), "an open stream does not hold the office up");
    notifier.wait_until_it_says("trying again");
    assert!(notifier.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn over_https_a_notifier_follows_only_the_office_whose_authority_it_was_given() {
    let town = Town::new();
    let made = loket()
        .args(["certificate", "new", "--name", "localhost", "--dir"])
        .arg(town.dir("office"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let office = town.start_office("http://127.0.0.1:9");
    assert!(office.url.starts_with("https://"), "{}", office.url);
    let other = town.path().join("other.pem");
    std::fs::write(&other, Certified::make().authority).unwrap();
    let following = |certificate: Option<&Path>| {
        let mut command = notify(&office, &town.record().notifier_key);
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
        command.args(certificate.map(|_| "--certificate")).args(certificate);
        let log = tempfile::Builder::new().tempfile_in(town.path()).unwrap().into_temp_path().keep().unwrap();
        Process::start(&mut command, log)
    };
    for nobody_knows_it in [None, Some(other.as_path())] {
        let mut notifier = following(nobody_knows_it);
        let said = notifier.wait_until_it_says("certificate is not accepted");
        assert!(said.contains("--certificate"), "{said}");
        assert!(!notifier.said().contains("Following"), "{said}");
    }
    let mut notifier = following(Some(&town.dir("office").join("tls/ca.pem")));
    notifier.wait_until_it_says("Following");
    assert!(notifier.stop().success());
}
