//! A desktop without a screen: a real D-Bus session bus with a notification service on it that writes down what it
//! is asked to show (python-dbusmock).

use std::process::Command;

use super::installed;
use super::process::Process;

/// A session bus and its notification service; both end with the value.
pub struct Desktop {
    service: Process,
    _bus: Process,
    address: String,
    _folder: tempfile::TempDir,
}

impl Desktop {
    /// Starts a bus and the service.
    pub fn start() -> Self {
        let daemon = installed("dbus", &["/usr/bin/dbus-daemon"]);
        installed("python3-dbusmock", &["/usr/lib/python3/dist-packages/dbusmock/__init__.py"]);
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(daemon);
        command.args(["--session", "--nofork", "--nopidfile", "--print-address"]);
        let mut bus = Process::start(&mut command, folder.path().join("bus.log"));
        let address = bus.wait_until_it_says("unix:").trim().to_owned();
        let mut command = Command::new("/usr/bin/python3");
        command.args(["-u", "-m", "dbusmock", "--session", "--template", "notification_daemon"]);
        command.env("DBUS_SESSION_BUS_ADDRESS", &address);
        let service = Process::start(&mut command, folder.path().join("service.log"));
        let desktop = Self { service, _bus: bus, address, _folder: folder };
        desktop.wait_until_it_serves();
        desktop
    }

    /// What a program needs in its environment to reach this desktop.
    pub fn environment(&self) -> (&'static str, &str) {
        ("DBUS_SESSION_BUS_ADDRESS", &self.address)
    }

    /// Waits until it was asked to show something with these words, and returns the request.
    pub fn wait_until_it_shows(&mut self, words: &str) -> String {
        self.service.wait_until_it_says(words)
    }

    fn wait_until_it_serves(&self) {
        super::wait_for("the notification service", || {
            let mut ask = Command::new("dbus-send");
            ask.args(["--session", "--print-reply", "--dest=org.freedesktop.Notifications"]);
            ask.args([
                "/org/freedesktop/Notifications",
                "org.freedesktop.Notifications.GetServerInformation",
            ]);
            let answer = ask.env("DBUS_SESSION_BUS_ADDRESS", &self.address).output().unwrap();
            answer.status.success().then_some(())
        });
    }
}

#[test]
fn the_desktop_writes_down_what_it_shows() {
    let mut desktop = Desktop::start();
    let (name, value) = desktop.environment();
    let mut send = Command::new("dbus-send");
    send.args(["--session", "--print-reply", "--dest=org.freedesktop.Notifications"]);
    send.args(["/org/freedesktop/Notifications", "org.freedesktop.Notifications.Notify"]);
    send.args(["string:loket", "uint32:0", "string:", "string:Paspor siap", "string:1179"]);
    send.args(["array:string:", "dict:string:string:", "int32:-1"]);
    send.env(name, value).output().unwrap();
    assert!(desktop.wait_until_it_shows("Paspor siap").contains("Notify"));
}
