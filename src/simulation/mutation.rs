//! The product broken on purpose, to see that the simulation notices. None of this can be switched on in the product:
//! each is a virtual disk that lies, a node of the simulation that goes its own way, or a stranger who is believed.

/// A way to be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutation {
    /// Segments are written and not synced.
    SegmentsNotSynced,
    /// New segments and folders are not made durable.
    FoldersNotSynced,
    /// Keys of subjects are written and not synced.
    KeysNotSynced,
    /// An officer is told "saved" before the commit.
    AcknowledgedEarly,
    /// A session is named by counting those that are there instead of by chance.
    SessionsCounted,
    /// Offices do not care whether the registry has its own records: a restored one does not get them back.
    RegistryRecordsKept,
    /// The sender starts from what it remembers to have sent instead of from what the other side says it has.
    WatermarkTrusted,
    /// A run that starts beyond what is here is acknowledged.
    GapAcknowledged,
    /// Whoever signed is believed.
    AnySignerBelieved,
    /// What comes twice is applied twice.
    AppliedTwice,
    /// Kinds that are not known are left out for ever.
    UnknownKindsForgotten,
    /// Facts are put in order by the clock of the node that receives them.
    ClockDecides,
    /// The registry gives an office another office's stream.
    OtherOfficesStream,
    /// Blobs are put in place whatever their bytes are.
    BlobHashIgnored,
    /// Keys that did not come along are never asked for.
    KeysNotAsked,
    /// A post that moved nothing is repeated at once.
    RepeatedAtOnce,
    /// A key that was taken back is believed everywhere.
    RevocationIgnored,
    /// A bundle that was imported is not made durable before its receipt is written.
    BundleNotCommitted,
    /// Of who was erased the key is destroyed before the pictures are gone, and nobody looks for them again.
    ErasedPicturesKept,
    /// A start believes that the journals are as they were when places were noted.
    PlacesBelieved,
    /// What a start relied on is never read again.
    PlacesNotVerified,
    /// An office is not told that its registry has less than before.
    LossNotTold,
    /// Everything that is held is named in every post.
    ToldInFull,
}

impl Mutation {
    /// All of them.
    pub const ALL: [Self; 23] = [
        Self::SegmentsNotSynced,
        Self::FoldersNotSynced,
        Self::KeysNotSynced,
        Self::AcknowledgedEarly,
        Self::SessionsCounted,
        Self::RegistryRecordsKept,
        Self::WatermarkTrusted,
        Self::GapAcknowledged,
        Self::AnySignerBelieved,
        Self::AppliedTwice,
        Self::UnknownKindsForgotten,
        Self::ClockDecides,
        Self::OtherOfficesStream,
        Self::BlobHashIgnored,
        Self::KeysNotAsked,
        Self::RepeatedAtOnce,
        Self::RevocationIgnored,
        Self::BundleNotCommitted,
        Self::ErasedPicturesKept,
        Self::PlacesBelieved,
        Self::PlacesNotVerified,
        Self::LossNotTold,
        Self::ToldInFull,
    ];
}
