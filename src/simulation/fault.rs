//! What can go wrong, each with a name that is counted.

use serde::Serialize;

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// A message is lost.
    MessageLost,
    /// A message comes late, behind later ones.
    MessageLate,
    /// A message comes twice.
    MessageTwice,
    /// A message is cut at any byte.
    MessageCut,
    /// A message comes changed.
    MessageChanged,
    /// A login page of the network answers.
    CaptivePortal,
    /// Requests pass, answers do not.
    OneWay,
    /// The answer is lost after what the request brought was written.
    AnswerLost,
    /// Days without a line, up to thirty.
    Offline,
    /// The program is killed between two acts.
    Killed,
    /// The power goes between two acts.
    PowerCut,
    /// The program is killed at an act on the disk.
    KilledWriting,
    /// The power goes at an act on the disk.
    PowerCutWriting,
    /// It happens while the journals are being opened.
    CrashOpening,
    /// The machine sleeps for hours.
    Asleep,
    /// The disk is full at a chosen byte.
    DiskFull,
    /// A sync fails, and the machine is started anew.
    SyncFailed,
    /// A bit of a segment flips.
    SegmentFlipped,
    /// A bit of the key file flips.
    KeyFlipped,
    /// A bit of a blob flips.
    BlobFlipped,
    /// An office or kit is restored from an old backup.
    OfficeRestored,
    /// The registry is restored from an old backup.
    RegistryRestored,
    /// A node is restored a second time.
    RestoredAgain,
    /// A disk is copied, and both machines go on.
    Cloned,
    /// A clock is off by up to a day.
    ClockOff,
    /// A clock is off by years.
    ClockYearsOff,
    /// A clock jumps back.
    ClockBack,
    /// An office's key is taken back, and the office goes on.
    Revoked,
    /// An office or kit is let in anew with another key.
    KeyChanged,
    /// Headquarters erases a person.
    PersonErased,
    /// Somebody sends records that the stream's writer did not sign.
    Forged,
    /// A node meets a kind of fact that its version does not know.
    NewerKind,
    /// A program is upgraded.
    Upgraded,
    /// A bundle on a stick comes late.
    BundleLate,
    /// A bundle is imported twice.
    BundleTwice,
    /// A bundle is cut or changed.
    BundleDamaged,
    /// A bundle is for a key that its receiver no longer has.
    BundleForOldKey,
    /// The upload of a blob is cut between two chunks.
    BlobCut,
    /// A chunk of a blob comes changed.
    BlobChanged,
    /// There is no room for a blob: what is left is for records.
    BlobNoRoom,
    /// A copy or an old backup of the registry answers under its name, beside it.
    TwoHubs,
    /// The network leads an office to that one.
    LedToOtherHub,
    /// A message trickles in after its sender has given it up.
    Drip,
    /// A server answers after that.
    SlowServer,
    /// An answer comes to a question of before.
    OldAnswer,
    /// Several lines go at once and come back one by one, in any order.
    Clogged,
    /// Nobody has a line for up to two days of work, and then all at once.
    AllBackAtOnce,
    /// A message carries exactly what is left, a byte more or a byte less.
    PageBoundary,
    /// A second process finds the folder taken.
    SecondProcess,
    /// A clock stands still.
    ClockStuck,
    /// A day ends.
    Midnight,
    /// The year ends.
    YearEnd,
    /// The key table comes back from a backup, and nothing else.
    KeysRestored,
    /// Everything but the key table comes back from a backup.
    JournalsRestored,
    /// An older program runs again after a newer one.
    Downgraded,
    /// A body is longer than a record may be.
    BodyTooLong,
    /// Somebody is booked elsewhere or for another day in the middle of an exchange.
    MovedDuringExchange,
    /// Records about somebody come after the person was erased.
    LateAfterErasure,
    /// One begins to send a blob, and another goes on.
    TwoUploaders,
    /// A part of a blob is swept away while it arrives.
    PartSwept,
    /// A blob is set aside as nobody's before its fact is written, or while it is sent.
    PictureSwept,
    /// A start relies on the file of places.
    QuickStart,
    /// It does, and something was written since they were noted.
    PlacesStale,
    /// The program dies while it notes places.
    CrashNotingPlaces,
    /// The file of places is an older one again.
    PlacesOld,
    /// The file of places is cut, or a bit of it flips.
    PlacesChanged,
    /// What a start relied on is damaged.
    DamageBehindPlaces,
    /// Messages of a single run.
    TinyMessages,
    /// Segments of a few records.
    TinySegments,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 69] = [
        Self::MessageLost,
        Self::MessageLate,
        Self::MessageTwice,
        Self::MessageCut,
        Self::MessageChanged,
        Self::CaptivePortal,
        Self::OneWay,
        Self::AnswerLost,
        Self::Offline,
        Self::Killed,
        Self::PowerCut,
        Self::KilledWriting,
        Self::PowerCutWriting,
        Self::CrashOpening,
        Self::Asleep,
        Self::DiskFull,
        Self::SyncFailed,
        Self::SegmentFlipped,
        Self::KeyFlipped,
        Self::BlobFlipped,
        Self::OfficeRestored,
        Self::RegistryRestored,
        Self::RestoredAgain,
        Self::Cloned,
        Self::ClockOff,
        Self::ClockYearsOff,
        Self::ClockBack,
        Self::Revoked,
        Self::KeyChanged,
        Self::PersonErased,
        Self::Forged,
        Self::NewerKind,
        Self::Upgraded,
        Self::BundleLate,
        Self::BundleTwice,
        Self::BundleDamaged,
        Self::BundleForOldKey,
        Self::BlobCut,
        Self::BlobChanged,
        Self::BlobNoRoom,
        Self::TwoHubs,
        Self::LedToOtherHub,
        Self::Drip,
        Self::SlowServer,
        Self::OldAnswer,
        Self::Clogged,
        Self::AllBackAtOnce,
        Self::PageBoundary,
        Self::SecondProcess,
        Self::ClockStuck,
        Self::Midnight,
        Self::YearEnd,
        Self::KeysRestored,
        Self::JournalsRestored,
        Self::Downgraded,
        Self::BodyTooLong,
        Self::MovedDuringExchange,
        Self::LateAfterErasure,
        Self::TwoUploaders,
        Self::PartSwept,
        Self::PictureSwept,
        Self::QuickStart,
        Self::PlacesStale,
        Self::CrashNotingPlaces,
        Self::PlacesOld,
        Self::PlacesChanged,
        Self::DamageBehindPlaces,
        Self::TinyMessages,
        Self::TinySegments,
    ];
}
