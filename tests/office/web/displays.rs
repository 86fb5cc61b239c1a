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
    assert!(first.contains(r#""calls":[],"missed":[],"waits":[{"letter":"A","count":1,"#), "{first}");

    assert_eq!(site.post("/tickets/call-next", &[]).await.status, 303);
    let called = hears(&mut stream, "A001").await;
    assert!(called.contains(r#""number":"A001","counter":3"#), "{called}");
    assert!(called.contains(r#""say":["nomor-antrean","a","nol","nol","satu","silakan-ke","loket","tiga"]"#));
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

#[tokio::test]
async fn boards_are_set_up_by_form_and_each_shows_its_own() {
    let mut site = Site::open().await;
    site.office.waiting("Siti Aminah").await;
    site.office.open_counter(3, "sari").await;
    site.post("/tickets/call-next", &[]).await;
    let board = [
        ("name", "lantai-2"),
        ("title", "Pengambilan paspor"),
        ("stage", "collection"),
        ("direction", "portrait"),
        ("theme", "light"),
        ("sound", "chime"),
        ("diagonal", "43"),
        ("farthest", "6,5"),
    ];
    assert_eq!(site.post("/boards", &board).await.status, 303);
    let list = site.get("/boards").await.text();
    assert!(list.contains("43 inci, tegak, kursi terjauh 6,5 m"), "{list}");
    let page = site.get_as_stranger("/display/lantai-2").await.text();
    assert!(page.contains("class=\"wall-page light portrait\"") && page.contains("Pengambilan paspor"));
    assert!(page.contains("data-sound=\"chime\"") && !page.contains("A001"), "only who collects");
    assert!(site.get_as_stranger("/display/aula").await.text().contains("A001"));
    let style = site.get_as_stranger("/display/lantai-2/layout.css").await;
    assert_eq!((style.status.as_u16(), style.media_type.as_str()), (200, "text/css; charset=utf-8"));
    assert!(style.text().contains("--columns: 1"), "{}", style.text());

    let mut stream = site.stream("/display/lantai-2/events").await;
    hears(&mut stream, "\n\n").await;
    let notice = [("board", "lantai-2"), ("text", "Loket 3 istirahat"), ("minutes", "30")];
    assert_eq!(site.post("/boards/notice", &notice).await.status, 303);
    hears(&mut stream, "Loket 3 istirahat").await;
    assert!(!site.get_as_stranger("/display/aula").await.text().contains("istirahat"));
    assert_eq!(
        site.post("/boards/notice", &[("board", ""), ("text", "Buka sampai 16.00")]).await.status,
        303
    );
    assert!(site.get_as_stranger("/display/aula").await.text().contains("Buka sampai 16.00"));
    assert_eq!(site.post("/boards/notice", &[("board", "lantai-2"), ("text", "")]).await.status, 303);
    assert!(!site.get_as_stranger("/display/lantai-2").await.text().contains("istirahat"));

    let wrong = [("name", "lantai 2"), ("title", "dua"), ("diagonal", "43"), ("farthest", "6")];
    let refused = site.post("/boards", &wrong).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("value=\"dua\""), "what was typed is kept");
    let wrong = [("name", "pojok"), ("diagonal", "besar"), ("farthest", "6")];
    assert_eq!(site.post("/boards", &wrong).await.status, 422);
    assert_eq!(site.post("/boards/notice", &[("board", "tidak-ada"), ("text", "x")]).await.status, 422);

    assert_eq!(site.post("/boards/remove", &[("name", "lantai-2")]).await.status, 303);
    assert!(site.get_as_stranger("/display/lantai-2").await.text().contains("A001"), "as any other name");
    assert_eq!(site.get_as_stranger("/boards").await.status, 303);
}
