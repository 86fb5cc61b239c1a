//! The papers an application needs, and the sealed files kept of them.

use serde::{Deserialize, Serialize};

/// A kind of paper (DOMAIN.md §1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// *e-KTP* or the certificate that it was recorded.
    IdentityCard,
    /// *Kartu Keluarga.*
    FamilyCard,
    /// *Akta kelahiran*, *akta perkawinan* / *buku nikah*, *ijazah* or *surat baptis*: whichever proves birth and parents.
    BirthProof,
    /// *Paspor lama.*
    OldPassport,
    /// *e-KTP* of both parents.
    ParentsIdentityCards,
    /// *Buku nikah* or *akta perkawinan* of the parents.
    ParentsMarriage,
    /// *Surat pernyataan* of both parents.
    ParentsStatement,
    /// *Surat lapor kehilangan* of the police.
    PoliceReport,
    /// *Surat keterangan* of the authority about a disaster.
    DisasterStatement,
    /// *Surat kuasa* of a parent who does not attend.
    PowerOfAttorney,
    /// *Penetapan ganti nama* or *surat pewarganegaraan*.
    NameOrCitizenshipRuling,
    /// Recommendation for pilgrimage or work abroad.
    Recommendation,
}

/// A sealed file in the blob store: the BLAKE3 hash of its sealed bytes, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlobRef {
    /// Hash of the sealed bytes, 64 hexadecimal digits.
    pub hash: String,
    /// Length of the picture before it was sealed, in bytes.
    pub len: u32,
    /// `image/jpeg` or `image/png`.
    pub media_type: String,
}

/// A paper the applicant uploaded with the booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadedDocument {
    /// What it is.
    pub kind: DocumentKind,
    /// The picture, if it came with the booking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<BlobRef>,
}

/// What the officer saw when the original was laid on the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen {
    /// The original agrees with what was uploaded.
    Agrees,
    /// The original differs from what was uploaded.
    Differs,
    /// The original was not brought.
    Missing,
}

/// One ticked line of the document check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedDocument {
    /// Which paper.
    pub kind: DocumentKind,
    /// What was seen.
    pub seen: Seen,
    /// What the officer noted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}
