//! Capture, interview and book over the wire.

use std::io::Cursor;
use std::time::Duration;

use loket::domain::decision::Approved;
use loket::domain::fact::Fact;
use loket::domain::number::ApplicationNumber;

use loket::web::uploads::Places;

use super::super::TestOffice;
use super::Site;

const AT: &str = "/applications/1179000000000001";

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::RgbImage::new(width, height).write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

async fn waiting() -> Site {
    let mut site = Site::open().await;
    site.office.waiting("Siti Aminah").await;
    site
}

async fn capture(site: &Site, fields: &[(&str, &str)], file: &[u8]) -> super::Page {
    site.post_file(&format!("{AT}/capture"), fields, ("foto.jpg", file)).await
}

#[tokio::test]
async fn what_is_no_picture_is_refused_in_words_and_nothing_is_kept() {
    let site = waiting().await;
    let text = capture(&site, &[("piece", "portrait")], b"just text in a file named foto.jpg").await;
    assert_eq!(text.status, 422);
    assert!(text.text().contains("bukan gambar JPEG atau PNG"));
    let huge = capture(&site, &[("piece", "portrait")], &vec![0xff; 30 * 1024 * 1024]).await;
    assert_eq!(huge.status, 422);
    assert!(huge.text().contains("lebih besar dari 10 MB"));
    let none = capture(&site, &[("piece", "portrait")], b"").await;
    assert_eq!(none.status, 422);
    assert!(none.text().contains("Pilih berkas"));
    let finger = [("piece", "finger"), ("position", "2"), ("quality", "900")];
    let odd = capture(&site, &finger, &jpeg(300, 400)).await;
    assert_eq!(odd.status, 422);
    assert!(odd.text().contains("value=\"900\""), "what was typed is kept");
    assert!(!site.get(&format!("{AT}/capture")).await.text().contains("/pictures/"));
}

#[tokio::test]
async fn a_capture_is_shown_again_and_goes_on_to_the_interview_and_the_book() {
    let site = waiting().await;
    let photo = jpeg(480, 620);
    let saved = capture(&site, &[("piece", "portrait")], &photo).await;
    assert_eq!((saved.status.as_u16(), saved.location.clone()), (303, format!("{AT}/capture#portrait")));
    let page = site.get(&format!("{AT}/capture")).await.text();
    let src = page.split_once("<img src=\"").unwrap().1.split_once('"').unwrap().0;
    let picture = site.get(src).await;
    assert_eq!((picture.media_type.as_str(), &picture.body), ("image/jpeg", &photo));
    assert_eq!(site.get_as_stranger(src).await.status, 303, "only officers see pictures");
    assert_eq!(site.get(&format!("{AT}/pictures/{}", "0".repeat(64))).await.status, 404);

    let unfinished = capture(&site, &[("piece", "complete")], b"").await;
    assert_eq!(unfinished.status, 409);
    let thumb = [("piece", "finger"), ("position", "1"), ("quality", "80")];
    assert_eq!(capture(&site, &thumb, &jpeg(300, 400)).await.status, 303);
    let rest = [("piece", "fingers"), ("reason", "unreadable")];
    assert_eq!(capture(&site, &rest, b"").await.status, 303);
    assert_eq!(capture(&site, &[("piece", "signature")], &jpeg(400, 150)).await.status, 303);
    assert_eq!(capture(&site, &[("piece", "complete")], b"").await.status, 303);
    assert!(site.get(&format!("{AT}/capture")).await.text().contains("Perekaman biometrik selesai"));

    let interview = format!("{AT}/interview");
    let held =
        site.post(&interview, &[("outcome", "held"), ("until", "besok"), ("notes", "kurang akta")]).await;
    assert_eq!(held.status, 422);
    assert!(held.text().contains("kurang akta"), "what was typed is kept");
    assert_eq!(site.post(&interview, &[("outcome", "passed")]).await.status, 303);
    assert!(site.get(&format!("{AT}/book")).await.text().contains("Menunggu keputusan pusat"));
    let early = site.post(&format!("{AT}/book"), &[("step", "allocate"), ("book", "X1234567")]).await;
    assert_eq!(early.status, 409);
}

