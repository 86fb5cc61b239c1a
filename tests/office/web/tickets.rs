//! The queue page: a counter from opening to closing, and many counters at once.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use loket::domain::actor::Role;
use loket::domain::officer::OfficerSet;
use loket::office::store::What;

use super::Site;
use crate::harness::officer::Officer;
use crate::office::act;

#[tokio::test]
async fn a_counter_calls_serves_and_calls_the_next() {
    let mut site = Site::open().await;
    for name in ["Siti Aminah", "Budi", "Tan Wei Ling"] {
        site.office.waiting(name).await;
    }
    let opened =
        site.post("/tickets/counter/open", &[("counter", "3"), ("class", "A"), ("class", "B")]).await;
    assert_eq!((opened.status.as_u16(), opened.location.as_str()), (303, "/tickets"));
    assert!(site.get("/tickets").await.text().contains("Panggil berikutnya"));

    assert_eq!(site.post("/tickets/call-next", &[]).await.status, 303);
    let called = site.get("/tickets").await.text();
    assert!(called.contains("Mulai layani") && called.contains("Siti Aminah"));
    assert_eq!(site.post("/tickets/recall", &[("ticket", "A001")]).await.status, 303);
    assert_eq!(site.post("/tickets/start", &[("ticket", "A001")]).await.status, 303);
    assert_eq!(site.post("/tickets/finish", &[("ticket", "A001"), ("then", "next")]).await.status, 303);
    assert!(site.get("/tickets").await.text().contains("<p class=\"desk-big\">A002</p>"));

    assert_eq!(site.post("/tickets/absent", &[("ticket", "A002")]).await.status, 303);
    assert!(site.get("/display/utama").await.text().contains("<strong data-missed>A002</strong>"));
    assert_eq!(site.post("/tickets/call", &[("ticket", "a002")]).await.status, 303);
    let sent = [("ticket", "A002"), ("class", "B"), ("counter", "4"), ("note", "minta KTP")];
    assert_eq!(site.post("/tickets/transfer", &sent).await.status, 303);
    assert!(site.get("/tickets").await.text().contains("minta KTP"));
    assert_eq!(site.post("/tickets/counter/close", &[("counter", "3")]).await.status, 303);
    assert!(site.get("/tickets").await.text().contains("Buka loket"));
}

#[tokio::test]
async fn without_a_counter_nobody_is_called_and_the_page_says_so() {
    let mut site = Site::open().await;
    site.office.waiting("Siti Aminah").await;
    let refused = site.post("/tickets/call-next", &[]).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("id=\"faults\""));
    let unreadable = [("counter", "tiga"), ("class", "B")];
    let refused = site.post("/tickets/counter/open", &unreadable).await;
    assert_eq!(refused.status, 422);
    let page = refused.text();
    assert!(page.contains("value=\"tiga\""), "what was typed is kept");
    assert!(page.contains("Itu bukan nomor loket") && page.contains("dari 1 sampai 999"), "{page}");
    assert_eq!(site.post("/tickets/finish", &[("ticket", "A001")]).await.status, 409);
    assert_eq!(site.post("/tickets/start", &[("ticket", "Z999")]).await.status, 404);
    assert_eq!(site.post("/tickets/dance", &[("ticket", "A001")]).await.status, 404);
}

#[tokio::test]
async fn the_ticket_is_printed_without_a_name() {
    let mut site = Site::open().await;
    site.office.waiting("Siti Aminah").await;
    let slip = site.get("/applications/1179000000000001/ticket").await;
    assert_eq!(slip.status, 200);
    assert!(slip.text().contains("A001"));
    assert!(!slip.text().contains("Siti Aminah"));
}

#[tokio::test]
async fn a_ticket_is_put_aside_taken_back_put_first_and_the_counter_pauses() {
    let mut site = Site::open().await;
    for name in ["Siti Aminah", "Budi", "Tan Wei Ling"] {
        site.office.waiting(name).await;
    }
    let classes = [("counter", "3"), ("class", "A"), ("class", "B")];
    site.post("/tickets/counter/open", &classes).await;
    site.post("/tickets/call-next", &[]).await;
    let undo = [("ticket", "A001"), ("counter", "3")];
    assert!(site.get("/tickets").await.text().contains("Batalkan panggilan A001"));
    assert_eq!(site.post("/tickets/undo", &undo).await.status, 303);
    assert!(site.get("/tickets").await.text().contains("Siap memanggil"));
    assert!(!site.get("/display/utama").await.text().contains("data-number>A001"));
    assert_eq!(site.post("/tickets/undo", &undo).await.status, 409);

    site.post("/tickets/call-next", &[]).await;
    let without = site.post("/tickets/hold", &[("ticket", "A001"), ("reason", ""), ("minutes", "10")]).await;
    assert_eq!(without.status, 422);
    let aside = [("ticket", "A001"), ("reason", "fotokopi KTP"), ("minutes", "10")];
    assert_eq!(site.post("/tickets/hold", &aside).await.status, 303);
    let page = site.get("/tickets").await.text();
    assert!(page.contains("Ditahan") && page.contains("sampai 08.15") && page.contains("fotokopi KTP"));
    assert!(page.contains("<p class=\"desk-big desk-next\">A002</p>"), "the others go on");
    site.office.clock.advance(TimeDelta::minutes(10));
    let page = site.get("/tickets").await.text();
    assert!(page.contains("<p class=\"desk-big desk-next\">A001</p>"), "its time has come");
    assert!(page.contains("selesai ditahan"), "and the page says why");

    assert_eq!(site.post("/tickets/first", &[("ticket", "A003"), ("note", "")]).await.status, 422);
    assert_eq!(site.post("/tickets/first", &[("ticket", "a003"), ("note", "lansia")]).await.status, 303);
    let page = site.get("/tickets").await.text();
    assert!(page.contains("Prioritas") && page.contains("lansia"), "{page}");

    let pause = [("counter", "3"), ("reason", "salat")];
    assert_eq!(site.post("/tickets/counter/pause", &pause).await.status, 303);
    let page = site.get("/tickets").await.text();
    assert!(page.contains("Loket sedang jeda") && page.contains("salat"));
    let refused = site.post("/tickets/call-next", &[]).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("Lanjutkan loket dahulu"));
    assert_eq!(site.post("/tickets/counter/resume", &[("counter", "3")]).await.status, 303);
    assert_eq!(site.post("/tickets/call-next", &[]).await.status, 303);
    assert_eq!(site.post("/tickets/counter/pause", &pause).await.status, 409, "somebody is called");
}

