//! The same form twice, an old page, what is refused.

use loket::domain::command::Command;
use loket::domain::refusal::Refusal;
use loket::office::store::{ActError, What, facts_seen};

use crate::office::{TestOffice, act, all_papers, arrive, papers};

#[tokio::test]
async fn a_repeated_form_gives_its_first_answer() {
    let mut office = TestOffice::open();
    let key = office.booked("Siti Aminah").await;
    let arrival = act(What::Application { key, command: Box::new(arrive()) }, "sari", "form".into());
    let first = office.store().act(arrival.clone()).await.unwrap();
    let again = office.store().act(arrival.clone()).await.unwrap();
    assert_eq!((again.repeated, &again.positions), (true, &first.positions));
    office.stop().await;
    std::fs::remove_dir_all(office.file("tables")).unwrap();
    office.reopen();
    assert!(office.store().act(arrival.clone()).await.unwrap().repeated, "also after a rebuild");
    let mut by_another = arrival;
    by_another.by = crate::office::officer("tono");
    let refused = office.store().act(by_another).await.unwrap_err();
    assert!(matches!(refused, ActError::Refused(Refusal::AlreadyArrived { .. })), "{refused}");
}

#[tokio::test]
async fn a_hundred_clicks_on_one_form_are_one_act() {
    let mut office = TestOffice::open();
    let key = office.booked("Siti Aminah").await;
    let mut clicks = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let store = office.store().clone();
        let arrival = act(What::Application { key, command: Box::new(arrive()) }, "sari", "form".into());
        clicks.spawn(async move { store.act(arrival).await.unwrap() });
    }
    let answers = clicks.join_all().await;
    assert_eq!(answers.iter().filter(|acted| !acted.repeated).count(), 1);
    assert!(answers.iter().all(|acted| acted.positions == answers[0].positions));
}

#[tokio::test]
async fn an_act_from_an_old_page_is_refused_when_somebody_else_acted() {
    let mut office = TestOffice::open();
    let key = office.booked("Siti Aminah").await;
    let here = office.identity.office.code.clone();
    office.command(key, arrive()).await.unwrap();
    let seen = facts_seen(&office.store().application(key).unwrap().unwrap(), &here);
    assert_eq!(seen, 1);

    // Headquarters writing meanwhile does not make the page old.
    office.headquarters.pay(key);
    office.sync().await;
    let by = |login: &str| {
        let command = Command::CheckDocuments { documents: all_papers(), ticket: false };
        let mut check = act(What::Application { key, command: Box::new(command) }, login, office.form());
        check.seen = Some(seen);
        check
    };
    office.store().act(by("tono")).await.unwrap();
    let refused = office.store().act(by("sari")).await.unwrap_err();
    assert!(matches!(refused, ActError::Refused(Refusal::StalePage)), "{refused}");
    office.store().act(by("tono")).await.expect("one's own acts make no page old");
}

#[tokio::test]
async fn what_is_refused_writes_nothing() {
    let mut office = TestOffice::open();
    let key = office.booked("Siti Aminah").await;
    let before = office.store().journal_seq();
    office.command(key, papers()).await.unwrap_err();
    let unknown = loket::domain::application::ApplicationKey([9; 16]);
    let refused = office.command(unknown, arrive()).await.unwrap_err();
    assert!(matches!(refused, ActError::Refused(Refusal::UnknownApplication)));
    assert_eq!(office.store().journal_seq(), before);
}

#[tokio::test]
async fn a_stopped_office_takes_no_acts() {
    let mut office = TestOffice::open();
    let key = office.booked("Siti Aminah").await;
    let store = office.store().clone();
    office.stop().await;
    let late = act(What::Application { key, command: Box::new(arrive()) }, "sari", "late".into());
    assert!(matches!(store.act(late).await, Err(ActError::Stopped)));
}
