//! What two nodes send each other until both have the same. No I/O here.
//!
//! - [`plan`]: what the other side lacks, from two vectors alone.
//! - [`Message`]: what travels, the same in both directions.
//! - [`Line`]: the client's side, a state machine: when to post, what to make durable, when to wait.
//! - [`Answerer`]: the server's side: what to take, what to give.
//!
//! Only what is durable is sent: runs come from a reader that sees nothing else, and the line goes on after an answer
//! only when it is told that the answer is durable.

mod answerer;
mod jitter;
mod line;
mod line_error;
mod line_io;
mod message;
mod plan;
mod told;

pub use answerer::{Accepted, Answerer, Aside, Judged, Refusal, RefusalReason};
pub use line::Line;
pub use line_error::{CertificateProblem, LineError};
pub use line_io::{Alarm, Input, LinePhase, LineSettings, LineState, Now, Output, Ticket};
pub use message::{
    BLOBS_MAX, Joining, KEYS_MAX, KeyGrant, Message, NotTaken, REFUSED_MAX, RUN_BYTES_MAX, SESSIONS_MAX,
    WhyNot, is_crowded, keys_in, subjects_of, subjects_opened,
};
pub use plan::{Plan, Range, plan, plan_past};
pub use told::{Rest, resolve, tell};
