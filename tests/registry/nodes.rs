//! Machines of offices at the registry: keys by position, what is kept aside, copies of a machine, a restored registry.

use loket::domain::actor::{Actor, Role};
use loket::domain::fact::{self, Written};
use loket::domain::node::{RevokedWhy, TakenBack};
use loket::domain::office::OfficeCode;
use loket::registry::actions::nodes::{self, Decided};
use loket::registry::actions::{ActionError, Asker, offices};
use loket_sync::chain::opening;
use loket_sync::drive::Uplink;
use loket_sync::enrol::EnrolRequest;
use loket_sync::exchange::{NotTaken, WhyNot};
use loket_sync::{Chain, LineError, NewRecord, Record, Run, SessionId, Subject, SubjectKey};

use super::exchange::{Node, arrived, serve};
use super::{Fixture, on_both};

fn ratna() -> Asker {
    let by = Actor::Officer { login: "ratna".to_owned(), name: "Ratna Dewi".to_owned() };
    Asker { by, roles: vec![Role::Headquarters] }
}

fn karimun() -> OfficeCode {
    OfficeCode::parse("karimun").unwrap()
}

/// A session of a node that can be cut anywhere.
struct Session {
    key: SubjectKey,
    subject: Subject,
    chain: Chain,
    records: Vec<Record>,
}

impl Session {
    async fn of(it: &Fixture, node: &Node) -> Self {
        let made = it.book("Siti").await;
        let key = it.registry.store.application_key(made.key).await.unwrap().unwrap();
        Self::about(node, Subject(made.key.0), key)
    }

    fn about(node: &Node, subject: Subject, key: SubjectKey) -> Self {
        let opened = opening(None, node.key.id(), "loket test");
        let (chain, first) = Chain::open(node.granted.own_stream, SessionId::draw(), 1, &opened);
        Self { key, subject, chain, records: vec![first] }
    }

    /// Writes an arrival; returns it as a run of this node.
    fn arrives(&mut self, node: &Node) -> Run {
        let (by, rev) = (Actor::Node, u32::try_from(self.records.len()).unwrap());
        let fact = arrived();
        let kind = fact.kind();
        let body = fact::encode(&Written { rev, by, once: None, fact }).unwrap();
        let new = NewRecord { at_ms: 1_795_226_400_000, kind, flags: 0, subject: self.subject, body: &body };
        self.records.push(self.chain.next(&new, &self.key).unwrap());
        self.run(node, self.records.len() - 1)
    }

    /// From a record to the end.
    fn run(&self, node: &Node, from: usize) -> Run {
        Run { records: self.records[from..].to_vec(), head: self.chain.head(&node.key) }
    }
}

/// Sends runs; returns what is not taken.
async fn send(node: &Node, runs: Vec<Run>) -> Vec<NotTaken> {
    let mut push = node.message(Vec::new());
    push.runs = runs;
    node.client.exchange(&push).await.unwrap().refused
}

async fn facts_of(it: &Fixture, session: &Session) -> usize {
    let key = loket::domain::application::ApplicationKey(session.subject.0);
    let application = it.registry.store.application(key).await.unwrap();
    application.entries().filter(|entry| entry.fact.kind() == arrived().kind()).count()
}

