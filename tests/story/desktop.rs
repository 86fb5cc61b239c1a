//! Notices on an officer's desktop: the line that goes and comes back, a key that is none, a machine without a desktop.

use std::process::Command;

use loket::domain::actor::Role;

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
