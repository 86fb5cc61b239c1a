# Short names for what is done often. Every recipe is one or two plain commands: without `just`, type them.

# List the recipes.
default:
    @just --list

# Does it compile, for every target?  cargo clippy --workspace --all-targets
check:
    cargo clippy --workspace --all-targets

# Everything that must hold; installs what the tests need.  ./tests/run
test *names:
    ./tests/run {{names}}

# Only tests whose name contains a word, quickly.  cargo test --workspace NAME
one name:
    cargo test --workspace {{name}}

# A registry and an office with a day's bookings.  cargo run --release -- demo
demo *arguments:
    cargo run --release -- demo {{arguments}}

# The documentation of the code.  cargo doc --workspace --no-deps --open
doc:
    cargo doc --workspace --no-deps --open

# Format.  cargo fmt --all
fmt:
    cargo fmt --all

# Look at snapshots that changed and accept them one by one (needs cargo-insta).  cargo insta review
snap:
    cargo insta test --review

# The sounds of the hall's boards, made again (needs espeak-ng and opus-tools).  ./tests/sounds/make.py
sounds:
    python3 tests/sounds/make.py
