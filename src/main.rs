//! The program `loket`.

fn main() {}
