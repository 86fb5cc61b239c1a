//! https in a real browser: warned before the authority is installed, at home afterwards, camera included.

use loket::demo::record::Login;
use loket::domain::actor::Role;

use super::window::Browser;
use crate::harness::nodes::{Town, loket};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_browser_installs_the_certificate_and_works_over_https() {
    let town = Town::new();
    let made = loket()
        .args(["certificate", "new", "--name", "localhost", "--ip", "192.0.2.10", "--dir"])
        .arg(town.dir("office"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let office = town.start_office("http://127.0.0.1:9");
    assert!(office.url.starts_with("https://127.0.0.1:"), "{}", office.url);
    let said = office.process.said();
    let line = said.lines().find(|line| line.contains("Certificate for browsers at ")).unwrap();
    let door = line.rsplit(' ').next().unwrap();
    let fingerprint = said.lines().find_map(|line| line.split_once("SHA-256 fingerprint: ")).unwrap().1;

    // Before: the browser warns, and the plain door tells what to do.
    let mut browser = Browser::open().await;
    browser.try_goto(&office.url).await;
    let warned = browser.text().await;
    assert!(warned.contains("ERR_CERT_AUTHORITY_INVALID"), "a browser must not trust it yet:\n{warned}");
    browser.goto(door).await;
    let text = browser.text().await;
    assert!(text.contains(fingerprint), "{text}");
    browser.look("90-certificate").await;
    browser.close().await;

    // After: no warning, under its name and its address, and a page may use the camera.
    let mut browser = Browser::open_trusting(&town.dir("office").join("tls/ca.pem")).await;
    let by_name = office.url.replace("127.0.0.1", "localhost");
    let Login { name, password, .. } = town.record().login(Role::Administrator).unwrap();
    for url in [&office.url, &by_name] {
        browser.sign_in(url, "/login", name, password).await;
        assert_eq!(browser.script("return String(window.isSecureContext)").await, "true");
    }
    browser.goto(&format!("{by_name}/settings")).await;
    browser.look("91-settings-over-https").await;
    // Whoever types http at the old place is brought to https.
    browser.goto(&door.replace("/certificate", "/login")).await;
    assert!(browser.address().await.starts_with("https://"));
    browser.close().await;
}
