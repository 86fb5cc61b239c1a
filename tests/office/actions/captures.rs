//! Pictures are checked, sealed and shown again.

use std::io::Cursor;

use image::{ImageFormat, RgbImage};
use loket::domain::capture::{FingerException, FingerPosition};
use loket::domain::ticket::TicketState;
use loket::office::actions::{ActionError, PictureFault, captures, tickets};
use loket::office::store::check::check;

use super::asker;
use crate::office::TestOffice;

fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::new(width, height).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

#[tokio::test]
async fn a_capture_is_kept_piece_by_piece_and_waits_to_travel() {
    let mut office = TestOffice::open();
    let key = office.waiting("Siti Aminah").await;
    office.open_counter(1, "sari").await;
    let store = office.store();
    let by = || asker("sari", office.form());
    let ticket = tickets::call_next(store, by(), 1).await.unwrap().ticket.unwrap();
    tickets::start(store, by(), key, ticket).await.unwrap();

    let portrait = picture(480, 640);
    captures::portrait(store, by(), key, portrait.clone()).await.unwrap();
    let thumb = FingerPosition::try_from(1).unwrap();
    captures::finger(store, by(), key, thumb, picture(300, 400), 71).await.unwrap();
    for position in FingerPosition::all().skip(1) {
        captures::except_finger(store, by(), key, position, FingerException::Bandaged).await.unwrap();
    }
    captures::signature(store, by(), key, picture(400, 120)).await.unwrap();
    captures::complete(store, by(), key).await.unwrap();
    tickets::finish(store, by(), key, ticket).await.unwrap();

    let view = store.application(key).unwrap().unwrap().view();
    let visit = view.visit(&office.identity.office.code).unwrap();
    assert!(visit.capture.complete);
    assert!(matches!(visit.tickets[0].state, TicketState::Finished { .. }));
    let taken = &visit.capture.portrait.as_ref().unwrap().what;
    assert_eq!((taken.width_px, taken.height_px), (480, 640));
    assert_eq!(store.blob(&taken.picture, key).unwrap().unwrap(), portrait);

    // The portrait travels first.
    let unsent = store.pictures_unsent(10);
    assert_eq!(unsent.len(), 3);
    assert_eq!(unsent[0].hash.to_string(), taken.picture.hash);
    store.picture_sent(unsent[0].hash).await.unwrap();
    assert_eq!(store.pictures_unsent(10).len(), 2);
    office.stop().await;
    office.reopen();
    assert_eq!(office.store().pictures_unsent(10).len(), 2);
}

#[tokio::test]
async fn what_is_no_picture_is_refused_and_nothing_is_written() {
    let mut office = TestOffice::open();
    let key = office.waiting("Siti Aminah").await;
    let store = office.store();
    let before = store.journal_seq();
    let cases = [
        (Vec::new(), PictureFault::Missing),
        (b"sebuah catatan, bernama foto.jpg".to_vec(), PictureFault::NotAPicture),
        (vec![0; 30 * 1024 * 1024], PictureFault::TooLarge { bytes: 30 * 1024 * 1024 }),
        (picture(40, 50), PictureFault::TooSmall { width_px: 40, height_px: 50, px_min: (240, 240) }),
    ];
    for (bytes, expected) in cases {
        let refused = captures::portrait(store, asker("sari", office.form()), key, bytes).await.unwrap_err();
        assert!(matches!(refused, ActionError::Picture(fault) if fault == expected), "{refused}");
    }
    assert_eq!(store.journal_seq(), before);
}

#[tokio::test]
async fn a_picture_the_rules_refuse_leaves_no_file_and_a_stray_one_is_named() {
    let mut office = TestOffice::open();
    let key = office.booked("Siti Aminah").await;
    let store = office.store();
    let early = captures::portrait(store, asker("sari", office.form()), key, picture(480, 640)).await;
    assert!(matches!(early.unwrap_err(), ActionError::Act(_)), "nobody has arrived");
    assert_eq!(store.blobs().list().unwrap().0, []);
    store.put_blob(key, &picture(300, 300), "image/jpeg").unwrap();
    office.stop().await;
    let report = check(office.path(), &office.identity, false).unwrap();
    assert!(report.is_good(), "{report:?}");
    assert!(report.notes.iter().any(|note| note.what.contains("is named by no fact")), "{report:?}");
}
