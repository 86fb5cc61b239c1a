//! Rules of the house that neither Cargo nor the compiler can keep: who may know whom, files that explain
//! themselves, no forgotten file, nothing active inside templates. Each rule is a function from a text to findings, and
//! each is broken once on purpose at the end of this file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A file longer than this, its inline tests aside, has more than one purpose.
const LINES_MAX: usize = 400;

/// Where a word may stand, or where it may not. Paths are prefixes below the repository.
struct Layer {
    word: &'static str,
    allowed: fn(&str) -> bool,
    why: &'static str,
}

const LAYERS: &[Layer] = &[
    Layer {
        word: "sled",
        allowed: |p| p.starts_with("src/office/store/"),
        why: "only src/office/store knows sled",
    },
    Layer {
        word: "sqlx",
        allowed: |p| p.starts_with("src/registry/store/"),
        why: "only src/registry/store knows sqlx",
    },
    Layer { word: "actix_web", allowed: is_web, why: "only web knows actix" },
    Layer { word: "actix_multipart", allowed: is_web, why: "only web knows actix" },
    Layer { word: "askama", allowed: is_web, why: "only web knows askama" },
    Layer { word: "tokio", allowed: not_domain, why: "the domain is not asynchronous" },
    Layer {
        word: "reqwest",
        allowed: may_call_out,
        why: "neither domain nor store calls out; sync does in one file",
    },
    Layer { word: "std::time", allowed: not_domain, why: "the domain has no clock" },
    Layer { word: "std::fs", allowed: not_domain, why: "the domain has no files" },
    Layer { word: "getrandom", allowed: not_domain, why: "the domain draws nothing" },
    Layer {
        word: "crate::web",
        allowed: |p| is_web(p) || !in_layers_below_web(p),
        why: "layers point one way",
    },
    Layer {
        word: "crate::office",
        allowed: |p| !p.starts_with("src/simulation/"),
        why: "the simulation knows the rules and the sync crate only",
    },
    Layer {
        word: "crate::registry",
        allowed: |p| !p.starts_with("src/simulation/"),
        why: "the simulation knows the rules and the sync crate only",
    },
    Layer {
        word: "notify_rust",
        allowed: |p| p == "src/notify.rs",
        why: "desktop notices are made in one file",
    },
];

fn is_web(path: &str) -> bool {
    path.starts_with("src/web/") || path.contains("/web/")
}

fn not_domain(path: &str) -> bool {
    !path.starts_with("src/domain/")
}

fn in_layers_below_web(path: &str) -> bool {
    path.starts_with("src/domain/") || path.contains("/store/") || path.contains("/actions/")
}

fn may_call_out(path: &str) -> bool {
    let in_sync = path.starts_with("sync/src/");
    not_domain(path) && !path.contains("/store/") && (!in_sync || path == "sync/src/http/client.rs")
}

/// Words of layers a file must not know. Comments may name anything.
fn layer_findings(path: &str, text: &str) -> Vec<String> {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let names = |word: &str| code.iter().any(|line| names_path(line, word));
    LAYERS
        .iter()
        .filter(|rule| !(rule.allowed)(path) && names(rule.word))
        .map(|rule| format!("{path}: {}", rule.why))
        .collect()
}

/// Whether a line of code goes through the path `word`, as in `use sled;` or `sled::Db`, and not through one that only
/// ends or begins like it.
fn names_path(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = &line[at + word.len()..];
        let starts = !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '"' | '-' | '.' | '/'));
        starts
            && (after.starts_with("::")
                || (line.trim_start().starts_with("use ") && after.starts_with([';', ' ', ','])))
    })
}

fn opening_findings(path: &str, text: &str) -> Vec<String> {
    let opens = text.starts_with("//! ");
    if opens { Vec::new() } else { vec![format!("{path}: does not open with `//!` and what it is for")] }
}

fn length_findings(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().take_while(|line| *line != "#[cfg(test)]").count();
    if lines <= LINES_MAX { Vec::new() } else { vec![format!("{path}: {lines} lines, {LINES_MAX} at most")] }
}

/// What would need a looser content security policy, or would print text unescaped.
fn template_findings(path: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let flat: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.contains("|safe") || flat.contains("| safe") {
        findings.push(format!("{path}: prints text unescaped (`|safe`)"));
    }
    for tag in flat.split("<script").skip(1) {
        if !tag.split('>').next().unwrap_or_default().contains(" src=") {
            findings.push(format!("{path}: an inline script"));
        }
    }
    if flat.contains("<style") || flat.contains(" style=") {
        findings.push(format!("{path}: an inline style"));
    }
    if flat.split(" on").skip(1).any(|rest| {
        let name: String = rest.chars().take_while(char::is_ascii_lowercase).collect();
        !name.is_empty() && rest[name.len()..].starts_with("=\"")
    }) {
        findings.push(format!("{path}: an inline event handler"));
    }
    findings
}

