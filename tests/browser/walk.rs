//! The main job in a browser: two windows and a display, from arrival to hand-over, with a camera.

use loket::demo::record::Login;
use loket::domain::actor::Role;
use loket::domain::number::ApplicationNumber;

use super::window::Browser;
use crate::harness::nodes::{Node, Town};

/// Somebody's login, typed into the page.
async fn sign_in(browser: &Browser, town: &Town, node: &Node, role: Role) {
    let Login { name, password, .. } = town.record().login(role).unwrap();
    let path = if role == Role::Headquarters { "/staff/login" } else { "/login" };
    browser.sign_in(&node.url, path, name, password).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applicant_is_walked_through_in_a_browser() {
    let town = Town::new();
    let registry = town.start_registry(0, None);
    let office = town.start_office(&registry.url);
    let number = town.case("paid");
    let application = format!("{}/applications/{number}", office.url);
    let mut browser = Browser::open().await;
    let case = Case { town: &town, office: &office, registry: &registry, number: &number, application };
    let ticket = case.receive(&mut browser).await;
    case.call(&mut browser, &ticket).await;
    case.capture_and_interview(&mut browser).await;
    case.decide(&mut browser).await;
    case.make_book(&mut browser).await;
    case.hand_over(&mut browser).await;
    browser.close().await;
}

/// One applicant, and where.
struct Case<'a> {
    town: &'a Town,
    office: &'a Node,
    registry: &'a Node,
    number: &'a ApplicationNumber,
    application: String,
}

impl Case<'_> {
    /// The front desk: the day, the search, arrival, papers, ticket.
    async fn receive(&self, browser: &mut Browser) -> String {
        let Self { town, office, number, .. } = self;
        browser.goto(&office.url).await;
        browser.look("01-login").await;
        sign_in(browser, town, office, Role::FrontDesk).await;
        browser.look("02-today").await;
        browser.goto(&format!("{}/bookings", office.url)).await;
        browser.look("03-bookings").await;
        browser.type_into("[data-search]", &format!("{number}\n")).await;
        browser.find("form[action$='/receive'] button.primary").await;
        assert!(browser.address().await.ends_with(number.as_str()), "a number in the search opens its page");
        browser.look("04-expected").await;
        // Nothing but keys: the box has the focus, and Enter is all that is needed.
        browser.type_into("#scan:focus", "\n").await;
        let ticket = browser.find("#received .ticket").await.text().await.unwrap();
        browser.look("05-received").await;
        browser.find("[data-search]:focus").await;
        browser.look("06-waiting").await;
        ticket
    }

    /// The hall, in a window of its own, sees by itself that the interviewer calls.
    async fn call(&self, browser: &mut Browser, ticket: &str) {
        let Self { town, office, .. } = self;
        let (desk, hall) = browser.second_window().await;
        browser.goto(&format!("{}/display/aula", office.url)).await;
        browser.look("07-display").await;
        browser.show(&desk).await;
        sign_in(browser, town, office, Role::Interviewer).await;
        browser.goto(&format!("{}/tickets", office.url)).await;
        browser.look("08-counter-closed").await;
        browser.type_into("#counter", "3").await;
        browser.follow("form[action='/tickets/counter/open'] button.primary").await;
        browser.find("form[action='/tickets/call-next']").await;
        browser.look("09-queue").await;
        browser.follow("form[action='/tickets/call-next'] button").await;
        browser.find("form[action='/tickets/start']").await;
        browser.look("10-called").await;
        browser.show(&hall).await;
        browser.wait_until_it_says(ticket).await;
        browser.look("11-display-called").await;
        browser.show(&desk).await;
        browser.follow("form[action='/tickets/start'] button").await;
        browser.find("form[action='/tickets/finish']").await;
        browser.look("12-serving").await;
    }

    /// Capture with the camera, exceptions for the fingers, a signature by hand; then the interview.
    async fn capture_and_interview(&self, browser: &mut Browser) {
        let application = &self.application;
        browser.goto(&format!("{application}/capture")).await;
        browser.look("13-capture").await;
        browser.click("[data-start]").await;
        browser.click("[data-take]").await;
        browser.look("14-camera").await;
        browser.follow("[data-use]").await;
        browser.find("figure.portrait img").await;
        browser.follow("form:has(#rest-reason) button").await;
        browser.find("canvas.pad").await;
        browser.draw_on("canvas.pad").await;
        browser.follow("[data-signature] [data-save]").await;
        browser.find("img.signed").await;
        browser.look("15-captured").await;
        browser.follow(".finish form button.primary").await;
        browser.find("a[href$='/interview']").await;
        browser.goto(&format!("{application}/interview")).await;
        browser.look("16-interview").await;
        browser.click("input[name=outcome][value=passed]").await;
        browser.type_into("#notes", "Wisata, jawaban sesuai.").await;
        browser.follow("form[action$='/interview'] button.primary").await;
        browser.goto(application).await;
        browser.wait_until_it_says("Menunggu ajudikasi").await;
        browser.look("17-awaiting-decision").await;
    }

    /// Headquarters sees the picture and approves.
    async fn decide(&self, browser: &mut Browser) {
        let Self { town, registry, number, .. } = self;
        sign_in(browser, town, registry, Role::Headquarters).await;
        browser.look("18-staff").await;
        wait_for_the_picture(browser, &format!("{}/staff/applications/{number}", registry.url)).await;
        browser.look("19-staff-application").await;
        browser.follow("form:has(input[value=approve]) button.primary").await;
        browser.wait_until_it_says("Disetujui").await;
        for (page, name) in [("bookings", "20"), ("payments", "21"), ("offices", "22"), ("decisions", "23")] {
            browser.goto(&format!("{}/staff/{page}", registry.url)).await;
            browser.look(&format!("{name}-staff-{page}")).await;
        }
    }

    /// The book, step by step.
    async fn make_book(&self, browser: &mut Browser) {
        let Self { town, office, application, .. } = self;
        sign_in(browser, town, office, Role::Custody).await;
        browser.goto(application).await;
        browser.wait_until_it_says("Disetujui").await;
        browser.goto(&format!("{application}/book")).await;
        for (step, look) in [("allocate", "24-book-allocate"), ("print", "25-book-print")] {
            let form = format!("form:has(input[name=step][value={step}])");
            browser.type_into(&format!("{form} input[name=book]"), "E1234567").await;
            browser.look(look).await;
            browser.follow(&format!("{form} button.primary")).await;
        }
        browser.click("input[name=defect][value=none]").await;
        browser.look("26-book-check").await;
        browser.follow("form:has(input[name=defect]) button.primary").await;
        browser.type_into("#shelf", "A-12").await;
        browser.look("27-book-ready").await;
        browser.follow("form[action$='/ready'] button.primary").await;
        browser.find("form[action$='/hand-over']").await;
    }

    /// The applicant takes it.
    async fn hand_over(&self, browser: &mut Browser) {
        let Self { office, application, .. } = self;
        browser.look("28-hand-over").await;
        browser.type_into("form[action$='/hand-over'] input[name=book]", "E1234567").await;
        browser.click("input[name=collector][value=applicant]").await;
        browser.click("#papers").await;
        browser.follow("form[action$='/hand-over'] button.primary").await;
        browser.goto(application).await;
        browser.wait_until_it_says("Sudah diserahkan").await;
        browser.look("29-handed-over").await;
        browser.goto(&format!("{}/books", office.url)).await;
        browser.look("30-books").await;
    }
}

