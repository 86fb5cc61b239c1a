//! What both servers share: pages, sessions, words, and the way they are reached.

mod tls;
