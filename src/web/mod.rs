//! What both servers share on the web: words, sessions, CSRF, errors to pages, assets, live streams.

pub mod words;
