//! A journal whose segment file was changed at will, or is any bytes at all: it opens or says why not, never panics, and
//! gives no record but those that were written there.
#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use loket_fuzz::{Draw, own, signer};
use loket_sync::disk::virtual_disk::{Image, VirtualDisk};
use loket_sync::journal::{OnDamage, Opening};
use loket_sync::{Disk, Journals, NewRecord, Record, Subject};

fn opening(disk: &VirtualDisk) -> Opening {
    Opening {
        disk: Disk::in_memory(disk.clone()),
        on_damage: OnDamage::SetAside,
        segment_bytes_max: 3_000,
        floor_bytes: 0,
        reserve_bytes: 0,
        ..Opening::default()
    }
}

/// A disk with a journal of several segments, one of whose subjects was erased; and its records.
fn honest() -> &'static (Image, Vec<Record>) {
    static MADE: OnceLock<(Image, Vec<Record>)> = OnceLock::new();
    MADE.get_or_init(|| {
        let disk = VirtualDisk::new();
        let (mut journals, _) = Journals::open_with(Path::new("/j"), own(), &signer, opening(&disk)).unwrap();
        let mut erased = std::collections::BTreeSet::new();
        for number in 0..16_u8 {
            let subject = Subject([number % 3 + 1; 16]);
            let body = format!("note {number} about somebody, long enough to be worth a line or two");
            let new = NewRecord { at_ms: 1, kind: 100, flags: 0, subject, body: body.as_bytes() };
            let pos = journals.append(&new).unwrap();
            if number % 3 == 0 {
                erased.insert(pos);
            }
            if number % 2 == 1 {
                journals.commit().unwrap();
            }
        }
        journals.erase(&[Subject([1; 16])].into(), &erased).unwrap();
        let records = journals.reader().scan(&[]).map(Result::unwrap).collect();
        drop(journals);
        (disk.snapshot(), records)
    })
}

fuzz_target!(|bytes: &[u8]| {
    let (image, records) = honest();
    let disk = VirtualDisk::from_image(image);
    let files: Vec<_> = disk
        .files()
        .into_iter()
        .filter(|(path, _)| path.extension().is_some_and(|end| end == "seg"))
        .collect();
    let mut draw = Draw(bytes);
    let access = Disk::in_memory(disk.clone());
    let (path, len) = &files[draw.below(files.len())];
    let mut content = access.read(path).unwrap();
    match draw.byte() % 4 {
        0 => content = draw.0.to_vec(),
        1 => content.truncate(draw.below(usize::try_from(*len).unwrap() + 1)),
        2 => {
            let (at, rest) = (draw.below(content.len() + 1), draw.0.to_vec());
            content.splice(at..at, rest);
        }
        _ => {
            while !draw.is_over() {
                let at = draw.below(content.len());
                content[at] ^= draw.byte();
            }
        }
    }
    access.replace(path, &content).unwrap();
    if let Ok(report) =
        Journals::verify_on(&access, Path::new("/j"), &own().stream, Some(&own().storage_key), &signer)
    {
        assert!(report.records <= records.len() as u64);
    }
    let Ok((journals, _)) = Journals::open_with(Path::new("/j"), own(), &signer, opening(&disk)) else {
        return;
    };
    for record in journals.reader().scan(&[]) {
        let Ok(record) = record else { continue };
        let honest = &records[usize::try_from(record.header.seq).unwrap()];
        assert_eq!(record.header, honest.header);
        assert!(record.body == honest.body);
        let _ = journals.reader().open(&record);
    }
});
