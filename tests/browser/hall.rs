//! The hall's boards: when the server goes and comes back they never show old numbers as if they were new; every call
//! stays long enough and is announced once; and nothing grows in a page that hangs for a week.

use std::time::{Duration, Instant};

use loket::domain::command::Command;
use loket::office::store::What;

use super::window::Browser;
use crate::harness::nodes::Town;
use crate::office::TestOffice;
use crate::office::web::Site;
use crate::story::steps::Staff;

/// Nobody listens there.
const NO_REGISTRY: &str = "http://127.0.0.1:9";
/// What the display says without its server (`display-lost`).
const LOST: &str = "Layar tidak tersambung";

#[tokio::test(flavor = "multi_thread")]
async fn the_hall_display_says_when_it_has_lost_its_server_and_is_right_again_after() {
    let town = Town::new();
    let office = town.start_office(NO_REGISTRY);
    let ticket = Staff::sign_in(&town, &office).await.receive(&town.case("paid")).await;
    let browser = Browser::open().await;
    browser.goto(&format!("{}/display/aula", office.url)).await;
    shows(&browser, "the display without a call", |text| text.contains("Belum ada panggilan")).await;
    assert!(!browser.text().await.contains(LOST));

    let port = office.port();
    office.process.kill();
    let lost = Instant::now();
    shows(&browser, "that its server is gone", |text| text.contains(LOST)).await;
    // Five seconds are promised; the rest is for a busy machine.
    assert!(lost.elapsed() < Duration::from_secs(10), "{:?}", lost.elapsed());

    let office = town.start_at(port, "office", NO_REGISTRY);
    let back = Instant::now();
    shows(&browser, "that its server is back", |text| !text.contains(LOST)).await;
    // Two seconds are promised.
    assert!(back.elapsed() < Duration::from_secs(5), "{:?}", back.elapsed());
    Staff::sign_in(&town, &office).await.call(&ticket).await;
    shows(&browser, "the call", |text| text.contains(&ticket) && !text.contains(LOST)).await;
    browser.close().await;
}

/// Waits until the display shows something.
async fn shows(browser: &Browser, what: &str, is_shown: impl Fn(&str) -> bool) {
    for _ in 0..300 {
        if is_shown(&browser.text().await) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the display does not show {what}:\n{}", browser.text().await)
}

/// An office with so many who wait and as many counters, all of them called at once.
async fn called(site: &mut Site, tickets: u16) {
    for n in 1..=tickets {
        site.office.waiting(&format!("Pemohon {n}")).await;
        site.office.open_counter(n, &format!("loket{n}")).await;
    }
}

async fn call_all(office: &TestOffice, tickets: u16) {
    let calls = (1..=tickets).map(|counter| {
        let login = format!("loket{counter}");
        async move { office.act(What::CallNext { counter }, &login).await.unwrap() }
    });
    futures_util::future::join_all(calls).await;
}

/// Waits until a script of the page says something.
async fn says(browser: &Browser, script: &str, expected: &str) {
    let mut said = String::new();
    for _ in 0..300 {
        said = browser.script(script).await;
        if said == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{script} says {said:?} and not {expected:?}:\n{}", browser.text().await)
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_calls_at_once_are_each_seen_for_six_seconds_and_announced_in_turn() {
    const CALLS: u16 = 8;
    let mut site = Site::open().await;
    called(&mut site, CALLS).await;
    let mut browser = Browser::open().await;
    browser.goto(&site.url("/display/aula")).await;
    shows(&browser, "the board without a call", |text| text.contains("Belum ada panggilan")).await;
    // A browser keeps a page silent until it is touched, and the board says so.
    browser.click("[data-sound-button]").await;
    says(&browser, "return document.body.dataset.heard ?? ''", "yes").await;
    browser
        .script(
            "window.seen = {}; window.said = []; const rows = document.querySelector('[data-calls]');\
             new MutationObserver(() => {\
               const now = performance.now(); const ids = [...rows.children].map(row => row.dataset.id);\
               for (const id of ids) window.seen[id] ??= { from: now };\
               for (const [id, it] of Object.entries(window.seen)) if (!ids.includes(id)) it.until ??= now;\
             }).observe(rows, { childList: true });\
             new MutationObserver(() => window.said.push(document.body.dataset.announced))\
               .observe(document.body, { attributeFilter: ['data-announced'] }); return ''",
        )
        .await;
    call_all(&site.office, CALLS).await;
    says(&browser, "return String(Object.keys(window.seen).length)", "8").await;
    says(&browser, "return String(window.said.length)", "8").await;
    let shortest = browser
        .script(
            "return String(Math.min(...Object.values(window.seen).filter(it => it.until).map(it => it.until - it.from)))",
        )
        .await;
    let shortest: f64 = shortest.parse().unwrap();
    assert!(shortest >= 5_990.0, "a call was seen for {shortest} ms only");
    let twice = "return String(new Set(window.said).size === window.said.length)";
    assert_eq!(browser.script(twice).await, "true", "each is announced once");
    let rows = "return String(document.querySelectorAll('[data-calls] li').length)";
    assert_eq!(browser.script(rows).await, "6");
    browser.look("board").await;

    // A repeated call is announced again.
    let number = site.office.store().queue("2026-11-23".parse().unwrap()).unwrap().tickets[0].clone();
    site.office.command(number.key, Command::RecallTicket(number.ticket.number)).await.unwrap();
    says(&browser, "return document.body.dataset.announced ?? ''", "2026-11-23-A001-2").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_calls_leave_nothing_behind_in_the_page() {
    const CALLS: u16 = 20;
    let mut site = Site::open().await;
    called(&mut site, CALLS).await;
    call_all(&site.office, CALLS).await;
    let browser = Browser::open().await;
    browser.goto(&site.url("/display/aula")).await;
    let keys: Vec<_> = {
        let queue = site.office.store().queue("2026-11-23".parse().unwrap()).unwrap();
        queue.tickets.into_iter().map(|found| (found.key, found.ticket.number)).collect()
    };
    let mut kept = Vec::new();
    for _ in 0..2 {
        for _ in 0..75 {
            let recalls =
                keys.iter().map(|(key, number)| site.office.command(*key, Command::RecallTicket(*number)));
            for recalled in futures_util::future::join_all(recalls).await {
                recalled.unwrap();
            }
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        let look = "gc(); gc(); return [document.querySelectorAll('*').length, performance.memory.usedJSHeapSize].join(' ')";
        let said = browser.script(look).await;
        let numbers: Vec<u64> = said.split(' ').map(|number| number.parse().unwrap()).collect();
        kept.push((numbers[0], numbers[1]));
    }
    let ((nodes, heap), (nodes_after, heap_after)) = (kept[0], kept[1]);
    // 1,500 calls lie between the two looks.
    assert!(nodes_after <= nodes + 4, "{nodes} elements became {nodes_after}");
    assert!(heap_after <= heap + 512 * 1024, "{heap} bytes became {heap_after}");
    browser.close().await;
}
