//! The hall display when its server goes and comes back: it never shows old numbers as if they were new.

use std::time::{Duration, Instant};

use super::window::Browser;
use crate::harness::nodes::Town;
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
