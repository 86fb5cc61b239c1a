//! Custody: many books scanned in a row, the register of a day, and passports nobody collected.

use loket::domain::application::ApplicationKey;
use loket::domain::book::stage::{Reported, SpriStage};
use loket::domain::command::Command;
use loket::domain::number::BookNumber;
use loket::domain::status::Status;

use super::super::arrive;
use super::Site;

async fn reported(site: &mut Site, name: &str, stage: SpriStage) -> ApplicationKey {
    let key = site.office.booked(name).await;
    site.office.command(key, arrive()).await.unwrap();
    let reported = Reported { stage, report: String::new(), born_on: None };
    site.office.command(key, Command::ImportStage(reported)).await.unwrap();
    key
}

fn status(site: &Site, key: ApplicationKey) -> Status {
    site.office.store().summary(key).unwrap().unwrap().status
}

async fn batch(site: &Site, step: &str, scans: &str) -> super::Page {
    site.post("/books/batch", &[("step", step), ("shelf", "B-7"), ("scans", scans)]).await
}

#[tokio::test]
async fn books_scanned_in_a_row_go_on_together_and_what_is_refused_stays_with_its_reason() {
    let mut site = Site::open().await;
    let mut keys = Vec::new();
    for (n, name) in (1..).zip(["Siti Aminah", "Suparman", "Rina"]) {
        let key = reported(&mut site, name, SpriStage::Allocation).await;
        let book = BookNumber::parse(&format!("X000000{n}")).unwrap();
        site.office.command(key, Command::AllocateBook(book)).await.unwrap();
        keys.push(key);
    }
    let printed = batch(&site, "print", "X0000001\r\nX0000002\r\n").await;
    assert_eq!((printed.status.as_u16(), printed.location.as_str()), (303, "/books/batch?step=print&done=2"));
    assert!(site.get(&printed.location).await.text().contains("2 buku dicatat"));
    let mixed = batch(&site, "check", "X0000001\nX0000003\nX0000009\nX0000002").await;
    assert_eq!(mixed.status, 409);
    let text = mixed.text();
    assert!(
        text.contains("2 buku tidak dicatat") && text.contains(">X0000003\nX0000009</textarea>"),
        "{text}"
    );
    assert!(text.contains("tidak sedang pada tahap ini") && text.contains("tidak dikenal di kantor ini"));
    assert_eq!(status(&site, keys[0]), Status::BookPassed);
    assert_eq!(batch(&site, "ready", "X0000001\nX0000002\n").await.status, 303);
    assert_eq!((status(&site, keys[0]), status(&site, keys[1])), (Status::Ready, Status::Ready));
    assert!(site.get("/applications/1179000000000001/book").await.text().contains("B-7"));

    // A book that only a report knows is stored under the number scanned after the application's.
    let issued = reported(&mut site, "Dewi", SpriStage::Issue).await;
    assert_eq!(batch(&site, "ready", "1179000000000004\nX0000044\n").await.status, 303);
    assert_eq!(site.office.store().by_book(&BookNumber::parse("X0000044").unwrap()).unwrap(), Some(issued));

    for (step, scans, words) in [
        ("print", "", "Belum ada yang dipindai"),
        ("print", "buku", "bukan nomor buku"),
        ("print", "1179000000000004", "nomor permohonan tanpa bukunya"),
        ("eat", "X0000001", "Pilih tahapnya"),
    ] {
        let page = batch(&site, step, scans).await;
        assert_eq!(page.status, 422);
        assert!(page.text().contains(words), "{}", page.text());
    }
}

#[tokio::test]
async fn the_register_of_a_day_says_who_took_which_passport() {
    let mut site = Site::open().await;
    reported(&mut site, "Siti Aminah", SpriStage::Issue).await;
    assert!(site.get("/books/register").await.text().contains("Tidak ada paspor yang diserahkan"));
    let proxy = [
        ("book", "X0000001"),
        ("collector", "proxy"),
        ("collector-name", "=Rina"),
        ("collector-identity", "2102014101850003"),
        ("collector-authority", "SK 12/2026"),
        ("papers", "seen"),
    ];
    assert_eq!(site.post("/applications/1179000000000001/hand-over", &proxy).await.status, 303);
    let text = site.get("/books/register?day=2026-11-23").await.text();
    for words in
        ["1 penyerahan", "Siti Aminah", "X0000001", "=Rina", "SK 12/2026", "Sari Melayu", "Tanda tangan"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    let file = site.get("/books/register.csv?day=2026-11-23").await.text();
    assert!(file.contains(";Siti Aminah;X0000001;'=Rina;"), "{file}");
    assert!(site.get("/books/register?day=2026-11-22").await.text().contains("Tidak ada paspor"));
}

#[tokio::test]
async fn a_supervisor_cancels_what_nobody_collected_in_thirty_days() {
    let mut site = Site::open().await;
    let mut keys = Vec::new();
    for (n, name) in (1..).zip(["Siti Aminah", "Suparman"]) {
        let key = reported(&mut site, name, SpriStage::Issue).await;
        let book = BookNumber::parse(&format!("X000000{n}")).unwrap();
        site.office.command(key, Command::BookReady { book, shelf: "A-1".into() }).await.unwrap();
        keys.push(key);
    }
    let one = [("number", "1179000000000001"), ("reason", "tidak diambil")];
    assert!(!site.get("/books/uncollected").await.text().contains("type=\"checkbox\""));
    assert_eq!(site.post("/books/uncollected", &one).await.status, 303);
    assert_eq!(status(&site, keys[0]), Status::Ready, "its days are not over");

    let office = site.close().await;
    office.clock.advance(chrono::TimeDelta::days(31));
    let site = Site::of(office).await;
    let text = site.get("/books/uncollected").await.text();
    assert!(text.contains("31 hari di penyimpanan") && text.contains("value=\"1179000000000002\""), "{text}");
    let nothing = site.post("/books/uncollected", &[("reason", "tidak diambil")]).await;
    assert!(nothing.status == 422 && nothing.text().contains("Belum ada buku yang dipilih"));
    let no_reason = site.post("/books/uncollected", &[("number", "1179000000000001"), ("reason", " ")]).await;
    assert_eq!(no_reason.status, 409);
    assert!(no_reason.text().contains("value=\"1179000000000001\" aria-label=\"Pilih Siti Aminah\" checked"));
    assert_eq!(site.post("/books/uncollected", &one).await.status, 303);
    assert_eq!((status(&site, keys[0]), status(&site, keys[1])), (Status::Cancelled, Status::Ready));
    let file = site.get("/books/uncollected.csv").await.text();
    assert!(file.contains("1179000000000002;Suparman;X0000002;23-11-2026;23-12-2026"), "{file}");
}
