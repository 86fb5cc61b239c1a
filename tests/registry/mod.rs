//! The registry, on SQLite and on PostgreSQL from the same tests.
