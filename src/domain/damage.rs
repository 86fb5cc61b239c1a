//! Damage that a node found in its own folder, and what it did about it.

use serde::{Deserialize, Serialize};

/// The most journals whose missing records one fact names; more are named by further facts.
pub const MISSING_MAX: usize = 10;

/// A part of a node's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FolderPart {
    /// The journals: the truth.
    Journals,
    /// The keys of subjects.
    Keys,
    /// The tables: drawn from the journals.
    Tables,
    /// Sealed pictures.
    Pictures,
    /// The node's own key, and what protects it.
    NodeKey,
    /// The settings file.
    Settings,
    /// A registry's database.
    Database,
    /// What the node proves itself to desks with.
    Certificates,
    /// Something else that lies there.
    Other,
}

/// Damage was found and put right as far as this node could (about the office's own affairs).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DamageMended {
    /// Where.
    pub part: FolderPart,
    /// The file, the place in it and what was wrong, as the machine says it.
    pub detail: String,
    /// Acknowledged records that are no longer here; they come back from the other side if it has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<MissingRecords>,
}

/// Acknowledged records of one journal that are no longer here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MissingRecords {
    /// The journal's stream.
    pub stream: String,
    /// Its session, in hexadecimal.
    pub session: String,
    /// The first that is missing.
    pub from: u64,
    /// The first that is not: how many records there were.
    pub to: u64,
}

/// One thing that a check has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Where.
    pub part: FolderPart,
    /// The file, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Where in the file, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// What is wrong, with file and offset where there is one.
    pub what: String,
}

impl Finding {
    /// Something about a part as a whole.
    pub fn of(part: FolderPart, what: impl Into<String>) -> Self {
        Self { part, file: None, offset: None, what: what.into() }
    }

    /// Says which file it is in.
    pub fn in_file(&mut self, file: impl std::fmt::Display, offset: Option<u64>) {
        self.file = Some(file.to_string());
        self.offset = offset;
    }
}
