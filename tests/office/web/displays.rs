//! The hall display and its stream.

use std::time::{Duration, Instant};

use super::Site;

/// Reads the stream until it has said something that contains this.
async fn hears(stream: &mut reqwest::Response, wanted: &str) -> String {
    let mut heard = String::new();
    while !heard.contains(wanted) {
        let chunk = tokio::time::timeout(Duration::from_secs(10), stream.chunk()).await;
        let chunk = chunk.unwrap_or_else(|_| panic!("never heard {wanted:?} but {heard:?}"));
        heard.push_str(std::str::from_utf8(&chunk.unwrap().expect("the stream ended")).unwrap());
    }
    heard
}

#[tokio::test]
async fn a_display_gets_the_wall_at_once_every_call_and_a_heartbeat() {
    let mut site = Site::open().await;
    site.office.waiting("Siti Aminah").await;
    site.office.open_counter(3, "sari").await;
    let mut stream = site.stream("/display/utama/events").await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let first = hears(&mut stream, "\n\n").await;
    let first = if first.contains("event: board") { first } else { hears(&mut stream, "}\n\n").await };
    assert!(first.contains(r#"data: {"calls":[],"missed":[],"waiting":"1 menunggu"}"#), "{first}");

    assert_eq!(site.post("/tickets/call-next", &[]).await.status, 303);
    let called = hears(&mut stream, "A001").await;
    assert!(called.contains(r#""number":"A001","counter":3"#), "{called}");
    assert!(called.contains("id: "), "events are numbered");
    assert!(!called.contains("Siti"));
    assert_eq!(site.post("/tickets/recall", &[("ticket", "A001")]).await.status, 303);
    hears(&mut stream, "A001-2").await;

    let quiet = Instant::now();
    hears(&mut stream, "event: beat").await;
    assert!(quiet.elapsed() < Duration::from_secs(4), "a display would think its server lost");
}

#[tokio::test]
async fn a_display_needs_no_login_and_has_a_plain_name() {
    let site = Site::open().await;
    let page = site.get_as_stranger("/display/lantai-2").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("data-events=\"/display/lantai-2/events\""));
    assert_eq!(site.get_as_stranger("/display/%3Cb%3E").await.status, 404);
}
