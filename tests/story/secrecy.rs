//! A stolen disk tells nothing: after a day with captures, decisions and a hand-over, nothing personal can be found in the
//! raw bytes of any file of either node, of a backup of either, or of a courier's bundle of either.
//!
//! Looked for: every applicant's, guardian's and officer's name, NIK, phone, mail address, street and birthplace, in
//! UTF-8 whatever the case, in UTF-16, Base64 and hexadecimal, and in whatever zstd unpacks; the heads of picture and
//! fingerprint formats. Single words count from six letters on: shorter ones turn up in any few megabytes of sealed, and
//! so random, bytes. Backups and bundles must look like chance besides.
//!
//! One folder is readable by nature and left out: `mail` in the registry's, into which mails are put when no mail server
//! is set (for demonstrations). It is looked at apart, so that it is no surprise.

use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::path::{Path, PathBuf};

use data_encoding::{BASE64, HEXLOWER};
use loket::clock::SystemClock;
use loket::config::{RegistryConfig, RegistryOverrides};
use loket::domain::booking::Booked;
use loket::registry;

use super::steps::{Staff, approve};
use crate::harness::nodes::{Town, loket};
use crate::harness::{eventually, files};

/// Shorter words are found by chance.
const WORD_LETTERS_MIN: usize = 6;
/// What stands readable at the beginning of a backup or bundle is shorter: who made it, when and for whom, and sealed keys.
const ARCHIVE_HEAD_LEN: usize = 1024;
/// How a zstd frame begins (RFC 8878).
const ZSTD_HEAD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// So much of what a frame unpacks to is looked at.
const UNPACKED_BYTES_MAX: u64 = 16 << 20;
/// The start of every picture or template of these formats, long enough not to turn up by chance.
const HEADS: [(&str, &[u8]); 8] = [
    ("JPEG (JFIF)", b"JFIF\0"),
    ("JPEG (Exif)", b"Exif\0\0"),
    ("PNG", b"\x89PNG\r\n\x1a\n"),
    ("JPEG 2000", b"\0\0\0\x0cjP  \r\n"),
    ("WSQ", b"NIST_COM"),
    ("ISO 19794-4", b"FIR\x000"),
    ("ISO 19794-5", b"FAC\x000"),
    ("ISO 19794-2", b"FMR\x00 "),
];

/// What is looked for, by its first four bytes in small letters.
#[derive(Default)]
struct Needles(HashMap<[u8; 4], Vec<Needle>>);

/// What it is, its bytes, and whether small and capital letters are the same.
type Needle = (String, Vec<u8>, bool);

impl Needles {
    fn add(&mut self, what: &str, bytes: &[u8], any_case: bool) {
        let bytes = if any_case { bytes.to_ascii_lowercase() } else { bytes.to_vec() };
        let first: [u8; 4] = bytes[..4].try_into().unwrap();
        let first = first.map(|byte| byte.to_ascii_lowercase());
        self.0.entry(first).or_default().push((what.to_owned(), bytes, any_case));
    }

    /// A text in every form in which it might lie there.
    fn text(&mut self, text: &str) {
        if text.len() < WORD_LETTERS_MIN {
            return;
        }
        self.add(text, text.as_bytes(), true);
        for form in [text.to_owned(), text.to_uppercase(), text.to_lowercase()] {
            let wide: Vec<u8> = form.encode_utf16().flat_map(u16::to_le_bytes).collect();
            self.add(&format!("{text} in UTF-16"), &wide, false);
            // Wherever it stands in what was encoded, these letters in its middle are always the same.
            for shift in 0..3 {
                let encoded = BASE64.encode(&[&vec![b' '; shift], form.as_bytes()].concat());
                let inner = &encoded[4..encoded.len() - 4];
                if inner.len() >= 8 {
                    self.add(&format!("{text} in Base64"), inner.as_bytes(), false);
                }
            }
        }
        self.add(&format!("{text} in hexadecimal"), HEXLOWER.encode(text.as_bytes()).as_bytes(), true);
    }

    /// Everything about a person; words of the names of offices are nobody's.
    fn person(&mut self, booked: &Booked, offices: &str) {
        let person = &booked.applicant;
        let guardians =
            booked.guardians.iter().flat_map(|guardian| [guardian.name.as_str(), guardian.nik.as_str()]);
        let contact =
            [&booked.contact.email, &booked.contact.phone].into_iter().flatten().map(String::as_str);
        let own = [person.name.as_str(), person.nik.as_str(), person.address.as_str()];
        for text in own.into_iter().chain(guardians).chain(contact) {
            self.text(text);
            // The domain of a mail address is nobody's either.
            let own_words = text.split_once('@').map_or(text, |(local, _)| local);
            let words = own_words.split(|c: char| !c.is_alphanumeric());
            for word in words.filter(|word| word.len() >= WORD_LETTERS_MIN) {
                if offices.contains(&word.to_lowercase()) {
                    continue;
                }
                self.add(word, word.as_bytes(), true);
            }
        }
    }

