//! The interview's page: what was uploaded beside what was shown, questions, and a supervisor's second look.

use std::io::Cursor;

use loket::domain::actor::Role;

use super::Site;

const AT: &str = "/applications/1179000000000001";

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::RgbImage::new(width, height).write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

/// An office that asks for a second look at interviews, and an applicant whose capture is complete.
async fn captured(grounds: &str) -> Site {
    let mut site = Site::open().await;
    site.office.waiting("Siti Aminah").await;
    let set = [("setting", "second-look"), ("from", "2026-11-23"), ("value", grounds)];
    assert_eq!(site.post("/settings", &set).await.status, 303);
    let capture = format!("{AT}/capture");
    for (fields, file) in [
        (&[("piece", "portrait")][..], jpeg(480, 620)),
        (&[("piece", "fingers"), ("reason", "unreadable")], Vec::new()),
        (&[("piece", "signature")], jpeg(400, 150)),
        (&[("piece", "complete")], Vec::new()),
    ] {
        assert_eq!(site.post_file(&capture, fields, ("foto.jpg", &file)).await.status, 303);
    }
    site
}

#[tokio::test]
async fn an_interview_waits_for_another_supervisor_who_agrees() {
    let mut site = captured("[\"every\"]").await;
    let interview = format!("{AT}/interview");
    let passed = [("outcome", "passed"), ("answer-0", "Belum pernah"), ("notes", "lancar")];
    assert_eq!(site.post(&interview, &passed).await.status, 303);
    let page = site.get(&interview).await.text();
    assert!(page.contains("Menunggu supervisor") && page.contains("Setiap wawancara"), "{page}");
    assert!(page.contains("<dt>Pernah punya paspor sebelumnya?</dt><dd>Belum pernah</dd>"));
    assert!(!page.contains("Setujui hasil wawancara"), "nobody agrees with an own interview");
    let own = site.post(&format!("{interview}/review"), &[("verdict", "agreed")]).await;
    assert_eq!(own.status, 403);

    site.sign_in("wati", "Wati Lestari", &[Role::Supervisor]).await;
    assert!(site.get("/").await.text().contains("/bookings?show=review"));
    assert!(site.get("/bookings?show=review").await.text().contains("Siti Aminah"));
    assert!(site.get(&interview).await.text().contains("Setujui hasil wawancara"));
    let agreed = site.post(&format!("{interview}/review"), &[("verdict", "agreed")]).await;
    assert_eq!((agreed.status.as_u16(), agreed.location.as_str()), (303, AT));
    assert!(site.get(AT).await.text().contains("Supervisor menyetujui hasil wawancara"));
    assert!(!site.get("/bookings?show=review").await.text().contains("Siti Aminah"));
    let twice = site.post(&format!("{interview}/review"), &[("verdict", "agreed")]).await;
    assert_eq!(twice.status, 409);
}

#[tokio::test]
async fn what_is_sent_back_needs_a_reason_and_is_interviewed_again() {
    let mut site = captured("[\"refused\"]").await;
    let interview = format!("{AT}/interview");
    let refused = [("outcome", "refused"), ("ground", "irregular-work"), ("notes", "tidak ada kontrak")];
    assert_eq!(site.post(&interview, &refused).await.status, 303);
    site.sign_in("wati", "Wati Lestari", &[Role::Supervisor]).await;
    let review = format!("{interview}/review");
    let unsaid = site.post(&review, &[("verdict", "sent-back"), ("reason", " ")]).await;
    assert_eq!(unsaid.status, 422);
    assert!(unsaid.text().contains("id=\"reason-wrong\""));
    let back = [("verdict", "sent-back"), ("reason", "kontraknya ada di berkas")];
    assert_eq!(site.post(&review, &back).await.status, 303);
    let page = site.get(&interview).await.text();
    assert!(page.contains("Dikembalikan supervisor") && page.contains("kontraknya ada di berkas"));
    assert_eq!(site.post(&interview, &[("outcome", "passed")]).await.status, 303);
    assert!(site.get(AT).await.text().contains("Menunggu ajudikasi"), "passed needs no second look here");
}

#[tokio::test]
async fn a_hold_says_how_long_it_lasts_and_is_listed_on_every_day() {
    let site = captured("[]").await;
    let held = [("outcome", "held"), ("until", "2026-11-26"), ("document", "family-card")];
    assert_eq!(site.post(&format!("{AT}/interview"), &held).await.status, 303);
    assert!(site.get(&format!("{AT}/interview")).await.text().contains("3 hari lagi"));
    assert!(site.get("/bookings?show=held").await.text().contains("Siti Aminah"));
}

#[tokio::test]
async fn pictures_come_small_and_only_those_that_are_named() {
    let site = captured("[]").await;
    let page = site.get(&format!("{AT}/capture")).await.text();
    let hash = page.split_once("/pictures/").unwrap().1.split_once('"').unwrap().0.to_owned();
    let small = site.get(&format!("{AT}/thumbnails/{hash}")).await;
    assert_eq!((small.status.as_u16(), small.media_type.as_str()), (200, "image/jpeg"));
    let read = image::load_from_memory(&small.body).unwrap();
    assert_eq!((read.width(), read.height()), (279, 360));
    assert_eq!(site.get(&format!("{AT}/thumbnails/{}", "0".repeat(64))).await.status, 404);
    assert_eq!(site.get_as_stranger(&format!("{AT}/thumbnails/{hash}")).await.status, 303);
}
