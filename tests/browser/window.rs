//! A Chromium with a camera that shows a test picture, and an accessibility checker that looks at every page.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::prelude::*;

use crate::harness::process::Process;
use crate::harness::{free_port, installed, not_installed};

/// A browser of its own, with its own cookies. Closed with the value.
pub struct Browser {
    driver: WebDriver,
    _chromedriver: Process,
    _folder: tempfile::TempDir,
    axe: String,
    violations: Vec<String>,
}

/// Rules every page is held to (WCAG 2.2 AA and good practice).
const RULES: &str = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";

impl Browser {
    /// Opens a browser.
    pub async fn open() -> Self {
        Self::open_at(tempfile::tempdir().unwrap()).await
    }

    /// Opens a browser of somebody who has installed an authority, a PEM file, as one does on Linux.
    pub async fn open_trusting(authority: &Path) -> Self {
        installed("libnss3-tools", &["/usr/bin/certutil"]);
        let home = tempfile::tempdir().unwrap();
        let store = home.path().join(".pki/nssdb");
        std::fs::create_dir_all(&store).unwrap();
        let store = format!("sql:{}", store.display());
        let authority = authority.to_str().unwrap();
        for arguments in [
            &["-N", "-d", &store, "--empty-password"][..],
            &["-A", "-d", &store, "-n", "loket", "-t", "C,,", "-i", authority],
        ] {
            let done = Command::new("certutil").args(arguments).output().unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        }
        Self::open_at(home).await
    }