/// Records overtake pictures: the page is opened again until the portrait has arrived.
async fn wait_for_the_picture(browser: &Browser, address: &str) {
    for _ in 0..100 {
        browser.goto(address).await;
        let has_form = browser.has("form:has(input[value=approve])").await;
        if has_form && browser.has("img[src*='/pictures/']").await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("the capture does not reach headquarters:\n{}", browser.text().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_page_is_accessible_in_both_languages() {
    let town = Town::new();
    let office = town.start_office("http://127.0.0.1:9");
    let mut browser = Browser::open().await;
    for (role, pages) in [
        (Role::Supervisor, ["/conflicts", "/bookings?q=Suhartini", "/audit"].as_slice()),
        (Role::Administrator, ["/officers", "/settings", "/sync"].as_slice()),
    ] {
        sign_in(&browser, &town, &office, role).await;
        for page in pages {
            browser.goto(&format!("{}{page}", office.url)).await;
            let name: String = page.chars().filter(char::is_ascii_alphabetic).collect();
            browser.look(&format!("40-{name}")).await;
        }
    }
    browser.follow("form[action='/language'] button").await;
    browser.wait_until_it_says("Today").await;
    browser.goto(&office.url).await;
    browser.look("41-today-english").await;
    let unpaid = town.case("unpaid");
    sign_in(&browser, &town, &office, Role::FrontDesk).await;
    browser.goto(&format!("{}/applications/{unpaid}", office.url)).await;
    browser.look("42-unpaid").await;
    browser.goto(&format!("{}/applications/1234567890123456", office.url)).await;
    browser.look("43-unknown").await;
    browser.close().await;
}