#[tokio::test]
async fn who_was_not_there_is_called_again_by_itself_and_the_waits_are_told() {
    let mut site = Site::open().await;
    for name in ["Siti Aminah", "Budi", "Tan Wei Ling"] {
        site.office.waiting(name).await;
        site.office.clock.advance(TimeDelta::minutes(2));
    }
    site.post("/tickets/counter/open", &[("counter", "3"), ("class", "A")]).await;
    site.post("/tickets/call-next", &[]).await;
    site.post("/tickets/absent", &[("ticket", "A001")]).await;
    let page = site.get("/tickets").await.text();
    assert!(page.contains("<p class=\"desk-big desk-next\">A002</p>"));
    assert!(page.contains("setelah 5 panggilan lain atau 15 menit"));
    site.office.clock.advance(TimeDelta::minutes(15));
    let page = site.get("/tickets").await.text();
    assert!(page.contains("<p class=\"desk-big desk-next\">A001</p>") && page.contains("tadi tidak hadir"));
    assert!(page.contains("Waktu tunggu hari ini") && page.contains("2 · 19 mnt"), "{page}");
}

/// What one counter of the race came to.
async fn race(mut officer: Officer) -> (Officer, String) {
    let page = officer.open("/tickets").await;
    let form = page.form("/tickets/call-next");
    // A double click: the same form twice at the same moment.
    let (first, second) = (officer.try_to_send(&form, None), officer.try_to_send(&form, None));
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first, second);
    let page = officer.open("/tickets").await;
    let called = page.text.split_once("<p class=\"desk-big\">").map(|(_, rest)| rest[..4].to_owned());
    (officer, called.unwrap_or_default())
}

/// Fifty officers at fifty counters press the button at once, twice each, over HTTP.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_counters_calling_at_once_over_http_get_fifty_tickets_and_skip_none() {
    const COUNTERS: u16 = 50;
    let mut site = Site::open().await;
    for n in 1..=60 {
        site.office.waiting(&format!("Pemohon {n}")).await;
    }
    let password_hash = loket::passwords::hash(super::PASSWORD).unwrap();
    let mut officers = tokio::task::JoinSet::new();
    for counter in 1..=COUNTERS {
        let login = format!("loket{counter}");
        let set = OfficerSet {
            login: login.clone(),
            name: login.to_uppercase(),
            roles: vec![Role::Interviewer],
            password_hash: password_hash.clone(),
        };
        let what = What::SetOfficer(set);
        site.office.store().act(act(what, "sari", site.office.form())).await.unwrap();
        site.office.open_counter(counter, &login).await;
        let server = site.url("");
        officers.spawn(async move { Officer::signed_in(&server, "/login", &login, super::PASSWORD).await });
    }
    let mut racing = tokio::task::JoinSet::new();
    for officer in officers.join_all().await {
        racing.spawn(race(officer));
    }
    let mut called = BTreeMap::new();
    let mut seated = Vec::new();
    for (officer, ticket) in racing.join_all().await {
        *called.entry(ticket).or_insert(0) += 1;
        seated.push(officer);
    }
    let expected: BTreeMap<String, i32> = (1..=COUNTERS).map(|n| (format!("A{n:03}"), 1)).collect();
    assert_eq!(called, expected, "each counter has a ticket of its own, and none below was skipped");

    // Ten are left for fifty counters that finish and call the next at once: nobody is left out, nobody is told wrong.
    let mut going_on = tokio::task::JoinSet::new();
    for mut officer in seated {
        going_on.spawn(async move {
            let page = officer.open("/tickets").await;
            let page = officer.submit(&page.form("/tickets/start")).await;
            let page = officer.submit(&page.form_with("/tickets/finish", "then", "next")).await;
            page.is(200);
            page.text.split_once("<p class=\"desk-big\">").map(|(_, rest)| rest[..4].to_owned())
        });
    }
    let mut rest: Vec<String> = going_on.join_all().await.into_iter().flatten().collect();
    rest.sort();
    let expected: Vec<String> = (COUNTERS + 1..=60).map(|n| format!("A{n:03}")).collect();
    assert_eq!(rest, expected);
}
