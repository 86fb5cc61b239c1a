//! Numbers of walk-ins: each is given out once, also after a restart, a restore or a crowd at all counters.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use loket::domain::actor::Actor;
use loket::domain::application::ApplicationKey;
use loket::domain::backup::{NodeRestored, OpenedBy};
use loket::domain::refusal::Refusal;
use loket::domain::service::{ApplicationKind, Channel, PriorityGround, Product, Service, Validity};
use loket::domain::walk_in::{NoWalkIn, Registration};
use loket::office::store::{Act, ActError, Acted, What};

use crate::office::{TestOffice, act, morning};

/// Somebody who may walk in at any office.
pub fn registration(n: u32) -> Registration {
    let applicant = serde_json::from_value(serde_json::json!({
        "name": format!("Pemohon {n}"), "nik": format!("21020101019{n:05}"), "born_on": "1990-01-01",
        "birthplace": "Karimun", "sex": "F", "civil_status": "married",
    }));
    Registration {
        applicant: applicant.unwrap(),
        guardians: Vec::new(),
        service: Service {
            kind: ApplicationKind::New,
            product: Product::Electronic,
            validity: Validity::TenYears,
            channel: Channel::Priority,
        },
        priority: Some(PriorityGround::Pregnant),
        examination: String::new(),
        contact: loket::domain::person::Contact::default(),
    }
}

fn walk_in(n: u32) -> What {
    let key = ApplicationKey(n.to_be_bytes().repeat(4).try_into().unwrap());
    What::Register { key, registration: Box::new(registration(n)) }
}

/// An office for which headquarters has set these blocks aside.
async fn office_with(blocks: &[&str]) -> TestOffice {
    let mut office = TestOffice::open();
    let node = office.identity.node_key.public();
    for first in blocks {
        office.headquarters.reserve(&node, first);
    }
    office.sync().await;
    office
}

fn number_of(office: &TestOffice, acted: &Acted) -> String {
    let application = office.store().application(acted.key.unwrap()).unwrap().unwrap();
    application.view().booking.unwrap().number.to_string()
}

async fn registers(office: &TestOffice, n: u32) -> String {
    number_of(office, &office.act(walk_in(n), "sari").await.unwrap())
}

async fn restore(office: &TestOffice) {
    let backup_at = morning() - TimeDelta::hours(12);
    let restored =
        NodeRestored { at: morning(), backup_at, opened_by: OpenedBy::NodeKey, new_identity: false };
    let what = What::NodeRestored(restored);
    let act = Act { what, by: Actor::Node, roles: Vec::new(), once: office.form(), seen: None };
    office.store().act(act).await.unwrap();
}

#[tokio::test]
async fn forty_counters_registering_at_once_draw_forty_numbers_in_a_row() {
    let office = office_with(&["2000000000001000"]).await;
    let mut acts = tokio::task::JoinSet::new();
    for n in 0..40 {
        let store = office.store().clone();
        let act = act(walk_in(n), &format!("officer-{n}"), office.form());
        acts.spawn(async move { store.act(act).await });
    }
    let mut numbers = BTreeSet::new();
    while let Some(acted) = acts.join_next().await {
        assert!(numbers.insert(number_of(&office, &acted.unwrap().unwrap())), "given out twice");
    }
    let expected: BTreeSet<String> =
        (0..40).map(|n| format!("{:016}", 2_000_000_000_001_000_u64 + n)).collect();
    assert_eq!(numbers, expected);
    assert_eq!(office.store().numbers_left().unwrap(), 960);
}

#[tokio::test]
async fn a_form_sent_twice_registers_once() {
    let office = office_with(&["2000000000001000"]).await;
    let twice = |key| {
        let what = What::Register { key, registration: Box::new(registration(7)) };
        act(what, "sari", "same-form".to_owned())
    };
    let first = office.store().act(twice(ApplicationKey([1; 16]))).await.unwrap();
    let second = office.store().act(twice(ApplicationKey([2; 16]))).await.unwrap();
    assert_eq!((first.key, second.key, second.repeated), (second.key, first.key, true));
    assert_eq!(office.store().numbers_left().unwrap(), 999);
}

#[tokio::test]
async fn a_restarted_office_goes_on_and_a_restored_one_leaves_the_block_behind() {
    let mut office = office_with(&["2000000000001000", "2000000000005000"]).await;
    assert_eq!(registers(&office, 1).await, "2000000000001000");
    assert_eq!(registers(&office, 2).await, "2000000000001001");
    office.reopen();
    assert_eq!(registers(&office, 3).await, "2000000000001002");
    restore(&office).await;
    assert_eq!(registers(&office, 4).await, "2000000000005000", "what it does not know of lies in the other");
    office.stop().await;
    loket::office::store::check::check(office.path(), &office.identity, true).unwrap();
    office.reopen();
    assert_eq!(registers(&office, 5).await, "2000000000005001", "as a fact, and so after a rebuild");
    restore(&office).await;
    let none = office.act(walk_in(6), "sari").await;
    assert!(matches!(none, Err(ActError::Refused(Refusal::NoWalkIn(NoWalkIn::NoNumbers)))), "{none:?}");
    // The line is back.
    let node = office.identity.node_key.public();
    office.headquarters.reserve(&node, "2000000000009000");
    office.sync().await;
    assert_eq!(registers(&office, 6).await, "2000000000009000");
}

/// The backup was made before the first number was given out: nothing in the folder says that any was.
#[tokio::test]
async fn a_block_that_was_not_begun_yet_is_left_behind_too() {
    let office = office_with(&["2000000000001000", "2000000000005000"]).await;
    restore(&office).await;
    assert_eq!(registers(&office, 1).await, "2000000000005000");
}

#[tokio::test]
async fn numbers_of_another_machine_are_not_given_out() {
    let mut office = TestOffice::open();
    office.headquarters.reserve(&loket_sync::NodeKey::from_seed([99; 32]).public(), "2000000000001000");
    office.sync().await;
    let none = office.act(walk_in(1), "sari").await;
    assert!(matches!(none, Err(ActError::Refused(Refusal::NoWalkIn(NoWalkIn::NoNumbers)))), "{none:?}");
}
