//! Walk-ins at the registry: numbers are set aside for each machine, what an office registers is billed, and no number
//! becomes somebody else's.

use loket::domain::fact::{self, Fact};
use loket::domain::number::ApplicationNumber;
use loket::domain::office::OfficeCode;
use loket::domain::payment::Payment;
use loket::domain::walk_in::NumbersReserved;
use loket::reserved::numbers_subject;
use loket_sync::drive::Uplink;
use loket_sync::keys::Envelopes;
use loket_sync::{KeyGrant, Subject, SubjectKey, open_body};
use serde_json::json;

use super::exchange::{Node, serve, written};
use super::on_both;

/// The blocks that came for a node.
async fn blocks(node: &Node) -> Vec<NumbersReserved> {
    let office = OfficeCode::parse(&node.granted.office).unwrap();
    let subject = numbers_subject(&node.granted.registry, &office);
    let (runs, keys) = node.fetch().await;
    let Some(grant) = keys.iter().find(|grant| grant.subject == subject) else { return Vec::new() };
    let key = grant.open(&node.key).unwrap();
    let records = runs.iter().flat_map(|run| &run.records).filter(|it| it.header.subject == subject);
    let opened =
        records.map(|it| fact::decode(it.header.kind, &open_body(it, &key).unwrap()).unwrap().unwrap().fact);
    opened
        .map(|fact| match fact {
            Fact::NumbersReserved(block) => block,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn registered(number: &ApplicationNumber, nik: &str) -> Fact {
    let registered = json!({"booking": {
        "number": number, "office": "karimun",
        "slot": {"day": "2026-11-23", "from": "08:10:00", "until": "09:10:00"},
        "applicant": {
            "name": "Siti Aminah", "nik": nik, "born_on": "1990-01-01", "birthplace": "Karimun", "sex": "F",
            "civil_status": "married",
        },
        "service": {"kind": "new", "product": "electronic", "validity": "10", "channel": "priority"},
        "documents": [],
    }});
    Fact::RegisteredHere(serde_json::from_value(registered).unwrap())
}

/// The office tells of a walk-in, with its key.
async fn tells(node: &Node, seed: u8, number: &ApplicationNumber) {
    let (subject, key) = (Subject([seed; 16]), SubjectKey::from_bytes([seed; 32]));
    let mut push = node.message(Vec::new());
    push.runs =
        vec![written(node, subject, &key, vec![registered(number, &format!("21020141019000{seed:02}"))])];
    push.keys = vec![KeyGrant::seal_with(&Envelopes::to(&node.granted.registry), subject, &key)];
    node.client.exchange(&push).await.unwrap();
}

on_both! {
    async fn numbers_are_set_aside_and_more_when_a_block_is_begun(it) {
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        let (subject, key) = (Subject([90; 16]), SubjectKey::from_bytes([90; 32]));
        let mut first = node.message(Vec::new());
        first.runs = vec![written(&node, subject, &key, Vec::new())];
        node.client.exchange(&first).await.unwrap();
        let ahead = blocks(&node).await;
        assert_eq!(ahead.len(), 2);
        assert!(ahead.iter().all(|block| block.node == node.key.id().to_string() && block.count == 1000));
        let number = ahead[0].number(0).unwrap();
        tells(&node, 1, &number).await;
        assert_eq!(blocks(&node).await.len(), 3, "one is begun, two are ahead again");
        tells(&node, 2, &ahead[0].number(1).unwrap()).await;
        assert_eq!(blocks(&node).await.len(), 3);
        server.stop().await;
    }

    async fn a_walk_in_is_billed_once_and_found_by_its_number(it) {
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        let (subject, key) = (Subject([90; 16]), SubjectKey::from_bytes([90; 32]));
        let mut first = node.message(Vec::new());
        first.runs = vec![written(&node, subject, &key, Vec::new())];
        node.client.exchange(&first).await.unwrap();
        let number = blocks(&node).await[0].number(0).unwrap();
        tells(&node, 1, &number).await;
        tells(&node, 1, &number).await;
        let application = it.application(&number).await;
        let bills = application.entries().filter(|entry| matches!(entry.fact, Fact::Billed(_))).count();
        let view = application.view();
        assert!(matches!(view.payment, Payment::Due(_)), "{:?}", view.payment);
        assert_eq!(bills, 1);
        // Nothing of this depends on the order things came in.
        assert_eq!(it.registry.store.stale_rows(it.now()).await.unwrap(), Vec::<String>::new());
        server.stop().await;
    }

    async fn a_number_that_is_not_the_offices_to_give_finds_nobody(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        let made = it.book("Budi").await;
        let invented = ApplicationNumber::parse("2999999999999000").unwrap();
        tells(&node, 1, &made.number).await;
        tells(&node, 2, &invented).await;
        assert_eq!(it.application(&made.number).await.key(), made.key, "the booking keeps its number");
        assert_eq!(it.registry.store.by_number(&invented).await.unwrap(), None);
        let twice = blocks(&node).await[0].number(0).unwrap();
        tells(&node, 3, &twice).await;
        tells(&node, 4, &twice).await;
        let found = it.registry.store.by_number(&twice).await.unwrap().unwrap();
        assert_eq!(found.0, [3; 16], "whoever came first");
        // What both did is here all the same.
        let second = it.registry.store.application(loket::domain::application::ApplicationKey([4; 16]));
        assert!(second.await.unwrap().view().walk_in.is_some());
        server.stop().await;
    }
}
