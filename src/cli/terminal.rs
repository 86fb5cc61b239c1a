//! How the program speaks to a shell: results on standard output, the log and failures on standard error.

use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

/// Prints lines of a result. A reader that has gone away (`loket … | head`) is no failure.
pub(crate) fn say(lines: &str) {
    let mut out = io::stdout().lock();
    drop(writeln!(out, "{lines}").and_then(|()| out.flush()));
}

/// Says why it did not work, from the outermost reason to the innermost.
pub(super) fn failed(error: &(dyn Error + 'static)) -> ExitCode {
    let mut text = format!("loket: {error}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.ends_with(&words) {
            text.push_str("\n  because: ");
            text.push_str(&words);
        }
        cause = inner.source();
    }
    drop(writeln!(io::stderr(), "{text}"));
    ExitCode::FAILURE
}

/// What libraries say that is nobody's to act on: a line of error for whatever is no HTTP, which is how offices ask for a
/// sign of life (`sync/src/http/probe.rs`), every second and a half when the line is down; and two each second from sled's
/// own thread on a drive that has failed, which the journal has told already.
const QUIET: &str = "sled=off,actix_http::h1::dispatcher=off";

/// Starts the log: `LOKET_LOG` as in `info,loket=debug`; by default what matters to somebody who runs a node.
pub(super) fn start_log(quiet: bool) {
    let default = if quiet { "warn" } else { "info,actix_server=warn,sqlx=warn" };
    let default = format!("{default},{QUIET}");
    let filter = EnvFilter::try_from_env("LOKET_LOG").unwrap_or_else(|_unset| EnvFilter::new(default));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    log.with_ansi(io::stderr().is_terminal()).with_target(false).init();
}

/// Says what is being done, on one line that is written over; only where somebody watches.
pub(super) fn progress(doing: &str) {
    let mut err = io::stderr().lock();
    if err.is_terminal() {
        // Only a picture for whoever watches: a terminal that has gone away loses nothing.
        drop(write!(err, "\r\x1b[K{doing} …").and_then(|()| err.flush()));
    }
}

/// Clears the line that [`progress`] wrote.
pub(super) fn end_progress() {
    let mut err = io::stderr().lock();
    if err.is_terminal() {
        drop(write!(err, "\r\x1b[K").and_then(|()| err.flush()));
    }
}