/// The files a source file declares with `mod name;`, following `#[path]`.
fn declared(file: &Path, text: &str) -> Vec<PathBuf> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let is_root = matches!(stem, "mod" | "lib" | "main" | "all") || is_test_root(file);
    let below = if is_root { folder.to_owned() } else { folder.join(stem) };
    let mut files = Vec::new();
    let mut path_attribute = None;
    for line in text.lines().map(str::trim) {
        if let Some(path) = line.strip_prefix("#[path = \"").and_then(|rest| rest.strip_suffix("\"]")) {
            path_attribute = Some(path);
        } else if let Some(name) = module_name(line) {
            match path_attribute.take() {
                Some(path) => files.push(folder.join(path)),
                None => files.extend([below.join(format!("{name}.rs")), below.join(name).join("mod.rs")]),
            }
        }
    }
    files
}

fn module_name(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub ").or_else(|| line.strip_prefix("pub(crate) ")).unwrap_or(line);
    let rest = rest.strip_prefix("pub(super) ").unwrap_or(rest);
    rest.strip_prefix("mod ")?.strip_suffix(';')
}

fn is_test_root(file: &Path) -> bool {
    let is_target_folder = |folder: &Path| folder.ends_with("sync/tests") || folder.ends_with("benches");
    let folder = file.parent().unwrap_or(Path::new(""));
    is_target_folder(folder) || (file.ends_with("main.rs") && folder.parent().is_some_and(is_target_folder))
}

/// Crate roots: what Cargo compiles by itself.
fn is_crate_root(path: &str) -> bool {
    let roots = [
        "src/lib.rs",
        "src/main.rs",
        "src/bin/simulate.rs",
        "src/web/words/build.rs",
        "sync/src/lib.rs",
        "tests/all.rs",
    ];
    roots.contains(&path) || is_test_root(Path::new(path))
}

fn orphan_findings(files: &[(String, String)]) -> Vec<String> {
    let declared: BTreeSet<PathBuf> =
        files.iter().flat_map(|(path, text)| declared(Path::new(path), text)).collect();
    let reached = |path: &str| is_crate_root(path) || declared.contains(Path::new(path));
    files
        .iter()
        .filter(|(path, _)| !reached(path))
        .map(|(path, _)| format!("{path}: no `mod` declares it"))
        .collect()
}

/// Messages that neither a template nor a source says: the name of a message is a method there, with `_` for `-`.
fn unsaid_findings(path: &str, messages: &str, said: &BTreeSet<&str>) -> Vec<String> {
    let names = messages.lines().filter_map(|line| line.split_once(" =")).map(|(name, _)| name);
    let names = names.filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()));
    names
        .filter(|name| !said.contains(name.replace('-', "_").as_str()))
        .map(|name| format!("{path}: nobody says `{name}`"))
        .collect()
}

/// The words of a text that may be names in code.
fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}

/// Every file below `folder` whose name ends in `ending`, with its path below the repository.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.to_str().is_some_and(|name| name.ends_with(ending)) {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<(String, String)> {
    ["src", "sync/src", "sync/tests", "tests", "benches"]
        .iter()
        .flat_map(|folder| files(folder, ".rs"))
        .collect()
}

fn assert_none(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

fn findings_in(files: &[(String, String)], rule: fn(&str, &str) -> Vec<String>) -> Vec<String> {
    files.iter().flat_map(|(path, text)| rule(path, text)).collect()
}

#[test]
fn layers_point_one_way() {
    let ours: Vec<_> = sources().into_iter().filter(|(path, _)| !path.contains("tests/")).collect();
    assert_none(&findings_in(&ours, layer_findings));
}

#[test]
fn the_sync_crate_knows_none_of_our_libraries() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("sync/Cargo.toml")).unwrap();
    for name in ["sled", "sqlx", "actix", "askama", "loket ", "fluent"] {
        assert!(!manifest.lines().any(|line| line.starts_with(name)), "sync/Cargo.toml names {name}");
    }
}

#[test]
fn every_source_file_says_what_it_is_for() {
    assert_none(&findings_in(&sources(), opening_findings));
}

#[test]
fn no_source_file_is_too_long() {
    assert_none(&findings_in(&sources(), length_findings));
}

#[test]
fn no_source_file_is_forgotten() {
    assert_none(&orphan_findings(&sources()));
}

#[test]
fn templates_hold_nothing_active_or_unescaped() {
    assert_none(&findings_in(&files("templates", ".html"), template_findings));
}

#[test]
fn every_message_is_said_somewhere() {
    let speakers = [files("templates", ".html"), files("src", ".rs")].concat();
    let mut said: BTreeSet<&str> = speakers.iter().flat_map(|(_, text)| names_in(text)).collect();
    // By this one the languages are told apart when the words are compiled.
    said.insert("language_name");
    let findings = files("templates/words", ".ftl");
    let findings = findings.iter().flat_map(|(path, text)| unsaid_findings(path, text, &said));
    assert_none(&findings.collect::<Vec<_>>());
}

