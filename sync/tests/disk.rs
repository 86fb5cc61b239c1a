//! The virtual disk does what the file system does, and at a power cut what the worst of drives do.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io;
use std::path::{Path, PathBuf};

use loket_sync::Disk;
use loket_sync::disk::virtual_disk::VirtualDisk;
use proptest::prelude::*;

fn virtual_disk() -> (VirtualDisk, Disk) {
    let memory = VirtualDisk::new();
    (memory.clone(), Disk::in_memory(memory))
}

/// Writes a file of these bytes; synced as said.
fn write(disk: &Disk, path: &str, bytes: &[u8], sync_file: bool, sync_folder: bool) {
    let path = Path::new(path);
    let mut file = disk.append_or_create(path).unwrap();
    disk.write(&mut file, path, bytes).unwrap();
    if sync_file {
        disk.sync(&file, path).unwrap();
    }
    if sync_folder {
        disk.sync_folder(path.parent().unwrap()).unwrap();
    }
}

/// What a file may hold after power cuts with many seeds.
fn after_power_cuts(prepare: impl Fn(&Disk), path: &str) -> Vec<Option<Vec<u8>>> {
    (0..200)
        .map(|seed| {
            let (memory, disk) = virtual_disk();
            disk.create_folder(Path::new("/d")).unwrap();
            prepare(&disk);
            memory.power_cut(seed);
            disk.read(Path::new(path)).ok()
        })
        .collect()
}

#[test]
fn what_is_synced_with_its_folder_survives_every_power_cut() {
    let found = after_power_cuts(|disk| write(disk, "/d/a", b"synced", true, true), "/d/a");
    assert!(found.iter().all(|bytes| bytes.as_deref() == Some(b"synced")));
    let replaced = |disk: &Disk| {
        disk.replace(Path::new("/d/a"), b"first").unwrap();
        disk.replace(Path::new("/d/a"), b"second").unwrap();
    };
    let found = after_power_cuts(replaced, "/d/a");
    assert!(found.iter().all(|bytes| bytes.as_deref() == Some(b"second")));
}

#[test]
fn what_is_not_synced_may_be_lost_cut_torn_or_kept() {
    let long = vec![7; 3000];
    let prepare = |disk: &Disk| {
        write(disk, "/d/a", b"synced", true, true);
        write(disk, "/d/a", &long, false, false);
    };
    let whole = [b"synced".as_slice(), &long].concat();
    let found = after_power_cuts(prepare, "/d/a");
    assert!(found.iter().flatten().all(|bytes| bytes.starts_with(b"synced")));
    let count = |is: &dyn Fn(&Vec<u8>) -> bool| found.iter().flatten().filter(|bytes| is(bytes)).count();
    assert!(count(&|bytes| bytes == b"synced") > 0, "lost");
    assert!(count(&|bytes| *bytes == whole) > 0, "kept");
    assert!(count(&|bytes| bytes.len() < whole.len() && bytes.ends_with(&[7])) > 0, "cut short");
    assert!(count(&|bytes| bytes[6..].contains(&0)) > 0, "zeros");
    assert!(count(&|bytes| bytes[6..].iter().any(|byte| ![0, 7].contains(byte))) > 0, "noise");
}

#[test]
fn an_entry_whose_folder_is_not_synced_may_go() {
    let found = after_power_cuts(|disk| write(disk, "/d/a", b"synced", true, false), "/d/a");
    assert!(found.contains(&None) && found.contains(&Some(b"synced".to_vec())));
    let renamed = |disk: &Disk| {
        write(disk, "/d/a", b"new", true, true);
        write(disk, "/d/b", b"old", true, true);
        disk.rename(Path::new("/d/a"), Path::new("/d/b")).unwrap();
    };
    let found = after_power_cuts(renamed, "/d/b");
    assert!(found.contains(&Some(b"old".to_vec())) && found.contains(&Some(b"new".to_vec())));
    assert!(!found.contains(&None), "a rename is one step");
    let removed = |disk: &Disk| {
        write(disk, "/d/a", b"here", true, true);
        disk.remove(Path::new("/d/a")).unwrap();
    };
    let found = after_power_cuts(removed, "/d/a");
    assert!(found.contains(&Some(b"here".to_vec())) && found.contains(&None));
    let in_new_folder = |disk: &Disk| {
        disk.create_folder(Path::new("/d/e")).unwrap();
        write(disk, "/d/e/a", b"x", true, true);
    };
    assert!(after_power_cuts(in_new_folder, "/d/e/a").iter().all(Option::is_some));
}

