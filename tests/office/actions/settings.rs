//! Settings hold from a day on.

use loket::office::actions::{ActionError, settings};
use serde_json::json;

use super::asker;
use crate::office::TestOffice;

#[tokio::test]
async fn a_setting_holds_from_its_day_on() {
    let office = TestOffice::open();
    let store = office.store();
    let set = async |name: &str, from: &str, value| {
        settings::set(store, asker("admin", office.form()), name, from.parse().unwrap(), value).await
    };
    set("hold-days", "2026-12-01", json!(14)).await.unwrap();
    assert_eq!(store.settings("2026-11-30".parse().unwrap()).unwrap().hold_days, 7);
    assert_eq!(store.settings("2026-12-01".parse().unwrap()).unwrap().hold_days, 14);
    set("hold-days", "2026-12-01", json!(10)).await.unwrap();
    assert_eq!(store.settings("2027-01-01".parse().unwrap()).unwrap().hold_days, 10);
    for (name, value) in [("hold-days", json!("many")), ("no-such-setting", json!(1))] {
        let refused = set(name, "2026-12-01", value).await.unwrap_err();
        assert!(matches!(refused, ActionError::Setting(_)), "{refused}");
    }
}

#[tokio::test]
async fn every_setting_can_be_written() {
    let office = TestOffice::open();
    let day = "2026-12-01".parse().unwrap();
    for (name, value) in office.store().settings(day).unwrap().named() {
        let by = asker("admin", office.form());
        settings::set(office.store(), by, &name, day, value).await.unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}
