//! Mails to applicants over TLS: they reach a server whose certificate the registry's system knows, and no other.

use super::steps::{Staff, approve};
use crate::harness::certified::Certified;
use crate::harness::mail::{MailServer, Secured};
use crate::harness::nodes::{Node, Town};

/// A town whose registry knows this authority and no other.
fn town_that_knows(known: &Certified) -> Town {
    let mut town = Town::new();
    let authorities = town.path().join("authorities.pem");
    std::fs::write(&authorities, &known.authority).unwrap();
    town.set("SSL_CERT_FILE", authorities.to_str().unwrap());
    town
}

/// Somebody is captured and approved, and is to be told so.
async fn somebody_is_to_be_told(town: &Town, registry: &Node) {
    let office = town.start_office(&registry.url);
    let (mut headquarters, mut staff) = (town.staff(registry).await, Staff::sign_in(town, &office).await);
    let number = town.case("paid");
    let ticket = staff.receive(&number).await;
    staff.call(&ticket).await;
    staff.capture(&number).await;
    staff.interview(&number).await;
    approve(&mut headquarters, &number).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_waits_until_the_mail_server_is_one_that_is_known() {
    let known = Certified::make();
    let town = town_that_knows(&known);
    let stranger = MailServer::start_secured(&Certified::make(), Secured::AtOnce);
    let mut registry = town.start_registry(0, Some(stranger.url()));
    somebody_is_to_be_told(&town, &registry).await;
    let said = registry.process.wait_until_it_says("A mail waits for its next try");
    assert!(said.contains("certificate"), "{said}");
    assert!(registry.process.stop().success());
    assert_eq!(stranger.received(), Vec::<String>::new());

    let mails = MailServer::start_secured(&known, Secured::AtOnce);
    let registry = town.start_registry(0, Some(mails.url()));
    mails.wait_for_mail_to("@contoh.example");
    assert!(registry.process.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_goes_to_a_server_that_asks_for_starttls() {
    let known = Certified::make();
    let town = town_that_knows(&known);
    let mails = MailServer::start_secured(&known, Secured::AfterHello);
    let registry = town.start_registry(0, Some(mails.url()));
    somebody_is_to_be_told(&town, &registry).await;
    mails.wait_for_mail_to("@contoh.example");
    assert!(registry.process.stop().success());
}
