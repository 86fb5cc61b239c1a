//! The queue page: a counter from opening to closing.

use super::Site;

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