#[test]
fn after_a_failed_sync_no_later_one_helps() {
    struct Once(std::sync::atomic::AtomicBool);
    impl loket_sync::Faults for Once {
        fn sync(&self, _path: &Path) -> io::Result<()> {
            let is_first = !self.0.swap(true, std::sync::atomic::Ordering::SeqCst);
            if is_first { Err(io::Error::other("the drive does not answer")) } else { Ok(()) }
        }
    }
    let prepare = |disk: &Disk| {
        write(disk, "/d/a", b"synced", true, true);
        let path = Path::new("/d/a");
        let failing = disk.clone().failing(std::sync::Arc::new(Once(false.into())));
        let mut file = failing.append_to(path).unwrap();
        failing.write(&mut file, path, &[7; 600]).unwrap();
        assert!(failing.sync(&file, path).is_err());
        failing.sync(&file, path).unwrap();
    };
    let found = after_power_cuts(prepare, "/d/a");
    let whole = [b"synced".as_slice(), &[7; 600]].concat();
    assert!(found.iter().flatten().any(|bytes| *bytes != whole));
}

#[test]
fn a_drive_that_ignores_syncs_loses_synced_bytes() {
    let (memory, disk) = virtual_disk();
    disk.create_folder(Path::new("/d")).unwrap();
    memory.ignore_syncs(|path| path.extension().is_some_and(|end| end == "seg"));
    let kept = (0..50).filter(|seed| {
        let name = format!("/d/{seed}.seg");
        write(&disk, &name, b"told that it is safe", true, true);
        memory.power_cut(*seed);
        disk.read(Path::new(&name)).is_ok_and(|bytes| bytes == b"told that it is safe")
    });
    assert!(kept.count() < 50);
}

#[test]
fn a_full_disk_takes_what_fits() {
    let (memory, disk) = virtual_disk();
    memory.set_room(Some(4));
    let path = Path::new("/a");
    let mut file = disk.create_new(path).unwrap();
    let error = disk.write(&mut file, path, b"too long").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert_eq!((disk.read(path).unwrap().as_slice(), memory.room()), (b"too ".as_slice(), Some(0)));
    disk.remove(path).unwrap();
    assert_eq!(memory.room(), Some(4));
}

#[test]
fn an_image_is_put_back_whole() {
    let (memory, disk) = virtual_disk();
    disk.create_folder(Path::new("/d")).unwrap();
    write(&disk, "/d/a", b"one", true, true);
    let image = memory.snapshot();
    write(&disk, "/d/a", b" two", true, true);
    write(&disk, "/d/b", b"three", true, true);
    let other = VirtualDisk::from_image(&image);
    memory.restore(&image);
    for memory in [memory, other] {
        memory.power_cut(1);
        assert_eq!(memory.snapshot(), image);
        assert_eq!(Disk::in_memory(memory).read(Path::new("/d/a")).unwrap(), b"one");
    }
    assert!(VirtualDisk::from_image(&image).flip_bit(Path::new("/d/a"), 1, 0));
    assert!(!VirtualDisk::from_image(&image).flip_bit(Path::new("/d/a"), 3, 0));
}

