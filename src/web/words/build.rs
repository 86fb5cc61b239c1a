//! Build script: turns `templates/words/<language>/*.ftl` into typed accessors, so that a missing or
//! misspelt message is a compile error.

use std::process::ExitCode;

use fluent_typed::{BuildOptions, FtlOutputOptions, build_from_locales_folder};

fn main() -> ExitCode {
    let Some(out) = std::env::var_os("OUT_DIR") else { return ExitCode::FAILURE };
    let out = std::path::PathBuf::from(out);
    build_from_locales_folder(
        BuildOptions::default()
            .with_locales_folder("templates/words")
            .with_default_language("id")
            .with_prefix("")
            .without_format()
            .without_bidi_isolation()
            .with_output_file_path(&out.join("words.rs").to_string_lossy())
            .with_ftl_output(FtlOutputOptions::single_file(&out.join("words.ftl").to_string_lossy())),
    )
}
