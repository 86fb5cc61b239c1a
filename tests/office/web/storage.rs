//! An act on a drive that fails: refused in the officer's words with what was typed, said on every page, and nothing more
//! is taken until the program is started anew; what was saved is read on. On a full one what was typed stays as well.

use std::io::{self, Cursor};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use loket_sync::Disk;
use loket_sync::disk::Faults;

use super::super::TestOffice;
use super::{Page, Site};
use crate::harness::html::{self, Form};

const AT: &str = "/applications/1179000000000001";
const NOT_SAVED: &str = "Penyimpanan server rusak: tindakan ini TIDAK tersimpan";
const BANNER: &str = "Penyimpanan server ini rusak sehingga tidak ada lagi yang tersimpan";

/// A drive whose journals or pictures cannot be made durable any more.
#[derive(Default)]
struct Drive {
    journals: AtomicBool,
    pictures: AtomicBool,
    is_full: AtomicBool,
}

impl Faults for Drive {
    fn sync(&self, path: &Path) -> io::Result<()> {
        let is_journal = path.extension().is_some_and(|end| end == "seg");
        let has_failed = if is_journal { &self.journals } else { &self.pictures };
        if has_failed.load(Ordering::SeqCst) { Err(io::Error::from_raw_os_error(5)) } else { Ok(()) }
    }

    fn free_bytes(&self) -> Option<u64> {
        Some(if self.is_full.load(Ordering::SeqCst) { 1024 } else { u64::MAX / 2 })
    }
}

/// Somebody waits with a ticket at an office on this drive.
async fn waiting(drive: &Arc<Drive>) -> Site {
    let mut office = TestOffice::open();
    office.disk = Disk::with_faults(Arc::<Drive>::clone(drive));
    office.reopen();
    let mut site = Site::of(office).await;
    site.office.waiting("Siti Aminah").await;
    site
}

async fn finger(site: &Site) -> Page {
    let mut picture = Cursor::new(Vec::new());
    image::RgbImage::new(300, 400).write_to(&mut picture, image::ImageFormat::Jpeg).unwrap();
    let fields = [("piece", "finger"), ("position", "2"), ("quality", "77")];
    site.post_file(&format!("{AT}/capture"), &fields, ("jari.jpg", &picture.into_inner())).await
}

/// What was saved is read on, every page says what is wrong, and nothing is taken although the drive answers again.
async fn reads_on_and_takes_nothing(site: &Site, drive: &Drive) {
    drive.journals.store(false, Ordering::SeqCst);
    drive.pictures.store(false, Ordering::SeqCst);
    for path in ["/", "/bookings", "/tickets", "/sync", "/audit", AT, &format!("{AT}/capture")] {
        let page = site.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text().contains(BANNER), "{path}");
    }
    let later = finger(site).await;
    assert_eq!(later.status, 503);
    assert!(later.text().contains(NOT_SAVED) && later.text().contains("value=\"77\""));
    let ticket = site.post("/tickets/call-next", &[("counter", "1")]).await;
    assert_eq!(ticket.status, 503);
    assert!(ticket.text().contains(NOT_SAVED));
    assert!(!site.get(&format!("{AT}/capture")).await.text().contains("/pictures/"));
    let health = site.get("/healthz").await;
    assert!(health.status == 503 && health.text().contains("read-only"));
}

#[tokio::test]
async fn a_picture_that_cannot_be_written_is_refused_in_words_and_ends_all_acts() {
    let drive = Arc::new(Drive::default());
    let site = waiting(&drive).await;
    drive.pictures.store(true, Ordering::SeqCst);
    let page = finger(&site).await;
    assert_eq!(page.status, 503);
    let text = page.text();
    assert!(text.contains(NOT_SAVED) && text.contains("formulir kertas"), "{text}");
    assert!(text.contains(BANNER) && text.contains("value=\"77\""), "{text}");
    reads_on_and_takes_nothing(&site, &drive).await;
}

