//! The office: its store, what officers can do, and its pages.
