//! The gate over a real socket: strangers, forged cookies, foreign forms, unknown addresses. Every answer has its page,
//! its words and its headers, and nothing is written.

use super::Site;
use loket::web::headers::CONTENT_SECURITY_POLICY;

const NUMBER: &str = "1179000000000001";

async fn form(site: &Site, path: &str, cookie: &str, extra: (&str, &str), body: &str) -> reqwest::Response {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request = client.post(site.url(path)).header("cookie", cookie).header(extra.0, extra.1);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(body.to_owned()).send().await.unwrap()
}

#[tokio::test]
async fn strangers_and_forged_cookies_are_sent_to_the_login() {
    let site = Site::open().await;
    let stranger = site.get_as_stranger("/bookings?q=ani").await;
    assert_eq!(
        (stranger.status.as_u16(), stranger.location.as_str()),
        (303, "/login?next=/bookings"),
        "what was searched for is not repeated in an address"
    );
    let forged = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let forged = forged.get(site.url("/")).header("cookie", "loket=aaaa").send().await.unwrap();
    assert_eq!(forged.status(), 303);
    let act = form(&site, "/sync/pause", "loket=aaaa", ("x-none", "1"), "csrf=a&once=b").await;
    assert_eq!(act.status(), 401);
    assert!(act.text().await.unwrap().contains("Sesi Anda sudah berakhir"));
}

#[tokio::test]
async fn a_form_of_another_site_or_without_our_token_changes_nothing() {
    let mut site = Site::open().await;
    let key = site.office.booked("Siti Aminah").await;
    let path = format!("/applications/{NUMBER}/arrive");
    let own = format!("csrf={}&once=x", site.csrf);
    let elsewhere = form(&site, &path, site.cookie(), ("sec-fetch-site", "cross-site"), &own).await;
    assert_eq!(elsewhere.status(), 403);
    let origin = form(&site, &path, site.cookie(), ("origin", "http://elsewhere.example"), &own).await;
    assert_eq!(origin.status(), 403);
    let token = form(&site, &path, site.cookie(), ("x-none", "1"), "csrf=wrong&once=x").await;
    assert_eq!(token.status(), 403);
    assert!(token.text().await.unwrap().contains("Formulir ini tidak berlaku lagi"));
    let application = site.office.store().application(key).unwrap().unwrap();
    assert!(application.view().visits.is_empty(), "nothing was written");
    let arrived = form(&site, &path, site.cookie(), ("sec-fetch-site", "same-origin"), &own).await;
    assert_eq!(arrived.status(), 303);
}

#[tokio::test]
async fn every_answer_carries_the_policy_and_every_error_a_page() {
    let site = Site::open().await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for (path, status) in [
        ("/login", 200),
        ("/", 303),
        ("/static/loket.css", 200),
        ("/static/none.css", 404),
        ("/healthz", 200),
        ("/nowhere", 404),
        ("/logout", 405),
    ] {
        let answer = client.get(site.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers()["content-security-policy"], CONTENT_SECURITY_POLICY, "{path}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
        if status >= 400 {
            assert!(answer.text().await.unwrap().contains("<h1>"), "{path} has a page");
        }
    }
    let unknown = site.get("/applications/9999000000000000").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text().contains("9999000000000000 tidak ditemukan"));
    assert_eq!(site.get("/applications/%3Cscript%3E").await.status, 404);
}

#[tokio::test]
async fn signing_in_through_the_page_opens_what_was_wanted() {
    let site = Site::open().await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let page = client.get(site.url("/login?next=/sync")).send().await.unwrap();
    let cookie = page.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert!(cookie.starts_with("loket-visitor="));
    let text = page.text().await.unwrap();
    let csrf = text.split_once("name=\"csrf\" value=\"").unwrap().1.split_once('"').unwrap().0;
    let body = |password: &str| format!("csrf={csrf}&once=o&next=%2Fsync&name=sari&password={password}");
    let wrong = form(&site, "/login", &cookie, ("x-none", "1"), &body("salah-sekali")).await;
    assert_eq!(wrong.status(), 401);
    let wrong = wrong.text().await.unwrap();
    assert!(wrong.contains("value=\"sari\"") && !wrong.contains("salah-sekali"));
    let right = form(&site, "/login", &cookie, ("x-none", "1"), &body(super::PASSWORD)).await;
    assert_eq!((right.status().as_u16(), &right.headers()["location"]), (303, &"/sync".parse().unwrap()));
    let session = right.headers()["set-cookie"].to_str().unwrap();
    assert!(session.contains("HttpOnly") && session.contains("SameSite=Strict"), "{session}");
}
