//! Passports the office owes: the list by last day, the front page, and the calendar they count by.

use loket::domain::book::stage::{Reported, SpriStage};
use loket::domain::command::Command;

use super::super::arrive;
use super::Site;

/// Somebody whose interview is told by a report, on the morning of Monday 23 November 2026.
async fn interviewed(site: &mut Site, name: &str) -> loket::domain::application::ApplicationKey {
    let key = site.office.booked(name).await;
    site.office.command(key, arrive()).await.unwrap();
    let reported = Reported { stage: SpriStage::Interview, report: String::new(), born_on: None };
    site.office.command(key, Command::ImportStage(reported)).await.unwrap();
    key
}

/// The officer signs in again on a later day.
async fn days_later(site: Site, days: i64) -> Site {
    let office = site.close().await;
    office.clock.advance(chrono::TimeDelta::days(days));
    Site::of(office).await
}

#[tokio::test]
async fn a_passport_is_owed_until_it_is_issued_and_late_by_the_offices_own_calendar() {
    let mut site = Site::open().await;
    interviewed(&mut site, "Siti Aminah").await;
    let calendar = site.get("/calendar").await.text();
    assert!(
        calendar.contains("Belum ada hari libur") && calendar.contains("Jumat, 27 November 2026"),
        "{calendar}"
    );
    let due = site.get("/books/due").await.text();
    assert!(due.contains("4 hari kerja") && due.contains("Siti Aminah"), "{due}");
    assert!(!site.get("/").await.text().contains("tenggat terbit"), "nothing presses yet");

    // Thursday becomes a holiday: Friday is the last day but one.
    let holiday = site.post("/calendar", &[("change", "holiday"), ("day", "2026-11-26")]).await;
    assert_eq!((holiday.status.as_u16(), holiday.location.as_str()), (303, "/calendar"));
    assert!(site.get("/calendar").await.text().contains("Senin, 30 November 2026"));

    let site = days_later(site, 7).await;
    assert!(site.get("/").await.text().contains("Tenggat terbit hari ini: 1"));
    let site = days_later(site, 1).await;
    assert!(site.get("/").await.text().contains("Lewat tenggat terbit: 1"));
    let due = site.get("/books/due").await.text();
    assert!(due.contains("lewat 1 hari"), "{due}");
    assert!(site.get("/applications/1179000000000001").await.text().contains("Paspor seharusnya sudah siap"));

    let sent = site.post_file(
        "/books/import",
        &[("stage", "issue")],
        ("l.csv", b"NO PERMOHONAN\n1179000000000001\n"),
    );
    assert_eq!(site.post(&sent.await.location, &[]).await.status, 303);
    assert!(!site.get("/books/due").await.text().contains("Siti Aminah"));
}

#[tokio::test]
async fn a_calendar_that_cannot_be_is_refused_with_what_was_typed() {
    let site = Site::open().await;
    for (fields, words) in [
        (vec![("change", "week")], "Kalender ini tidak dapat disimpan"),
        (vec![("change", "holiday"), ("day", "2036-01-01")], "settings"),
        (vec![("change", "holiday"), ("day", "besok")], "settings"),
        (vec![("change", "feast"), ("day", "2026-12-25")], "Pilih libur atau tetap bekerja"),
    ] {
        let page = site.post("/calendar", &fields).await;
        assert_eq!(page.status, 422, "{fields:?}");
        let text = page.text();
        assert!(text.contains("id=\"faults\"") && (words == "settings" || text.contains(words)), "{text}");
    }
    let week = [("change", "week"), ("weekday", "1"), ("weekday", "6")];
    assert_eq!(site.post("/calendar", &week).await.status, 303);
    assert!(site.get("/calendar").await.text().contains("Senin, Sabtu"));
    let extra = [("change", "extra"), ("day", "2026-11-24")];
    assert_eq!(site.post("/calendar", &extra).await.status, 303);
    assert_eq!(site.post("/calendar", &[("change", "clear"), ("day", "2026-11-24")]).await.status, 303);
    assert!(!site.get("/calendar").await.text().contains("24 November"));
}
