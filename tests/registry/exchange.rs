//! An office and the registry, over real HTTP: enrolment, records both ways, keys, pictures, and who may see what.

use std::collections::BTreeSet;
use std::sync::Arc;

use loket::domain::actor::Actor;
use loket::domain::application::Application;
use loket::domain::capture::PortraitCaptured;
use loket::domain::document::{BLOB_CLASS, BlobRef};
use loket::domain::fact::{self, Fact, Written};
use loket::domain::office::{Office, OfficeCode, Zone};
use loket::domain::status::Status;
use loket::domain::visit::{Arrived, Punctuality};
use loket::registry::actions::{offices, payments, pictures};
use loket::registry::{self, Running};
use loket_sync::chain::opening;
use loket_sync::drive::{BlobThere, Uplink};
use loket_sync::enrol::{Asking, EnrolCode, Granted};
use loket_sync::exchange::Rest;
use loket_sync::http::client::{self, Client, Patience, WallClock};
use loket_sync::{
    Chain, Hash, KeyGrant, LineError, Message, NewRecord, NodeKey, Run, SessionId, StoreId, Subject,
    SubjectKey, head, open_body, seal_blob, verify_run,
};

use super::{Fixture, on_both, paid};

/// An office's node as far as the exchange sees it.
pub(super) struct Node {
    pub(super) key: NodeKey,
    pub(super) client: Client,
    pub(super) granted: Granted,
    store: StoreId,
}

pub(super) fn wall_clock() -> WallClock {
    Arc::new(|| 1_795_226_400_000)
}

pub(super) async fn serve(it: &Fixture) -> Running {
    registry::serve(&it.config, it.clock.clone()).await.unwrap()
}

pub(super) async fn enrol(
    server: &Running,
    office: &str,
    code: &EnrolCode,
    key: &NodeKey,
) -> Result<Granted, LineError> {
    let (url, code) = (server.url(), code.key());
    let asking = Asking { code: &code, office, software: "loket test" };
    client::enrol(&url, asking, key, Patience::default(), wall_clock()).await
}

impl Node {
    pub(super) async fn enrolled(it: &Fixture, server: &Running, office: &str) -> Self {
        let office = OfficeCode::parse(office).unwrap();
        let open = offices::open_code(&it.registry, &office).await.unwrap();
        let key = NodeKey::draw();
        let granted = enrol(server, office.as_str(), &open.code, &key).await.unwrap();
        let client =
            Client::new(&server.url(), key.clone(), granted.registry, Patience::default(), wall_clock())
                .unwrap();
        Self { key, client, granted, store: StoreId::draw() }
    }

    /// The same node, at another address of its registry.
    pub(super) fn at(&self, server: &Running) -> Self {
        let (key, granted, store) = (self.key.clone(), self.granted.clone(), self.store);
        let client =
            Client::new(&server.url(), key.clone(), granted.registry, Patience::default(), wall_clock());
        Self { key, client: client.unwrap(), granted, store }
    }

    pub(super) fn message(&self, vector: Vec<loket_sync::Have>) -> Message {
        Message::new(self.store, 1_795_226_400_000, vector)
    }

    /// Asks for everything from the beginning.
    pub(super) async fn fetch(&self) -> (Vec<Run>, Vec<KeyGrant>) {
        let mut vector = Vec::new();
        let (mut runs, mut keys) = (Vec::new(), Vec::new());
        loop {
            let answer = self.client.exchange(&self.message(vector.clone())).await.unwrap();
            keys.extend(answer.keys);
            for run in &answer.runs {
                let from = head::find(&vector, &run.head.stream, &run.head.session).copied();
                // What the office itself wrote comes back to it as well.
                let ours = run.head.stream == self.granted.own_stream;
                let signer = if ours { self.key.public() } else { self.granted.registry };
                let verified = verify_run(from.as_ref(), run, &signer).unwrap();
                vector.push(verified.have);
                head::sort(&mut vector);
            }
            let moved = !answer.runs.is_empty();
            runs.extend(answer.runs);
            if !moved {
                return (runs, keys);
            }
        }
    }

    /// The facts of one application that came, opened with the keys that came along.
    pub(super) async fn facts(&self, subject: Subject) -> Vec<Fact> {
        let (runs, keys) = self.fetch().await;
        let grant = keys.iter().find(|grant| grant.subject == subject).expect("its key came along");
        let key = grant.open(&self.key).unwrap();
        let records = runs.iter().flat_map(|run| &run.records);
        let records = records.filter(|record| record.header.subject == subject);
        records
            .map(|record| {
                let body = open_body(record, &key).unwrap();
                fact::decode(record.header.kind, &body).unwrap().unwrap().fact
            })
            .collect()
    }
}

