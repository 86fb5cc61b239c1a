//! Where two truths meet: kept in sight for as long as they differ, also when the application is over.

use loket::domain::booking::Cancelled;
use loket::domain::conflict::Conflict;
use loket::domain::fact::Fact;
use loket::domain::status::Status;

use crate::office::TestOffice;

#[tokio::test]
async fn a_passport_handed_over_and_then_cancelled_stays_in_sight() {
    let mut office = TestOffice::open();
    let (key, book) = office.ready("Siti Aminah").await;
    office.hand_over(key, book).await;
    assert_eq!(office.store().conflicting(), []);
    let cancelled = Cancelled { reason: "atas permintaan pemohon".into() };
    office.headquarters.write(key, Fact::BookingCancelled(cancelled));
    office.sync().await;
    for _ in 0..2 {
        let found = office.store().conflicting();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].key, found[0].status), (key, Status::HandedOver));
        assert!(found[0].conflicts.contains(&Conflict::HandedOverAndCancelled));
        assert_eq!(office.store().open_applications(), [], "it is not open again");
        office.stop().await;
        office.reopen();
    }
}
