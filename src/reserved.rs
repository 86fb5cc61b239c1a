//! Subjects that an office and headquarters both find without being told: drawn from who they are, so that they need no
//! place to be kept.

use loket_sync::{NodePublic, Subject};

use crate::domain::office::OfficeCode;

/// The subject of an office's own affairs, of one machine of it.
pub fn own_subject(node: &NodePublic) -> Subject {
    subject(blake3::derive_key("loket 2026 subject of an office's own affairs", &node.to_bytes()))
}

/// The subject of the numbers that headquarters has set aside for an office.
pub fn numbers_subject(registry: &NodePublic, office: &OfficeCode) -> Subject {
    let material = [&registry.to_bytes()[..], office.as_str().as_bytes()].concat();
    subject(blake3::derive_key("loket 2026 subject of an office's reserved numbers", &material))
}

fn subject(hash: [u8; 32]) -> Subject {
    let mut subject = [0; Subject::LEN];
    subject.copy_from_slice(&hash[..Subject::LEN]);
    Subject(subject)
}
