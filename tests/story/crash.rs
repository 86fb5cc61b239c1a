//! Killed without a word in the middle of the morning: what a page has said is done is still done.

use std::collections::BTreeSet;
use std::sync::Arc;

use loket::domain::actor::Role;
use loket::domain::number::ApplicationNumber;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::steps::{Staff, application};
use crate::harness::nodes::{Town, loket};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_said_is_done_survives_a_kill() {
    let town = Town::new();
    let numbers = town.cases("paid");
    // Nobody listens there: the line is down all the while.
    let registry = "http://127.0.0.1:9";
    let mut tickets: Vec<(ApplicationNumber, String)> = Vec::new();
    for round in numbers.chunks(3).take(3) {
        let office = town.start_office(registry);
        let mut staff = Staff::sign_in(&town, &office).await;
        for (number, ticket) in &tickets {
            let page = staff.desk.open(&application(number)).await;
            page.says(ticket);
        }
        for number in round {
            tickets.push((number.clone(), staff.receive(number).await));
        }
        office.process.kill();
    }
    assert_whole(&town);
    let office = town.start_office(registry);
    let mut staff = Staff::sign_in(&town, &office).await;
    let serials: BTreeSet<_> = tickets.iter().map(|(_, ticket)| ticket).collect();
    assert_eq!(serials.len(), 9, "no number was given twice: {tickets:?}");
    for (number, ticket) in &tickets {
        staff.desk.open(&application(number)).await.says(ticket);
    }
}

/// Verifies everything in the office's folder.
fn assert_whole(town: &Town) {
    let checked = loket().args(["check", "--json", "--dir"]).arg(town.dir("office")).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    assert!(report["findings"].as_array().unwrap().is_empty(), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_while_many_officers_send_keeps_every_act_that_was_answered() {
    const AT_ONCE: usize = 8;
    const ANSWERED_BEFORE_KILL: usize = 12;
    let town = Town::new();
    let office = town.start_office("http://127.0.0.1:9");
    let mut desk = town.officer(&office, Role::FrontDesk).await;
    let mut forms = Vec::new();
    for number in town.cases("paid").into_iter().take(40) {
        let page = desk.open(&application(&number)).await;
        forms.push((number, page.form("/arrive")));
    }
    let total = forms.len();
    let (waiting, desk) = (Arc::new(tokio::sync::Mutex::new(forms)), Arc::new(desk));
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut senders = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (waiting, desk, tell) = (Arc::clone(&waiting), Arc::clone(&desk), tell.clone());
        senders.spawn(async move {
            loop {
                let Some((number, form)) = waiting.lock().await.pop() else { return };
                if !desk.submit_or_lose(&form).await {
                    return;
                }
                tell.send(number).unwrap();
            }
        });
    }
    drop(tell);
    let mut answered = Vec::new();
    while answered.len() < ANSWERED_BEFORE_KILL {
        answered.push(told.recv().await.expect("the office dies only when it is killed"));
    }
    office.process.kill();
    while senders.join_next().await.is_some() {}
    while let Some(number) = told.recv().await {
        answered.push(number);
    }
    assert!(answered.len() < total, "the kill came after everything was done: {} acts", answered.len());

    assert_whole(&town);
    let office = town.start_office("http://127.0.0.1:9");
    let mut desk = town.officer(&office, Role::FrontDesk).await;
    for number in &answered {
        desk.open(&application(number)).await.says("Hadir").says("Datang");
    }
}
