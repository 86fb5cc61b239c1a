//! A disk whose power can be cut: ext4 on an image file behind a loop device. The cut is the ioctl that ext4 has for
//! this (`EXT4_IOC_SHUTDOWN`, without flushing its log): from that moment nothing more reaches the image, and what was
//! not synced is gone when the image is mounted again and its log replayed.
//!
//! It needs root and loop devices. Everything happens below the folder that is given; a keeper process unmounts and
//! removes the image however the test ends.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use loket::backup::{self, BackupError, Order, Restoring};
use loket::clock::SystemClock;
use loket::config::{OfficeOverrides, example_office};
use loket::domain::actor::Role;
use loket::office::node::{self, NewOfficer};
use loket::office::store::Store;

use super::chance::Chance;
use crate::harness::wait_for;

/// Larger than the room an office keeps free.
const IMAGE_BYTES: u64 = 640 * 1024 * 1024;

/// Waits for a line, then cuts: 0x8004587d is `_IOR('X', 125, __u32)`, 2 is `EXT4_GOING_FLAGS_NOLOGFLUSH`.
const CUTTER: &str = r#"
import fcntl, os, struct, sys
print("ready", flush=True)
sys.stdin.readline()
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack("I", 2))
"#;

/// Told to end, or when the tests end: takes the disk ($1) and its image ($2) away.
const KEEPER: &str = r#"
trap 'kill $rest; umount "$1" 2>/dev/null || umount -l "$1" 2>/dev/null; rm -f "$2"; exit 0' TERM
sleep infinity &
rest=$!
wait $rest
"#;

/// Ways people mount ext4; what survives a cut differs between them.
const OPTIONS: &[&str] = &["defaults", "data=writeback", "nodelalloc", "commit=1"];

/// What to do where the power cannot be cut.
const CANNOT: &str = "The power of a disk can only be cut as root and with loop devices (/dev/loop-control). Where that \
    is impossible leave these tests out by name: cargo test --workspace -- --skip power_cut";

/// A disk of its own at some folder.
pub struct Disk {
    mounted_at: PathBuf,
    image: PathBuf,
    options: &'static str,
    cutter: Option<Child>,
    keeper: u32,
    keeping: Option<JoinHandle<()>>,
}

impl Disk {
    /// Puts the folder `name` in `folder`, with what lies in it, on a disk of its own.
    pub fn under(folder: &Path, name: &str, chance: &mut Chance) -> Self {
        let (mounted_at, image) = (folder.join(name), folder.join(format!("{name}.img")));
        let content = folder.join(format!("{name}.content"));
        if mounted_at.exists() {
            std::fs::rename(&mounted_at, &content).unwrap();
        }
        std::fs::create_dir(&mounted_at).unwrap();
        std::fs::File::create(&image).unwrap().set_len(IMAGE_BYTES).unwrap();
        run(Command::new("mkfs.ext4").args(["-q", "-F", "-m", "0"]).arg(&image));
        let (keeper, keeping) = keep(&mounted_at, &image);
        let options = chance.pick(OPTIONS).unwrap();
        let mut disk = Self { mounted_at, image, options, cutter: None, keeper, keeping: Some(keeping) };
        disk.mount();
        if content.exists() {
            run(Command::new("cp").arg("-a").arg(content.join(".")).arg(&disk.mounted_at));
            std::fs::remove_dir_all(&content).unwrap();
        }
        // What lies there at the beginning was there long ago.
        run(Command::new("sync").arg("-f").arg(&disk.mounted_at));
        disk
    }

    /// Cuts the power: nothing more reaches the disk, everything on it fails.
    pub fn cut(&mut self) {
        let mut cutter = self.cutter.take().unwrap();
        cutter.stdin.take().unwrap().write_all(b"now\n").unwrap();
        assert!(cutter.wait().unwrap().success(), "the power could not be cut. {CANNOT}");
    }

    /// The power is back: the disk is mounted again and replays its log. Nobody may have files open on it.
    pub fn power_returns(&mut self) {
        self.end_cutter();
        wait_for("the disk to be let go", || {
            Command::new("umount").arg(&self.mounted_at).output().unwrap().status.success().then_some(())
        });
        self.mount();
    }

    /// A cutter that nobody has told to cut cuts as soon as nobody could any more.
    fn end_cutter(&mut self) {
        if let Some(mut cutter) = self.cutter.take() {
            // It may have cut by itself and ended; there is nobody to tell.
            let _ = cutter.kill();
            let _ = cutter.wait();
        }
    }

