//! How long an office with years of applications takes from the start of its process to the first page that an officer
//! can work with:
//!
//! `cargo bench --bench restart [-- APPLICATIONS [FOLDER]]` (100,000 in a folder that vanishes).
//!
//! That page is the list of the day, with its rows, to an officer who was signed in before; where sessions are gone the
//! officer signs in first, and that counts. Each start is also made as a first start would be, without what the one
//! before has noted, so that there is something to compare with. It prints what it measured and judges nothing: the
//! drive decides part of it. The folder is built through the real journals; a folder that is given is kept and used
//! again.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement runs real processes, prints, and stops at the first surprise"
)]

mod years;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use loket::clock::{Clock, SystemClock};
use loket::config::{OfficeOverrides, example_office};
use loket::office::node;
use loket::office::store::Store;
use reqwest::{Client, StatusCode, redirect};

const PASSWORD: &str = "pintu-besi-di-pelabuhan";

fn main() {
    // cargo bench passes --bench.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let applications = arguments.first().map_or(100_000, |number| number.parse().unwrap());
    let vanishing = tempfile::tempdir().unwrap();
    let dir = arguments.get(1).map_or_else(|| vanishing.path().join("office"), PathBuf::from);
    tokio::runtime::Runtime::new().unwrap().block_on(measure(&dir, applications));
}

async fn measure(dir: &Path, applications: usize) {
    let office = example_office().unwrap();
    let today = office.zone.day(SystemClock.now());
    if dir.exists() {
        println!("using {}", dir.display());
    } else {
        let start = Instant::now();
        let made = years::make(dir, &office, applications, today, PASSWORD).await;
        println!("{applications} applications, {} records, written in {:.0?}", made.records, start.elapsed());
        draw(dir, made).await;
    }
    println!("journal {} MB, tables {} MB", megabytes(&dir.join("journal")), megabytes(&dir.join("tables")));
    let mut desk = Desk::default();
    desk.run("to settle down", dir, End::Stop).await;
    desk.run("after a clean stop", dir, End::Stop).await;
    desk.run("after a clean stop, again", dir, End::Kill).await;
    desk.run("after SIGKILL at work", dir, End::Kill).await;
    desk.run("after SIGKILL at work, again", dir, End::Stop).await;
    forget(dir);
    desk.run("after a clean stop, nothing in the page cache", dir, End::Kill).await;
    forget(dir);
    desk.run("after SIGKILL at work, nothing in the page cache", dir, End::Stop).await;
    years::erase(dir, today).await;
    desk.run("after somebody was erased and a clean stop", dir, End::Stop).await;
    take_away_notes(dir);
    desk.run("for comparison: everything read and compared before the first page", dir, End::Stop).await;
}

/// Takes away what a start relies on: it reads all journals, and compares all rows with their digest.
fn take_away_notes(dir: &Path) {
    std::fs::remove_file(dir.join("journal/places")).unwrap();
    std::fs::remove_file(dir.join("tables/settled")).unwrap();
}

/// Draws the tables and notes what headquarters has, as it would have said over the years.
async fn draw(dir: &Path, made: years::Made) {
    let (_, who) = node::load(dir, &OfficeOverrides::default()).unwrap();
    let start = Instant::now();
    let (store, opened) = Store::open(dir, who, Arc::new(SystemClock)).unwrap();
    println!("tables drawn from {} records in {:.0?}", opened.replayed, start.elapsed());
    store.peer_has(store.reader().vector()).await.unwrap();
    for hash in made.sent {
        store.picture_sent(hash).await.unwrap();
    }
    store.stop().await;
}

#[derive(Clone, Copy)]
enum End {
    /// In order.
    Stop,
    /// While officers have written what the tables on the disk do not hold yet.
    Kill,
}

/// An officer's browser.
#[derive(Default)]
struct Desk {
    cookie: Option<String>,
}

