//! Who did something: an officer in a role, a device, or the node itself.

use serde::{Deserialize, Serialize};

/// What an officer may do. One officer may hold several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Receives applicants, checks documents, gives out tickets.
    FrontDesk,
    /// Captures and interviews (*Pemeriksa Keimigrasian*).
    Interviewer,
    /// Settles conflicts, decides exceptions.
    Supervisor,
    /// Keeps the finished books and hands them over.
    Custody,
    /// Officers, settings, devices.
    Administrator,
    /// Reads everything, changes nothing.
    Auditor,
    /// Works at the registry: approves, refuses, watches over the offices.
    Headquarters,
}

/// Who stands behind a fact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "as")]
pub enum Actor {
    /// An officer who has logged in.
    Officer {
        /// The login name: short, lower case, unique in the office.
        login: String,
        /// The name people know.
        name: String,
    },
    /// The applicant, at the registry.
    Applicant,
    /// The bank or treasury that reported a payment.
    Bank,
    /// The node itself, by a rule that needs nobody.
    Node,
}