    fn mount(&mut self) {
        let options = format!("loop,{}", self.options);
        let mut mount = Command::new("mount");
        mount.args(["-t", "ext4", "-o", &options]).arg(&self.image).arg(&self.mounted_at);
        run(&mut mount);
        // Started now, so that the moment of the cut is not the moment Python has started.
        let mut cutter = Command::new("/usr/bin/python3");
        cutter.args(["-c", CUTTER]).arg(&self.mounted_at).current_dir("/");
        let mut cutter = cutter.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        cutter.stdout.take().unwrap().read_exact(&mut [0; 6]).unwrap();
        self.cutter = Some(cutter);
    }
}

impl Drop for Disk {
    /// After a failure what lies on the disk is copied beside it, for a person to look at.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let kept = self.mounted_at.with_extension("kept");
            let _ = Command::new("cp").arg("-a").arg(&self.mounted_at).arg(kept).status();
        }
        self.end_cutter();
        let _ = Command::new("kill").args(["-TERM", &self.keeper.to_string()]).status();
        if let Some(keeping) = self.keeping.take() {
            let _ = keeping.join();
        }
    }
}

/// Starts the keeper from a thread that lives as long as the tests: the kernel's death signal goes with the thread.
fn keep(mounted_at: &Path, image: &Path) -> (u32, JoinHandle<()>) {
    let mut keeper = Command::new("setpriv");
    keeper.args(["--pdeathsig=TERM", "sh", "-c", KEEPER, "keeper"]).arg(mounted_at).arg(image);
    keeper.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let (tell, told) = mpsc::channel();
    let keeping = std::thread::spawn(move || {
        let mut child = keeper.spawn().unwrap();
        tell.send(child.id()).unwrap();
        child.wait().unwrap();
    });
    (told.recv().unwrap(), keeping)
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}. {CANNOT}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}. {CANNOT}");
}

#[test]
fn a_power_cut_takes_what_was_not_synced_and_leaves_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let mut disk = Disk::under(folder.path(), "disk", &mut Chance::new(0));
    let (synced, unsynced) = (folder.path().join("disk/synced"), folder.path().join("disk/unsynced"));
    std::fs::write(&synced, b"stays").unwrap();
    std::fs::File::open(&synced).unwrap().sync_all().unwrap();
    std::fs::write(&unsynced, b"goes").unwrap();
    disk.cut();
    assert!(std::fs::write(folder.path().join("disk/late"), b"never").is_err());
    disk.power_returns();
    assert_eq!(std::fs::read(&synced).unwrap(), b"stays");
    assert!(std::fs::read(&unsynced).unwrap_or_default().is_empty(), "it was never synced");
    let image = folder.path().join("disk.img");
    drop(disk);
    assert!(!image.exists() && std::fs::read_dir(folder.path().join("disk")).unwrap().next().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_restored_onto_a_disk_of_its_own_and_survives_a_power_cut() {
    let folder = tempfile::tempdir().unwrap();
    let [old, file, dir] = ["old", "kantor.backup", "disk"].map(|name| folder.path().join(name));
    node::make(&old, &example_office().unwrap(), None).unwrap();
    let officer = NewOfficer {
        login: "sari".into(),
        name: "Sari".into(),
        roles: vec![Role::FrontDesk],
        password: "kapal nelayan".into(),
    };
    node::add_officers(&old, &[officer]).await.unwrap();
    let (_, who) = node::load(&old, &OfficeOverrides::default()).unwrap();
    let order = Order { dir: &old, to: &file, overwrite: false, now_ms: 0, progress: &|_| {} };
    let made = backup::office::make(&order, &who, None).unwrap();

    let mut disk = Disk::under(folder.path(), "disk", &mut Chance::new(0));
    assert!(dir.join("lost+found").exists(), "a disk's own folder is never quite empty");
    let restoring = Restoring {
        from: &file,
        dir: &dir,
        key: &who.node_key,
        new_identity: false,
        now_ms: 0,
        progress: &|_| {},
    };
    std::fs::write(dir.join("other"), "somebody's").unwrap();
    assert!(matches!(backup::office::restore(&restoring), Err(BackupError::NotEmpty(_))));
    std::fs::remove_file(dir.join("other")).unwrap();
    let restored = backup::office::restore(&restoring).unwrap();
    assert_eq!(restored.records, made.records);
    disk.cut();
    disk.power_returns();
    let (_, who) = node::load(&dir, &OfficeOverrides::default()).unwrap();
    let (store, opened) = Store::open(&dir, who, Arc::new(SystemClock)).unwrap();
    assert_eq!(opened.records, made.records);
    assert_eq!(store.officer("sari").unwrap().unwrap().name, "Sari");
    store.stop().await;
    drop(store);
    assert!(matches!(backup::office::restore(&restoring), Err(BackupError::NotEmpty(_))));
}
