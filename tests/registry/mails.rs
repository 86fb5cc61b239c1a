//! The applicant is told once, whatever happens to the mail server.

use loket::domain::book::{BookAllocated, BookChecked, BookPrinted, BookReady};
use loket::domain::command::Command;
use loket::domain::fact::Fact;
use loket::domain::number::BookNumber;
use loket::registry::actions::decisions::decide;
use loket::registry::store::MailCounts;
use loket::registry::worker::{PostOffice, send_due};

use super::decisions::{Captured, captured_facts, headquarters};
use super::exchange::serve;
use super::{Fixture, on_both};
use crate::harness::mail::MailServer;

/// Everything up to a book that can be collected.
fn ready_facts() -> Vec<Fact> {
    let book = BookNumber::parse("X1234567").unwrap();
    let mut facts = captured_facts();
    facts.extend([
        Fact::BookAllocated(BookAllocated { book: book.clone() }),
        Fact::BookPrinted(BookPrinted { book: book.clone() }),
        Fact::BookChecked(BookChecked { book: book.clone(), defect: None }),
        Fact::BookReady(BookReady { book, shelf: "A1".to_owned() }),
    ]);
    facts
}

fn told(application: &loket::domain::application::Application) -> Vec<String> {
    application.view().told.iter().map(|told| told.what.about.clone()).collect()
}

/// A server of the test itself takes the mails, so that the workers of the served registry stay out of it.
async fn ready(it: &Fixture) -> Captured {
    it.offer(1).await;
    let mut quiet = it.config.clone();
    quiet.smtp = Some("smtp://127.0.0.1:1".to_owned());
    let server = loket::registry::serve(&quiet, it.clock.clone()).await.unwrap();
    let captured = Captured::by(it, &server, "Siti").await;
    let approve = Command::Approve { round: 1, note: String::new() };
    decide(&it.registry, &headquarters("Ratna"), captured.number(), &approve, None).await.unwrap();
    captured.push(ready_facts()).await;
    server.stop().await;
    captured
}

on_both! {
    async fn without_a_mail_server_mails_are_files(it) {
        it.offer(1).await;
        let server = serve(&it).await;
        let captured = Captured::by(&it, &server, "Siti").await;
        let approve = Command::Approve { round: 1, note: String::new() };
        decide(&it.registry, &headquarters("Ratna"), captured.number(), &approve, None).await.unwrap();
        server.stop().await;
        let it_again = it.another_process().await;
        send_due(&it_again, &PostOffice::of(&it.config).unwrap()).await.unwrap();
        let file = it.config.dir.join("mail").join(format!("{}-approved.eml", captured.number()));
        let mail = std::fs::read_to_string(file).unwrap();
        assert!(mail.contains("To: pemohon@example.com") && mail.contains("From: Loket <loket@example.com>"));
        assert!(mail.contains(captured.number().as_str()) && !mail.contains("Siti"));
        assert_eq!(told(&it.application(captured.number()).await), ["approved"]);
    }

    async fn a_mail_waits_for_its_server_and_goes_out_exactly_once(it) {
        let captured = ready(&it).await;
        let waiting = it.registry.store.mail_counts().await.unwrap();
        assert_eq!(waiting, MailCounts { waiting: 2, sent: 0, given_up: 0 });
        it.pass(60);
        let mail_server = tokio::task::spawn_blocking(MailServer::start).await.unwrap();
        let mut config = it.config.clone();
        config.smtp = Some(mail_server.url().to_owned());
        let other = it.another_process().await;
        let (one, two) = (PostOffice::of(&config).unwrap(), PostOffice::of(&config).unwrap());
        let (first, second) = tokio::join!(send_due(&it.registry, &one), send_due(&other, &two));
        assert_eq!(first.unwrap() + second.unwrap(), 2);
        it.pass(60);
        assert_eq!(send_due(&it.registry, &one).await.unwrap(), 0);
        it.registry.store.rebuild(it.now()).await.unwrap();
        assert_eq!(send_due(&it.registry, &one).await.unwrap(), 0, "nobody is told twice");
        let received = mail_server.received();
        assert_eq!(received.len(), 2);
        let ready = received.iter().filter(|mail| mail.contains("Paspor Anda siap diambil"));
        assert_eq!(ready.count(), 1);
        let mut told = told(&it.application(captured.number()).await);
        told.sort();
        assert_eq!(told, ["approved", "ready"]);
    }
}
