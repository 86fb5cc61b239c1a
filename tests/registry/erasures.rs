//! Erasing a person at the registry: what goes, what stays, what stands in the way, and how it comes back after a
//! restore.

use std::path::{Path, PathBuf};

use loket::domain::book::{BookAllocated, BookReady, Collector, HandedOver};
use loket::domain::capture::PortraitCaptured;
use loket::domain::document::{BLOB_CLASS, BlobRef};
use loket::domain::erasure::{RetentionRule, Why};
use loket::domain::fact::Fact;
use loket::domain::number::BookNumber;
use loket::domain::office::{Office, OfficeCode, Zone};
use loket::domain::refusal::Refusal;
use loket::domain::status::Status;
use loket::registry::actions::check::check;
use loket::registry::actions::nodes::{self, Decided};
use loket::registry::actions::{ActionError, erasures, offices, payments};
use loket_sync::drive::Uplink;
use loket_sync::record::HEADER_LEN;
use loket_sync::{Hash, KeyGrant, Record, Subject, seal_blob, verify_run};
use sqlx::Row;

use super::decisions::{Captured, captured_facts, headquarters};
use super::exchange::{Node, serve, written};
use super::{Fixture, on_both, paid};

fn book() -> BookNumber {
    BookNumber::parse("X0000001").unwrap()
}

/// The book is out.
fn handed_over() -> Vec<Fact> {
    let mut facts = captured_facts();
    facts.push(Fact::BookAllocated(BookAllocated { book: book() }));
    facts.push(Fact::BookReady(BookReady { book: book(), shelf: "A1".to_owned() }));
    facts.push(Fact::HandedOver(HandedOver { book: book(), collector: Collector::Applicant }));
    facts
}

async fn erase(it: &Fixture, captured: &Captured) {
    // Not on the day the case was closed.
    it.pass(24 * 60);
    let registry = &it.registry;
    let number = captured.number();
    erasures::propose(registry, &headquarters("Ratna"), number, Why::Request, "surat 7/2026").await.unwrap();
    erasures::confirm(registry, &headquarters("Hana"), number).await.unwrap();
}

async fn records_of(node: &Node, subject: Subject) -> Vec<Record> {
    let (runs, _) = node.fetch().await;
    let records = runs.into_iter().flat_map(|run| run.records);
    records.filter(|record| record.header.subject == subject).collect()
}

/// Every file of a folder, however deep.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn lies_in(folder: &Path, needle: &[u8]) -> bool {
    let holds =
        |path: PathBuf| std::fs::read(path).unwrap().windows(needle.len()).any(|window| window == needle);
    files(folder).into_iter().any(holds)
}

