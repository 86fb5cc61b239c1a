//! What both servers share: pages, sessions, words.
