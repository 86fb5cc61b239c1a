//! What was done on a day: every fact of this office, whatever it is about and whenever the booking was.

use loket::domain::fact::Fact;
use loket::domain::officer::{DeviceKind, DeviceSet};
use loket::domain::setting::SettingSet;
use loket::domain::visit::Viewed;
use loket::office::store::What;

use crate::office::TestOffice;

fn names(office: &TestOffice, day: &str) -> Vec<&'static str> {
    let done = office.store().done_on(day.parse().unwrap(), 500).unwrap();
    assert_eq!(done.count, done.latest.len());
    done.latest.iter().rev().map(|done| done.entry.fact.name()).collect()
}

#[tokio::test]
async fn a_hand_over_stands_on_its_own_day_and_so_do_the_offices_own_affairs() {
    let mut office = TestOffice::open();
    let (key, book) = office.ready("Siti Aminah").await;
    assert!(names(&office, "2026-11-23").contains(&"CounterOpened"));
    // A week later, at 00.05 WIB: still the day before in UTC.
    office.clock.advance(chrono::TimeDelta::days(7) - chrono::TimeDelta::hours(8));
    let set = DeviceSet { name: "Loket 3".into(), kind: DeviceKind::Notifier, key_hash: "00".into() };
    office.act(What::SetDevice(set), "sari").await.unwrap();
    office.act(What::RevokeDevice { name: "Loket 3".into() }, "sari").await.unwrap();
    let name = "hold-days".to_owned();
    let set = SettingSet { name, valid_from: "2026-12-01".parse().unwrap(), value: 9.into() };
    office.act(What::SetSetting(set), "sari").await.unwrap();
    office.act(What::CloseCounter { counter: 1 }, "sari").await.unwrap();
    office.hand_over(key, book).await;
    let expected = ["DeviceSet", "DeviceRevoked", "SettingSet", "CounterClosed", "HandedOver"];
    for _ in 0..2 {
        assert_eq!(names(&office, "2026-11-30"), expected);
        let latest = office.store().done_on("2026-11-30".parse().unwrap(), 1).unwrap();
        assert_eq!((latest.count, latest.latest.len()), (5, 1));
        assert_eq!(latest.latest[0].about, Some(key));
        assert!(latest.latest[0].number.is_some());
        office.stop().await;
        std::fs::remove_dir_all(office.file("tables")).unwrap();
        office.reopen();
    }
}

#[tokio::test]
async fn looking_again_is_written_down_once_in_ten_minutes() {
    let mut office = TestOffice::open();
    let key = office.booked("Siti Aminah").await;
    let look = async |office: &TestOffice, login: &str, page: &str| {
        let fact = Fact::Viewed(Viewed { page: page.into() });
        office.act(What::Note { key, fact }, login).await.unwrap();
    };
    look(&office, "sari", "application").await;
    for _ in 0..5 {
        look(&office, "sari", "capture").await;
    }
    look(&office, "tono", "capture").await;
    assert_eq!(names(&office, "2026-11-23"), ["Viewed", "Viewed"]);
    office.clock.advance(chrono::TimeDelta::minutes(11));
    look(&office, "sari", "capture").await;
    assert_eq!(names(&office, "2026-11-23").len(), 3);
}
