//! How long an office with years of applications takes from the start of its process to its first page:
//!
//! `cargo bench --bench restart [-- APPLICATIONS [FOLDER]]` (100,000 in a folder that vanishes).
//!
//! It prints what it measured and judges nothing: the drive decides part of it. The folder is built through the real
//! journals; a folder that is given is kept and used again.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement runs real processes, prints, and stops at the first surprise"
)]

mod years;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use loket::clock::{Clock, SystemClock};
use loket::config::{OfficeOverrides, example_office};
use loket::office::node;
use loket::office::store::Store;
use reqwest::{Client, redirect};

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
    run("settling", dir, End::Stop).await;
    run("after a clean stop", dir, End::Stop).await;
    run("after a clean stop, again", dir, End::Kill).await;
    run("after SIGKILL", dir, End::Kill).await;
    run("after SIGKILL, again", dir, End::Kill).await;
    forget(dir);
    run("after SIGKILL, nothing in the page cache", dir, End::Stop).await;
    forget(dir);
    run("after a clean stop, nothing in the page cache", dir, End::Stop).await;
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
    Stop,
    Kill,
}

/// Starts the program, asks for its first pages, and ends it.
async fn run(what: &str, dir: &Path, end: End) {
    let start = Instant::now();
    let mut office = Command::new(env!("CARGO_BIN_EXE_loket"));
    office.args(["office", "--listen", "127.0.0.1:0", "--dir"]).arg(dir);
    let mut office = office.env("LOKET_LOG", "warn").stdout(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(office.stdout.take().unwrap()).lines();
    let url = said.find_map(|line| line.unwrap().strip_prefix("Office at ").map(str::to_owned)).unwrap();
    let client = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    let page = client.get(format!("{url}/login")).send().await.unwrap();
    assert!(page.status().is_success());
    let served = start.elapsed();
    let stranger = page.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap().to_owned());
    let (day, log_in) = officer(&client, &url, (page.text().await.unwrap(), stranger)).await;
    let (resident, peak) = memory(&office);
    println!(
        "{what}: first page after {:.2} s; then logged in {:.2} s, the page of the day {:.2} s; {resident} MB resident, {peak} MB at most",
        served.as_secs_f64(),
        log_in.as_secs_f64(),
        day.as_secs_f64(),
    );
    finish(&mut office, end);
}

/// An officer logs in and opens the day: how long each took.
async fn officer(
    client: &Client,
    url: &str,
    (page, stranger): (String, Option<String>),
) -> (Duration, Duration) {
    let field = |name: &str| {
        let rest = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap().1;
        rest.split('"').next().unwrap().to_owned()
    };
    let start = Instant::now();
    let body = format!("csrf={}&once={}&name=sari&password={PASSWORD}", field("csrf"), field("once"));
    let asked = client.post(format!("{url}/login")).header("origin", url).body(body);
    let asked = asked.header("content-type", "application/x-www-form-urlencoded");
    let pair = stranger.as_deref().and_then(|cookie| cookie.split(';').next()).unwrap_or_default();
    let asked = asked.header("cookie", pair);
    let answer = asked.send().await.unwrap();
    assert!(answer.status().is_redirection(), "{}", answer.status());
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let log_in = start.elapsed();
    let start = Instant::now();
    let day = client.get(format!("{url}/")).header("cookie", cookie).send().await.unwrap();
    assert!(day.status().is_success(), "{}", day.status());
    day.text().await.unwrap();
    (start.elapsed(), log_in)
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
    let script = "sync -f \"$1\"; find \"$1\" -type f -exec dd if={} iflag=nocache count=0 status=none \\;";
    assert!(Command::new("sh").args(["-c", script, "forget"]).arg(dir).status().unwrap().success());
}
