//! The rules of the passport counter, one file per noun, shared by office and registry.
//!
//! Nothing here reads a clock, draws a random number, opens a file or knows who is asking over which line:
//! time, identities and numbers are passed in. The same facts give the same state, in whatever order they came.

pub mod actor;
pub mod application;
pub mod appointment;
pub mod backup;
pub mod board;
pub mod book;
pub mod booking;
pub mod calendar;
pub mod capture;
pub mod command;
pub mod conflict;
pub mod damage;
pub mod deadline;
pub mod decision;
pub mod desk;
pub mod document;
pub mod erasure;
pub mod fact;
pub mod fee;
pub mod flag;
pub mod interview;
pub mod key_protection;
pub mod mrz;
pub mod nik;
pub mod node;
pub mod number;
pub mod office;
pub mod officer;
pub mod payment;
pub mod person;
pub mod prevention;
pub mod proof;
pub mod queue;
pub mod refusal;
pub mod review;
#[cfg(test)]
pub(crate) mod sample;
pub mod service;
pub mod setting;
pub mod stage_report;
pub mod status;
pub mod step;
pub mod stock;
pub mod ticket;
pub mod view;
pub mod visit;
pub mod voice;
pub mod walk_in;
