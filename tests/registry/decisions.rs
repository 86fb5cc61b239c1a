//! Headquarters decides on what an office captured.

use loket::domain::actor::{Actor, Role};
use loket::domain::capture::{CaptureCompleted, CaptureReopened, SignatureCaptured};
use loket::domain::command::Command;
use loket::domain::fact::Fact;
use loket::domain::interview::{Interviewed, Outcome};
use loket::domain::number::ApplicationNumber;
use loket::domain::prevention::PreventionHit;
use loket::domain::refusal::Refusal;
use loket::domain::status::Status;
use loket::registry::actions::bookings::BookingMade;
use loket::registry::actions::decisions::decide;
use loket::registry::actions::{ActionError, Asker, payments};
use loket_sync::drive::Uplink;
use loket_sync::{Subject, SubjectKey};

use super::exchange::{Node, arrived, serve, written};
use super::{Fixture, on_both, paid};

pub(super) fn headquarters(name: &str) -> Asker {
    let by = Actor::Officer { login: name.to_lowercase(), name: name.to_owned() };
    Asker { by, roles: vec![Role::Headquarters] }
}

/// An applicant who is booked, paid, captured and interviewed at an office whose node is enrolled.
pub(super) struct Captured {
    pub(super) made: BookingMade,
    pub(super) node: Node,
    pub(super) key: SubjectKey,
}

pub(super) fn captured_facts() -> Vec<Fact> {
    let signature = SignatureCaptured { picture: None, reason: "tangan terluka".to_owned() };
    let passed = Interviewed::new(Outcome::Passed, "lancar");
    vec![
        arrived(),
        Fact::SignatureCaptured(signature),
        Fact::CaptureCompleted(CaptureCompleted { round: 1 }),
        Fact::Interviewed(passed),
    ]
}

impl Captured {
    pub(super) async fn by(it: &Fixture, server: &loket::registry::Running, name: &str) -> Self {
        let node = Node::enrolled(it, server, "karimun").await;
        let made = it.book(name).await;
        payments::pay(&it.registry, paid(&made, "0000000000000001", it.now())).await.unwrap();
        let subject = Subject(made.key.0);
        let (_, keys) = node.fetch().await;
        let key = keys.iter().find(|grant| grant.subject == subject).unwrap().open(&node.key).unwrap();
        let captured = Self { made, node, key };
        captured.push(captured_facts()).await;
        captured
    }

    /// The office writes more.
    pub(super) async fn push(&self, facts: Vec<Fact>) {
        let mut push = self.node.message(Vec::new());
        push.runs = vec![written(&self.node, Subject(self.made.key.0), &self.key, facts)];
        self.node.client.exchange(&push).await.unwrap();
    }

    pub(super) fn number(&self) -> &ApplicationNumber {
        &self.made.number
    }
}

fn approve(round: u16) -> Command {
    Command::Approve { round, note: String::new() }
}

on_both! {
    async fn an_entry_on_the_prevention_list_reaches_the_office_and_stops_the_decision(it) {
        it.offer(1).await;
        let server = serve(&it).await;
        let captured = Captured::by(&it, &server, "Siti").await;
        let (ratna, number) = (headquarters("Ratna"), captured.number());
        let hit = PreventionHit { order: "KEP-12/D/2026".to_owned(), note: "hubungi Inteldakim".to_owned() };
        let report = Command::ReportHit(hit.clone());
        decide(&it.registry, &ratna, number, &report, Some("hit".to_owned())).await.unwrap();
        decide(&it.registry, &ratna, number, &report, Some("hit".to_owned())).await.unwrap();
        let facts = captured.node.facts(Subject(captured.made.key.0)).await;
        let hits: Vec<_> = facts.iter().filter(|fact| matches!(fact, Fact::PreventionHit(_))).collect();
        assert_eq!(hits, [&Fact::PreventionHit(hit)], "once");
        let stopped = decide(&it.registry, &ratna, number, &approve(1), None).await;
        assert!(matches!(stopped, Err(ActionError::Refused(Refusal::OnPreventionList(_)))));
        let clear = Command::ClearHit { reason: "orang lain".to_owned() };
        decide(&it.registry, &ratna, number, &clear, None).await.unwrap();
        decide(&it.registry, &ratna, number, &approve(1), None).await.unwrap();
        assert_eq!(it.application(number).await.view().status, Status::Approved);
        server.stop().await;
    }

    async fn an_approval_is_written_for_the_office_once(it) {
        it.offer(1).await;
        let server = serve(&it).await;
        let captured = Captured::by(&it, &server, "Siti").await;
        let waiting = it.registry.store.awaiting_decision(10).await.unwrap();
        assert_eq!(waiting.iter().map(|one| one.key).collect::<Vec<_>>(), [captured.made.key]);
        let ratna = headquarters("Ratna");
        let command = approve(1);
        let ask =
            |once: &str| decide(&it.registry, &ratna, captured.number(), &command, Some(once.to_owned()));
        ask("formulir-1").await.unwrap();
        ask("formulir-1").await.unwrap();
        assert!(matches!(ask("formulir-2").await, Err(ActionError::Refused(Refusal::AlreadyDecided))));
        let application = it.application(captured.number()).await;
        assert_eq!(application.view().status, Status::Approved);
        let approvals = application.entries().filter(|entry| matches!(entry.fact, Fact::Approved(_)));
        assert_eq!(approvals.count(), 1);
        assert!(it.registry.store.awaiting_decision(10).await.unwrap().is_empty());
        let (runs, _) = captured.node.fetch().await;
        let kinds = runs.iter().flat_map(|run| &run.records).map(|record| record.header.kind);
        assert_eq!(kinds.filter(|kind| *kind == 8).count(), 1, "the office is given it");
        server.stop().await;
    }

    async fn whoever_captured_does_not_approve_and_an_old_page_does_not_count(it) {
        it.offer(1).await;
        let server = serve(&it).await;
        let captured = Captured::by(&it, &server, "Siti").await;
        let number = captured.number();
        let sari = headquarters("Sari");
        let refused = decide(&it.registry, &sari, number, &approve(1), None).await;
        assert!(matches!(refused, Err(ActionError::Refused(Refusal::FourEyes))), "{refused:?}");
        let reader = Asker { roles: vec![Role::Auditor], ..headquarters("Ratna") };
        let refused = decide(&it.registry, &reader, number, &approve(1), None).await;
        assert!(matches!(refused, Err(ActionError::Refused(Refusal::NotAllowed))), "{refused:?}");
        let refused = decide(&it.registry, &headquarters("Ratna"), number, &approve(2), None).await;
        assert!(matches!(refused, Err(ActionError::Refused(Refusal::StalePage))), "{refused:?}");
        let why = Command::Refuse { round: 1, reason: " ".to_owned() };
        let refused = decide(&it.registry, &headquarters("Ratna"), number, &why, None).await;
        assert!(matches!(refused, Err(ActionError::Refused(Refusal::ReasonNeeded))), "{refused:?}");
        let reopened = CaptureReopened { reason: "buram".to_owned() };
        let mut facts = captured_facts();
        facts.push(Fact::CaptureReopened(reopened));
        captured.push(facts).await;
        let refused = decide(&it.registry, &headquarters("Ratna"), number, &approve(1), None).await;
        assert!(refused.is_err(), "the capture is open again");
        server.stop().await;
    }
}
