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

/// All originals of an adult's first passport, as the form ticks them.
const ALL: [(&str, &str); 3] =
    [("brought", "identity-card"), ("brought", "family-card"), ("brought", "birth-proof")];

#[tokio::test]
async fn one_form_draws_the_ticket_and_the_box_for_the_next_scan_has_the_focus() {
    let mut site = Site::open().await;
    site.office.booked("Siti Aminah").await;
    let page = site.get(PATH).await.text();
    let (form, _) = page.split_once("id=\"receive\"").unwrap().1.split_once("</form>").unwrap();
    let ticked = form.matches("type=\"checkbox\"").count();
    assert_eq!((ticked, form.matches(" checked>").count()), (3, 3), "all originals are ticked: {form}");
    assert!(form.contains("id=\"scan\"") && form.contains("autofocus"), "{form}");
    let received = site.post(&format!("{PATH}/receive"), &ALL).await;
    assert_eq!(received.location, "/bookings?received=1179000000000001");
    let page = site.get(&received.location).await.text();
    let (told, rest) = page.split_once("id=\"received\"").unwrap().1.split_once("</div>").unwrap();
    assert!(told.contains("A001") && told.contains("Siti Aminah"), "{told}");
    assert!(rest.split_once("autofocus").unwrap().0.contains("id=\"q\""), "the scan box comes first");
    let again = site.post(&format!("{PATH}/receive"), &ALL).await;
    assert_eq!(again.status, 409);
    assert!(again.text().contains("Kedatangan sudah dicatat") && again.text().contains("A001"));
}

#[tokio::test]
async fn an_original_that_is_missing_keeps_the_ticket_back() {
    let mut site = Site::open().await;
    site.office.booked("Siti Aminah").await;
    let received = site.post(&format!("{PATH}/receive"), &ALL[..2]).await;
    assert_eq!(received.location, format!("{PATH}?done=incomplete"));
    let page = site.get(&received.location).await.text();
    assert!(page.contains("dokumen belum lengkap") && !page.contains("A001"), "{page}");
    assert!(page.contains("name=\"seen-birth-proof\" value=\"missing\" checked"), "{page}");
}

#[tokio::test]
async fn a_scan_of_somebody_else_opens_them_and_does_nothing_about_this_one() {
    let mut site = Site::open().await;
    let key = site.office.booked("Siti Aminah").await;
    site.office.booked("Suparman").await;
    let next = site.post(&format!("{PATH}/receive"), &[("scan", "NO:1179000000000002"), ALL[0]]).await;
    assert_eq!(next.location, "/applications/1179000000000002");
    let by_name = site.post(&format!("{PATH}/receive"), &[("scan", "Suparman")]).await;
    assert_eq!(by_name.location, "/applications/1179000000000002");
    let unknown = site.post(&format!("{PATH}/receive"), &[("scan", "1179000000009999")]).await;
    assert!(unknown.text().contains("Nomor ini tidak dikenal di kantor ini"), "{}", unknown.text());
    let application = site.office.store().application(key).unwrap().unwrap();
    assert!(application.view().visits.is_empty(), "nothing was written about the first");
    let fields = [vec![("scan", "1179000000000001")], ALL.to_vec()].concat();
    let same = site.post(&format!("{PATH}/receive"), &fields).await;
    assert!(same.location.starts_with("/bookings?received="), "the same letter again is a yes");
}

#[tokio::test]
async fn a_scanned_proof_of_payment_fills_the_box_for_evidence() {
    let mut site = Site::open().await;
    site.office.headquarters.book("Suparman");
    site.office.sync().await;
    let proven = serde_json::json!({
        "number": "1179000000000001", "code": "820261120000009", "ntpn": "ABCD000000000009",
        "amount_idr": 650_000, "office": "karimun", "day": "2026-11-23",
    });
    let proven = serde_json::from_value(proven).unwrap();
    let proof = loket::proof::sign(&proven, site.office.headquarters.node()).unwrap();
    let page = site.post("/bookings", &[("q", &proof)]).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text().contains(&format!("name=\"evidence\" type=\"text\" value=\"{proof}\"")),
        "{}",
        page.text()
    );
    let admitted = [vec![("evidence", proof.as_str())], ALL.to_vec()].concat();
    let received = site.post(&format!("{PATH}/receive"), &admitted).await;
    assert_eq!(received.location, "/bookings?received=1179000000000001");
    assert!(site.get(PATH).await.text().contains("Dilayani dengan bukti bayar"));
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
