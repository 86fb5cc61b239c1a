//! Letting machines in: a code typed at the wrong office, and keys that are good for nothing any more.

use loket::config::{OfficeOverrides, example_office};
use loket::domain::node::RevokedWhy;
use loket::domain::office::{Office, OfficeCode};
use loket::office::node::{self, NewLink, NodeError};
use loket::registry::Running;
use loket::registry::actions::{Asker, nodes, offices};
use loket_sync::drive::Uplink;
use loket_sync::enrol::EnrolCode;
use loket_sync::exchange::LineError;
use loket_sync::{Identity, NodeId};
use tempfile::TempDir;

use super::exchange::{Node, enrol, serve};
use super::{Fixture, on_both};

/// The folder of an office that was never enrolled.
fn folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    node::make(dir.path(), &karimun(), None).unwrap();
    dir
}

fn karimun() -> Office {
    example_office().unwrap()
}

fn batam() -> Office {
    let code = OfficeCode::parse("batam").unwrap();
    Office { code, name: "Kantor Imigrasi Kelas I TPI Batam".to_owned(), ..karimun() }
}

fn key_in(dir: &TempDir) -> NodeId {
    Identity::load(dir.path()).unwrap().node_key.id()
}

async fn code_for(it: &Fixture, office: &Office) -> EnrolCode {
    offices::open_code(&it.registry, &office.code).await.unwrap().code
}

/// What `loket enroll` does in this folder.
async fn typed(dir: &TempDir, server: &Running, code: &EnrolCode) -> Result<(), NodeError> {
    let link = NewLink { url: server.url(), code: code.clone(), certificate: None, without_tls: false };
    node::enrol(dir.path(), &OfficeOverrides::default(), &link).await
}

/// The machines of an office that may write now.
async fn active(it: &Fixture, office: &Office) -> Vec<NodeId> {
    let row = it.registry.store.office(&office.code).await.unwrap().unwrap();
    row.nodes.iter().filter(|node| node.revoked.is_none()).map(|node| node.id).collect()
}

on_both! {
    async fn a_code_typed_at_the_wrong_office_changes_nothing_for_either(it) {
        offices::add(&it.registry, &batam()).await.unwrap();
        let server = serve(&it).await;
        let there = Node::enrolled(&it, &server, "batam").await;
        let (here, spare) = (folder(), code_for(&it, &batam()).await);
        let before = key_in(&here);
        for _ in 0..2 {
            let refused = typed(&here, &server, &spare).await.unwrap_err();
            let NodeError::Enrol(LineError::Refused { status: 403, reason }) = refused else { panic!("{refused:?}") };
            assert!(reason.contains("batam"), "{reason}");
        }
        // Batam goes on, Karimun has nothing of it, and nothing about either machine was written.
        assert_eq!(active(&it, &batam()).await, [there.key.id()]);
        assert_eq!(active(&it, &karimun()).await, []);
        there.client.exchange(&there.message(Vec::new())).await.unwrap();
        assert!(node::load(here.path(), &OfficeOverrides::default()).unwrap().0.registry.is_none());
        assert_eq!(key_in(&here), before);
        // Each goes in with the code that is its own, Batam's spare one included.
        typed(&here, &server, &code_for(&it, &karimun()).await).await.unwrap();
        assert_eq!(active(&it, &karimun()).await, [before]);
        let second = loket_sync::NodeKey::draw();
        assert_eq!(enrol(&server, "batam", &spare, &second).await.unwrap().office, "batam");
        assert_eq!(active(&it, &batam()).await, [second.id()]);
        server.stop().await;
    }

    async fn a_key_that_is_another_offices_or_was_taken_back_gives_way_to_a_new_one(it) {
        offices::add(&it.registry, &batam()).await.unwrap();
        let server = serve(&it).await;
        // A folder that was copied from Batam's machine and made Karimun's.
        let copied = folder();
        let theirs = Identity::load(copied.path()).unwrap().node_key;
        enrol(&server, "batam", &code_for(&it, &batam()).await, &theirs).await.unwrap();
        typed(&copied, &server, &code_for(&it, &karimun()).await).await.unwrap();
        assert_ne!(key_in(&copied), theirs.id());
        assert_eq!(active(&it, &batam()).await, [theirs.id()], "it goes on");
        assert_eq!(active(&it, &karimun()).await, [key_in(&copied)]);
        // A folder that heard nothing of being let in, and whose key was taken back since.
        let unheard = folder();
        let lost = Identity::load(unheard.path()).unwrap().node_key;
        enrol(&server, "karimun", &code_for(&it, &karimun()).await, &lost).await.unwrap();
        let by = Asker { by: loket::domain::actor::Actor::Node, roles: vec![loket::domain::actor::Role::Headquarters] };
        nodes::revoke(&it.registry, &by, lost.id(), RevokedWhy::Lost, "hilang").await.unwrap();
        typed(&unheard, &server, &code_for(&it, &karimun()).await).await.unwrap();
        assert_ne!(key_in(&unheard), lost.id());
        assert_eq!(active(&it, &karimun()).await, [key_in(&unheard)]);
        server.stop().await;
    }
}
