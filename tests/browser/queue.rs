//! A counter worked by keys alone: every act of the queue page, and the page at 1366 by 768 with a long queue.

use super::window::Browser;
use crate::office::web::{PASSWORD, Site};

/// As `WebDriver` writes the keys that have no letter.
const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_is_worked_by_keys_alone() {
    let mut site = Site::open().await;
    for n in 1..=25 {
        site.office.waiting(&format!("Pemohon {n}")).await;
    }
    site.post("/tickets/counter/open", &[("counter", "3"), ("class", "A"), ("class", "B")]).await;
    let mut browser = Browser::open().await;
    browser.sign_in(&site.url(""), "/login", "sari", PASSWORD).await;
    browser.goto(&site.url("/tickets")).await;
    browser.wait_until_it_says("Siap memanggil").await;
    let acts: [(&[&str], &str); 9] = [
        (&["n"], "kali dipanggil"),
        (&["u"], "Siap memanggil"),
        (&["n"], "kali dipanggil"),
        (&["r"], "2 kali dipanggil"),
        (&["s"], "Sedang dilayani"),
        // A reason is asked for before anything is sent.
        (&["h", "fotokopi KTP", ENTER], "Ditahan"),
        (&["p", "salat", ENTER], "Loket sedang jeda"),
        (&["n"], "Siap memanggil"),
        (&["d", "a007", TAB, "lansia", ENTER], "lansia"),
    ];
    for (keys, expected) in acts {
        for key in keys {
            browser.press(key).await;
        }
        browser.wait_until_it_says(expected).await;
    }
    browser.look("queue").await;
    // The list scrolls by itself, and the page hardly does: the counter stays in sight.
    let beyond = "return String(document.documentElement.scrollHeight - innerHeight)";
    let beyond: i64 = browser.script(beyond).await.parse().unwrap();
    assert!(beyond < 260, "the page is {beyond} pixels longer than the window");
    browser.close().await;
}
