//! The stock of blank books: what came, what is left, and which blank may be set aside.

use loket::domain::book::stage::{Reported, SpriStage};
use loket::domain::command::Command;
use loket::domain::number::BookNumber;

use super::super::arrive;
use super::Site;

async fn receive(site: &Site, product: &str, first: &str, last: &str) -> super::Page {
    let fields = [("product", product), ("first", first), ("last", last), ("note", "SP 12")];
    site.post("/books/stock", &fields).await
}

#[tokio::test]
async fn only_blanks_that_came_are_set_aside_each_once_and_the_page_says_how_many_are_left() {
    let mut site = Site::open().await;
    let mut keys = Vec::new();
    for name in ["Siti Aminah", "Suparman"] {
        let key = site.office.booked(name).await;
        site.office.command(key, arrive()).await.unwrap();
        let allocated = Reported { stage: SpriStage::Allocation, report: String::new(), born_on: None };
        site.office.command(key, Command::ImportStage(allocated)).await.unwrap();
        keys.push(key);
    }
    let path = |n: u32| format!("/applications/11790000000000{n:02}/book");
    let scan = |book: &'static str| [("step", "allocate"), ("book", book)];
    assert!(site.get("/books/stock").await.text().contains("Penerimaan blangko belum dicatat"));
    assert!(!site.get("/").await.text().contains("Blangko menipis"));

    assert_eq!(receive(&site, "ordinary", "X0000001", "X0000010").await.status, 303);
    assert_eq!(receive(&site, "electronic", "C0000001", "C0000200").await.status, 303);
    for (product, first, last, words) in [
        ("electronic", "X0000010", "X0000020", "sudah tercatat diterima"),
        ("electronic", "X0000020", "X0000011", "lebih kecil"),
        ("electronic", "X0000020", "Y0000021", "berbeda seri"),
        ("electronic", "X0000020", "X0090000", "Lebih dari"),
        ("electronic", "kosong", "X0000020", "Nomor buku terdiri"),
        ("", "X0000020", "X0000030", "Pilih jenis buku"),
    ] {
        let page = receive(&site, product, first, last).await;
        assert!(matches!(page.status.as_u16(), 409 | 422), "{words}");
        let text = page.text();
        assert!(text.contains(words) && text.contains(&format!("value=\"{first}\"")), "{words}: {text}");
    }

    for (book, words) in [("X0000011", "tidak tercatat diterima"), ("C0000001", "bukan jenis yang dimohon")] {
        let page = site.post(&path(1), &scan(book)).await;
        assert_eq!(page.status, 409);
        assert!(page.text().contains(words), "{}", page.text());
    }
    assert!(
        site.get(&path(1)).await.text().contains("Alokasikan blangko"),
        "the report tells of the decision"
    );
    assert_eq!(site.post(&path(1), &scan("X0000001")).await.status, 303);
    let twice = site.post(&path(2), &scan("X0000001")).await;
    assert!(twice.status == 409 && twice.text().contains("sudah dipakai permohonan lain"));
    for (step, field, value) in [("print", "book", "X0000001"), ("check", "defect", "chip")] {
        let fields = [("step", step), ("book", "X0000001"), (field, value)];
        assert_eq!(site.post(&path(1), &fields).await.status, 303);
    }
    assert_eq!(site.post(&path(1), &scan("X0000002")).await.status, 303);

    let levels = site.office.store().deliveries().unwrap();
    let counted: Vec<_> = levels.iter().map(|it| (it.used, it.spoilt, it.left())).collect();
    assert_eq!(counted, [(2, 1, 8), (0, 0, 200)]);
    let text = site.get("/books/stock").await.text();
    assert!(text.contains("<strong>8</strong> <span class=\"tag bad\">menipis</span>"), "{text}");
    assert_eq!(
        site.post("/books/stock/count", &[("product", "ordinary"), ("counted", "7")]).await.status,
        303
    );
    assert!(site.get("/books/stock").await.text().contains("selisih -1"));
    let wrong = site.post("/books/stock/count", &[("product", "ordinary"), ("counted", "tujuh")]).await;
    assert_eq!(wrong.status, 422);
    site.office.clock.advance(chrono::TimeDelta::minutes(1));
    assert!(site.get("/").await.text().contains("Blangko menipis: 1"));
    let taken = site.office.store().by_book(&BookNumber::parse("X0000002").unwrap()).unwrap();
    assert_eq!(taken, Some(keys[0]));

    let mut office = site.close().await;
    office.stop().await;
    let rebuilt = office.reopen();
    assert_eq!(rebuilt.rebuilt, None);
    assert_eq!(office.store().deliveries().unwrap(), levels);
}
