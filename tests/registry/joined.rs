//! Runs that leave out what the other side has: joined to it there, or asked for whole. Over real HTTP, on both databases.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use loket::domain::fact::{self, Written};
use loket::registry::actions::exchange::{self, Peer};
use loket_sync::chain::opening;
use loket_sync::drive::Uplink;
use loket_sync::exchange::Joining;
use loket_sync::http::client::{AtHand, Client, Patience};
use loket_sync::{
    Chain, Hash, Have, Message, NewRecord, Pos, Run, SessionId, Subject, SubjectKey, head, verify_run,
};

use super::exchange::{Node, arrived, serve, wall_clock};
use super::on_both;

/// Hashes of records that an office holds.
#[derive(Default)]
struct Hashes(Mutex<BTreeMap<Pos, Hash>>);

impl AtHand for Hashes {
    fn key(&self, _: &Subject) -> Option<SubjectKey> {
        None
    }

    fn hash(&self, pos: &Pos) -> Option<Hash> {
        self.0.lock().unwrap().get(pos).copied()
    }
}

/// A session of so many records, each signed, as runs of one record.
fn session(node: &Node, len: u8) -> Vec<Run> {
    let opened = opening(None, node.key.id(), "loket test");
    let (mut chain, first) = Chain::open(node.granted.own_stream, SessionId::draw(), 1, &opened);
    let mut runs = vec![Run { records: vec![first], head: chain.head(&node.key) }];
    let written = Written { rev: 1, by: loket::domain::actor::Actor::Node, once: None, fact: arrived() };
    let body = fact::encode(&written).unwrap();
    for _ in 1..len {
        let new =
            NewRecord { at_ms: 1, kind: arrived().kind(), flags: 1, subject: Subject([9; 16]), body: &body };
        let record = chain.next(&new, &SubjectKey::from_bytes([9; 32])).unwrap();
        runs.push(Run { records: vec![record], head: chain.head(&node.key) });
    }
    runs
}

/// A message that carries one run, joined to what the registry is thought to have.
fn joined(node: &Node, run: &Run, there: Have) -> Message {
    let mut message = node.message(Vec::new());
    (message.runs, message.joins) = (vec![run.clone()], true);
    message.joining = Some(Joining { by: node.key.id(), to: vec![there] });
    message
}

fn len_of(vector: &[Have], run: &Run) -> u64 {
    head::find(vector, &run.head.stream, &run.head.session).map_or(0, |have| have.len)
}

fn peer(node: &Node) -> Peer {
    Peer { office: "karimun".to_owned().try_into().unwrap(), public: node.key.public() }
}

on_both! {
    async fn what_an_office_joins_to_what_is_here_is_taken_and_else_asked_for_whole(it) {
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        let runs = session(&node, 4);
        let heads: Vec<Have> = runs.iter().map(|run| run.head.have()).collect();
        // Nothing of it is here: the run is left out, nothing is held against it, and it is to come whole.
        let answer = node.client.exchange(&joined(&node, &runs[1], heads[0])).await.unwrap();
        assert_eq!((answer.joins, len_of(&answer.vector, &runs[1]), answer.refused.len()), (false, 0, 0));
        let mut whole = node.message(Vec::new());
        whole.runs = vec![runs[0].clone()];
        let answer = node.client.exchange(&whole).await.unwrap();
        assert!(answer.joins, "it says that it joins runs, whoever asks");
        for (run, there) in runs[1..].iter().zip(&heads) {
            let answer = node.client.exchange(&joined(&node, run, *there)).await.unwrap();
            assert_eq!((answer.joins, len_of(&answer.vector, run)), (true, run.head.len));
        }
        // The same once more, although more is here by now.
        let again = node.client.exchange(&joined(&node, &runs[1], heads[0])).await.unwrap();
        assert_eq!((again.joins, len_of(&again.vector, &runs[1]), again.refused.len()), (true, 4, 0));
        // Another office's records are not looked up for it.
        let stranger = Have { stream: "office/batam".parse().unwrap(), ..heads[0] };
        let mut foreign = runs[1].clone();
        foreign.head.stream = stranger.stream;
        foreign.records[0].header.stream = stranger.stream;
        let answer = node.client.exchange(&joined(&node, &foreign, stranger)).await.unwrap();
        assert_eq!((answer.joins, answer.refused.len()), (false, 0));
        server.stop().await;
    }

    async fn what_headquarters_joins_to_what_an_office_has_is_read_there_and_else_fetched_whole(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        it.book("Siti").await;
        let mine = node.client.exchange(&node.message(Vec::new())).await.unwrap();
        let at_hand = Arc::new(Hashes::default());
        let last = mine.runs.iter().map(|run| run.records.last().unwrap());
        at_hand.0.lock().unwrap().extend(last.map(|record| (record.pos(), record.hash())));
        it.book("Budi").await;
        let mut ask = node.message(mine.vector.clone());
        // An older office never said that it joins anything: it gets runs whole.
        let plain = exchange::answer(&it.registry, &peer(&node), ask.clone()).await.unwrap();
        assert_eq!(plain.joining, None);
        assert!(plain.runs.iter().any(|run| run.first() > 0), "something goes on from what it has");
        ask.joins = true;
        let told = exchange::answer(&it.registry, &peer(&node), ask.clone()).await.unwrap();
        let by = it.registry.store.node_key().id();
        assert_eq!(told.joining, Some(Joining { by, to: mine.vector.clone() }));
        for at_hand in [at_hand, Arc::new(Hashes::default())] {
            let (key, registry) = (node.key.clone(), node.granted.registry);
            let client = Client::new(&server.url(), key, registry, Patience::default(), wall_clock()).unwrap();
            let answer = client.with(at_hand).exchange(&ask).await.unwrap();
            assert_eq!(answer.runs, plain.runs);
            for run in &answer.runs {
                let from = head::find(&mine.vector, &run.head.stream, &run.head.session);
                verify_run(from, run, &node.granted.registry).unwrap();
            }
        }
        server.stop().await;
    }
}
