//! Tickets: numbers are drawn once, calls never meet.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use loket::clock::Clock;
use loket::domain::command::Command;
use loket::domain::office::Zone;
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

/// Who comes a minute before the office's own midnight has a number of that day, and who comes a minute after it is the
/// first of the next, wherever in the country the office stands.
#[tokio::test]
async fn serials_begin_anew_at_the_offices_own_midnight_in_every_zone() {
    for (zone, hours) in [(Zone::Wib, 7), (Zone::Wita, 8), (Zone::Wit, 9)] {
        let mut office = TestOffice::open();
        office.kill();
        office.identity.office.zone = zone;
        office.reopen();
        let midnight: DateTime<Utc> = "2026-11-24T00:00:00Z".parse().unwrap();
        let midnight = midnight - TimeDelta::hours(hours);
        let comes = async |office: &mut TestOffice, at: DateTime<Utc>, name: &str| {
            let now = office.clock.now();
            office.clock.advance(at - now);
            let key = office.headquarters.book(name);
            office.headquarters.pay(key);
            office.sync().await;
            let reason = Some("datang malam".into());
            let arrive = Command::Arrive { note: String::new(), other_day_reason: reason };
            office.command(key, arrive).await.unwrap();
            office.command(key, crate::office::papers()).await.unwrap();
        };
        comes(&mut office, midnight - TimeDelta::minutes(2), "Siti Aminah").await;
        comes(&mut office, midnight - TimeDelta::milliseconds(1), "Rahmat").await;
        comes(&mut office, midnight, "Budi").await;
        office.reopen();
        comes(&mut office, midnight + TimeDelta::minutes(1), "Dewi").await;
        let numbers = |day: &str| {
            let queue = office.store().queue(day.parse().unwrap()).unwrap();
            queue.tickets.iter().map(|found| found.ticket.number.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(numbers("2026-11-23"), ["A001", "A002"], "{zone:?}");
        assert_eq!(numbers("2026-11-24"), ["A001", "A002"], "{zone:?}");
        office.open_counter(1, "sari").await;
        let called = office.act(What::CallNext { counter: 1 }, "sari").await.unwrap().ticket.unwrap();
        assert_eq!((called.day.to_string().as_str(), called.serial), ("2026-11-24", 1), "{zone:?}");
    }
}

#[tokio::test]
async fn a_step_taken_back_frees_or_fills_the_counter_and_survives_a_restart() {
    let mut office = TestOffice::open();
    let first = office.waiting("Siti Aminah").await;
    let second = office.waiting("Budi").await;
    office.open_counter(1, "sari").await;
    let call = |counter| What::CallNext { counter };
    let number = office.act(call(1), "sari").await.unwrap().ticket.unwrap();
    let undo = Command::UndoTicket { number, counter: Some(1) };
    office.command(first, Command::StartTicket(number)).await.unwrap();
    office.command(first, Command::FinishTicket(number)).await.unwrap();
    let next = office.act(call(1), "sari").await.unwrap().ticket.unwrap();
    let refused = office.command(first, undo.clone()).await.unwrap_err();
    assert!(matches!(refused, ActError::Refused(Refusal::CounterBusy(busy)) if busy == next), "{refused}");
    office.command(second, Command::UndoTicket { number: next, counter: Some(1) }).await.unwrap();
    office.command(first, undo.clone()).await.unwrap();
    let look = |office: &TestOffice| {
        let queue = office.store().queue("2026-11-23".parse().unwrap()).unwrap();
        let calls: Vec<bool> = queue.tickets.iter().map(|found| found.last_call.is_some()).collect();
        (queue.counter(1).unwrap().ticket, calls)
    };
    assert_eq!(
        look(&office),
        (Some(number), vec![true, false]),
        "served again, and the other was never called"
    );
    let held = act(What::Application { key: first, command: Box::new(undo) }, "tono", office.form());
    assert!(matches!(
        office.store().act(held).await,
        Err(ActError::Refused(Refusal::CounterNotYours { .. }))
    ));
    office.reopen();
    assert_eq!(look(&office), (Some(number), vec![true, false]));
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