    async fn open_at(folder: tempfile::TempDir) -> Self {
        let program = installed("chromium-driver", &["/usr/bin/chromedriver"]);
        installed("chromium", &["/usr/bin/chromium"]);
        let axe = concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-tools/node_modules/axe-core/axe.min.js");
        let Ok(axe) = std::fs::read_to_string(axe) else { not_installed("axe-core") };
        let port = free_port();
        let mut command = Command::new(program);
        command.env("HOME", folder.path());
        command.arg(format!("--port={port}"));
        let mut chromedriver = Process::start(&mut command, folder.path().join("chromedriver.log"));
        chromedriver.wait_until_it_says("started successfully");
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities()).await.unwrap();
        driver.set_script_timeout(Duration::from_mins(1)).await.unwrap();
        Self { driver, _chromedriver: chromedriver, _folder: folder, axe, violations: Vec::new() }
    }

    /// Goes to an address.
    pub async fn goto(&self, address: &str) {
        self.driver.goto(address).await.unwrap();
    }

    /// Goes to an address that the browser may warn of instead of showing it; the driver may call that a failure.
    pub async fn try_goto(&self, address: &str) {
        let _ = self.driver.goto(address).await;
    }

    /// What a script on the page says.
    pub async fn script(&self, script: &str) -> String {
        let said = self.driver.execute(script, vec![]).await.unwrap();
        said.json().as_str().unwrap_or_default().to_owned()
    }

    /// Opens a second window and leaves it in front; returns the first and the second.
    pub async fn second_window(&self) -> (WindowHandle, WindowHandle) {
        let first = self.driver.window().await.unwrap();
        let second = self.driver.new_window().await.unwrap();
        self.show(&second).await;
        (first, second)
    }

    /// Brings a window to the front.
    pub async fn show(&self, window: &WindowHandle) {
        self.driver.switch_to_window(window.clone()).await.unwrap();
    }

    /// Waits for something visible on the page. A live page may swap elements away while they are looked at.
    pub async fn find(&self, css: &str) -> WebElement {
        for _ in 0..300 {
            for element in self.driver.find_all(By::Css(css)).await.unwrap() {
                if element.is_displayed().await.unwrap_or(false) {
                    return element;
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no {css} on {}:\n{}", self.address().await, self.text().await)
    }

    /// Whether something stands on the page at this moment.
    pub async fn has(&self, css: &str) -> bool {
        !self.driver.find_all(By::Css(css)).await.unwrap().is_empty()
    }

    /// Clicks something. A live page may swap the element away in between; then it is looked for again.
    pub async fn click(&self, css: &str) {
        for _ in 0..20 {
            let element = self.find(css).await;
            let scrolled = element.scroll_into_view().await;
            let clicked = if scrolled.is_ok() { element.click().await } else { scrolled };
            match clicked.map_err(thirtyfour::error::WebDriverError::into_inner) {
                Ok(()) => return,
                Err(WebDriverErrorInner::StaleElementReference(_)) => {}
                Err(error) => panic!("{css} cannot be clicked: {error}"),
            }
        }
        panic!("{css} is swapped away again and again");
    }

    /// Clicks something that leads to another page, and waits until the old one is gone.
    pub async fn follow(&self, css: &str) {
        let page = self.driver.find(By::Css("main")).await.unwrap();
        self.click(css).await;
        for _ in 0..600 {
            if page.tag_name().await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{css} leads nowhere from {}:\n{}", self.address().await, self.text().await);
    }

    /// Types into a field. Once it has the focus, a live page leaves it alone.
    pub async fn type_into(&self, css: &str, text: &str) {
        self.click(css).await;
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Presses keys, wherever the focus is.
    pub async fn press(&self, keys: &str) {
        self.driver.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Waits until the page says some words.
    pub async fn wait_until_it_says(&self, words: &str) {
        for _ in 0..300 {
            if self.text().await.contains(words) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{} does not say {words:?}:\n{}", self.address().await, self.text().await);
    }

    /// Where it is.
    pub async fn address(&self) -> String {
        self.driver.current_url().await.unwrap().to_string()
    }

    /// What a person reads on the page.
    pub async fn text(&self) -> String {
        let body = self.driver.execute("return document.body.innerText", vec![]).await.unwrap();
        body.json().as_str().unwrap_or_default().replace(['\u{a0}', '\u{202f}'], " ")
    }

    /// Logs in.
    pub async fn sign_in(&self, server: &str, login_path: &str, login: &str, password: &str) {
        self.driver.delete_all_cookies().await.unwrap();
        self.goto(&format!("{server}{login_path}")).await;
        self.type_into("#name", login).await;
        self.type_into("#password", password).await;
        self.follow("main button.primary").await;
        self.find("nav").await;
    }

    /// Draws a line on something, as with a pen.
    pub async fn draw_on(&self, css: &str) {
        let pad = self.find(css).await;
        pad.scroll_into_view().await.unwrap();
        let pen = self.driver.action_chain().move_to_element_center(&pad).click_and_hold();
        let pen = pen.move_by_offset(60, 20).move_by_offset(-90, 10).move_by_offset(40, -40).release();
        pen.perform().await.unwrap();
    }

    /// Photographs the page and lets axe look at it; what it finds is told at the end.
    pub async fn look(&mut self, name: &str) {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/screenshots"));
        std::fs::create_dir_all(&folder).unwrap();
        self.driver.screenshot(&folder.join(format!("{name}.png"))).await.unwrap();
        self.driver.execute(self.axe.as_str(), vec![]).await.unwrap();
        let run = format!(
            "const done = arguments[arguments.length - 1];\
             axe.run(document, {{ runOnly: {RULES} }}).then(found => done(found.violations.map(one => \
               one.id + ': ' + one.help + ' at ' + one.nodes.map(node => node.target.join(' ')).join(', '))),\
               error => done([String(error)]))"
        );
        let found = self.driver.execute_async(run, vec![]).await.unwrap();
        let Value::Array(found) = found.json() else { panic!("axe did not answer") };
        self.violations
            .extend(found.iter().map(|one| format!("{name}: {}", one.as_str().unwrap_or_default())));
    }

    /// Fails if axe has found anything on any page, then closes the browser.
    pub async fn close(self) {
        self.driver.quit().await.unwrap();
        assert!(self.violations.is_empty(), "\n{}", self.violations.join("\n"));
    }
}

fn capabilities() -> thirtyfour::ChromeCapabilities {
    let mut capabilities = DesiredCapabilities::chrome();
    capabilities.accept_insecure_certs(false).unwrap();
    for argument in [
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--window-size=1366,900",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        // So that a long run can be asked what it has kept.
        "--js-flags=--expose-gc",
        "--enable-precise-memory-info",
    ] {
        capabilities.add_arg(argument).unwrap();
    }
    capabilities
}
