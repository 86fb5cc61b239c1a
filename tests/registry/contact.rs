//! When an office was alive, as its registry says: only what proves to be fresh counts, and it outlives the process.

use chrono::{DateTime, TimeDelta, Utc};
use loket::domain::office::OfficeCode;
use loket::registry::actions::Registry;
use loket::registry::actions::exchange::{self, Peer};
use loket_sync::Message;

use super::exchange::{Node, serve};
use super::{Fixture, on_both};

async fn seen(registry: &Registry) -> (Option<DateTime<Utc>>, Option<i64>) {
    let row = registry.store.office(&OfficeCode::parse("karimun").unwrap()).await.unwrap().unwrap();
    (row.last_contact_at, row.clock_ahead_ms)
}

async fn deliver(it: &Fixture, peer: &Peer, message: &Message) {
    exchange::answer(&it.registry, peer, message.clone()).await.unwrap();
}

fn second(at: DateTime<Utc>) -> u32 {
    u32::try_from(at.timestamp()).unwrap()
}

on_both! {
    async fn a_message_that_is_played_again_makes_no_dead_office_look_alive(it) {
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        server.stop().await;
        let peer = exchange::peer(&it.registry, node.key.id()).await.unwrap().unwrap();
        let said = |ms: i64, answered_s| {
            let mut message = node.message(Vec::new());
            message.now_ms += ms;
            message.answered_s = answered_s;
            message
        };
        // An office that has just started follows no answer: its clock goes on, and that must do.
        it.pass(10);
        let first = said(1_000, None);
        deliver(&it, &peer, &first).await;
        let (heard, ahead_ms) = (it.now(), 1_795_226_401_000 - it.now().timestamp_millis());
        assert_eq!(seen(&it.registry).await, (Some(heard), Some(ahead_ms)));
        // Then its clock is set back by an hour. What it says it follows proves when it was alive.
        it.pass(5);
        let next = said(-3_600_000, Some(second(it.now() - TimeDelta::minutes(2))));
        deliver(&it, &peer, &next).await;
        let proven = (Some(it.now() - TimeDelta::minutes(2)), Some(ahead_ms - 3_601_000 - 5 * 60_000));
        assert_eq!(seen(&it.registry).await, proven);
        // Whoever has caught them plays them again when the office is gone; nobody can say what was never answered.
        it.pass(24 * 60);
        let never = said(-3_600_000, Some(second(it.now() + TimeDelta::minutes(1))));
        for message in [&first, &next, &first, &never] {
            deliver(&it, &peer, message).await;
            assert_eq!(seen(&it.registry).await, proven);
        }
        assert_eq!(seen(&it.another_process().await).await, proven, "also after a restart");
        // The office itself is back.
        deliver(&it, &peer, &said(0, Some(second(it.now())))).await;
        assert_eq!(seen(&it.registry).await.0, Some(it.now()));
    }
}
