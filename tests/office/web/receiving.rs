//! Receiving applicants: the search box, arrival, papers, ticket, and the refusals on the way.

use super::Site;

const PATH: &str = "/applications/1179000000000001";

#[tokio::test]
async fn a_scanned_code_leads_from_the_search_box_to_the_ticket() {
    let mut site = Site::open().await;
    site.office.booked("Siti Aminah").await;
    assert!(site.get("/bookings").await.text().contains("Siti Aminah"));
    let scanned = site.post("/bookings", &[("q", "1179000000000001")]).await;
    assert_eq!((scanned.status.as_u16(), scanned.location.as_str()), (303, PATH));
    assert_eq!(site.post("/bookings", &[("q", "siti")]).await.location, PATH, "the only one found is opened");
    let none = site.post("/bookings", &[("q", "tidak ada")]).await;
    assert!(none.text().contains("Tidak ditemukan"));
    assert_eq!(site.get("/bookings?q=siti").await.location, PATH, "a link may ask too");

    assert!(site.get(PATH).await.text().contains("Catat kedatangan"));
    let arrived = site.post(&format!("{PATH}/arrive"), &[("note", "kursi roda")]).await;
    assert_eq!(arrived.location, format!("{PATH}?done=arrived"));
    let checked = site.post(&format!("{PATH}/documents"), &[("all", "agrees")]).await;
    assert_eq!(checked.location, format!("{PATH}?done=ticket"));
    let page = site.get(&checked.location).await.text();
    assert!(page.contains("Nomor antrean A001") && page.contains("kursi roda"), "{page}");
    assert!(page.contains("belum terkirim"), "headquarters has not heard of it");
    assert!(site.get("/").await.text().contains("<strong>1</strong> Menunggu dipanggil"));
    assert!(site.get("/audit").await.text().contains("kursi roda"));
}

#[tokio::test]
async fn refusals_are_pages_that_keep_what_was_typed() {
    let mut site = Site::open().await;
    site.office.headquarters.book("Suparman");
    site.office.sync().await;
    let unpaid = site.post(&format!("{PATH}/arrive"), &[]).await;
    assert_eq!(unpaid.status, 409);
    assert!(unpaid.text().contains("id=\"faults\"") && unpaid.text().contains("Belum dibayar"));
    let wrong = site.post(&format!("{PATH}/admit"), &[("evidence", "12345")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("value=\"12345\""));
    let admitted = site.post(&format!("{PATH}/admit"), &[("evidence", "0123 4567 89AB CDEF")]).await;
    assert_eq!(admitted.status, 303);
    let again = site.post(&format!("{PATH}/arrive"), &[]).await;
    assert_eq!(again.status, 409);
    assert!(again.text().contains("Kedatangan sudah dicatat"));
    let papers = site.post(&format!("{PATH}/documents"), &[("seen-identity-card", "agrees")]).await;
    assert_eq!(papers.status, 422, "a required paper was not looked at");
    let reason = site.post(&format!("{PATH}/withdraw"), &[("reason", " ")]).await;
    assert_eq!(reason.status, 422);
    assert_eq!(site.post(&format!("{PATH}/withdraw"), &[("reason", "keliru")]).await.status, 303);
}

#[tokio::test]
async fn a_form_sent_twice_is_done_once() {
    let mut site = Site::open().await;
    let key = site.office.booked("Siti Aminah").await;
    let body = format!("csrf={}&once=same-form&note=", site.csrf);
    for _ in 0..2 {
        let request = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let request = request.post(site.url(&format!("{PATH}/arrive"))).header("cookie", site.cookie());
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(request.body(body.clone()).send().await.unwrap().status(), 303);
    }
    let application = site.office.store().application(key).unwrap().unwrap();
    let arrivals = application.entries().filter(|entry| entry.fact.name() == "Arrived").count();
    assert_eq!(arrivals, 1);
}

#[tokio::test]
async fn officers_devices_and_the_line_have_their_pages() {
    let site = Site::open().await;
    let typed = [("login", "budi"), ("name", "Budi"), ("role", "custody"), ("password", "pendek")];
    let short = site.post("/officers", &typed).await;
    assert_eq!(short.status, 422);
    assert!(short.text().contains("terlalu pendek") && !short.text().contains("pendek\""));
    let typed = [("login", "budi"), ("name", "Budi"), ("role", "custody"), ("password", "tujuh-belas-ikan")];
    assert_eq!(site.post("/officers", &typed).await.location, "/officers?saved=budi");
    assert_eq!(site.post("/officers/budi/disable", &[]).await.location, "/officers?gone=budi");
    assert_eq!(site.post("/officers/sari/disable", &[]).await.status, 422, "the last administrator stays");
    let key = site.post("/settings/devices", &[("name", "Layar 1"), ("kind", "notifier")]).await;
    assert!(key.text().contains("Salin kunci ini sekarang"));
    assert_eq!(site.get("/settings").await.status, 200);
    let now = site.post("/sync/now", &[]).await;
    assert_eq!(now.status, 409, "there is no line in this test");
    assert!(now.text().contains("belum terdaftar di pusat"));
    assert!(site.get("/metrics").await.text().contains("loket_line_up 0"));
}
