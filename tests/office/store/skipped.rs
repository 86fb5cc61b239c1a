//! Ticket numbers are left out where some may have been given out that the office does not know of any more.

use chrono::{DateTime, TimeDelta, Utc};
use loket::domain::actor::Actor;
use loket::domain::backup::{NodeRestored, OpenedBy};
use loket::domain::setting::SettingSet;
use loket::domain::ticket::SkipReason;
use loket::office::store::{Act, What};
use loket_sync::Run;
use serde_json::json;

use crate::office::{TestOffice, morning};

async fn by_the_node(office: &TestOffice, what: What) {
    let act = Act { what, by: Actor::Node, roles: Vec::new(), once: office.form(), seen: None };
    office.store().act(act).await.unwrap();
}

fn restored(at: DateTime<Utc>) -> What {
    let backup_at = at - TimeDelta::hours(12);
    What::NodeRestored(NodeRestored { at, backup_at, opened_by: OpenedBy::NodeKey, new_identity: false })
}

async fn next_ticket(office: &mut TestOffice, name: &str) -> String {
    let key = office.waiting(name).await;
    let queue = office.store().queue("2026-11-23".parse().unwrap()).unwrap();
    queue.tickets.iter().find(|ticket| ticket.key == key).unwrap().ticket.number.to_string()
}

fn skipped(office: &TestOffice) -> Option<(u16, SkipReason)> {
    let skipped = office.store().tickets_skipped("2026-11-23".parse().unwrap()).unwrap();
    skipped.map(|(skipped, _)| (skipped.from, skipped.because))
}

#[tokio::test]
async fn a_restored_office_goes_on_behind_all_numbers_of_the_day() {
    let mut office = TestOffice::open();
    assert_eq!(next_ticket(&mut office, "Siti Aminah").await, "A001");
    by_the_node(&office, restored(morning())).await;
    assert_eq!(skipped(&office), Some((501, SkipReason::Restored)));
    assert_eq!(next_ticket(&mut office, "Budi").await, "A501");
    assert_eq!(next_ticket(&mut office, "Wati").await, "A502");
    // Once more on the same day, from a backup that was made in between.
    by_the_node(&office, restored(morning())).await;
    assert_eq!(next_ticket(&mut office, "Tono").await, "A1001");
    office.stop().await;
    loket::office::store::check::check(office.path(), &office.identity, true).unwrap();
    office.reopen();
    assert_eq!(skipped(&office), Some((1001, SkipReason::Restored)), "as facts, and so after a rebuild");
    // Tomorrow nobody holds such paper.
    assert_eq!(office.store().tickets_skipped("2026-11-24".parse().unwrap()).unwrap(), None);
}

#[tokio::test]
async fn how_many_are_left_out_is_a_setting() {
    let mut office = TestOffice::open();
    for (gap, from) in [(200, 201), (0, 202)] {
        let set = SettingSet {
            name: "tickets-skipped".into(),
            valid_from: "2026-11-20".parse().unwrap(),
            value: json!(gap),
        };
        office.act(What::SetSetting(set), "sari").await.unwrap();
        by_the_node(&office, restored(morning())).await;
        assert_eq!(skipped(&office), Some((from, SkipReason::Restored)));
    }
    assert_eq!(next_ticket(&mut office, "Siti Aminah").await, "A202");
}

#[tokio::test]
async fn what_headquarters_hands_back_shows_that_a_folder_was_rolled_back() {
    let mut office = TestOffice::open();
    office.waiting("Siti Aminah").await;
    office.stop().await;
    let mut rolled_back = office.copy();
    office.reopen();
    office.waiting("Budi").await;
    let (own, reader) = (office.store().own_stream(), office.store().reader());
    let session = office.store().process();
    let run = |from, to| {
        let range = loket_sync::Range { stream: own, session, from, to };
        reader.runs(&[range], 1 << 20).unwrap()
    };
    let len = reader.have(&own, &session).unwrap().len;
    let tail: Vec<Run> = run(0, len);
    assert!(!tail.is_empty());
    rolled_back.reopen();
    let signed =
        |runs: Vec<Run>| runs.into_iter().map(|run| (run, office.identity.node_key.public())).collect();
    assert_eq!(skipped(&rolled_back), None, "nobody can know it before");
    rolled_back.store().receive(signed(tail.clone()), Vec::new()).await.unwrap();
    assert_eq!(skipped(&rolled_back), Some((501, SkipReason::HandedBack)));
    rolled_back.store().receive(signed(tail), Vec::new()).await.unwrap();
    assert_eq!(skipped(&rolled_back), Some((501, SkipReason::HandedBack)), "once");
}
