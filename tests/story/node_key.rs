//! The node's key under a passphrase and handed over by a service manager, with the program itself: what starts, what
//! does not, and that less protection never passes in silence.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use loket::demo::record::Login;
use loket::domain::actor::Role;

use crate::harness::files;
use crate::harness::nodes::{Town, loket};
use crate::harness::officer::Officer;
use crate::harness::process::Process;
use crate::harness::tpm::Tpm;

const PASSPHRASE: &str = "kapal nelayan pulang pagi";

fn private(file: PathBuf, text: &str) -> PathBuf {
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    file
}

/// A command about a node, on its own folder.
fn about(node: &Path, arguments: &[&str]) -> Command {
    let mut command = loket();
    command.env_remove("CREDENTIALS_DIRECTORY").args(arguments).arg("--dir").arg(node);
    command
}

fn done(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", words(&output));
    words(&output)
}

fn refused(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{command:?}: {}", words(&output));
    words(&output)
}

fn words(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&both).into_owned()
}

fn serve(node: &Path, kind: &str) -> Command {
    about(node, &[kind, "--listen", "127.0.0.1:0"])
}

/// Starts a node, looks at it, and stops it.
struct Served {
    process: Process,
    url: String,
}

fn started(mut command: Command, folder: &Path, says: &str) -> Served {
    let log = tempfile::Builder::new().tempfile_in(folder).unwrap().into_temp_path().keep().unwrap();
    let mut process = Process::start(&mut command, log);
    let url = process.wait_until_it_says(says).replace(says, "");
    Served { process, url }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_protected_in_three_ways_and_never_less_in_silence() {
    let town = Town::new();
    let (node, scratch) = (town.dir("office"), tempfile::tempdir().unwrap());
    let scratch = scratch.path();
    let secret = private(scratch.join("passphrase"), &format!("{PASSPHRASE}\n"));
    let secret = secret.to_str().unwrap();
    assert!(done(about(&node, &["key", "show"])).contains("protected by: file"));
    let bare = fs::read(node.join("node.key")).unwrap();

    // A passphrase: nothing opens without it, and it is never an argument.
    done(about(&node, &["key", "protect", "--with", "passphrase", "--new-passphrase-file", secret]));
    assert!(done(about(&node, &["key", "show"])).contains("protected by: passphrase"));
    assert!(refused(serve(&node, "office")).contains("--passphrase-file"));
    let wrong = private(scratch.join("wrong"), "kapal nelayan pulang malam");
    let wrong = ["check", "--passphrase-file", wrong.to_str().unwrap()];
    assert!(refused(about(&node, &wrong)).contains("not the passphrase"));
    let open = scratch.join("open");
    fs::write(&open, PASSPHRASE).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(
        refused(about(&node, &["check", "--passphrase-file", open.to_str().unwrap()])).contains("chmod 600")
    );
    done(about(&node, &["check", "--passphrase-file", secret]));
    let mut command = serve(&node, "office");
    command.args(["--passphrase-file", secret]);
    let office = started(command, scratch, "Office at ");
    let Login { name, password, .. } = town.record().login(Role::Supervisor).unwrap();
    let mut supervisor = Officer::signed_in(&office.url, "/login", name, password).await;
    crate::harness::eventually(&mut supervisor, "/audit", "the change on record", |page| {
        page.text.contains("Kunci server kini dilindungi dengan: kata sandi panjang")
    })
    .await;
    assert!(office.process.stop().success());

    // Somebody puts the bare key back: the node does not start as if nothing had happened.
    let sealed = fs::read(node.join("node.key")).unwrap();
    fs::write(node.join("node.key"), &bare).unwrap();
    let said = refused(serve(&node, "office"));
    assert!(
        said.contains("protected by less than before (passphrase until now, file at this start)"),
        "{said}"
    );
    // Nor when the tables that know of it are gone.
    fs::remove_dir_all(node.join("tables")).unwrap();
    assert!(refused(serve(&node, "office")).contains("protected by less than before"));
    fs::write(node.join("node.key"), sealed).unwrap();

    // Handed over by a service manager: the folder holds no key any more.
    let credentials = scratch.join("credentials");
    fs::create_dir(&credentials).unwrap();
    private(credentials.join("node.key"), "");
    fs::write(credentials.join("node.key"), &bare).unwrap();
    let mut command = about(&node, &["key", "protect", "--with", "credential", "--passphrase-file", secret]);
    assert!(
        refused(about(&node, &["key", "protect", "--with", "credential", "--passphrase-file", secret]))
            .contains("CREDENTIALS_DIRECTORY")
    );
    command.env("CREDENTIALS_DIRECTORY", &credentials);
    done(command);
    assert!(refused(serve(&node, "office")).contains("LoadCredentialEncrypted="));
    let mut command = serve(&node, "office");
    command.env("CREDENTIALS_DIRECTORY", &credentials);
    let office = started(command, scratch, "Office at ");
    let Login { name, password, .. } = town.record().login(Role::Administrator).unwrap();
    let mut administrator = Officer::signed_in(&office.url, "/login", name, password).await;
    administrator.open("/settings").await.is(200).says("kredensial dari systemd");
    assert!(office.process.stop().success());

    // Back to a file only if somebody says so, twice; then it is on record and shown.
    let back = ["key", "protect", "--with", "file"];
    let with_credentials = |mut command: Command| {
        command.env("CREDENTIALS_DIRECTORY", &credentials);
        command
    };
    assert!(refused(with_credentials(about(&node, &back))).contains("--accept-weaker-key-protection"));
    let accepted = [&back[..], &["--accept-weaker-key-protection"]].concat();
    done(with_credentials(about(&node, &accepted)));
    assert_eq!(fs::read(node.join("node.key")).unwrap(), bare);
    refused(serve(&node, "office"));
    let mut command = serve(&node, "office");
    command.arg("--accept-weaker-key-protection");
    let office = started(command, scratch, "Office at ");
    let mut administrator = Officer::signed_in(&office.url, "/login", name, password).await;
    crate::harness::eventually(&mut administrator, "/settings", "the warning", |page| {
        page.text.contains("PERLINDUNGAN KUNCI DITURUNKAN")
    })
    .await;
    assert!(office.process.stop().success());
    // From then on it is as it was noted.
    assert!(started(serve(&node, "office"), scratch, "Office at ").process.stop().success());
    done(about(&node, &["check", "--rebuild"]));
    assert!(started(serve(&node, "office"), scratch, "Office at ").process.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registrys_key_is_watched_over_likewise() {
    let town = Town::new();
    let (node, scratch) = (town.dir("registry"), tempfile::tempdir().unwrap());
    let scratch = scratch.path();
    let secret = private(scratch.join("passphrase"), PASSPHRASE);
    let secret = secret.to_str().unwrap();
    let bare = fs::read(node.join("node.key")).unwrap();
    done(about(&node, &["key", "protect", "--with", "passphrase", "--new-passphrase-file", secret]));
    assert!(refused(serve(&node, "registry")).contains("--passphrase-file"));
    let mut command = serve(&node, "registry");
    command.args(["--passphrase-file", secret]);
    let registry = started(command, scratch, "Registry at ");
    let Login { name, password, .. } = town.record().login(Role::Headquarters).unwrap();
    let mut staff = Officer::signed_in(&registry.url, "/staff/login", name, password).await;
    staff
        .open("/staff/officers")
        .await
        .is(200)
        .says("Kunci server kini dilindungi dengan: kata sandi panjang");
    assert!(registry.process.stop().success());
    fs::write(node.join("node.key"), &bare).unwrap();
    assert!(refused(serve(&node, "registry")).contains("protected by less than before"));
    let mut command = serve(&node, "registry");
    command.arg("--accept-weaker-key-protection");
    assert!(started(command, scratch, "Registry at ").process.stop().success());
    assert!(started(serve(&node, "registry"), scratch, "Registry at ").process.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_sealed_by_the_machines_tpm_opens_nothing_elsewhere() {
    let (town, tpm) = (Town::new(), Tpm::start());
    let (node, scratch) = (town.dir("office"), tempfile::tempdir().unwrap());
    let (scratch, sealed) = (scratch.path(), town.path().join("node.key.cred"));
    tpm.seal(&node.join("node.key"), &sealed);
    let bare = fs::read(node.join("node.key")).unwrap();
    let credentials = scratch.join("credentials");
    fs::create_dir(&credentials).unwrap();
    let handed_over = |tpm: &Tpm, mut command: Command| {
        let opened = credentials.join("node.key");
        let _ = fs::remove_file(&opened);
        let unsealed = tpm.unseal(&sealed, &opened);
        command.env("CREDENTIALS_DIRECTORY", &credentials);
        unsealed.status.success().then_some(command).ok_or_else(|| words(&unsealed))
    };
    let protect = about(&node, &["key", "protect", "--with", "credential"]);
    done(handed_over(&tpm, protect).unwrap());
    let secret = &bare[bare.len() - 32..];
    for file in files(&node).into_iter().chain([sealed.clone()]) {
        let lies_bare = fs::read(&file).unwrap().windows(32).any(|bytes| bytes == secret);
        assert!(!lies_bare, "the key lies bare in {}", file.display());
    }

    let office = started(handed_over(&tpm, serve(&node, "office")).unwrap(), scratch, "Office at ");
    let Login { name, password, .. } = town.record().login(Role::Administrator).unwrap();
    let mut administrator = Officer::signed_in(&office.url, "/login", name, password).await;
    administrator.open("/settings").await.is(200).says("kredensial dari systemd");
    assert!(office.process.stop().success());

    // The disk in another machine: the folder, the sealed key and systemd's own secret are all there.
    let elsewhere = Tpm::start().with_disk_of(&tpm);
    handed_over(&elsewhere, serve(&node, "office")).expect_err("another machine's TPM opened it");
    assert!(refused(serve(&node, "office")).contains("LoadCredentialEncrypted="));
}
