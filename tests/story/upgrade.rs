//! An older program beside a folder in which a newer one has been at work: it says so and touches nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use loket::config::{LAYOUT, SETTINGS_FILE};

use crate::harness::nodes::{Town, loket};

/// Every file and what is in it.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn a_folder_that_a_newer_program_has_used_is_left_alone_by_every_command() {
    let town = Town::new();
    let backup = town.dir("sebelum.backup");
    for (node, commands) in [
        (
            "office",
            [
                &["office", "--without-tls"][..],
                &["check"],
                &["check", "--heal"],
                &["check", "--rebuild"],
                &["officer", "list"],
                &["certificate", "show"],
            ],
        ),
        (
            "registry",
            [
                &["registry", "--without-tls"][..],
                &["check"],
                &["check", "--heal"],
                &["key", "protect", "--with", "file"],
                &["officer", "list"],
                &["certificate", "show"],
            ],
        ),
    ] {
        let dir = town.dir(node);
        let settings = dir.join(SETTINGS_FILE);
        let text = fs::read_to_string(&settings).unwrap();
        // The present number may stand there.
        fs::write(&settings, format!("layout = {LAYOUT}\n{text}")).unwrap();
        let made = loket()
            .args(["backup", "--overwrite", "--dir"])
            .arg(&dir)
            .arg("--to")
            .arg(&backup)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        fs::write(&settings, format!("layout = {}\n{text}", LAYOUT + 1)).unwrap();
        let before = contents(&dir);
        let file = town.dir("sesudah");
        let to_file: [&[&str]; 2] = [&["backup", "--to"], &["bundle", "export", "--dir"]];
        for command in
            commands.into_iter().map(|command| (command, None)).chain(to_file.map(|it| (it, Some(&file))))
        {
            let (arguments, file) = command;
            let mut run = loket();
            run.args(arguments);
            match (file, arguments[0]) {
                (Some(file), "backup") => run.arg(file).arg("--dir").arg(&dir),
                (Some(file), _) => run.arg(&dir).arg(file),
                (None, _) => run.arg("--dir").arg(&dir),
            };
            let output = run.output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(
                !output.status.success() && said.contains("newer version of this program"),
                "{arguments:?}: {said}"
            );
        }
        assert!(contents(&dir) == before, "the {node}'s folder was touched");
        assert!(!file.exists());
    }
}
