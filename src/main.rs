//! The program `loket`.

use std::process::ExitCode;

fn main() -> ExitCode {
    loket::cli::run()
}
