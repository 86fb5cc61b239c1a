//! What a supervisor settles: a visit given up to another office, a book cancelled.

use loket::domain::fact::Fact;

use super::Site;
use super::captures::approved;

const PATH: &str = "/applications/1179000000000001";

/// The applicant waits here, and came to Batam as well.
async fn served_twice() -> Site {
    let mut site = Site::open().await;
    let key = site.office.waiting("Siti Aminah").await;
    let arrived = serde_json::from_value(serde_json::json!({ "punctuality": "on-time", "note": "" }));
    let run = site.office.headquarters.elsewhere("batam", key, Fact::Arrived(arrived.unwrap()));
    let taken = site.office.store().receive(vec![run], Vec::new()).await.unwrap();
    assert_eq!(taken.refused, []);
    site
}

#[tokio::test]
async fn a_supervisor_gives_the_visit_up_to_the_other_office() {
    let site = served_twice().await;
    let conflicts = site.get("/conflicts").await.text();
    assert!(conflicts.contains("Dilayani di dua kantor") && conflicts.contains(&format!("{PATH}#settle")));
    let page = site.get(PATH).await.text();
    assert!(page.contains("id=\"settle\"") && page.contains(&format!("{PATH}/yield")), "{page}");

    let blank = site.post(&format!("{PATH}/yield"), &[("reason", " ")]).await;
    assert_eq!(blank.status, 422);
    assert!(blank.text().contains("<details id=\"settle\" open>"), "{}", blank.text());
    let given_up = site.post(&format!("{PATH}/yield"), &[("reason", "dilayani di Batam")]).await;
    assert_eq!(
        (given_up.status.as_u16(), given_up.location.as_str()),
        (303, format!("{PATH}?done=yielded").as_str())
    );
    let page = site.get(&given_up.location).await.text();
    assert!(page.contains("Kunjungan di kantor ini dilepas") && page.contains("dilayani di Batam"), "{page}");
    assert!(!page.contains("Dilayani di dua kantor"));
    assert!(!site.get("/conflicts").await.text().contains(PATH));
    assert_eq!(site.post(&format!("{PATH}/yield"), &[("reason", "lagi")]).await.status, 409);
}

#[tokio::test]
async fn a_visit_is_not_given_up_where_no_other_office_serves() {
    let mut site = Site::open().await;
    site.office.waiting("Siti Aminah").await;
    assert!(!site.get(PATH).await.text().contains("/yield"));
    assert_eq!(site.post(&format!("{PATH}/yield"), &[("reason", "keliru")]).await.status, 409);
}

#[tokio::test]
async fn a_cancelled_book_makes_room_for_another_blank() {
    let site = approved().await;
    assert!(!site.get(&format!("{PATH}/book")).await.text().contains("Batalkan buku ini"));
    let first = site.post(&format!("{PATH}/book"), &[("step", "allocate"), ("book", "X1234567")]).await;
    assert_eq!(first.status, 303);
    let page = site.get(&format!("{PATH}/book")).await.text();
    assert!(page.contains("Batalkan buku ini"), "{page}");
    let cancel = |reason: &'static str| [("book", "X1234567"), ("reason", reason)];
    let blank = site.post(&format!("{PATH}/book/cancel"), &cancel("")).await;
    assert_eq!(blank.status, 422);
    let done = site.post(&format!("{PATH}/book/cancel"), &cancel("salah cetak nama")).await;
    assert_eq!((done.status.as_u16(), done.location.as_str()), (303, format!("{PATH}/book").as_str()));
    let page = site.get(&done.location).await.text();
    assert!(page.contains("salah cetak nama") && page.contains("Alokasikan blangko"), "{page}");
    let again = site.post(&format!("{PATH}/book/cancel"), &cancel("sekali lagi")).await;
    assert_eq!(again.status, 409);
    let next = site.post(&format!("{PATH}/book"), &[("step", "allocate"), ("book", "X7654321")]).await;
    assert_eq!(next.status, 303);
}