    /// What is found in these bytes.
    fn found_in(&self, bytes: &[u8]) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        for at in 0..bytes.len().saturating_sub(3) {
            let first = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]
                .map(|byte| byte.to_ascii_lowercase());
            for (what, needle, any_case) in self.0.get(&first).into_iter().flatten() {
                let Some(stands) = bytes.get(at..at + needle.len()) else { continue };
                let same = if *any_case { stands.eq_ignore_ascii_case(needle) } else { stands == needle };
                if same {
                    found.insert(what.as_str());
                }
            }
        }
        found
    }
}

/// What can be unpacked of any zstd frame that seems to begin in these bytes.
fn unpacked(bytes: &[u8]) -> Vec<Vec<u8>> {
    let begins = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(&ZSTD_HEAD));
    let plain = begins.map(|at| {
        let mut plain = Vec::new();
        if let Ok(frame) = zstd::stream::read::Decoder::new(&bytes[at..]) {
            // What came before the error counts.
            let _ = frame.take(UNPACKED_BYTES_MAX).read_to_end(&mut plain);
        }
        plain
    });
    plain.collect()
}

/// How many bits of chance a byte of these has: 8 if each value is as frequent as any other.
fn bits_of_chance(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let all = f64::from(u32::try_from(bytes.len()).unwrap());
    let share = |count: u32| f64::from(count) / all;
    counts.iter().filter(|count| **count > 0).map(|count| -share(*count) * share(*count).log2()).sum()
}

/// What a command writes into a file outside the nodes' folders while they run.
fn made(town: &Town, node: &str, name: &str, command: &[&str]) -> (PathBuf, Vec<u8>) {
    let file = town.dir(name);
    let mut run = loket();
    run.args(command).arg("--dir").arg(town.dir(node));
    if command[0] == "backup" {
        run.arg("--to");
    }
    let output = run.arg(&file).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    let bytes = std::fs::read(&file).unwrap();
    (file, bytes)
}

