//! A stolen disk tells nothing: no name, number or picture can be read from the data folder.

use std::fs;
use std::path::Path;

use loket::office::store::PictureError;

use crate::office::{TestOffice, arrive};

#[tokio::test]
async fn nothing_personal_lies_in_the_data_folder() {
    let mut office = TestOffice::open();
    let key = office.booked("Zubaidah Binti Kasim").await;
    office.command(key, arrive()).await.unwrap();
    let mut picture = vec![0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10];
    picture.extend_from_slice(b"JFIF and then the face of somebody");
    let store = office.store().clone();
    let (kept, bytes) = (store.clone(), picture.clone());
    let reference =
        tokio::task::spawn_blocking(move || kept.put_blob(key, &bytes, "image/jpeg")).await.unwrap().unwrap();
    assert_eq!(store.blob(&reference, key).unwrap().unwrap(), picture);
    let stranger = loket::domain::application::ApplicationKey([4; 16]);
    assert!(matches!(store.blob(&reference, stranger), Err(PictureError::NoKey)));
    drop(store);
    office.stop().await;

    let secrets: [&[u8]; 5] = [b"Zubaidah", b"1179000000000001", b"2102011111", b"JFIF", b"SARI"];
    let mut files = 0;
    each_file(office.path(), &mut |path, bytes| {
        files += 1;
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window.eq_ignore_ascii_case(secret));
            assert!(!found, "{} holds {:?}", path.display(), String::from_utf8_lossy(secret));
        }
    });
    assert!(files > 4);
}

fn each_file(folder: &Path, visit: &mut dyn FnMut(&Path, &[u8])) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            each_file(&path, visit);
        } else {
            visit(&path, &fs::read(&path).unwrap());
        }
    }
}
