//! Stage reports of SPRI over the pages: every format, a preview that is exact, and a button that works once.

use std::time::{Duration, Instant};

use loket::domain::application::ApplicationKey;
use loket::domain::status::Status;
use rust_xlsxwriter::Workbook;

use super::super::arrive;
use super::{Page, Site};

/// Kept as it was written by another program; `tests/office/web/reports/README.md` says how.
const XLS: &[u8] = include_bytes!("reports/penerbitan.xls");

/// A workbook with a sheet of this name: texts as texts, figures as figures.
fn xlsx(sheet: &str, rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let page = book.add_worksheet().set_name(sheet).unwrap();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            match cell.strip_prefix('#') {
                Some(figure) => page.write_number(row, column, figure.parse::<f64>().unwrap()).unwrap(),
                None => page.write_string(row, column, *cell).unwrap(),
            };
        }
    }
    book.save_to_buffer().unwrap()
}

async fn arrived(site: &mut Site, name: &str) -> ApplicationKey {
    let key = site.office.booked(name).await;
    site.office.command(key, arrive()).await.unwrap();
    key
}

fn status(site: &Site, key: ApplicationKey) -> Status {
    site.office.store().summary(key).unwrap().unwrap().status
}

/// Sends a file; its preview.
async fn preview(site: &Site, file: &[u8], stage: &str) -> (String, Page) {
    let sent = site.post_file("/books/import", &[("stage", stage)], ("laporan", file)).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let page = site.get(&sent.location).await;
    (sent.location, page)
}

#[tokio::test]
async fn a_report_of_every_format_is_shown_before_it_changes_anything_and_changes_it_once() {
    let rows: &[&[&str]] = &[
        &["LAPORAN PENERBITAN PASPOR"],
        &[],
        &["NO", "NO. PERMOHONAN", "NAMA", "TANGGAL LAHIR"],
        &["1", "1179000000000001", "SITI AMINAH", "04-05-1990"],
        &["2", "1179000000000002", "SUPARMAN", "04-05-1991"],
        &["3", "#1179000000000003", "ANGKA", ""],
        &["4", "1179000000009999", "ORANG LAIN", ""],
    ];
    let csv: String =
        rows.iter().map(|row| row.join(";").replace("#1179000000000003", "1,179E+15") + "\r\n").collect();
    for (what, file) in [("xlsx", xlsx("Sheet1", rows)), ("xls", XLS.to_vec()), ("csv", csv.into_bytes())] {
        let mut site = Site::open().await;
        let (siti, suparman) =
            (arrived(&mut site, "Siti Aminah").await, arrived(&mut site, "Suparman").await);
        let (address, page) = preview(&site, &file, "").await;
        let text = page.text();
        assert!(
            text.contains("Laporan Penerbitan") && text.contains("<strong>1</strong> akan berubah"),
            "{what}: {text}"
        );
        assert!(text.contains("<strong>2</strong> ditolak"), "{what}: {text}");
        assert!(
            text.contains("Tanggal lahir di laporan berbeda") && text.contains("digit terakhirnya hilang")
        );
        assert_eq!((status(&site, siti), status(&site, suparman)), (Status::Arrived, Status::Arrived));

        for _ in 0..2 {
            let done = site.post(&address, &[]).await;
            assert_eq!((done.status.as_u16(), done.location.as_str()), (303, address.as_str()));
            assert_eq!((status(&site, siti), status(&site, suparman)), (Status::Ready, Status::Arrived));
        }
        let after = site.get(&address).await.text();
        assert!(
            after.contains("Diterapkan: 1 permohonan berubah")
                && after.contains("Tidak ada yang akan berubah")
        );
        let csv = site.get(&format!("{address}/rows.csv")).await;
        assert!(csv.media_type.starts_with("text/csv"));
        assert!(csv.text().starts_with("\u{feff}Baris;Nomor permohonan;Nama"), "{}", csv.text());

        let facts = site.office.store().application(siti).unwrap().unwrap().entries().count();
        let (again, page) = preview(&site, &file, "").await;
        assert!(page.text().contains("<strong>0</strong> akan berubah"));
        assert_eq!(site.post(&again, &[]).await.status, 303);
        let application = site.office.store().application(siti).unwrap().unwrap();
        assert_eq!(application.entries().count(), facts, "{what}: the same report again changes nothing");
        let path = "/applications/1179000000000001";
        assert!(site.get(path).await.text().contains("Laporan SPRI: Penerbitan"));
        let handed = [("book", "X7654321"), ("collector", "applicant"), ("papers", "seen")];
        assert_eq!(site.post(&format!("{path}/hand-over"), &handed).await.status, 303);
        assert_eq!(status(&site, siti), Status::HandedOver);
        assert_eq!(site.get("/books?book=X7654321").await.location, format!("{path}/book"));
    }
}

