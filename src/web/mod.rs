//! What both servers share on the web: words, sessions, forms, errors to pages, assets, live streams.
//!
//! A request meets, in this order: the [`gate`] (who calls, may they, did the form come from our own page), a handler,
//! and on the way out the error page and the headers. Nothing here knows sled, SQL or a rule of the counter.

pub mod assets;
pub mod dates;
pub mod errors;
pub mod export;
pub mod forms;
pub mod front;
pub mod gate;
pub mod headers;
pub mod host;
pub mod language;
pub mod live;
pub mod page;
pub mod plain;
pub mod routes;
pub mod serve;
pub mod session;
pub mod tls;
pub mod uploads;
pub mod words;
