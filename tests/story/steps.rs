//! What officers do with one applicant, step by step, through the forms on the pages.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use loket::domain::actor::Role;
use loket::domain::number::ApplicationNumber;

use crate::harness::eventually;
use crate::harness::nodes::{Node, Town};
use crate::harness::officer::{Officer, Page};

/// Everybody who serves an applicant at an office.
pub struct Staff {
    pub desk: Officer,
    pub interviewer: Officer,
    pub custody: Officer,
}

impl Staff {
    /// Everybody logs in.
    pub async fn sign_in(town: &Town, office: &Node) -> Self {
        Self {
            desk: town.officer(office, Role::FrontDesk).await,
            interviewer: town.officer(office, Role::Interviewer).await,
            custody: town.officer(office, Role::Custody).await,
        }
    }

    /// Arrival, papers, ticket; returns the ticket.
    pub async fn receive(&mut self, number: &ApplicationNumber) -> String {
        let path = application(number);
        let page = self.desk.open(&path).await;
        self.desk.submit(&page.form("/arrive")).await.is(200).says("Hadir");
        let page = self.desk.open(&path).await;
        let page = self.desk.submit(&page.form("/documents").press("all", "agrees")).await;
        page.is(200).says("Menunggu dipanggil");
        ticket_of(&page)
    }

    /// Opens a counter, calls this ticket and starts.
    pub async fn call(&mut self, ticket: &str) {
        let page = self.interviewer.open("/tickets").await;
        if page.has_form("/tickets/counter/open") {
            let form = page.form("/tickets/counter/open").set("counter", "3");
            self.interviewer.submit(&form).await.is(200);
        }
        let page = self.interviewer.open("/tickets").await;
        self.interviewer
            .submit(&page.form_with("/tickets/call", "ticket", ticket))
            .await
            .is(200)
            .says(ticket);
        let page = self.interviewer.open("/tickets").await;
        self.interviewer.submit(&page.form("/tickets/start")).await.is(200);
    }

    /// Portrait, fingers that cannot be taken, signature; complete.
    pub async fn capture(&mut self, number: &ApplicationNumber) {
        let path = format!("{}/capture", application(number));
        let officer = &mut self.interviewer;
        let page = officer.open(&path).await;
        let form = page.form_with("/capture", "piece", "portrait");
        officer.upload(&form, "picture", "wajah.jpg", &picture(480, 640)).await.is(200);
        let page = officer.open(&path).await;
        let form = page.form_with("/capture", "position", "1").set("quality", "72");
        officer.upload(&form, "picture", "jempol.jpg", &picture(300, 400)).await.is(200);
        let page = officer.open(&path).await;
        officer.upload(&page.form_with("/capture", "piece", "fingers"), "picture", "", b"").await.is(200);
        let page = officer.open(&path).await;
        let form = page.form_with("/capture", "piece", "signature");
        officer.upload(&form, "picture", "tanda-tangan.jpg", &picture(480, 180)).await.is(200);
        let page = officer.open(&path).await;
        officer.upload(&page.form_with("/capture", "piece", "complete"), "picture", "", b"").await.is(200);
    }

    /// The interview is passed, and the ticket finished.
    pub async fn interview(&mut self, number: &ApplicationNumber) {
        let path = format!("{}/interview", application(number));
        let page = self.interviewer.open(&path).await;
        let form = page.form("/interview").set("outcome", "passed").set("notes", "Wisata, jawaban sesuai.");
        self.interviewer.submit(&form).await.is(200);
        self.interviewer.open(&application(number)).await.says("Menunggu ajudikasi");
        let page = self.interviewer.open("/tickets").await;
        self.interviewer.submit(&page.form_without("/tickets/finish", "then")).await.is(200);
    }

    /// A blank is set aside, printed, checked, and lies ready.
    pub async fn make_book(&mut self, number: &ApplicationNumber, book: &str) {
        let path = format!("{}/book", application(number));
        for (step, fields) in
            [("allocate", ("book", book)), ("print", ("book", book)), ("check", ("defect", "none"))]
        {
            let page = self.custody.open(&path).await;
            let form = page.form_with("/book", "step", step).set(fields.0, fields.1);
            self.custody.submit(&form).await.is(200);
        }
        let page = self.custody.open(&path).await;
        self.custody.submit(&page.form("/ready").set("shelf", "A-12")).await.is(200);
        self.custody.open(&application(number)).await.says("Paspor siap diambil");
    }

    /// The applicant takes the book.
    pub async fn hand_over(&mut self, number: &ApplicationNumber, book: &str) {
        let page = self.custody.open(&format!("{}/book", application(number))).await;
        let form =
            page.form("/hand-over").set("book", book).set("collector", "applicant").set("papers", "seen");
        self.custody.submit(&form).await.is(200);
        self.custody.open(&application(number)).await.says("Sudah diserahkan");
    }
}

/// Headquarters sees the capture and approves it.
pub async fn approve(staff: &mut Officer, number: &ApplicationNumber) {
    let path = format!("/staff/applications/{number}");
    // Records overtake pictures: the portrait may come a moment later.
    let is_complete = |page: &Page| page.has_form("/decide") && page.text.contains("/pictures/");
    let page = eventually(staff, &path, "the capture with its portrait", is_complete).await;
    staff.submit(&page.form_with("/decide", "decision", "approve")).await.is(200);
}

/// The page of an application.
pub fn application(number: &ApplicationNumber) -> String {
    format!("/applications/{number}")
}

/// The ticket on a page.
pub fn ticket_of(page: &Page) -> String {
    let rest = page.text.split_once("class=\"ticket\">").map(|(_, rest)| rest);
    rest.and_then(|rest| rest.split('<').next())
        .unwrap_or_else(|| panic!("no ticket on {}", page.path))
        .to_owned()
}

/// A JPEG of this size.
pub fn picture(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb([(x % 251) as u8, (y % 241) as u8, 120]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}
