//! An older registry beside newer offices: what it does not know is kept, handed on, shown, and applied after the upgrade.

use loket::domain::actor::Actor;
use loket::domain::fact::{self, Vocabulary, Written};
use loket::registry::actions::exchange::{self, Peer};
use loket::registry::actions::{Registry, offices};
use loket::registry::{self};
use loket_sync::chain::opening;
use loket_sync::enrol::EnrolRequest;
use loket_sync::{Chain, Message, NewRecord, NodeKey, Run, SessionId, StoreId, Subject, head};

use super::exchange::arrived;
use super::{Fixture, on_both};

/// A kind that no version knows yet.
const LATER_KIND: u16 = 9_001;

/// Lets an office's node in.
async fn enrolled(registry: &Registry, key: &NodeKey) -> Peer {
    let office = "karimun".to_owned().try_into().unwrap();
    let code = offices::open_code(registry, &office).await.unwrap().code;
    let request = EnrolRequest::new(&code.key(), key.public(), office.as_str(), "loket test");
    offices::enrol(registry, &request).await.unwrap();
    exchange::peer(registry, key.id()).await.unwrap().unwrap()
}

async fn older(it: &Fixture) -> Registry {
    static ARRIVED: &[u16] = &[100];
    assert_eq!(arrived().kind(), ARRIVED[0]);
    registry::open_knowing(&it.config, it.clock.clone(), Vocabulary::without(ARRIVED)).await.unwrap()
}

/// What a newer office writes about an application: an arrival, and a kind that nobody knows yet.
async fn written(it: &Fixture, key: &NodeKey, subject: Subject) -> Run {
    let application = loket::domain::application::ApplicationKey(subject.0);
    let subject_key = it.registry.store.application_key(application).await.unwrap().unwrap();
    let opened = opening(None, key.id(), "loket 9.0.0");
    let stream = "office/karimun".parse().unwrap();
    let (mut chain, first) = Chain::open(stream, SessionId::draw(), 1, &opened);
    let fact = arrived();
    let kind = fact.kind();
    let arrival = fact::encode(&Written { rev: 1, by: Actor::Node, once: None, fact }).unwrap();
    let mut records = vec![first];
    for (kind, body) in [(kind, arrival.as_slice()), (LATER_KIND, b"written by a later version")] {
        let new = NewRecord { at_ms: 1_795_226_400_000, kind, flags: 0, subject, body };
        records.push(chain.next(&new, &subject_key).unwrap());
    }
    Run { records, head: chain.head(key) }
}

fn message(vector: Vec<loket_sync::Have>) -> Message {
    Message::new(StoreId([7; 16]), 1_795_226_400_000, vector)
}

on_both! {
    async fn an_older_registry_keeps_hands_on_and_shows_what_it_does_not_know(it) {
        it.offer(5).await;
        let made = it.book("Siti").await;
        let older = older(&it).await;
        let key = NodeKey::draw();
        let peer = enrolled(&older, &key).await;
        let run = written(&it, &key, Subject(made.key.0)).await;
        let mut push = message(Vec::new());
        push.runs = vec![run.clone()];
        let answer = exchange::answer(&older, &peer, push).await.unwrap();
        assert_eq!(answer.refused, []);
        assert!(answer.vector.contains(&run.head.have()), "it is acknowledged");
        let parked: Vec<u16> = older.store.application(made.key).await.unwrap().parked().collect();
        assert_eq!(parked, [arrived().kind(), LATER_KIND]);
        assert_eq!(older.store.waiting(9).await.unwrap().len(), 1, "somebody sees that something waits");
        // A machine that lost everything gets the same bytes back.
        let again = exchange::answer(&older, &peer, message(Vec::new())).await.unwrap();
        let back = again.runs.iter().find(|back| back.head.stream == run.head.stream).unwrap();
        assert_eq!(back, &run);
        // The rest goes on: bookings come down, and a later record follows.
        assert!(again.runs.iter().any(|run| run.head.stream.as_str() == "hq/karimun"));
    }

    async fn after_the_upgrade_what_was_parked_is_applied(it) {
        it.offer(5).await;
        let made = it.book("Siti").await;
        let older = older(&it).await;
        let key = NodeKey::draw();
        let peer = enrolled(&older, &key).await;
        let mut push = message(Vec::new());
        push.runs = vec![written(&it, &key, Subject(made.key.0)).await];
        exchange::answer(&older, &peer, push).await.unwrap();
        let newer = it.another_process().await;
        let view = newer.store.application(made.key).await.unwrap().view();
        assert!(view.visits.values().any(|visit| visit.arrived.is_some()));
        assert_eq!(view.parked, [LATER_KIND], "what is newer still goes on waiting");
        // The rows were drawn anew: they say what the facts say now.
        assert!(newer.store.stale_rows(it.now()).await.unwrap().is_empty());
        // Opened once more, there is nothing left to apply.
        assert_eq!(newer.store.apply_newly_known(it.now()).await.unwrap(), 0);
        let mut mine = newer.store.vector(&exchange::shared(&peer.office).unwrap()).await.unwrap();
        head::sort(&mut mine);
        assert!(mine.iter().any(|have| have.len == 3));
    }
}