impl Desk {
    /// Starts the program, asks for the page of the day until it comes, and ends it.
    async fn run(&mut self, what: &str, dir: &Path, end: End) {
        let start = Instant::now();
        let mut office = Command::new(env!("CARGO_BIN_EXE_loket"));
        office.args(["office", "--listen", "127.0.0.1:0", "--dir"]).arg(dir);
        let mut office = office.env("LOKET_LOG", "warn").stdout(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(office.stdout.take().unwrap()).lines();
        let url = said.find_map(|line| line.unwrap().strip_prefix("Office at ").map(str::to_owned)).unwrap();
        let client = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
        let day = loop {
            if let Some(day) = self.day(&client, &url).await {
                break day;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let (served, cpu, (resident, peak)) = (start.elapsed(), processor(&office), memory(&office));
        println!(
            "{what}: the day's {} applicants after {:.2} s, {:.2} s of processor time; {resident} MB resident, {peak} MB at most",
            links(&day).len(),
            served.as_secs_f64(),
            cpu.as_secs_f64(),
        );
        if let End::Kill = end {
            self.work(&client, &url, &day).await;
        }
        finish(&mut office, end);
    }

    /// The page of the day, once it is there.
    async fn day(&mut self, client: &Client, url: &str) -> Option<String> {
        let cookie = match &self.cookie {
            Some(cookie) => cookie.clone(),
            None => self.log_in(client, url).await?,
        };
        let day = client.get(format!("{url}/bookings")).header("cookie", &cookie).send().await.unwrap();
        match day.status() {
            StatusCode::OK => {
                let day = day.text().await.unwrap();
                assert!(!links(&day).is_empty(), "{day}");
                Some(day)
            }
            StatusCode::SERVICE_UNAVAILABLE => None,
            other => {
                assert!(other.is_redirection(), "{other}");
                self.cookie = None;
                None
            }
        }
    }

    async fn log_in(&mut self, client: &Client, url: &str) -> Option<String> {
        let page = client.get(format!("{url}/login")).send().await.unwrap();
        if page.status() == StatusCode::SERVICE_UNAVAILABLE {
            return None;
        }
        let stranger = page.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap().to_owned());
        let page = page.text().await.unwrap();
        let field = |name: &str| {
            let rest = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap().1;
            rest.split('"').next().unwrap().to_owned()
        };
        let body = format!("csrf={}&once={}&name=sari&password={PASSWORD}", field("csrf"), field("once"));
        let asked = client.post(format!("{url}/login")).header("origin", url).body(body);
        let asked = asked.header("content-type", "application/x-www-form-urlencoded");
        let pair = stranger.as_deref().and_then(|cookie| cookie.split(';').next()).unwrap_or_default();
        let answer = asked.header("cookie", pair).send().await.unwrap();
        assert!(answer.status().is_redirection(), "{}", answer.status());
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        self.cookie = Some(cookie.clone());
        Some(cookie)
    }

    /// Opens every applicant of the day, which is written down.
    async fn work(&self, client: &Client, url: &str, day: &str) {
        for link in links(day) {
            let cookie = self.cookie.clone().unwrap_or_default();
            let page = client.get(format!("{url}{link}")).header("cookie", cookie).send().await.unwrap();
            assert!(page.status().is_success(), "{link}: {}", page.status());
        }
    }
}

/// Applications that a page leads to.
fn links(page: &str) -> BTreeSet<&str> {
    let parts = page.split("href=\"").skip(1).filter_map(|part| part.split('"').next());
    parts.filter(|link| link.starts_with("/applications/")).collect()
}

/// Processor time that a process has used, its threads included.
fn processor(office: &Child) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", office.id())).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    // The 14th and 15th fields of all, in hundredths of a second on every Linux of today.
    let ticks = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|ticks| ticks.parse::<u64>().unwrap())
        .sum::<u64>();
    Duration::from_millis(10 * ticks)
}

fn finish(office: &mut Child, end: End) {
    match end {
        End::Kill => office.kill().unwrap(),
        End::Stop => {
            let asked = Command::new("kill").args(["-TERM", &office.id().to_string()]).status().unwrap();
            assert!(asked.success());
        }
    }
    office.wait().unwrap();
}

/// Resident memory now and at most, in megabytes.
fn memory(office: &Child) -> (u64, u64) {
    let status = std::fs::read_to_string(format!("/proc/{}/status", office.id())).unwrap_or_default();
    let kilobytes = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or("0 0");
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    (kilobytes("VmRSS") / 1000, kilobytes("VmHWM") / 1000)
}

fn megabytes(folder: &Path) -> u64 {
    let du = Command::new("du").args(["-s", "--block-size=MB"]).arg(folder).output().unwrap();
    let said = String::from_utf8(du.stdout).unwrap();
    said.split("MB").next().unwrap().parse().unwrap()
}

/// Takes the folder's files out of the page cache, as after the machine was started.
fn forget(dir: &Path) {
    let script = "sync -f \"$1\"; find \"$1/journal\" \"$1/tables\" -type f -exec dd if={} iflag=nocache count=0 status=none \\;";
    assert!(Command::new("sh").args(["-c", script, "forget"]).arg(dir).status().unwrap().success());
}
