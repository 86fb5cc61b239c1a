//! No network at all: a day goes to headquarters on a stick, and the decision comes back on it.

use std::fs;
use std::path::{Path, PathBuf};

use super::steps::{Staff, application, approve};
use crate::harness::nodes::{Town, loket};

/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

struct Stick<'a> {
    town: &'a Town,
}

impl Stick<'_> {
    fn file(&self, name: &str) -> PathBuf {
        self.town.dir(&format!("{name}.bundle"))
    }

    fn run(&self, arguments: &[&str], node: &str, file: &Path) -> (bool, String) {
        let mut command = loket();
        command.arg("bundle").args(arguments).arg("--dir").arg(self.town.dir(node)).arg(file);
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    fn done(&self, arguments: &[&str], node: &str, name: &str) -> String {
        let (is_done, said) = self.run(arguments, node, &self.file(name));
        assert!(is_done, "{arguments:?} at the {node}: {said}");
        said
    }

    fn bundle_of_office(&self, name: &str) -> String {
        self.done(&["export"], "office", name)
    }

    fn bundle_of_registry(&self, name: &str) -> String {
        self.done(&["export", "--office", "karimun"], "registry", name)
    }

    fn to(&self, node: &str, name: &str) -> String {
        self.done(&["import"], node, name)
    }

    fn refused(&self, node: &str, file: &Path) -> String {
        let (is_done, said) = self.run(&["import"], node, file);
        assert!(!is_done, "{said}");
        said
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_goes_home_on_a_stick_and_the_decision_comes_back_on_it() {
    let town = Town::new();
    let stick = Stick { town: &town };
    let number = &town.cases("paid")[0];
    let office = town.start_office(NOWHERE);
    let mut staff = Staff::sign_in(&town, &office).await;
    let ticket = staff.receive(number).await;
    staff.call(&ticket).await;
    staff.capture(number).await;
    staff.interview(number).await;
    staff.desk.open(&application(number)).await.says("belum terkirim");
    // The office works on meanwhile; the registry is not even running.
    let said = stick.bundle_of_office("pagi");
    assert!(said.contains("pictures") && !said.contains("wait for the next"), "{said}");
    let said = stick.to("registry", "pagi");
    assert!(said.contains("new records") && !said.contains(": 0 new records"), "{said}");
    // Headquarters decides; no line leads to the office.
    let registry = town.start_registry(0, None);
    let mut headquarters = town.staff(&registry).await;
    approve(&mut headquarters, number).await;
    stick.bundle_of_registry("keputusan");
    let said = stick.to("office", "keputusan");
    assert!(said.contains("have arrived at the other side"), "{said}");
    let page = staff.desk.open(&application(number)).await;
    page.says("Disetujui");
    assert!(
        !page.body().contains("belum terkirim"),
        "headquarters has it, and the office knows: {}",
        page.body()
    );
    staff.make_book(number, "E1234567").await;
    staff.hand_over(number, "E1234567").await;
    stick.bundle_of_office("sore");
    stick.to("registry", "sore");
    headquarters.open(&format!("/staff/applications/{number}")).await.says("Sudah diserahkan");

    // Twice, late, and in another order: nothing happens.
    for name in ["sore", "pagi", "pagi"] {
        let said = stick.to("registry", name);
        assert!(said.contains(": 0 new records, 0 new pictures"), "{said}");
    }
    let said = stick.to("office", "keputusan");
    assert!(said.contains(": 0 new records, 0 new pictures"), "{said}");
    // With the receipt of the evening nothing is left to carry.
    stick.bundle_of_registry("malam");
    stick.to("office", "malam");
    assert!(stick.bundle_of_office("kosong").contains(" 0 records, 0 pictures."), "level");
    assert!(office.process.stop().success() && registry.process.stop().success());
    for node in ["office", "registry"] {
        let checked = loket().args(["check", "--dir"]).arg(town.dir(node)).output().unwrap();
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_stick_takes_pictures_in_turns_and_a_stopped_office_is_opened_for_it() {
    let town = Town::new();
    let stick = Stick { town: &town };
    let number = &town.cases("paid")[0];
    let office = town.start_office(NOWHERE);
    let mut staff = Staff::sign_in(&town, &office).await;
    let ticket = staff.receive(number).await;
    staff.call(&ticket).await;
    staff.capture(number).await;
    assert!(office.process.stop().success());
    let said = stick.done(&["export", "--max-megabytes", "0"], "office", "kecil");
    assert!(said.contains(" 0 pictures.") && said.contains("wait for the next bundle"), "{said}");
    stick.to("registry", "kecil");
    let said = stick.bundle_of_office("besar");
    assert!(!said.contains(" 0 pictures.") && !said.contains("wait"), "{said}");
    let said = stick.to("registry", "besar");
    assert!(said.contains(": 0 new records") && !said.contains(" 0 new pictures"), "{said}");
}

#[test]
fn a_bundle_that_is_not_for_this_node_or_not_whole_is_refused_in_a_sentence() {
    let town = Town::new();
    let stick = Stick { town: &town };
    stick.bundle_of_office("pagi");
    let file = stick.file("pagi");
    let said = stick.refused("office", &file);
    assert!(said.contains("for another node"), "{said}");
    let (is_done, said) = stick.run(&["export"], "office", &file);
    assert!(!is_done && said.contains("--overwrite"), "{said}");
    let (is_done, said) = stick.run(&["export"], "registry", &stick.file("tanpa"));
    assert!(!is_done && said.contains("--office"), "{said}");

    let whole = fs::read(&file).unwrap();
    let put = |bytes: &[u8]| {
        let broken = stick.file("rusak");
        fs::write(&broken, bytes).unwrap();
        stick.refused("registry", &broken)
    };
    put(&whole[..whole.len() / 2]);
    put(&whole[..whole.len() - 1]);
    put(&[whole.as_slice(), b"x"].concat());
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    put(&changed);
    assert!(put(b"something else altogether").contains("no backup and no bundle"));
    let backup = town.dir("kantor.backup");
    let made = loket().args(["backup", "--dir"]).arg(town.dir("office")).arg("--to").arg(&backup).output();
    assert!(made.unwrap().status.success());
    // A backup is sealed for others; whoever it is for, it is no bundle.
    assert!(stick.refused("office", &backup).contains("is a backup, not a bundle"));

    // A finder reads nothing in it.
    let mut secrets: Vec<Vec<u8>> = vec![b"office/karimun".to_vec(), b"hq/karimun".to_vec()];
    secrets.extend(town.record().names.iter().map(|name| name.as_bytes().to_vec()));
    for secret in secrets {
        assert!(!whole.windows(secret.len()).any(|window| window == secret), "{secret:?}");
    }
}
