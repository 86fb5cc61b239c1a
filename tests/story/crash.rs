//! Killed without a word in the middle of the morning: what a page has said is done is still done.

use loket::domain::number::ApplicationNumber;

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
    let checked = loket().args(["check", "--json", "--dir"]).arg(town.dir("office")).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    assert!(report["findings"].as_array().unwrap().is_empty(), "{report}");
    let office = town.start_office(registry);
    let mut staff = Staff::sign_in(&town, &office).await;
    let serials: std::collections::BTreeSet<_> = tickets.iter().map(|(_, ticket)| ticket).collect();
    assert_eq!(serials.len(), 9, "no number was given twice: {tickets:?}");
    for (number, ticket) in &tickets {
        staff.desk.open(&application(number)).await.says(ticket);
    }
}
