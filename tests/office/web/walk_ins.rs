//! Registering somebody without a booking, from the form to the ticket.

use super::Site;

async fn site() -> Site {
    let mut site = Site::open().await;
    let node = site.office.identity.node_key.public();
    site.office.headquarters.reserve(&node, "2000000000001000");
    site.office.sync().await;
    site
}

const GOOD: [(&str, &str); 11] = [
    ("channel", "priority"),
    ("kind", "new"),
    ("product", "electronic"),
    ("validity", "10"),
    ("priority", "pregnant"),
    ("nik", "2102 0141 0190 0001"),
    ("name", "Siti Aminah"),
    ("born-on", "1990-01-01"),
    ("birthplace", "Karimun"),
    ("sex", "F"),
    ("civil-status", "married"),
];

fn with(changed: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let kept = GOOD.into_iter().filter(|(name, _)| changed.iter().all(|(other, _)| other != name));
    kept.chain(changed.iter().copied()).collect()
}

#[tokio::test]
async fn a_walk_in_is_registered_without_a_line_and_gets_a_ticket() {
    let site = site().await;
    let page = site.get("/walk-in").await.text();
    assert!(page.contains("Sisa nomor permohonan cadangan: 1000"), "{page}");
    assert!(site.get("/bookings").await.text().contains("href=\"/walk-in\""));
    let registered = site.post("/walk-in", &GOOD).await;
    assert_eq!(registered.location, "/applications/2000000000001000?done=registered");
    let page = site.get(&registered.location).await.text();
    assert!(page.contains("Pemohon terdaftar") && page.contains("Kode billing belum datang"), "{page}");
    assert!(page.contains("id=\"scan\""), "Enter is all that is left to do");
    let checked = site.post("/applications/2000000000001000/documents", &[("all", "agrees")]).await;
    assert_eq!(checked.location, "/applications/2000000000001000?done=ticket");
    let page = site.get(&checked.location).await.text();
    assert!(page.contains("Nomor antrean B001"), "{page}");
    assert!(page.contains("Didaftarkan di kantor tanpa janji temu"), "{page}");
    assert!(site.get("/walk-in").await.text().contains("Sisa 49."));
    assert_eq!(site.post("/bookings", &[("q", "siti")]).await.location, "/applications/2000000000001000");
}

#[tokio::test]
async fn what_is_wrong_is_said_and_what_was_typed_stays() {
    let site = site().await;
    let wrong = site.post("/walk-in", &with(&[("nik", "123"), ("born-on", "")])).await;
    assert_eq!(wrong.status, 422);
    let text = wrong.text();
    assert!(text.contains("NIK tidak terbaca") && text.contains("Tanggal lahir belum diisi"), "{text}");
    assert!(text.contains("value=\"123\"") && text.contains("value=\"Siti Aminah\""), "{text}");
    assert!(text.contains("<option value=\"pregnant\" selected>"), "{text}");
    for (changed, said) in [
        (&[("channel", "simpatik")][..], "tidak dibuka hari ini"),
        (&[("channel", "same-day")], "perlu kode billing hari ini juga"),
        (&[("channel", "same-day"), ("kind", "lost")], "tidak melayani jenis permohonan itu"),
        (&[("channel", "examination"), ("kind", "lost")], "Nomor BAP belum diisi"),
        (&[("priority", "elderly")], "tidak sesuai dengan usianya"),
    ] {
        let refused = site.post("/walk-in", &with(changed)).await;
        assert!(refused.status.is_client_error() && refused.text().contains(said), "{}", refused.text());
        assert!(refused.text().contains("value=\"Siti Aminah\""), "what was typed stays");
    }
    assert!(site.get("/walk-in").await.text().contains("cadangan: 1000"), "nothing was given out");
}

#[tokio::test]
async fn a_second_application_of_the_same_person_is_asked_about() {
    let site = site().await;
    site.post("/walk-in", &GOOD).await;
    let again = site.post("/walk-in", &GOOD).await;
    assert_eq!(again.status, 409);
    let text = again.text();
    assert!(
        text.contains("sudah punya 1 permohonan") && text.contains("/applications/2000000000001000"),
        "{text}"
    );
    let despite = site.post("/walk-in", &with(&[("despite", "yes")])).await;
    assert_eq!(despite.location, "/applications/2000000000001001?done=registered");
}

#[tokio::test]
async fn without_numbers_the_page_says_what_to_wait_for() {
    let site = Site::open().await;
    let refused = site.post("/walk-in", &GOOD).await;
    assert!(refused.status.is_client_error());
    assert!(refused.text().contains("Nomor permohonan cadangan kantor ini habis"), "{}", refused.text());
}
