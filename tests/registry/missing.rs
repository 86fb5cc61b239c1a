//! Which pictures an office is told to be missing at the registry. Over real HTTP, on both databases.

use std::collections::BTreeSet;

use loket::domain::capture::PortraitCaptured;
use loket::domain::document::BlobRef;
use loket::domain::fact::Fact;
use loket_sync::drive::Uplink;
use loket_sync::{Hash, Subject};

use super::exchange::{Node, arrived, serve, written};
use super::on_both;

on_both! {
    async fn every_missing_picture_is_named_in_turn(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        let made = it.book("Siti").await;
        let subject = Subject(made.key.0);
        let (_, keys) = node.fetch().await;
        let key = keys.iter().find(|grant| grant.subject == subject).unwrap().open(&node.key).unwrap();
        // More than are looked at for one answer.
        let lost: BTreeSet<Hash> = (0..300_u32).map(|number| Hash::of(&number.to_le_bytes())).collect();
        let portrait = |hash: &Hash| {
            let picture = BlobRef { hash: hash.to_string(), len: 9, media_type: "image/jpeg".into() };
            Fact::PortraitCaptured(PortraitCaptured { picture, width_px: 600, height_px: 800 })
        };
        let facts = std::iter::once(arrived()).chain(lost.iter().map(portrait)).collect();
        let mut push = node.message(Vec::new());
        push.runs = vec![written(&node, subject, &key, facts)];
        let mut named = BTreeSet::new();
        for _ in 0..lost.len() / 4 {
            let answer = node.client.exchange(&push).await.unwrap();
            assert_eq!(answer.wanted_blobs.len(), 4);
            named.extend(answer.wanted_blobs);
        }
        assert_eq!(named, lost);
        server.stop().await;
    }
}