fn refusal(result: Result<(), ActionError>) -> Refusal {
    match result {
        Err(ActionError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

on_both! {
    async fn an_erased_person_is_gone_and_the_money_stays(it) {
        it.offer(2).await;
        let server = serve(&it).await;
        let captured = Captured::by(&it, &server, "Siti").await;
        // Paid: else the worker lets the bill run out while the test goes on.
        let other = it.book("Budi").await;
        payments::pay(&it.registry, paid(&other, "0000000000000002", it.now())).await.unwrap();
        let plain = b"a portrait ".repeat(2_000);
        let sealed = seal_blob(&captured.key, BLOB_CLASS, &plain);
        let hash = Hash::of(&sealed);
        let picture = BlobRef { hash: hash.to_string(), len: 22_000, media_type: "image/jpeg".into() };
        let mut facts = handed_over();
        facts.push(Fact::PortraitCaptured(PortraitCaptured { picture, width_px: 600, height_px: 800 }));
        captured.push(facts).await;
        captured.node.client.put_chunk(&hash, 0, sealed.clone(), sealed.len() as u64).await.unwrap();
        let (number, subject) = (captured.number(), Subject(captured.made.key.0));
        let mail = it.config.dir.join("mail");
        std::fs::create_dir_all(&mail).unwrap();
        std::fs::write(mail.join(format!("{number}-ready.eml")), "To: pemohon@example.com").unwrap();
        let bodies = records_of(&captured.node, subject).await;
        assert!(bodies.len() > 10 && bodies.iter().all(|record| !record.is_erased()));
        let slots = it.taken().await;

        erase(&it, &captured).await;

        let view = it.application(number).await.view();
        let erased = view.erased.clone().unwrap().what;
        assert_eq!((view.status, view.booking, view.visits.len()), (Status::Erased, None, 0));
        assert_eq!((erased.remains.ended_as, erased.proposed_by.as_str()), (Status::HandedOver, "Ratna"));
        assert_eq!(erased.remains.payments[0].ntpn.as_str(), "0000000000000001");
        let summary = it.registry.store.summary_of(captured.made.key).await.unwrap().unwrap();
        assert_eq!((summary.name.as_str(), summary.status.as_str()), ("", "erased"));
        assert!(it.registry.store.application_key(captured.made.key).await.unwrap().is_none());
        assert_eq!(it.registry.store.latest_payments(9).await.unwrap().len(), 2, "the money stays");
        assert_eq!(it.taken().await, slots, "the place that was used stays used");
        assert!(!it.registry.blobs.has(&hash), "the picture's file is gone");
        assert!(files(&mail).is_empty(), "the mail is gone");
        assert!(!it.registry.store.needs_scrub().await.unwrap());
        // The chain verifies, the bodies are gone, nobody else is touched.
        let report = check(&it.registry).await.unwrap();
        assert!(report.is_good(), "{report:?}");
        let left = records_of(&captured.node, subject).await;
        assert_eq!(left.len(), bodies.len());
        assert!(left.iter().all(Record::is_erased));
        let (runs, _) = captured.node.fetch().await;
        let kinds: Vec<u16> = runs.iter().flat_map(|run| &run.records).map(|record| record.header.kind).collect();
        assert_eq!(kinds.iter().filter(|kind| **kind == 12).count(), 1);
        assert_eq!(it.application(&other.number).await.view().status, Status::Expected);
        // In the files as well: what SQLite deletes it overwrites. (PostgreSQL's files are not ours to read here.)
        for record in bodies {
            assert!(!lies_in(&it.config.dir, &record.body), "a body of kind {} lies there", record.header.kind);
        }
        assert!(!lies_in(&it.config.dir, &sealed[..64]));
        // Computed anew, and asked again.
        it.registry.store.rebuild(it.now()).await.unwrap();
        assert!(check(&it.registry).await.unwrap().is_good());
        assert_eq!(refusal(erasures::confirm(&it.registry, &headquarters("Hana"), number).await), Refusal::AlreadyErased);
        server.stop().await;
    }

    async fn what_is_open_held_or_owed_is_not_erased_and_nobody_erases_alone(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let captured = Captured::by(&it, &server, "Siti").await;
        let (ratna, hana, number) = (headquarters("Ratna"), headquarters("Hana"), captured.number());
        let propose = async |basis: &str| erasures::propose(&it.registry, &ratna, number, Why::Request, basis).await;
        assert_eq!(refusal(propose("surat").await), Refusal::CaseOpen);
        captured.push(handed_over()).await;
        assert_eq!(refusal(propose("surat").await), Refusal::CaseOpen, "not on the same day");
        it.pass(24 * 60);
        assert_eq!(refusal(propose(" ").await), Refusal::ReasonNeeded);
        payments::pay(&it.registry, paid(&captured.made, "0000000000000002", it.now())).await.unwrap();
        assert_eq!(refusal(propose("surat").await), Refusal::MoneyOpen);
        let again = paid(&captured.made, "0000000000000002", it.now());
        payments::refund(&it.registry, &ratna, &again.ntpn, &again.code, "Siti membayar dua kali").await.unwrap();
        erasures::hold(&it.registry, &hana, number, "perkara 12/2026").await.unwrap();
        assert_eq!(refusal(propose("surat").await), Refusal::LegalHold);
        erasures::lift(&it.registry, &hana, number).await.unwrap();
        propose("surat").await.unwrap();
        assert_eq!(refusal(erasures::confirm(&it.registry, &ratna, number).await), Refusal::FourEyes);
        // A hold that comes after the proposal takes it off the list.
        erasures::hold(&it.registry, &hana, number, "perkara 12/2026").await.unwrap();
        assert_eq!(refusal(erasures::confirm(&it.registry, &hana, number).await), Refusal::StalePage);
        erasures::lift(&it.registry, &hana, number).await.unwrap();
        assert!(it.application(number).await.view().erased.is_none());
        erase(&it, &captured).await;
        let reasons: Vec<String> = it.registry.store.latest_payments(9).await.unwrap().into_iter()
            .filter_map(|row| row.settlement).map(|settlement| settlement.reason).collect();
        assert_eq!(reasons, [""], "what was written about the refund named somebody");
        assert!(check(&it.registry).await.unwrap().is_good());
        server.stop().await;
    }

    async fn what_comes_late_about_an_erased_person_leaves_no_body_and_no_key(it) {
        it.offer(1).await;
        let server = serve(&it).await;
        let captured = Captured::by(&it, &server, "Siti").await;
        captured.push(handed_over()).await;
        erase(&it, &captured).await;
        let subject = Subject(captured.made.key.0);
        let records = records_of(&captured.node, subject).await.len();
        // An office that was offline: it wrote on, and still hands out the key.
        captured.push(captured_facts()).await;
        let mut push = captured.node.message(Vec::new());
        push.keys = vec![KeyGrant::seal(subject, &captured.key, &it.registry.store.node_key().public())];
        let answer = captured.node.client.exchange(&push).await.unwrap();
        assert!(answer.wanted_keys.is_empty(), "nobody asks for the key of an erased person");
        let left = records_of(&captured.node, subject).await;
        assert_eq!(left.len(), records + captured_facts().len());
        assert!(left.iter().all(Record::is_erased));
        assert!(it.registry.store.application_key(captured.made.key).await.unwrap().is_none());
        let report = check(&it.registry).await.unwrap();
        assert!(report.is_good(), "{report:?}");
        server.stop().await;
    }

    async fn an_office_that_was_not_told_of_an_erasure_is_told_once_it_speaks_of_the_person(it) {
        it.offer(1).await;
        let code = OfficeCode::parse("batam").unwrap();
        let batam = Office { code, name: "Kantor Imigrasi Batam".to_owned(), zone: Zone::Wib };
        offices::add(&it.registry, &batam).await.unwrap();
        let server = serve(&it).await;
        let captured = Captured::by(&it, &server, "Siti").await;
        captured.push(handed_over()).await;
        erase(&it, &captured).await;
        let subject = Subject(captured.made.key.0);
        // A registry that did not know of the erasure, a copy or an old backup of this one, had sent her there.
        let there = Node::enrolled(&it, &server, "batam").await;
        for _ in 0..2 {
            let mut push = there.message(Vec::new());
            push.runs = vec![written(&there, subject, &captured.key, captured_facts())];
            there.client.exchange(&push).await.unwrap();
            assert_eq!(records_of(&there, subject.erasure()).await.len(), 1);
        }
        assert_eq!(records_of(&captured.node, subject.erasure()).await.len(), 1);
        let report = check(&it.registry).await.unwrap();
        assert!(report.is_good(), "{report:?}");
        server.stop().await;
    }

    async fn what_is_kept_aside_about_an_erased_person_has_no_body(it) {
        it.offer(1).await;
        let server = serve(&it).await;
        let captured = Captured::by(&it, &server, "Siti").await;
        captured.push(handed_over()).await;
        // Another machine takes its place; what the first one signs from now on waits for a person.
        let second = Node::enrolled(&it, &server, "karimun").await;
        let subject = Subject(captured.made.key.0);
        let aside = || written(&captured.node, subject, &captured.key, captured_facts());
        let lengths = async |table: &str, subject: Subject| -> Vec<i64> {
            let pool = sqlx::AnyPool::connect(&it.config.database_url).await.unwrap();
            let sql = format!("SELECT CAST(length(record) AS BIGINT) - {HEADER_LEN} AS body FROM {table} WHERE subject = $1");
            let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(subject.0.to_vec());
            let rows = query.fetch_all(&pool).await.unwrap();
            pool.close().await;
            rows.iter().map(|row| row.get("body")).collect()
        };
        let bodies = async || lengths("aside_records", subject).await;
        let (before, after) = (aside(), aside());
        let sealed: Vec<Vec<u8>> =
            before.records.iter().chain(&after.records).filter(|record| record.header.kind > 0)
                .map(|record| record.body.clone()).collect();
        let (kinds, session) = (captured_facts().len(), before.head.session);
        let send = async |run| {
            let mut push = second.message(Vec::new());
            push.runs = vec![run];
            push.keys = vec![KeyGrant::seal(subject, &captured.key, &it.registry.store.node_key().public())];
            second.client.exchange(&push).await.unwrap()
        };
        send(before).await;
        let held = bodies().await;
        assert!(held.len() == kinds && held.iter().all(|len| *len > 0), "{held:?}");

        erase(&it, &captured).await;
        assert_eq!(bodies().await, vec![0; kinds], "what was kept aside before");
        let answer = send(after).await;
        assert_eq!(bodies().await, vec![0; 2 * kinds], "what is kept aside since");
        assert!(answer.wanted_keys.is_empty());
        assert!(it.registry.store.application_key(captured.made.key).await.unwrap().is_none());
        for body in sealed {
            assert!(!lies_in(&it.config.dir, &body), "in SQLite's files as well");
        }
        let report = check(&it.registry).await.unwrap();
        assert!(report.is_good(), "{report:?}");
        // Staff may still take it in: headers that say nothing of the person.
        let (stream, len) = (captured.node.granted.own_stream, 1 + kinds as u64);
        nodes::decide_aside(&it.registry, &headquarters("Hana"), (stream, session, len), Decided::TakeIn, "sah")
            .await.unwrap();
        assert_eq!(it.application(captured.number()).await.view().status, Status::Erased);
        let taken = lengths("records", subject).await;
        assert!(taken.len() >= kinds && taken.iter().all(|len| *len == 0), "{taken:?}");
        let report = check(&it.registry).await.unwrap();
        assert!(report.is_good(), "{report:?}");
        server.stop().await;
    }

    async fn a_body_of_an_erased_person_that_is_kept_aside_is_found(it) {
        it.offer(1).await;
        let server = serve(&it).await;
        let captured = Captured::by(&it, &server, "Siti").await;
        captured.push(handed_over()).await;
        erase(&it, &captured).await;
        let pool = sqlx::AnyPool::connect(&it.config.database_url).await.unwrap();
        sqlx::query(
            "INSERT INTO aside_records (stream, session, seq, subject, kind, record) \
             SELECT stream, session, seq, subject, kind, $1 FROM records WHERE subject = $2 AND kind = 1",
        )
        .bind(vec![7_u8; HEADER_LEN + 1])
        .bind(captured.made.key.0.to_vec())
        .execute(&pool).await.unwrap();
        pool.close().await;
        let report = check(&it.registry).await.unwrap();
        assert!(report.findings.iter().any(|found| found.what.contains("still kept aside")), "{report:?}");
        server.stop().await;
    }

    async fn whoever_is_closed_long_enough_is_due(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let captured = Captured::by(&it, &server, "Siti").await;
        captured.push(handed_over()).await;
        // Without the worker, which would let the bill run out some time of the days that pass.
        server.stop().await;
        it.book("Budi").await;
        let due = async || erasures::due(&it.registry, 9).await.unwrap();
        assert_eq!((due().await.months, due().await.cases.len()), (36, 0));
        let rule = |from: &str, months| RetentionRule { valid_from: from.parse().unwrap(), months };
        let ratna = headquarters("Ratna");
        erasures::set_retention(&it.registry, &ratna, rule("2027-06-01", 6)).await.unwrap();
        erasures::set_retention(&it.registry, &ratna, rule("2027-01-01", 12)).await.unwrap();
        assert!(erasures::set_retention(&it.registry, &ratna, rule("2027-01-01", 0)).await.is_err());
        it.pass(183 * 24 * 60);
        assert_eq!((due().await.months, due().await.cases.len()), (12, 0));
        it.pass(30 * 24 * 60);
        let now = due().await;
        assert_eq!((now.months, now.cases.len()), (6, 1), "{now:?}");
        erasures::propose(&it.registry, &ratna, captured.number(), Why::Retention, "JRA").await.unwrap();
        assert_eq!(due().await.cases.len(), 0);
        assert_eq!(erasures::proposals(&it.registry).await.unwrap().len(), 1);
        erasures::withdraw(&it.registry, &ratna, captured.number()).await.unwrap();
        assert_eq!(due().await.cases.len(), 1);
        erase(&it, &captured).await;
        assert_eq!(due().await.cases.len(), 0);
    }

    async fn a_body_that_is_missing_without_an_erasure_is_found(it) {
        it.offer(1).await;
        let made = it.book("Siti").await;
        let pool = sqlx::AnyPool::connect(&it.config.database_url).await.unwrap();
        let strip = "UPDATE records SET record = substr(record, 1, 168) WHERE kind = 1";
        sqlx::query(strip).execute(&pool).await.unwrap();
        let report = check(&it.registry).await.unwrap();
        assert!(report.findings.iter().any(|found| found.what.contains("bodies are missing")), "{report:?}");
        assert!(it.registry.store.application(made.key).await.unwrap().view().booking.is_none());
        pool.close().await;
    }
}

/// SQLite only: a PostgreSQL is restored by its own means, and what comes after is the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registry_restored_from_an_older_copy_gets_the_erasure_back_and_erases_again() {
    let it = Fixture::sqlite().await;
    it.offer(1).await;
    let server = serve(&it).await;
    let captured = Captured::by(&it, &server, "Siti").await;
    captured.push(handed_over()).await;
    let subject = Subject(captured.made.key.0);
    // A copy of files that nobody writes.
    server.stop().await;
    let older = tempfile::tempdir().unwrap();
    for file in files(&it.config.dir) {
        let to = older.path().join(file.strip_prefix(&it.config.dir).unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(&file, to).unwrap();
    }
    let server = serve(&it).await;
    let captured = Captured { node: captured.node.at(&server), ..captured };
    erase(&it, &captured).await;
    let (runs, keys) = captured.node.fetch().await;
    server.stop().await;

    let restored = it.restored(older).await;
    let server = serve(&restored).await;
    let node = captured.node.at(&server);
    assert_eq!(restored.application(captured.number()).await.view().status, Status::HandedOver);
    let mut push = node.message(Vec::new());
    push.runs = runs;
    let registry = restored.registry.store.node_key().public();
    let opened = keys.iter().map(|grant| (grant.subject, grant.open(&node.key).unwrap()));
    push.keys = opened.map(|(subject, key)| KeyGrant::seal(subject, &key, &registry)).collect();
    node.client.exchange(&push).await.unwrap();

    assert_eq!(restored.application(captured.number()).await.view().status, Status::Erased);
    let left = records_of(&node, subject).await;
    assert!(!left.is_empty() && left.iter().all(Record::is_erased));
    let report = check(&restored.registry).await.unwrap();
    assert!(report.is_good(), "{report:?}");
    for run in &push.runs {
        assert!(verify_run(None, run, &registry).is_ok() || run.head.stream.group() == "office");
    }
    server.stop().await;
}