/// Tests that a page of drills names and nobody has written.
fn drill_findings(page: &str, sources: &[(String, String)]) -> Vec<String> {
    let is_name = |word: &&str| {
        word.matches('_').count() > 2
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let named: BTreeSet<&str> = page.split('`').skip(1).step_by(2).filter(is_name).collect();
    let is_written = |name: &&&str| !sources.iter().any(|(_, text)| text.contains(&format!("fn {name}(")));
    named
        .iter()
        .filter(is_written)
        .map(|name| format!("docs/drills.md: no test is called `{name}`"))
        .collect()
}

#[test]
fn every_drill_names_tests_that_exist() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/drills.md")).unwrap();
    assert!(
        page.matches("\nTest: ").count() >= page.matches("\n## ").count() - 1,
        "each drill names its test"
    );
    let sources = [files("tests", ".rs"), files("sync/src", ".rs"), files("sync/tests", ".rs")].concat();
    assert_none(&drill_findings(&page, &sources));
    assert_eq!(drill_findings("Test: `nobody_wrote_this_one`", &sources).len(), 1);
}

/// First letters of rows that two files of the office's store give to their tables: each would read the other's rows, and
/// neither the compiler nor a merge notices. Inside one file tables may share a letter and differ in the next.
fn letter_findings(sources: &[(String, String)]) -> Vec<String> {
    let mut owners: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (path, text) in sources {
        let mut own = BTreeSet::new();
        for begin in ["Table::new(b'", "Table::packed(b'"] {
            for letter in text.split(begin).skip(1).filter_map(|rest| rest.get(..1)) {
                let is_shared = !own.insert(letter) && path.ends_with("/tables.rs");
                let owner = if is_shared { "another table there" } else { path.as_str() };
                owners.entry(letter.to_owned()).or_default().insert(owner);
            }
        }
    }
    let shared = owners.into_iter().filter(|(_, owners)| owners.len() > 1);
    shared.map(|(letter, owners)| format!("`{letter}` begins rows of several: {owners:?}")).collect()
}

#[test]
fn no_two_tables_of_the_office_begin_with_one_letter() {
    let sources = files("src/office/store", ".rs");
    assert!(sources.iter().any(|(_, text)| text.contains("Table::new(b'")), "tables are found");
    assert_none(&letter_findings(&sources));
    let twice = |path: &str| (path.to_owned(), "Table::new(b'Q', 1); Table::packed(b'Q', 2)".to_owned());
    assert_eq!(letter_findings(&[twice("store/tables.rs")]).len(), 1);
    assert_eq!(letter_findings(&[twice("store/stock.rs")]).len(), 0);
    assert_eq!(letter_findings(&[twice("store/stock.rs"), twice("store/boards.rs")]).len(), 1);
}

#[test]
fn each_rule_notices_when_it_is_broken() {
    for (path, text, count) in [
        ("src/domain/ticket.rs", "use std::time::Instant;", 1),
        ("src/domain/ticket.rs", "let file = std::fs::read(path);", 1),
        ("src/office/web/tickets.rs", "use sled::Db;", 1),
        ("src/office/web/tickets.rs", "use sled;", 1),
        ("src/office/store/tickets.rs", "use sled::Db;", 0),
        ("src/office/store/tickets.rs", "use actix_web::web;", 1),
        ("src/office/actions/tickets.rs", "let pool: sqlx::AnyPool = pool;", 1),
        ("src/office/actions/tickets.rs", "use crate::web::words::Words;", 1),
        ("src/domain/ticket.rs", "// sled:: is named in a comment", 0),
        ("src/domain/ticket.rs", "let unassailed::x = 1;", 0),
        ("sync/src/journal/mod.rs", "reqwest::Client::new()", 1),
        ("sync/src/http/client.rs", "reqwest::Client::new()", 0),
    ] {
        assert_eq!(layer_findings(path, text).len(), count, "{path}: {text}");
    }
    assert_eq!(opening_findings("a.rs", "use std::fs;").len(), 1);
    assert_eq!(length_findings("a.rs", &"x\n".repeat(LINES_MAX + 1)).len(), 1);
    for text in [
        "{{ name|safe }}",
        "{{ name | safe }}",
        "<script>alert(1)</script>",
        "<p style=\"color:red\">",
        "<style>p{}</style>",
        "<button onclick=\"go()\">",
        "<button\n  onclick=\"go()\">",
    ] {
        assert_eq!(template_findings("a.html", text).len(), 1, "{text}");
    }
    assert_none(&template_findings(
        "a.html",
        "<script type=\"module\" src=\"/static/live.js\"></script> on Monday",
    ));
    let said = names_in("{{ w.line_up() }}").collect();
    assert_none(&unsaid_findings("a.ftl", "# $x = a comment\nline-up = Up\n   *[other] = x", &said));
    assert_eq!(unsaid_findings("a.ftl", "line-up = Up\nline-down = Down", &said).len(), 1);
    let source = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let tree = [source("src/lib.rs", "pub mod a;"), source("src/a.rs", "mod b;"), source("src/a/b.rs", "")];
    assert_none(&orphan_findings(&tree));
    assert_eq!(orphan_findings(&[source("src/lib.rs", ""), source("src/lost.rs", "")]).len(), 1);
}