#[test]
fn a_lock_is_held_until_it_is_dropped_or_the_power_goes() {
    let (memory, disk) = virtual_disk();
    let lock = disk.lock(Path::new("/lock")).unwrap();
    assert!(lock.is_some() && disk.lock(Path::new("/lock")).unwrap().is_none());
    drop(lock);
    let before = disk.lock(Path::new("/lock")).unwrap();
    memory.power_cut(3);
    let after = disk.lock(Path::new("/lock")).unwrap();
    drop(before);
    assert!(after.is_some() && disk.lock(Path::new("/lock")).unwrap().is_none());
}

/// Something done to one of a few files.
#[derive(Clone, Debug)]
enum Act {
    Append(u8, Vec<u8>),
    Create(u8),
    Replace(u8, Vec<u8>),
    Rename(u8, u8),
    Remove(u8),
    Cut(u8, u64),
    ReadAt(u8, u64, usize),
    Folder(u8),
    SyncFolder,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..20);
    let act = prop_oneof![
        (0..4_u8, bytes()).prop_map(|(file, bytes)| Act::Append(file, bytes)),
        (0..4_u8).prop_map(Act::Create),
        (0..4_u8, bytes()).prop_map(|(file, bytes)| Act::Replace(file, bytes)),
        (0..4_u8, 0..4_u8).prop_map(|(from, to)| Act::Rename(from, to)),
        (0..4_u8).prop_map(Act::Remove),
        (0..4_u8, 0..30_u64).prop_map(|(file, len)| Act::Cut(file, len)),
        (0..4_u8, 0..30_u64, 0..10_usize).prop_map(|(file, at, len)| Act::ReadAt(file, at, len)),
        (0..3_u8).prop_map(Act::Folder),
        Just(Act::SyncFolder),
    ];
    proptest::collection::vec(act, 0..60)
}

/// What came of an act, and what lies there afterwards.
type Seen = (Result<Vec<u8>, io::ErrorKind>, Vec<(PathBuf, Option<Vec<u8>>)>);

fn act(disk: &Disk, root: &Path, act: &Act) -> Seen {
    let file = |number: &u8| root.join("d").join(format!("file-{number}"));
    let append = |path: &Path, bytes: &[u8]| {
        let mut file = disk.append_or_create(path)?;
        disk.write(&mut file, path, bytes)?;
        disk.sync(&file, path)
    };
    let result = match act {
        Act::Append(number, bytes) => append(&file(number), bytes),
        Act::Create(number) => disk.create_new(&file(number)).map(drop),
        Act::Replace(number, bytes) => disk.replace(&file(number), bytes),
        Act::Rename(from, to) => disk.rename(&file(from), &file(to)),
        Act::Remove(number) => disk.remove(&file(number)),
        Act::Cut(number, len) => disk.cut(&file(number), *len),
        Act::ReadAt(number, at, len) => {
            let mut bytes = vec![0; *len];
            let read = disk.open(&file(number)).and_then(|file| file.read_exact_at(&mut bytes, *at));
            return (read.map(|()| bytes).map_err(|error| error.kind()), Vec::new());
        }
        Act::Folder(number) => disk.create_folder(&root.join("d").join(format!("folder-{number}"))),
        Act::SyncFolder => disk.sync_folder(&root.join("d")),
    };
    let paths = disk.list(&root.join("d")).unwrap();
    let there = paths.iter().map(|path| {
        assert_ne!(disk.is_file(path), disk.is_folder(path));
        (path.strip_prefix(root).unwrap().to_owned(), disk.read(path).ok())
    });
    (result.map(|()| Vec::new()).map_err(|error| error.kind()), there.collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn without_a_power_cut_it_is_like_the_file_system(acts in acts()) {
        let folder = tempfile::tempdir().unwrap();
        let real = Disk::default();
        let (_, memory) = virtual_disk();
        let root = Path::new("/root");
        real.create_folder(&folder.path().join("d")).unwrap();
        memory.create_folder(&root.join("d")).unwrap();
        for one in &acts {
            prop_assert_eq!(act(&real, folder.path(), one), act(&memory, root, one), "{:?}", one);
        }
    }
}