/// The applicant is captured and interviewed here, and headquarters has approved.
pub async fn approved() -> Site {
    let mut site = waiting().await;
    for fields in [
        vec![("piece", "portrait")],
        vec![("piece", "fingers"), ("reason", "unreadable")],
        vec![("piece", "signature")],
    ] {
        assert_eq!(capture(&site, &fields, &jpeg(480, 620)).await.status, 303, "{fields:?}");
    }
    assert_eq!(capture(&site, &[("piece", "complete")], b"").await.status, 303);
    assert_eq!(site.post(&format!("{AT}/interview"), &[("outcome", "passed")]).await.status, 303);
    let number = ApplicationNumber::parse("1179000000000001").unwrap();
    let key = site.office.store().by_number(&number).unwrap().unwrap();
    let approved = Approved { round: 1, note: String::new() };
    site.office.headquarters.write(key, Fact::Approved(approved));
    site.office.sync().await;
    site
}

#[tokio::test]
async fn a_book_is_handed_over_only_with_papers() {
    let site = approved().await;
    let book = |step, more: &[(&'static str, &'static str)]| {
        [&[("step", step), ("book", "x 1234567")], more].concat()
    };
    let steps = format!("{AT}/book");
    assert_eq!(site.post(&steps, &book("allocate", &[])).await.status, 303);
    let other = site.post(&steps, &[("step", "print"), ("book", "X7654321")]).await;
    assert_eq!(other.status, 409);
    assert!(other.text().contains("value=\"X7654321\""));
    assert_eq!(site.post(&steps, &book("print", &[])).await.status, 303);
    assert_eq!(site.post(&steps, &book("check", &[("defect", "none")])).await.status, 303);
    assert_eq!(site.post(&format!("{AT}/ready"), &book("ready", &[("shelf", "B-12")])).await.status, 303);
    assert!(site.get("/books").await.text().contains("X1234567"));
    assert_eq!(site.get("/books?book=x1234567").await.location, steps);

    let hand_over = format!("{AT}/hand-over");
    let unseen = site.post(&hand_over, &book("hand-over", &[("collector", "applicant")])).await;
    assert_eq!(unseen.status, 422);
    let nameless =
        site.post(&hand_over, &book("hand-over", &[("collector", "proxy"), ("papers", "seen")])).await;
    assert_eq!(nameless.status, 422);
    let given = book("hand-over", &[("collector", "applicant"), ("papers", "seen")]);
    assert_eq!(site.post(&hand_over, &given).await.status, 303);
    assert!(site.get(&steps).await.text().contains("Paspor sudah diserahkan"));
}

/// Somebody who begins to send a picture and goes no further.
async fn stalled(site: &Site) -> tokio::net::TcpStream {
    use tokio::io::AsyncWriteExt;
    let address = site.url("");
    let address = address.strip_prefix("http://").unwrap();
    let mut line = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {AT}/capture HTTP/1.1\r\nhost: {address}\r\ncookie: {}\r\ncontent-length: 9000000\r\n\
         content-type: multipart/form-data; boundary=b\r\n\r\n--b\r\ncontent-disposition: form-data; \
         name=\"picture\"; filename=\"a.jpg\"\r\n\r\nbytes, and the rest never comes",
        site.cookie()
    );
    line.write_all(head.as_bytes()).await.unwrap();
    line
}

#[tokio::test]
async fn when_too_many_pictures_are_on_their_way_the_next_is_told_to_wait() {
    let places = Places::of(2, Duration::from_millis(200));
    let mut site = Site::with_places(TestOffice::open(), places).await;
    site.office.waiting("Siti Aminah").await;
    let finger = [("piece", "finger"), ("position", "2"), ("quality", "77")];
    // They are heard one after the other: until both places are taken, pictures are.
    let mut stalled_lines = Vec::new();
    let crowded = loop {
        stalled_lines.push(stalled(&site).await);
        let page = capture(&site, &finger, &jpeg(300, 400)).await;
        if page.status != 303 {
            break page;
        }
    };
    assert_eq!(crowded.status, 503);
    let text = crowded.text();
    assert!(text.contains("Terlalu banyak gambar sedang dikirim"), "{text}");
    assert!(text.contains("value=\"77\""), "what was typed is kept");
    let reason = [("piece", "finger"), ("position", "3"), ("reason", "bandaged")];
    assert_eq!(capture(&site, &reason, b"").await.status, 303, "what brings no picture needs no place");
    // They go away: there is a place again.
    drop(stalled_lines);
    loop {
        let page = capture(&site, &finger, &jpeg(300, 400)).await;
        if page.status == 303 {
            break;
        }
        assert_eq!(page.status, 503);
    }
}
