//! What the store promises beneath the acts: journals that verify, rows that can be computed anew, nothing readable.

use std::collections::BTreeSet;

use loket::domain::actor::Actor;
use loket::domain::application::ApplicationKey;
use loket::domain::fact::Fact;
use loket::domain::office::OfficeCode;
use loket::domain::visit::Viewed;
use loket::registry::actions::bookings::book;
use loket::registry::actions::check::check;
use loket::registry::actions::{Registry, payments};
use loket::registry::store::NewFacts;
use loket_sync::{StreamId, verify_run};

use super::{on_both, paid, request, request_json};

/// Writes one fact about an application into the stream for an office.
async fn note(registry: &Registry, key: ApplicationKey, office: &str) {
    let mut writing = registry.store.begin(registry.now()).await.unwrap();
    let office = OfficeCode::parse(office).unwrap();
    let facts = vec![Fact::Viewed(Viewed { page: "decision".to_owned() })];
    writing.append(NewFacts { key, office, by: Actor::Node, once: None, facts }).await.unwrap();
    writing.commit().await.unwrap();
}

on_both! {
    async fn the_journal_of_an_office_verifies_from_its_first_record(it) {
        it.offer(5).await;
        let made = it.book("Siti").await;
        let other = it.another_process().await;
        payments::pay(&other, paid(&made, "0000000000000001", it.now())).await.unwrap();
        it.book("Budi").await;
        let stream: StreamId = "hq/karimun".parse().unwrap();
        let vector = it.registry.store.vector(&[stream].into()).await.unwrap();
        assert_eq!(vector.len(), 2, "each process writes a session of its own");
        let mut records = 0;
        for have in vector {
            let store = &it.registry.store;
            let run = store.run(stream, have.session, 0, have.len, 1 << 20).await.unwrap().unwrap();
            let verified = verify_run(None, &run, &store.node_key().public()).unwrap();
            assert_eq!(verified.have, have);
            records += run.records.len();
        }
        assert_eq!(records, 2 + 2 + 1 + 2);
    }

    async fn no_position_is_sealed_for_twice(it) {
        it.offer(1).await;
        let made = it.book("Siti").await;
        let streams = ["hq/karimun".parse().unwrap()].into();
        let sessions = async || it.registry.store.vector(&streams).await.unwrap().len();
        assert!(book(&it.registry, request("Budi")).await.is_err(), "the interval is full");
        payments::pay(&it.registry, paid(&made, "0000000000000001", it.now())).await.unwrap();
        assert_eq!(sessions().await, 1, "a full interval is found before anything is sealed");
        let viewed = || NewFacts {
            key: made.key,
            office: "karimun".to_owned().try_into().unwrap(),
            by: Actor::Node,
            once: None,
            facts: vec![Fact::Viewed(Viewed { page: "x".to_owned() })],
        };
        let mut given_up = it.registry.store.begin(it.now()).await.unwrap();
        given_up.append(viewed()).await.unwrap();
        drop(given_up);
        let mut writing = it.registry.store.begin(it.now()).await.unwrap();
        writing.append(viewed()).await.unwrap();
        writing.commit().await.unwrap();
        assert_eq!(sessions().await, 2, "what was given up has used its position");
    }

    /// Bodies are sealed with the subject's key under a nonce of session and position: the same application may stand
    /// in the streams of two offices, so no session may ever serve two streams.
    async fn no_session_serves_two_streams_or_two_processes(it) {
        it.offer(5).await;
        let made = it.book("Siti").await;
        let other = it.another_process().await;
        for registry in [&it.registry, &other] {
            for office in ["karimun", "batam"] {
                note(registry, made.key, office).await;
            }
        }
        let streams: BTreeSet<StreamId> = ["hq/karimun", "hq/batam"].map(|name| name.parse().unwrap()).into();
        let vector = it.registry.store.vector(&streams).await.unwrap();
        let sessions: BTreeSet<_> = vector.iter().map(|have| have.session).collect();
        assert_eq!((vector.len(), sessions.len()), (4, 4), "one per stream and process");
        let views = it.registry.store.application(made.key).await.unwrap();
        let views = views.entries().filter(|entry| matches!(entry.fact, Fact::Viewed(_))).count();
        assert_eq!(views, 4, "all of them open under the one key");
    }

    async fn a_run_is_cut_at_a_signed_head(it) {
        it.offer(5).await;
        for name in ["Siti", "Budi", "Ani"] {
            it.book(name).await;
        }
        let store = &it.registry.store;
        let stream: StreamId = "hq/karimun".parse().unwrap();
        let have = store.vector(&[stream].into()).await.unwrap()[0];
        assert_eq!(have.len, 7);
        let mut from = 0;
        let mut runs = 0;
        while let Some(run) = store.run(stream, have.session, from, have.len, 1).await.unwrap() {
            assert_eq!(run.first(), from);
            from = run.head.len;
            runs += 1;
        }
        assert_eq!((from, runs), (7, 3));
    }

    async fn every_derived_row_can_be_computed_anew(it) {
        it.offer(5).await;
        let made = it.book("Siti").await;
        payments::pay(&it.registry, paid(&made, "0000000000000001", it.now())).await.unwrap();
        it.book("Budi").await;
        let office = "karimun".to_owned().try_into().unwrap();
        let day = "2026-11-23".parse().unwrap();
        let (before, taken) = (it.registry.store.day(&office, day).await.unwrap(), it.taken().await);
        assert_eq!(before.len(), 2);
        let rebuilt = it.registry.store.rebuild(it.now()).await.unwrap();
        assert_eq!(rebuilt.applications, 2);
        assert_eq!(it.registry.store.day(&office, day).await.unwrap(), before);
        assert_eq!(it.taken().await, taken);
        let again = payments::pay(&it.registry, paid(&made, "0000000000000001", it.now())).await.unwrap();
        assert!(again.repeated);
    }

    async fn a_check_finds_a_picture_that_is_gone(it) {
        it.offer(5).await;
        let jpeg = [&[0xff, 0xd8, 0xff, 0xe0][..], b"picture of a card"].concat();
        let mut with_picture = request_json("Siti");
        with_picture["documents"][0]["picture"] = data_encoding::BASE64.encode(&jpeg).into();
        book(&it.registry, serde_json::from_value(with_picture).unwrap()).await.unwrap();
        let report = check(&it.registry).await.unwrap();
        assert_eq!((report.pictures, report.is_good()), (1, true), "{report:?}");
        let hash = it.registry.blobs.list().unwrap().0[0];
        it.registry.blobs.remove(&hash).unwrap();
        let report = check(&it.registry).await.unwrap();
        assert_eq!(report.findings.len(), 1, "{report:?}");
        assert!(report.findings[0].file.as_ref().unwrap().ends_with(&hash.to_string()), "{report:?}");
    }

    async fn a_check_finds_rows_that_do_not_say_what_the_journals_say(it) {
        it.offer(5).await;
        let made = it.book("Siti").await;
        payments::pay(&it.registry, paid(&made, "0000000000000001", it.now())).await.unwrap();
        it.book("Budi").await;
        let report = check(&it.registry).await.unwrap();
        assert!(report.is_good(), "{report:?}");
        let pool = sqlx::AnyPool::connect(&it.config.database_url).await.unwrap();
        for tampering in [
            "UPDATE bills SET amount_idr = 1 WHERE state = 'paid'",
            "UPDATE slots SET taken = 0",
            "UPDATE applications SET status = 'approved' WHERE status = 'awaiting-payment'",
            "DELETE FROM payments",
        ] {
            sqlx::query(tampering).execute(&pool).await.unwrap();
        }
        let report = check(&it.registry).await.unwrap();
        let tables: Vec<&str> = report.stale_rows.iter().filter_map(|row| row.split(' ').next()).collect();
        assert_eq!(tables, ["applications", "bills", "payments", "slots"], "{report:?}");
        assert_eq!(report.findings, []);
        assert_eq!(check(&it.registry).await.unwrap(), report, "a check changes nothing");
        it.registry.store.rebuild(it.now()).await.unwrap();
        assert!(check(&it.registry).await.unwrap().is_good());
        pool.close().await;
    }

    async fn somebody_is_found_by_nik_and_by_number_only_exactly(it) {
        it.offer(5).await;
        let made = it.book("Siti").await;
        let nik = loket::domain::person::Nik::parse("2102045203900001").unwrap();
        let found = it.registry.store.by_nik(&nik).await.unwrap();
        assert_eq!((found.len(), found[0].key, found[0].name.as_str()), (1, made.key, "Siti"));
        let other = loket::domain::person::Nik::parse("2102045203900002").unwrap();
        assert!(it.registry.store.by_nik(&other).await.unwrap().is_empty());
        assert_eq!(it.registry.store.by_number(&made.number).await.unwrap(), Some(made.key));
    }
}

#[tokio::test]
async fn a_stolen_database_tells_no_name_and_no_nik() {
    let it = super::Fixture::sqlite().await;
    it.offer(5).await;
    let made = it.book("Siti Rahmawati").await;
    payments::pay(&it.registry, paid(&made, "0000000000000001", it.now())).await.unwrap();
    it.registry.store.close().await;
    let mut looked_at = 0;
    for entry in std::fs::read_dir(&it.config.dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            for secret in ["Rahmawati", "2102045203900001", "pemohon@example.com", "pusat-yang-tenang"] {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{secret} stands in {}", path.display());
            }
            looked_at += 1;
        }
    }
    assert!(looked_at >= 2);
}
