//! Whole servers, as people run them: the program itself on free ports, pages walked by officers, lines cut, processes
//! killed. A story's name says what must be true in the end.

mod backup;
mod bad_input;
mod bombs;
mod command_line;
mod courier;
mod damaged_folder;
mod day;
mod desktop;
mod erasure;
mod failed_drive;
mod full_disk;
mod machines;
mod mails;
mod node_key;
mod offline;
mod repeated;
mod scenarios;
mod secrecy;
mod stage_reports;
pub mod steps;
mod two_offices;
mod upgrade;
mod walk_in;