#[tokio::test]
async fn what_is_no_report_is_refused_on_the_page_with_what_was_chosen() {
    let site = Site::open().await;
    let report: &[&[&str]] = &[&["NOMOR PERMOHONAN"], &["1179000000000001"]];
    let bomb = include_bytes!("reports/huge.xlsx");
    let cases: [(&str, Vec<u8>, &str, &str); 7] = [
        ("nothing", Vec::new(), "", "Belum ada berkas"),
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "", "tidak dapat dibaca"),
        ("half an archive", xlsx("Sheet1", report)[..900].to_vec(), "", "tidak dapat dibaca"),
        ("a web page", b"<html><table>".to_vec(), "", "halaman web"),
        ("no header", b"Nama;Alamat\nSiti;Karimun\n".to_vec(), "", "Tidak ada judul kolom"),
        ("no stage", xlsx("Sheet1", report), "", "Berkas tidak menyebut tahapnya"),
        ("another stage", xlsx("Laporan Alokasi", report), "issue", "Berkas menyebut tahap Alokasi"),
    ];
    for (case, file, stage, words) in cases {
        let page = site.post_file("/books/import", &[("stage", stage)], ("laporan", &file)).await;
        assert_eq!(page.status, 422, "{case}");
        assert!(page.text().contains(words), "{case}: {}", page.text());
    }
    let since = Instant::now();
    let page = site.post_file("/books/import", &[], ("laporan", bomb)).await;
    assert_eq!(page.status, 422, "a file that unpacks to more than there is");
    assert!(since.elapsed() < Duration::from_secs(30));
    assert_eq!(site.get("/books/import").await.status, 200, "nobody else noticed");
    assert_eq!(site.get("/books/import/nothing-here").await.status, 404);
}

#[tokio::test]
async fn a_busy_months_report_takes_no_longer_than_somebody_waits() {
    let mut site = Site::open().await;
    let mut rows = vec!["LAPORAN ALOKASI;".to_owned(), "NOMOR PERMOHONAN;NAMA".to_owned()];
    for n in 1..=40_u64 {
        let key = site.office.headquarters.book(&format!("Pemohon {n}"));
        site.office.headquarters.pay(key);
        rows.push(format!("{};Pemohon {n}", 1_179_000_000_000_000 + n));
    }
    site.office.sync().await;
    rows.extend((0..1_960_u64).map(|n| format!("{};Lain", 2_068_000_000_000_000 + n)));
    let (address, page) = preview(&site, rows.join("\r\n").as_bytes(), "").await;
    let text = page.text();
    assert!(text.contains("<strong>1960</strong> tidak dikenal"), "{text}");
    assert!(
        text.contains("<strong>40</strong> ditolak") && text.contains("Kedatangan pemohon belum dicatat")
    );
    assert!(text.len() < 100_000, "{} bytes", text.len());
    assert_eq!(site.get(&format!("{address}/rows.csv")).await.text().lines().count(), 2_001);
}
