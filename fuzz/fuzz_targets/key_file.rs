//! The file of subject keys, changed at will or any bytes at all: no panic, no other key than the one that was kept, and
//! what was forgotten stays forgotten or is named as damaged.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use loket_fuzz::{Draw, own, signer};
use loket_sync::disk::virtual_disk::VirtualDisk;
use loket_sync::journal::{OnDamage, Opening};
use loket_sync::{Disk, Journals, NewRecord, Subject};

fn opening(disk: &VirtualDisk) -> Opening {
    Opening {
        disk: Disk::in_memory(disk.clone()),
        on_damage: OnDamage::SetAside,
        floor_bytes: 0,
        reserve_bytes: 0,
        ..Opening::default()
    }
}

fuzz_target!(|bytes: &[u8]| {
    let disk = VirtualDisk::new();
    let folder = Path::new("/j");
    let (mut journals, _) = Journals::open_with(folder, own(), &signer, opening(&disk)).unwrap();
    let subjects: Vec<Subject> = (1..=4).map(|number| Subject([number; 16])).collect();
    for subject in &subjects {
        let new =
            NewRecord { at_ms: 1, kind: 100, flags: 0, subject: *subject, body: b"a note about somebody" };
        journals.append(&new).unwrap();
    }
    journals.commit().unwrap();
    let keys: Vec<_> = subjects.iter().map(|subject| journals.key(subject)).collect();
    journals.forget(subjects[0]).unwrap();
    drop(journals);

    let access = Disk::in_memory(disk.clone());
    let path = folder.join("keys.seg");
    let mut content = access.read(&path).unwrap();
    let mut draw = Draw(bytes);
    match draw.byte() % 3 {
        0 => content = draw.0.to_vec(),
        1 => content.truncate(draw.below(content.len() + 1)),
        _ => {
            while !draw.is_over() {
                let at = draw.below(content.len());
                content[at] ^= draw.byte();
            }
        }
    }
    access.replace(&path, &content).unwrap();
    let Ok((mut journals, _)) = Journals::open_with(folder, own(), &signer, opening(&disk)) else { return };
    for (subject, kept) in subjects.iter().zip(&keys) {
        let found = journals.key(subject);
        assert!(found.is_none() || found == *kept, "another key came out of the file");
    }
    let new = NewRecord { at_ms: 2, kind: 100, flags: 0, subject: Subject([9; 16]), body: b"it goes on" };
    if journals.append(&new).is_ok() {
        let _ = journals.commit();
    }
});