/// Everybody whom the registry knows, and what its offices are called.
async fn everybody(town: &Town) -> (Vec<Booked>, String) {
    let config = RegistryConfig::load(&town.dir("registry"), &RegistryOverrides::default()).unwrap();
    let registry = registry::open(&config, std::sync::Arc::new(SystemClock)).await.unwrap();
    let mut booked = Vec::new();
    for case in &town.record().cases {
        let key = registry.store.by_number(&case.number).await.unwrap().unwrap();
        booked.extend(registry.store.application(key).await.unwrap().view().booking);
    }
    let offices = registry.store.offices().await.unwrap().into_iter();
    let offices: Vec<String> =
        offices.map(|row| format!("{} {}", row.office.code, row.office.name)).collect();
    registry.store.close().await;
    (booked, offices.join(" ").to_lowercase())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_lies_readable_in_any_file_after_a_day() {
    let town = Town::new();
    let registry = town.start_registry(0, None);
    let office = town.start_office(&registry.url);
    let number = town.case("paid");
    let mut staff = Staff::sign_in(&town, &office).await;
    let mut headquarters = town.staff(&registry).await;
    let ticket = staff.receive(&number).await;
    staff.call(&ticket).await;
    staff.capture(&number).await;
    staff.interview(&number).await;
    approve(&mut headquarters, &number).await;
    let path = super::steps::application(&number);
    eventually(&mut staff.custody, &path, "the approval", |page| page.text.contains("Disetujui")).await;
    staff.make_book(&number, "E7654321").await;
    let mails = town.dir("registry").join("mail");
    crate::harness::wait_for("the mail that the passport is ready", || {
        let ready = std::fs::read_dir(&mails).into_iter().flatten().count() > 0;
        ready.then_some(())
    });
    // While they run: logs of the database and of sled, and whatever is kept for a moment only.
    let mut seen: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    let mut look = |node: &str| {
        for file in files(&town.dir(node)) {
            if let Ok(bytes) = std::fs::read(&file) {
                seen.push((file, bytes));
            }
        }
    };
    ["office", "registry"].into_iter().for_each(&mut look);
    let carried = [
        made(&town, "office", "kantor.backup", &["backup"]),
        made(&town, "registry", "pusat.backup", &["backup"]),
        made(&town, "office", "kantor.bundle", &["bundle", "export", "--all"]),
        made(&town, "registry", "pusat.bundle", &["bundle", "export", "--all", "--office", "karimun"]),
    ];
    assert!(office.process.stop().success());
    assert!(registry.process.stop().success());
    ["office", "registry"].into_iter().for_each(&mut look);
    for (file, bytes) in &carried {
        // All of it is sealed: no stretch of it has less chance in it than chance has.
        let sealed = &bytes[ARCHIVE_HEAD_LEN..];
        assert!(sealed.len() > 16 * 4096, "{} has {} bytes", file.display(), bytes.len());
        for (at, stretch) in sealed.chunks_exact(4096).enumerate() {
            let bits = bits_of_chance(stretch);
            assert!(bits > 7.85, "{} at {}: {bits} bits", file.display(), at * 4096);
        }
    }
    seen.extend(carried);

    let (people, offices) = everybody(&town).await;
    assert!(people.len() > 10, "{} people", people.len());
    let mut needles = Needles::default();
    for booked in &people {
        needles.person(booked, &offices);
    }
    for login in &town.record().logins {
        needles.text(&login.full_name);
    }
    for (what, head) in HEADS {
        needles.add(what, head, false);
    }
    let is_mail = |path: &Path| path.starts_with(&mails);
    let bytes: usize = seen.iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(bytes > 1_000_000 && seen.iter().any(|(path, _)| path.ends_with("registry.db")), "{bytes} bytes");
    for (path, bytes) in seen.iter().filter(|(path, _)| !is_mail(path)) {
        let found = needles.found_in(bytes);
        assert!(found.is_empty(), "{} holds {found:?}", path.display());
        for plain in unpacked(bytes) {
            let found = needles.found_in(&plain);
            assert!(found.is_empty(), "{} holds {found:?}, packed", path.display());
        }
        assert!(
            !bytes.starts_with(b"\xff\xd8\xff") && !bytes.starts_with(b"\x89PNG"),
            "{} is a picture",
            path.display()
        );
    }
    // The mail drop is readable, and holds an address: said in the documents, not found out by a thief.
    assert!(seen.iter().any(|(path, bytes)| is_mail(path) && !needles.found_in(bytes).is_empty()));

    // The search can fail: a name that is planted anywhere, in any form, is found.
    let name = &people[0].applicant.name;
    let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let plants = [
        name.to_uppercase().into_bytes(),
        wide,
        BASE64.encode(format!("{{\"applicant\":{{\"name\":\"{name}\"}}}}").as_bytes()).into_bytes(),
        HEXLOWER.encode(name.as_bytes()).into_bytes(),
        people[0].applicant.nik.as_str().as_bytes().to_vec(),
        b"\x89PNG\r\n\x1a\n".to_vec(),
    ];
    let packed = zstd::bulk::compress(name.repeat(40).as_bytes(), 3).unwrap();
    let hidden = [b"before".as_slice(), &packed, b"behind"].concat();
    assert!(unpacked(&hidden).iter().any(|plain| !needles.found_in(plain).is_empty()));
    assert!(bits_of_chance(&BASE64.encode(&seen[0].1).into_bytes()) < 6.1);
    let host = seen.iter().map(|(_, bytes)| bytes).max_by_key(|bytes| bytes.len()).unwrap();
    let middle = host.len() / 2;
    for plant in plants {
        let planted = [&host[..middle], &plant, &host[middle..]].concat();
        assert!(!needles.found_in(&planted[middle - 64..middle + plant.len() + 64]).is_empty(), "{plant:?}");
    }
}

/// What is sealed looks like chance: a table, a journal's body or a picture that could be packed would hold plain text.
#[tokio::test(flavor = "multi_thread")]
async fn sealed_pictures_cannot_be_packed() {
    let town = Town::new();
    let mut looked = 0;
    for node in ["office", "registry"] {
        for file in files(&town.dir(node).join("blobs")) {
            let bytes = std::fs::read(&file).unwrap();
            let bits = bits_of_chance(&bytes);
            // A few thousand random bytes come to 7.9 bits and more; text to less than 5.
            assert!(bytes.len() < 4096 || bits > 7.9, "{}: {bits} bits", file.display());
            looked += usize::from(bytes.len() >= 4096);
        }
    }
    assert!(looked > 3, "{looked} pictures");
}