/// What an office wrote about an application in one session.
pub(super) fn written(node: &Node, subject: Subject, key: &SubjectKey, facts: Vec<Fact>) -> Run {
    let by = Actor::Officer { login: "sari".to_owned(), name: "Sari".to_owned() };
    let bodies = facts.into_iter().zip(1..).map(|(fact, rev)| {
        let kind = fact.kind();
        (kind, fact::encode(&Written { rev, by: by.clone(), once: None, fact }).unwrap())
    });
    written_bytes(node, subject, key, bodies.collect())
}

/// The same with any kinds and bodies.
fn written_bytes(node: &Node, subject: Subject, key: &SubjectKey, bodies: Vec<(u16, Vec<u8>)>) -> Run {
    let (mut chain, first) = Chain::open(
        node.granted.own_stream,
        SessionId::draw(),
        1,
        &opening(None, node.key.id(), "loket test"),
    );
    let mut records = vec![first];
    for (kind, body) in bodies {
        let new = NewRecord { at_ms: 1_795_226_400_000, kind, flags: 0, subject, body: &body };
        records.push(chain.next(&new, key).unwrap());
    }
    let head = chain.head(&node.key);
    Run { records, head }
}

pub(super) fn arrived() -> Fact {
    Fact::Arrived(Arrived { punctuality: Punctuality::OnTime, slot: None, note: String::new() })
}

/// Carries one connection to an address; tells how many bytes went there and came back when it is closed.
async fn relay(to: &str) -> (String, tokio::task::JoinHandle<(u64, u64)>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let to = to.strip_prefix("http://").unwrap().to_owned();
    let counted = tokio::spawn(async move {
        let (mut from, _) = listener.accept().await.unwrap();
        let mut onward = tokio::net::TcpStream::connect(to).await.unwrap();
        tokio::io::copy_bidirectional(&mut from, &mut onward).await.unwrap()
    });
    (url, counted)
}

fn has_arrived(application: &Application) -> bool {
    application.view().visits.values().any(|visit| visit.arrived.is_some())
}

