//! Small on the line and huge in memory, or huge on the line: what anybody can send to a running node is refused early, its
//! memory stays where it was, and it goes on. What the sync crate unpacks is tried in `sync/tests/bombs.rs`.

use std::io::{Cursor, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use image::{ImageFormat, RgbImage};
use loket::domain::actor::Role;
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;

use super::steps::{Staff, application};
use crate::harness::nodes::{Node, Town};
use crate::harness::officer::Page;

/// A node may hold so much more than before, in megabytes: a request of the largest size, a few times over, and what the
/// allocator keeps. The bombs would take gigabytes.
const MORE_MB_MAX: u64 = 160;
const FORM: &str = "application/x-www-form-urlencoded";

/// What a process holds at most since [`forget_peak`], in megabytes.
fn peak_mb(node: &Node) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", node.process.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// The peak starts again from what is held now (proc(5), `clear_refs`).
fn forget_peak(node: &Node) -> u64 {
    std::fs::write(format!("/proc/{}/clear_refs", node.process.id()), "5").unwrap();
    peak_mb(node)
}

/// Fails if the node has held much more than before.
#[track_caller]
fn held_little(node: &Node, before_mb: u64, more_mb_max: u64) {
    let peak = peak_mb(node);
    assert!(peak < before_mb + more_mb_max, "{before_mb} MB, then {peak} MB");
}

/// A JPEG of a few hundred bytes that says it has these sides; progressive, its decoder holds every coefficient.
fn jpeg(width: u16, height: u16, progressive: bool) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::new(16, 16).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    let mut bytes = bytes.into_inner();
    let frame = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    bytes[frame + 1] = if progressive { 0xc2 } else { 0xc0 };
    bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

/// So many megabytes of spaces, packed as HTTP may name it.
fn packed(megabytes: usize) -> [(&'static str, Vec<u8>); 2] {
    let spaces = b" ".repeat(megabytes << 20);
    let mut gzip =
        Command::new("gzip").arg("-c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut into = gzip.stdin.take().unwrap();
    let zstd = zstd::bulk::compress(&spaces, 3).unwrap();
    let writing = std::thread::spawn(move || into.write_all(&spaces).unwrap());
    let gzip = gzip.wait_with_output().unwrap().stdout;
    writing.join().unwrap();
    [("gzip", gzip), ("zstd", zstd)]
}

/// Sends a beginning and then the same again and again, 256 MB or more; the status of the answer, or nothing when the line
/// broke before one came.
async fn endless(node: &Node, begin: Vec<u8>, again: &[u8]) -> Option<u16> {
    let address = node.url.strip_prefix("http://").unwrap().to_owned();
    let again = again.repeat((1 << 20) / again.len());
    let sending = move || {
        let mut line = TcpStream::connect(address).unwrap();
        line.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        line.set_write_timeout(Some(Duration::from_mins(1))).unwrap();
        // A write that fails is how a line breaks; an answer may lie there all the same.
        if line.write_all(&begin).is_ok() {
            for _ in 0..256 {
                if line.write_all(&again).is_err() {
                    break;
                }
            }
        }
        let mut answer = [0; 12];
        line.read_exact(&mut answer).ok()?;
        let answer = std::str::from_utf8(&answer).unwrap();
        Some(answer.strip_prefix("HTTP/1.1 ").unwrap().parse().unwrap())
    };
    tokio::task::spawn_blocking(sending).await.unwrap()
}

/// Requests whose heads have no end: one header, headers, the address.
async fn endless_heads(node: &Node, path: &str) {
    let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\n");
    for (what, begin, again) in [
        ("a header", format!("{head}x-long: "), "x"),
        ("headers", head, "x-a: b\r\n"),
        ("the address", "GET /".to_owned(), "x"),
    ] {
        let answered = endless(node, begin.into_bytes(), again.as_bytes()).await;
        assert!(answered.is_none_or(|status| (400..500).contains(&status)), "{what}: {answered:?}");
    }
}

/// A chunk as HTTP sends bodies whose length nobody knows (RFC 9112, 7.1).
fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

/// Begins so many requests at once, each with as many bytes as it may have but one, and goes no further with any; returns
/// how many of them were taken, and what the process held at most until then.
async fn stalled(node: &Node, head: &str, begin: &str, bytes: usize, at_once: usize) -> (usize, u64) {
    let address = node.url.strip_prefix("http://").unwrap();
    let head = format!("{head}host: {address}\r\ncontent-length: {}\r\n\r\n{begin}", begin.len() + bytes + 1);
    let request = std::sync::Arc::new([head.as_bytes(), &vec![b'x'; bytes]].concat());
    let mut sending = JoinSet::new();
    for _ in 0..at_once {
        let mut line = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = request.clone();
        sending.spawn(async move {
            // Whoever has no place is not read on, so the rest of it does not leave here.
            let sent = tokio::time::timeout(Duration::from_secs(5), line.write_all(&request)).await;
            (line, sent.is_ok_and(|sent| sent.is_ok()))
        });
    }
    let lines = sending.join_all().await;
    let through = lines.iter().filter(|(_, through)| *through).count();
    (through, peak_mb(node))
}

/// Somebody at the counter of an office, ready for the first portrait.
async fn ready_to_capture(town: &Town, office: &Node) -> (Staff, loket::domain::number::ApplicationNumber) {
    let mut staff = Staff::sign_in(town, office).await;
    let number = town.case("paid");
    let ticket = staff.receive(&number).await;
    staff.call(&ticket).await;
    (staff, number)
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_are_bombs_are_refused_at_the_office() {
    let town = Town::new();
    let office = town.start_office("http://127.0.0.1:9");
    let (mut staff, number) = ready_to_capture(&town, &office).await;
    let path = application(&number);
    let portrait = staff.interviewer.open(&format!("{path}/capture")).await;
    let portrait = portrait.form_with("/capture", "piece", "portrait");

    let before = forget_peak(&office);
    for bomb in [jpeg(12_000, 12_000, false), jpeg(12_000, 12_000, true), jpeg(65_000, 65_000, true)] {
        assert!(bomb.len() < 2_000);
        let page = staff.interviewer.upload(&portrait, "picture", "wajah.jpg", &bomb).await;
        page.is(422).says("Gambar terlalu besar untuk dibuka");
    }
    // Parts without end, and one whose head has none.
    let cookie = staff.interviewer.cookies().iter().map(|(name, value)| format!("{name}={value}"));
    let cookie = cookie.collect::<Vec<_>>().join("; ");
    let head = format!(
        "POST {path}/capture HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\ncontent-type: multipart/form-data; \
         boundary=b\r\ntransfer-encoding: chunked\r\n\r\n",
        office.url.strip_prefix("http://").unwrap()
    );
    let part = b"--b\r\ncontent-disposition: form-data; name=\"piece\"\r\n\r\nportrait\r\n".repeat(8192);
    let begin = [head.as_bytes(), &chunk(b"--b\r\n")].concat();
    for (what, again) in [("parts", chunk(&part)), ("the head of a part", chunk(&b"x".repeat(1 << 20)))] {
        let answered = endless(&office, begin.clone(), &again).await;
        assert!(answered.is_none_or(|status| (400..500).contains(&status)), "{what}: {answered:?}");
    }
    held_little(&office, before, MORE_MB_MAX);

    // Very many at once that never come to their end: four are kept at a time.
    let before = forget_peak(&office);
    let multipart = "--b\r\ncontent-disposition: form-data; name=\"picture\"; filename=\"a.jpg\"\r\n\r\n";
    let head = format!(
        "POST {path}/capture HTTP/1.1\r\ncookie: {cookie}\r\ncontent-type: multipart/form-data; boundary=b\r\n"
    );
    let (taken, peak) = stalled(&office, &head, multipart, 10 << 20, 40).await;
    assert!(taken <= 4, "{taken}");
    assert!(peak < before + 4 * 10 + 60, "{before} MB, then {peak} MB");

    // Honest ones, as large as may be, many at a time: they wait for each other.
    let mut large = Cursor::new(Vec::new());
    RgbImage::new(6_200, 6_300).write_to(&mut large, ImageFormat::Jpeg).unwrap();
    let large = std::sync::Arc::new(large.into_inner());
    let before = forget_peak(&office);
    let mut uploads: JoinSet<Page> = JoinSet::new();
    for once in 0..6 {
        let (mut officer, large) = (staff.interviewer.clone(), large.clone());
        let form = portrait.clone().force("once", &format!("a-large-picture-{once}"));
        uploads.spawn(async move { officer.upload(&form, "picture", "wajah.jpg", &large).await });
    }
    while let Some(page) = uploads.join_next().await {
        page.unwrap().is(200);
    }
    // Two that are unpacked take 240 MB, six would take 700.
    held_little(&office, before, 2 * 120 + MORE_MB_MAX);
    staff.capture(&number).await;
    assert!(office.process.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_that_are_bombs_are_refused_at_the_office() {
    let town = Town::new();
    let office = town.start_office("http://127.0.0.1:9");
    let (mut staff, number) = ready_to_capture(&town, &office).await;
    let arrive = staff.desk.open(&application(&town.cases("paid")[1])).await.form("/arrive");
    let client = reqwest::Client::new();

    let before = forget_peak(&office);
    // More than any form has, from somebody who is signed in: one long field, and very many short ones.
    staff.desk.submit(&arrive.clone().set("note", &"x".repeat(8 << 20))).await.is(413);
    let mut many = arrive.clone();
    many.fields.extend(std::iter::repeat_n(("a".to_owned(), "1".to_owned()), 1 << 20));
    staff.desk.submit(&many).await.is(413);
    // From anybody.
    let bodies = ["a=1&".repeat(4 << 20), format!("login={}", "x".repeat(16 << 20)), "[".repeat(8 << 20)];
    for body in bodies {
        let sent = client.post(format!("{}/login", office.url)).header(CONTENT_TYPE, FORM).body(body).send();
        // Where it is refused before it was read to its end, the line may break instead.
        if let Ok(answer) = sent.await {
            assert!(answer.status().is_client_error(), "{}", answer.status());
        }
    }
    for (encoding, body) in packed(256) {
        let sent = client.post(format!("{}/login", office.url)).header(CONTENT_TYPE, FORM);
        let answer = sent.header(CONTENT_ENCODING, encoding).body(body).send().await;
        assert!(answer.is_err() || answer.is_ok_and(|it| it.status().is_client_error()), "{encoding}");
    }
    endless_heads(&office, "/login").await;
    held_little(&office, before, MORE_MB_MAX);
    let mut supervisor = town.officer(&office, Role::Supervisor).await;
    supervisor.open("/audit").await.is(200);
    staff.capture(&number).await;
    assert!(office.process.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_bombs_are_refused_at_the_registry() {
    let town = Town::new();
    let registry = town.start_registry(0, None);
    let key = &town.record().channel_key;
    let client = reqwest::Client::new();
    let send = async |path: &str, encoding: Option<&str>, body: Vec<u8>| {
        let request =
            client.post(format!("{}{path}", registry.url)).header(AUTHORIZATION, format!("Bearer {key}"));
        let request = match encoding {
            Some(encoding) => request.header(CONTENT_ENCODING, encoding),
            None => request,
        };
        let sent = request.header(CONTENT_TYPE, "application/json").body(body).send().await;
        sent.map(|answer| answer.status().as_u16())
    };
    let before = forget_peak(&registry);
    let digits = format!(r#"{{"applicant":{{"nik":{}}}}}"#, "9".repeat(4 << 20));
    let exponent = br#"{"applicant":{"nik":1e999999999999}}"#.to_vec();
    let list = format!(r#"{{"documents":[{}{{}}]}}"#, "{},".repeat(1 << 20));
    for (what, body) in [
        ("lists in lists", b"[".repeat(8 << 20)),
        ("objects in objects", br#"{"applicant":"#.repeat(1 << 19)),
        ("a number of four million digits", digits.into_bytes()),
        ("a number that is none", exponent),
        ("a list of a million documents", list.into_bytes()),
        ("nothing but space", b" ".repeat(12 << 20)),
    ] {
        let answered = send("/api/v1/bookings", None, body).await.unwrap();
        assert_eq!(answered, 400, "{what}");
    }
    // More than any request may have: refused while it comes, or the line breaks.
    if let Ok(answered) = send("/api/v1/bookings", None, b" ".repeat(40 << 20)).await {
        assert!((400..500).contains(&answered), "{answered}");
    }
    // Packed bodies are not unpacked: they are read as they came, and are no JSON.
    let packed = packed(256);
    for (encoding, body) in &packed {
        let answered = send("/api/v1/bookings", Some(encoding), body.clone()).await.unwrap();
        assert!((400..500).contains(&answered), "{encoding}: {answered}");
    }
    // The exchange, the enrolment and the staff's login before anybody knows who speaks.
    for path in ["/sync/v1/x", "/sync/v1/enrol", "/staff/login"] {
        if let Ok(answered) = send(path, None, vec![2; 40 << 20]).await {
            assert!((400..500).contains(&answered), "{path}: {answered}");
        }
        for (_, body) in &packed {
            if let Ok(answered) = send(path, None, body.clone()).await {
                assert!((400..500).contains(&answered), "{path}: {answered}");
            }
        }
        endless_heads(&registry, path).await;
    }
    held_little(&registry, before, MORE_MB_MAX);
    // Very many messages at once of somebody whom nobody knows: none is kept.
    let before = forget_peak(&registry);
    let (_, peak) = stalled(&registry, "POST /sync/v1/x HTTP/1.1\r\n", "", (8 << 20) - 1, 40).await;
    assert!(peak < before + 40, "{before} MB, then {peak} MB");
    let mut headquarters = town.staff(&registry).await;
    headquarters.open("/staff/offices").await.is(200);
    assert!(registry.process.stop().success());
}