on_both! {
    async fn a_key_that_was_taken_back_is_refused_in_words_and_never_comes_back(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        let none = nodes::revoke(&it.registry, &ratna(), node.key.id(), RevokedWhy::Lost, " ").await;
        assert!(matches!(none, Err(ActionError::Reason)));
        nodes::revoke(&it.registry, &ratna(), node.key.id(), RevokedWhy::Lost, "hilang").await.unwrap();
        let again = nodes::revoke(&it.registry, &ratna(), node.key.id(), RevokedWhy::Lost, "hilang").await;
        assert!(matches!(again, Err(ActionError::Gone)));
        let Err(LineError::Refused { status: 403, reason }) = node.client.exchange(&node.message(Vec::new())).await
        else { panic!("refused") };
        let told = TakenBack::from_words(&reason).unwrap();
        assert_eq!((told.by.as_str(), told.why, told.key_taken_back_at), ("Ratna Dewi", RevokedWhy::Lost, it.now()));
        // Nor with a fresh code.
        let open = offices::open_code(&it.registry, &karimun()).await.unwrap();
        let request = EnrolRequest::new(&open.code.key(), node.key.public(), "karimun", "loket test");
        let refused = offices::enrol(&it.registry, &request).await;
        assert!(matches!(refused, Err(ActionError::KeyTakenBack)), "{refused:?}");
        server.stop().await;
    }

    async fn a_machine_that_enrols_takes_the_place_of_the_one_before(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let first = Node::enrolled(&it, &server, "karimun").await;
        let mut session = Session::of(&it, &first).await;
        session.arrives(&first);
        assert_eq!(send(&first, vec![session.run(&first, 0)]).await, []);
        let second = Node::enrolled(&it, &server, "karimun").await;
        let row = it.registry.store.office(&karimun()).await.unwrap().unwrap();
        let whys: Vec<_> = row.nodes.iter().map(|node| node.revoked.as_ref().map(|it| it.why)).collect();
        let active: Vec<_> = row.nodes.iter().filter(|node| node.revoked.is_none()).map(|node| node.id).collect();
        assert_eq!((whys.len(), active), (2, vec![second.key.id()]));
        assert!(whys.contains(&Some(RevokedWhy::Replaced)));
        // What the first wrote before is good, whoever brings it.
        assert_eq!(send(&second, vec![session.run(&first, 0)]).await, []);
        assert_eq!(facts_of(&it, &session).await, 1);
        assert!(loket::registry::actions::check::check(&it.registry).await.unwrap().is_good());
        server.stop().await;
    }

    async fn what_was_signed_after_the_key_was_taken_back_waits_for_a_person(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let first = Node::enrolled(&it, &server, "karimun").await;
        let mut session = Session::of(&it, &first).await;
        session.arrives(&first);
        send(&first, vec![session.run(&first, 0)]).await;
        let tail = session.arrives(&first);
        let second = Node::enrolled(&it, &server, "karimun").await;
        let refused = send(&second, vec![tail.clone()]).await;
        let expected = NotTaken {
            stream: tail.head.stream, session: tail.head.session, from: 2, len: 3, why: WhyNot::SignerRevoked,
        };
        assert_eq!(refused, [expected]);
        let more = session.arrives(&first);
        assert_eq!(send(&second, vec![tail.clone(), more]).await, [NotTaken { len: 4, ..expected }]);
        assert_eq!(facts_of(&it, &session).await, 1, "it counts for nothing yet");
        let rows = it.registry.store.aside(9).await.unwrap();
        assert_eq!((rows.len(), rows[0].records(), rows[0].kept), (1, 2, true));
        assert_eq!(rows[0].applications, [loket::domain::application::ApplicationKey(session.subject.0)]);
        // Nobody takes in what they have not seen.
        let at = |seen| (expected.stream, expected.session, seen);
        let early = nodes::decide_aside(&it.registry, &ratna(), at(3), Decided::TakeIn, "sah").await;
        assert!(matches!(early, Err(ActionError::Gone)));
        nodes::decide_aside(&it.registry, &ratna(), at(4), Decided::TakeIn, "sah").await.unwrap();
        assert_eq!(facts_of(&it, &session).await, 3);
        assert_eq!(it.registry.store.aside(9).await.unwrap(), []);
        assert_eq!(send(&second, Vec::new()).await, []);
        assert!(loket::registry::actions::check::check(&it.registry).await.unwrap().is_good());
        server.stop().await;
    }

    async fn what_is_left_aside_stays_aside_until_more_comes(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let first = Node::enrolled(&it, &server, "karimun").await;
        let mut session = Session::of(&it, &first).await;
        session.arrives(&first);
        let second = Node::enrolled(&it, &server, "karimun").await;
        let run = session.run(&first, 0);
        send(&second, vec![run.clone()]).await;
        let at = (run.head.stream, run.head.session, 2);
        nodes::decide_aside(&it.registry, &ratna(), at, Decided::Leave, "bukan dari kantor").await.unwrap();
        assert_eq!(it.registry.store.aside(9).await.unwrap(), []);
        let told = send(&second, vec![run]).await;
        assert_eq!((told.len(), told[0].why), (1, WhyNot::LeftAside));
        let more = session.arrives(&first);
        let told = send(&second, vec![more]).await;
        assert_eq!((told[0].why, told[0].len), (WhyNot::SignerRevoked, 3));
        assert_eq!(it.registry.store.aside(9).await.unwrap().len(), 1, "looked at once more");
        assert_eq!(facts_of(&it, &session).await, 0);
        server.stop().await;
    }

    async fn what_is_good_up_to_a_position_is_asked_for_cut_there(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let first = Node::enrolled(&it, &server, "karimun").await;
        let mut session = Session::of(&it, &first).await;
        session.arrives(&first);
        let early = session.run(&first, 0);
        send(&first, vec![early]).await;
        session.arrives(&first);
        let second = Node::enrolled(&it, &server, "karimun").await;
        let told = send(&second, vec![session.run(&first, 1)]).await;
        assert_eq!((told[0].from, told[0].len, told[0].why), (2, 2, WhyNot::SignerRevoked));
        assert_eq!(it.registry.store.aside(9).await.unwrap(), [], "it comes again");
        server.stop().await;
    }

    async fn another_history_under_one_name_is_kept_and_cannot_be_taken_in(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        let mut session = Session::of(&it, &node).await;
        let mut other = Session { records: session.records.clone(), chain: session.chain.clone(), key: session.key.clone(), subject: session.subject };
        session.arrives(&node);
        session.arrives(&node);
        send(&node, vec![session.run(&node, 0)]).await;
        // The memory of a running machine was copied: both go on writing the same session.
        let new = NewRecord { at_ms: 7, kind: 9_001, flags: 0, subject: other.subject, body: b"other" };
        other.records.push(other.chain.next(&new, &other.key).unwrap());
        other.arrives(&node);
        let told = send(&node, vec![other.run(&node, 0)]).await;
        assert_eq!((told.len(), told[0].why), (1, WhyNot::Fork));
        let rows = it.registry.store.aside(9).await.unwrap();
        assert_eq!((rows.len(), rows[0].kept), (1, true));
        let at = (rows[0].not.stream, rows[0].not.session, rows[0].not.len);
        let taken = nodes::decide_aside(&it.registry, &ratna(), at, Decided::TakeIn, "keduanya").await;
        assert!(matches!(taken, Err(ActionError::DoesNotFollow)), "{taken:?}");
        assert_eq!(facts_of(&it, &session).await, 2, "what was here first stands");
        // A new session of the same machine flows on.
        let mut fresh = Session::about(&node, session.subject, session.key.clone());
        fresh.arrives(&node);
        let told = send(&node, vec![fresh.run(&node, 0)]).await;
        assert_eq!(told.len(), 1, "only the fork");
        assert_eq!(facts_of(&it, &session).await, 3);
        server.stop().await;
    }

    async fn damaged_records_are_told_of_once_and_whole_ones_taken_afterwards(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        let mut session = Session::of(&it, &node).await;
        session.arrives(&node);
        let mut broken = session.run(&node, 0);
        broken.records[1].body[5] ^= 1;
        let told = send(&node, vec![broken]).await;
        assert_eq!((told.len(), told[0].why), (1, WhyNot::Unverified));
        let rows = it.registry.store.aside(9).await.unwrap();
        assert_eq!((rows.len(), rows[0].kept), (1, false));
        assert_eq!(send(&node, vec![session.run(&node, 0)]).await, [], "whole, it is taken and the line goes");
        assert_eq!(it.registry.store.aside(9).await.unwrap(), []);
        server.stop().await;
    }

    async fn what_was_only_noted_is_kept_once_it_comes_whole(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let first = Node::enrolled(&it, &server, "karimun").await;
        let mut session = Session::of(&it, &first).await;
        session.arrives(&first);
        send(&first, vec![session.run(&first, 0)]).await;
        let tail = session.arrives(&first);
        let second = Node::enrolled(&it, &server, "karimun").await;
        let mut broken = tail.clone();
        broken.records[0].body[5] ^= 1;
        assert_eq!(send(&second, vec![broken.clone()]).await[0].why, WhyNot::Unverified);
        assert!(!it.registry.store.aside(9).await.unwrap()[0].kept, "only noted");
        assert_eq!(send(&second, vec![tail.clone()]).await[0].why, WhyNot::SignerRevoked);
        let row = it.registry.store.aside(9).await.unwrap().remove(0);
        assert!(row.kept && row.can_be_taken_in());
        assert_eq!((row.node, row.not.from, row.not.len), (first.key.id(), 2, 3));
        // What is kept stays as it is, whatever else comes under its name.
        let mut more = session.arrives(&first);
        more.records[0].body[5] ^= 1;
        send(&second, vec![more]).await;
        let kept = it.registry.store.aside(9).await.unwrap().remove(0);
        assert_eq!((kept.kept, kept.not), (true, row.not));
        let at = (tail.head.stream, tail.head.session, 3);
        nodes::decide_aside(&it.registry, &ratna(), at, Decided::TakeIn, "sah").await.unwrap();
        assert_eq!(facts_of(&it, &session).await, 2);
        assert_eq!(it.registry.store.aside(9).await.unwrap(), []);
        assert!(loket::registry::actions::check::check(&it.registry).await.unwrap().is_good());
        server.stop().await;
    }

    async fn what_came_another_way_meanwhile_does_not_keep_the_rest_from_being_taken_in(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let first = Node::enrolled(&it, &server, "karimun").await;
        let mut session = Session::of(&it, &first).await;
        session.arrives(&first);
        send(&first, vec![session.run(&first, 0)]).await;
        let runs = vec![session.arrives(&first), session.arrives(&first), session.arrives(&first)];
        let second = Node::enrolled(&it, &server, "karimun").await;
        send(&second, runs.clone()).await;
        // A registry that was restored hears from the office that they were accepted, and the first of them once more.
        let mut writing = it.registry.store.begin(it.now()).await.unwrap();
        for run in &runs[..2] {
            let (run, have) = (run.clone(), run.head.have());
            writing.keep(&loket_sync::exchange::Accepted { run, known: 0, have }).await.unwrap();
        }
        writing.commit().await.unwrap();
        let at = (runs[2].head.stream, runs[2].head.session, 5);
        nodes::decide_aside(&it.registry, &ratna(), at, Decided::TakeIn, "sah").await.unwrap();
        assert_eq!(facts_of(&it, &session).await, 4);
        assert_eq!(it.registry.store.aside(9).await.unwrap(), []);
        server.stop().await;
    }

    async fn an_office_is_told_of_every_session_that_is_noted(it) {
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        let mut writing = it.registry.store.begin(it.now()).await.unwrap();
        for number in 0..300_u16 {
            let (stream, hash) = (node.granted.own_stream, loket_sync::Hash::of(&number.to_le_bytes()));
            let covered = loket_sync::Have { stream, session: SessionId::draw(), len: 2, hash };
            let reason = loket_sync::exchange::RefusalReason::Signer(node.key.id());
            let refusal = loket_sync::exchange::Refusal { covered, first: 0, reason };
            writing.note_refusal(&karimun(), &refusal).await.unwrap();
        }
        writing.commit().await.unwrap();
        assert_eq!(send(&node, Vec::new()).await.len(), 300, "what it is not told it would send every time");
        server.stop().await;
    }

    async fn two_live_copies_of_a_machine_are_noticed_and_nothing_is_lost(it) {
        it.offer(5).await;
        let server = serve(&it).await;
        let node = Node::enrolled(&it, &server, "karimun").await;
        let processes = [SessionId::draw(), SessionId::draw()];
        let mut sessions = [Session::of(&it, &node).await, Session::of(&it, &node).await];
        let mut told = Vec::new();
        for turn in 0..4_usize {
            let session = &mut sessions[turn % 2];
            session.arrives(&node);
            let mut push = node.message(Vec::new());
            push.process = Some(processes[turn % 2]);
            push.now_ms += i64::try_from(turn).unwrap();
            push.runs = vec![session.run(&node, 0)];
            told.push(node.client.exchange(&push).await.unwrap().twins_since_ms);
        }
        assert_eq!(told, [None, None, None, Some(it.now().timestamp_millis())]);
        for session in &sessions {
            assert_eq!(facts_of(&it, session).await, 2);
        }
        let row = it.registry.store.office(&karimun()).await.unwrap().unwrap();
        assert_eq!(row.nodes[0].twins_since, Some(it.now()));
        nodes::settle_twins(&it.registry, &ratna(), node.key.id()).await.unwrap();
        let mut push = node.message(Vec::new());
        push.process = Some(processes[0]);
        assert_eq!(node.client.exchange(&push).await.unwrap().twins_since_ms, None);
        server.stop().await;
    }
}