#[tokio::test]
async fn an_act_whose_sync_fails_is_called_unsure_and_those_after_it_unsaved() {
    let drive = Arc::new(Drive::default());
    let site = waiting(&drive).await;
    drive.journals.store(true, Ordering::SeqCst);
    let page = finger(&site).await;
    assert_eq!(page.status, 503);
    let text = page.text();
    assert!(text.contains("anggap TIDAK tersimpan") && text.contains("lihat dahulu"), "{text}");
    assert!(text.contains(BANNER) && text.contains("value=\"77\""), "{text}");
    reads_on_and_takes_nothing(&site, &drive).await;
    // Whoever comes back after a while is still signed in.
    site.office.clock.advance(chrono::TimeDelta::minutes(6));
    assert_eq!(site.get("/").await.status, 200);
    // The technician has seen to it: what was acknowledged is there, and acts are taken.
    let mut office = site.close().await;
    office.reopen();
    assert!(office.store().read_only().is_none());
    office.waiting("Budi Santoso").await;
}

const NEW_PASSWORD: &str = "kapal-tunda-merah-tua";

/// Sends what an administrator types, and gives the forms of the page that comes back, which says what is wrong.
async fn typed(site: &Site, (path, fields): (&str, &[(&str, &str)]), (status, says): (u16, &str)) -> Form {
    let page = site.post(path, fields).await;
    let text = page.text();
    assert_eq!(page.status, status, "{path}: {text}");
    assert!(text.contains(says) && text.contains("id=\"faults\""), "{path}: {text}");
    assert!(!text.contains(NEW_PASSWORD), "a password is never sent back");
    html::forms(&text).into_iter().find(|form| form.action == path).unwrap()
}

/// What is typed into the forms of officers, settings and devices stands there again.
async fn keeps_what_is_typed(site: &Site, why: (u16, &str)) {
    let all = |form: &Form, name: &str| -> Vec<String> {
        form.fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect()
    };
    let new = [
        ("login", "tono"),
        ("name", "Tono \"Ton\" Suharto"),
        ("role", "front-desk"),
        ("role", "auditor"),
        ("password", NEW_PASSWORD),
    ];
    let form = typed(site, ("/officers", &new), why).await;
    assert_eq!((form.value("login"), form.value("password")), (Some("tono"), Some("")));
    assert_eq!(form.value("name"), Some("Tono \"Ton\" Suharto"));
    assert_eq!(all(&form, "role"), ["front-desk", "auditor"]);
    let changed = [("login", "sari"), ("known", "yes"), ("name", "Sari M."), ("role", "administrator")];
    let form = typed(site, ("/officers", &changed), why).await;
    assert_eq!((form.value("login"), form.value("known")), (Some("sari"), Some("yes")));
    assert_eq!((form.value("name"), all(&form, "role")), (Some("Sari M."), vec!["administrator".to_owned()]));
    let setting = [("setting", "hold-days"), ("from", "2027-01-31"), ("value", "14")];
    let form = typed(site, ("/settings", &setting), why).await;
    assert_eq!((form.value("setting"), form.value("from")), (Some("hold-days"), Some("2027-01-31")));
    assert_eq!(form.value("value"), Some("14"));
    let device = [("name", "Meja <2>"), ("kind", "notifier")];
    let form = typed(site, ("/settings/devices", &device), why).await;
    assert_eq!((form.value("name"), form.value("kind")), (Some("Meja <2>"), Some("notifier")));
}

#[tokio::test]
async fn what_an_administrator_types_stays_when_the_disk_is_full_or_has_failed() {
    let drive = Arc::new(Drive::default());
    let site = waiting(&drive).await;
    drive.is_full.store(true, Ordering::SeqCst);
    keeps_what_is_typed(&site, (507, "Diska server")).await;
    drive.is_full.store(false, Ordering::SeqCst);
    // There is room again: what stands in the form is taken.
    let device = [("name", "Meja 2"), ("kind", "notifier")];
    assert_eq!(site.post("/settings/devices", &device).await.status, 200);
    drive.journals.store(true, Ordering::SeqCst);
    let unsure = (503, "anggap TIDAK tersimpan");
    typed(&site, ("/settings", &[("setting", "hold-days"), ("from", "2027-01-31"), ("value", "14")]), unsure)
        .await;
    keeps_what_is_typed(&site, (503, NOT_SAVED)).await;
}
