//! Tickets: numbers are drawn once, calls never meet.

use std::collections::BTreeSet;

use loket::domain::command::Command;
use loket::domain::refusal::Refusal;
use loket::domain::ticket::{QueueClass, Stage, TicketState};
use loket::office::store::{ActError, What};

use crate::office::{TestOffice, act};

#[tokio::test]
async fn fifty_counters_calling_at_once_never_get_the_same_ticket() {
    let mut office = TestOffice::open();
    for n in 0..40 {
        office.waiting(&format!("Pemohon {n}")).await;
    }
    for counter in 1..=50 {
        office.open_counter(counter, &format!("officer-{counter}")).await;
    }
    let mut calls = tokio::task::JoinSet::new();
    for counter in 1..=50 {
        let store = office.store().clone();
        let call = act(What::CallNext { counter }, &format!("officer-{counter}"), office.form());
        calls.spawn(async move { store.act(call).await });
    }
    let (mut called, mut nobody) = (BTreeSet::new(), 0);
    while let Some(answer) = calls.join_next().await {
        match answer.unwrap() {
            Ok(acted) => assert!(called.insert(acted.ticket.unwrap()), "called twice"),
            Err(ActError::Refused(Refusal::NobodyWaiting)) => nobody += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((called.len(), nobody), (40, 10));
    let queue = office.store().queue("2026-11-23".parse().unwrap()).unwrap();
    assert!(queue.tickets.iter().all(|t| matches!(t.ticket.state, TicketState::Called { .. })));
    let serials: Vec<u16> = queue.tickets.iter().map(|t| t.ticket.number.serial).collect();
    assert_eq!(serials, (1..=40).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_counter_is_held_by_one_officer_and_serves_one_ticket() {
    let mut office = TestOffice::open();
    office.waiting("Siti Aminah").await;
    office.waiting("Budi").await;
    let call = |counter| What::CallNext { counter };
    let refused = |error: ActError| match error {
        ActError::Refused(refusal) => refusal,
        other => panic!("{other}"),
    };
    assert_eq!(
        refused(office.act(call(1), "sari").await.unwrap_err()),
        Refusal::CounterNotYours { held_by: None }
    );
    office.open_counter(1, "sari").await;
    let held = Refusal::CounterNotYours { held_by: Some("SARI".into()) };
    assert_eq!(refused(office.act(call(1), "tono").await.unwrap_err()), held);
    let first = office.act(call(1), "sari").await.unwrap().ticket.unwrap();
    assert_eq!(first.to_string(), "A001");
    assert_eq!(refused(office.act(call(1), "sari").await.unwrap_err()), Refusal::CounterBusy(first));
    let queue = office.store().queue("2026-11-23".parse().unwrap()).unwrap();
    assert_eq!(queue.counter(1).unwrap().ticket, Some(first));
    assert_eq!(queue.tickets[0].last_call.map(|call| (call.counter, call.times)), Some((1, 1)));
}

#[tokio::test]
async fn serials_begin_anew_on_the_offices_own_day() {
    let mut office = TestOffice::open();
    office.waiting("Siti Aminah").await;
    // 23.59 WIB and 00.01 WIB are both 23 November in UTC.
    office.clock.advance(chrono::TimeDelta::hours(16));
    let key = office.headquarters.book("Budi");
    office.headquarters.pay(key);
    office.sync().await;
    let other_day = loket::domain::command::Command::Arrive {
        note: String::new(),
        other_day_reason: Some("datang lewat tengah malam".into()),
    };
    office.command(key, other_day).await.unwrap();
    office.command(key, crate::office::papers()).await.unwrap();
    let queue = office.store().queue("2026-11-24".parse().unwrap()).unwrap();
    assert_eq!(queue.tickets.len(), 1);
    assert_eq!(queue.tickets[0].ticket.number.serial, 1);
}

#[tokio::test]
async fn a_very_long_note_is_cut_in_lists_and_stops_nothing() {
    let mut office = TestOffice::open();
    let key = office.waiting("Siti Aminah").await;
    let number = office.store().queue("2026-11-23".parse().unwrap()).unwrap().tickets[0].ticket.number;
    let long = Command::TransferTicket {
        number,
        class: QueueClass::BOOKED,
        stage: Stage::Interview,
        counter: Some(3),
        note: "panjang sekali ".repeat(1_000),
    };
    office.command(key, long).await.unwrap();
    let queue = office.store().queue("2026-11-23".parse().unwrap()).unwrap();
    assert_eq!(queue.tickets[0].ticket.note.chars().count(), 300);
    office.reopen();
    assert!(office.store().summary(key).unwrap().unwrap().ticket.is_some());
}
