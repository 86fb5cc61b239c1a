//! The office and a real registry that exchange by bundles alone.

use std::path::PathBuf;

use chrono::TimeDelta;
use loket::courier::{Exported, Exporting, Imported};
use loket::domain::office::OfficeCode;
use loket::office::courier::OfficeCourier;
use loket_sync::exchange::{Refusal, RefusalReason, WhyNot};
use loket_sync::head;

use super::TestOffice;
use super::line::enrol;
use crate::registry::Fixture;

const ALL: Exporting = Exporting { bytes_max: u64::MAX, all: false };

/// An office, its headquarters, and a stick.
struct Carried {
    headquarters: Fixture,
    office: TestOffice,
    stick: tempfile::TempDir,
}

impl Carried {
    async fn new() -> Self {
        let headquarters = Fixture::sqlite().await;
        headquarters.offer(5).await;
        let office = enrol(&headquarters.registry).await;
        Self { headquarters, office, stick: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.stick.path().join("bundle")
    }

    fn code(&self) -> &OfficeCode {
        &self.office.identity.office.code
    }

    fn courier(&self) -> OfficeCourier {
        let identity = &self.office.identity;
        OfficeCourier {
            store: self.office.store().clone(),
            node_key: identity.node_key.clone(),
            storage_key: identity.storage_key.clone(),
            registry: identity.registry,
            dir: self.office.path().to_owned(),
        }
    }

    async fn out(&self) -> Exported {
        self.courier().export(&self.file(), true, ALL).await.unwrap()
    }

    /// A bundle of the registry, which the office takes.
    async fn back(&self) -> Imported {
        let registry = &self.headquarters.registry;
        loket::registry::courier::export(registry, self.code(), &self.file(), true, ALL).await.unwrap();
        self.courier().import(&self.file()).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_headquarters_does_not_take_is_shown_and_not_carried_again() {
    let mut it = Carried::new().await;
    it.office.open_counter(1, "sari").await;
    let store = it.office.store();
    let mine = store.reader().vector();
    let own = mine.iter().find(|have| have.stream == store.own_stream()).copied().unwrap();
    assert_eq!(it.out().await.records, own.len);
    let signer = it.office.identity.node_key.id();
    let refusal = Refusal { covered: own, first: 0, reason: RefusalReason::Signer(signer) };
    let mut writing = it.headquarters.registry.store.begin(it.headquarters.now()).await.unwrap();
    writing.note_refusal(it.code(), &refusal).await.unwrap();
    writing.commit().await.unwrap();

    assert_eq!(it.back().await.refused, 1);
    let refused = |it: &Carried| -> Vec<WhyNot> {
        it.office.store().link().refused.iter().map(|not| not.why).collect()
    };
    assert_eq!(refused(&it), [WhyNot::SignerUnknown]);
    assert_eq!(it.out().await.records, 0, "it is not carried again");
    it.office.reopen();
    it.courier().show_noted();
    assert_eq!(refused(&it), [WhyNot::SignerUnknown], "also after a start");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_a_year_ahead_once_silences_nobody() {
    let it = Carried::new().await;
    it.headquarters.clock.advance(TimeDelta::days(365));
    it.back().await;
    it.headquarters.clock.advance(TimeDelta::days(-365));
    it.headquarters.book("Siti").await;
    assert!(it.back().await.records > 0);
    let stream = format!("hq/{}", it.code().as_str()).parse().unwrap();
    let there = it.headquarters.registry.store.vector(&[stream].into()).await.unwrap();
    let heard = it.office.store().peer_vector();
    for have in &there {
        assert_eq!(head::find(&heard, &have.stream, &have.session), Some(have), "what it said last counts");
    }
}