on_both! {
    async fn a_code_lets_one_node_in_once(it) {
        let server = serve(&it).await;
        let office = OfficeCode::parse("karimun").unwrap();
        let open = offices::open_code(&it.registry, &office).await.unwrap();
        let wrong = enrol(&server, "karimun", &EnrolCode::draw(), &NodeKey::draw()).await;
        assert!(matches!(wrong, Err(LineError::Refused { status: 403, .. })), "{wrong:?}");
        let granted = enrol(&server, "karimun", &open.code, &NodeKey::draw()).await.unwrap();
        assert_eq!(granted.office, "karimun");
        assert_eq!(granted.registry, it.registry.store.node_key().public());
        let streams: Vec<String> = granted.streams.iter().map(ToString::to_string).collect();
        assert_eq!(streams, ["hq/common", "hq/karimun", "office/karimun"]);
        let again = enrol(&server, "karimun", &open.code, &NodeKey::draw()).await;
        assert!(matches!(again, Err(LineError::Refused { status: 403, .. })), "{again:?}");
        let late = offices::open_code(&it.registry, &office).await.unwrap();
        it.pass(24 * 60 + 1);
        let refused = enrol(&server, "karimun", &late.code, &NodeKey::draw()).await;
        assert!(matches!(refused, Err(LineError::Refused { status: 403, .. })), "{refused:?}");
        server.stop().await;
    }

    async fn an_office_gets_its_bookings_with_their_keys(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        let made = it.book("Siti").await;
        payments::pay(&it.registry, paid(&made, "0000000000000001", it.now())).await.unwrap();
        let facts = node.facts(Subject(made.key.0)).await;
        let names: Vec<&str> = facts.iter().map(Fact::name).collect();
        assert_eq!(names, ["Booked", "Billed", "Paid"]);
        let row = it.registry.store.office(&OfficeCode::parse("karimun").unwrap()).await.unwrap().unwrap();
        assert_eq!((row.enrolled, row.last_contact_at), (true, Some(it.now())));
        server.stop().await;
    }

    async fn an_office_sees_nothing_of_another_office(it) {
        it.offer(5).await;
        let batam = Office { code: OfficeCode::parse("batam").unwrap(), name: "Batam".into(), zone: Zone::Wib };
        offices::add(&it.registry, &batam).await.unwrap();
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "batam").await;
        let made = it.book("Siti").await;
        let (runs, keys) = node.fetch().await;
        assert!(runs.iter().all(|run| run.head.stream.as_str() == "hq/common"), "only what is for every node");
        assert!(keys.iter().all(|key| key.subject != Subject(made.key.0)));
        let mut ask = node.message(Vec::new());
        ask.wanted_keys = vec![Subject(made.key.0)];
        let keys = node.client.exchange(&ask).await.unwrap().keys;
        assert!(keys.iter().all(|key| key.subject != Subject(made.key.0)));
        // Nor can it write where it does not belong.
        let stranger = Node { granted: Granted { own_stream: "office/karimun".parse().unwrap(), ..node.granted.clone() }, ..node };
        let key = SubjectKey::draw();
        let mut push = stranger.message(Vec::new());
        push.keys = vec![KeyGrant::seal(Subject(made.key.0), &key, &stranger.granted.registry)];
        push.runs = vec![written(&stranger, Subject(made.key.0), &key, vec![arrived()])];
        stranger.client.exchange(&push).await.unwrap();
        assert!(!has_arrived(&it.application(&made.number).await));
        let karimun: BTreeSet<_> = ["office/karimun".parse().unwrap()].into();
        assert!(it.registry.store.vector(&karimun).await.unwrap().is_empty());
        server.stop().await;
    }

    async fn what_an_office_did_is_kept_once_however_often_it_comes(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        let made = it.book("Siti").await;
        let subject = Subject(made.key.0);
        let (_, keys) = node.fetch().await;
        let key = keys.iter().find(|grant| grant.subject == subject).unwrap().open(&node.key).unwrap();
        let mut push = node.message(Vec::new());
        push.runs = vec![written(&node, subject, &key, vec![arrived()])];
        for _ in 0..3 {
            let answer = node.client.exchange(&push).await.unwrap();
            let covered = push.runs[0].head.have();
            assert!(answer.vector.contains(&covered));
        }
        let application = it.application(&made.number).await;
        assert!(has_arrived(&application));
        assert_eq!(application.entries().count(), 3);
        let mut broken = push.clone();
        broken.runs = vec![written(&node, subject, &key, vec![arrived()])];
        broken.runs[0].records[1].body[5] ^= 1;
        node.client.exchange(&broken).await.unwrap();
        assert_eq!(it.application(&made.number).await.entries().count(), 3, "a broken run is not taken");
        server.stop().await;
    }

    async fn a_picture_arrives_in_pieces_and_is_shown_to_whoever_decides(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        let made = it.book("Siti").await;
        let subject = Subject(made.key.0);
        let (_, keys) = node.fetch().await;
        let key = keys.iter().find(|grant| grant.subject == subject).unwrap().open(&node.key).unwrap();
        let plain = b"a portrait ".repeat(20_000);
        let sealed = seal_blob(&key, BLOB_CLASS, &plain);
        let hash = Hash::of(&sealed);
        let picture = BlobRef { hash: hash.to_string(), len: u32::try_from(plain.len()).unwrap(), media_type: "image/jpeg".into() };
        let portrait = PortraitCaptured { picture: picture.clone(), width_px: 600, height_px: 800 };
        let refused = node.client.put_chunk(&hash, 0, sealed[..1000].to_vec(), sealed.len() as u64).await;
        assert!(refused.is_err(), "nobody has named this picture yet");
        let mut push = node.message(Vec::new());
        push.runs = vec![written(&node, subject, &key, vec![arrived(), Fact::PortraitCaptured(portrait)])];
        let answer = node.client.exchange(&push).await.unwrap();
        assert_eq!(answer.wanted_blobs, [hash]);
        assert_eq!(pictures::open(&it.registry, made.key, &picture).await.unwrap(), None);
        let len = sealed.len() as u64;
        let mut at = 0;
        while at < sealed.len() {
            let end = (at + 100_000).min(sealed.len());
            node.client.put_chunk(&hash, at as u64, sealed[at..end].to_vec(), len).await.unwrap();
            // Sent twice: the second is told where to go on.
            let again = node.client.put_chunk(&hash, at as u64, sealed[at..end].to_vec(), len).await.unwrap();
            let expected = if end == sealed.len() { BlobThere::Whole } else { BlobThere::Part(end as u64) };
            assert_eq!(again, expected);
            at = end;
        }
        assert_eq!(node.client.blob_there(&hash).await.unwrap(), BlobThere::Whole);
        assert_eq!(pictures::open(&it.registry, made.key, &picture).await.unwrap(), Some(plain));
        let (piece, whole) = node.client.get_chunk(&hash, 10, 100).await.unwrap();
        assert_eq!((piece.as_slice(), whole), (&sealed[10..110], len));
        let answer = node.client.exchange(&push).await.unwrap();
        assert!(answer.wanted_blobs.is_empty());
        server.stop().await;
    }

    async fn a_body_of_a_newer_version_stops_neither_the_office_nor_the_bills(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        let (one, two) = (it.book("Siti").await, it.book("Budi").await);
        let key = it.registry.store.application_key(one.key).await.unwrap().unwrap();
        let newer = (arrived().kind(), br#"{"rev": 1, "by": "a robot", "fact": {}}"#.to_vec());
        let mut push = node.message(Vec::new());
        push.runs = vec![written_bytes(&node, Subject(one.key.0), &key, vec![newer])];
        let answer = node.client.exchange(&push).await.unwrap();
        assert!(answer.vector.iter().any(|have| have.stream == node.granted.own_stream && have.len == 2));
        let application = it.application(&one.number).await;
        assert_eq!(application.parked().count(), 1);
        // Its worker would do the same when it comes to it.
        server.stop().await;
        it.pass(121);
        assert_eq!(payments::expire(&it.registry).await.unwrap(), 2);
        assert_eq!(it.application(&two.number).await.view().status, Status::Expired);
    }

    async fn a_key_is_asked_for_until_it_comes(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        let (subject, key) = (Subject::draw(), SubjectKey::draw());
        let mut push = node.message(Vec::new());
        push.runs = vec![written(&node, subject, &key, vec![arrived()])];
        for _ in 0..2 {
            assert_eq!(node.client.exchange(&push).await.unwrap().wanted_keys, [subject]);
        }
        it.registry.store.rebuild(it.now()).await.unwrap();
        assert_eq!(node.client.exchange(&push).await.unwrap().wanted_keys, [subject]);
        // One that opens nothing is not believed, or the true one would never be.
        push.keys = vec![KeyGrant::seal(subject, &SubjectKey::draw(), &node.granted.registry)];
        assert_eq!(node.client.exchange(&push).await.unwrap().wanted_keys, [subject]);
        push.keys = vec![KeyGrant::seal(subject, &key, &node.granted.registry)];
        assert_eq!(node.client.exchange(&push).await.unwrap().wanted_keys, []);
        server.stop().await;
    }

    async fn news_are_told_as_soon_as_they_happen(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        let answer = node.client.exchange(&node.message(Vec::new())).await.unwrap();
        let seen = head::digest(&answer.vector);
        let client = node.client.clone();
        let waiting = tokio::spawn(async move { client.news(seen).await });
        let made = registry::actions::bookings::book(&server.registry, crate::registry::request("Siti")).await;
        made.unwrap();
        assert!(waiting.await.unwrap().unwrap());
        server.stop().await;
    }

    async fn an_exchange_with_nothing_new_takes_less_than_400_bytes_each_way(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        it.book("Siti").await;
        let vector = node.client.exchange(&node.message(Vec::new())).await.unwrap().vector;
        assert!(!vector.is_empty());
        let (url, counted) = relay(&server.url()).await;
        let (key, registry) = (node.key.clone(), node.granted.registry);
        let client = Client::new(&url, key, registry, Patience::default(), wall_clock()).unwrap();
        let mut idle = Message::new(StoreId::NONE, 1_795_226_400_000, Vec::new());
        idle.rest = Some(Rest::of(&vector, &[]));
        idle.answered_s = Some(1_795_226_400);
        let answer = client.exchange(&idle).await.unwrap();
        assert_eq!((answer.vector.as_slice(), answer.rest), ([].as_slice(), idle.rest));
        assert!(answer.runs.is_empty());
        drop(client);
        let (there, back) = counted.await.unwrap();
        // TLS adds a record's head, type and tag to each.
        assert!(there + 22 < 400 && back + 22 < 400, "{there} bytes there, {back} back");

        // Who has something else is told the latest sessions; who understands nothing, everything.
        idle.rest = Some(Rest([9; 8]));
        let answer = node.client.exchange(&idle).await.unwrap();
        assert_eq!((answer.vector, answer.rest), (vector.clone(), Some(Rest::of(&vector, &vector))));
        server.stop().await;
    }

    async fn an_unknown_or_replaced_node_is_turned_away(it) {
        let server = serve(&it).await;
        let first = Node::enrolled(&it, &server, "karimun").await;
        first.client.exchange(&first.message(Vec::new())).await.unwrap();
        let second = Node::enrolled(&it, &server, "karimun").await;
        let refused = first.client.exchange(&first.message(Vec::new())).await;
        assert!(matches!(refused, Err(LineError::Refused { status: 403, .. })), "{refused:?}");
        second.client.exchange(&second.message(Vec::new())).await.unwrap();
        server.stop().await;
    }
}
