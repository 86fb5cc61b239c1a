//! What must hold, and what is said when it does not.

use std::fmt;

use serde::Serialize;

/// What must hold all along or at rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Invariant {
    /// What was acknowledged is at its writer and at the registry in the end, unless the only disk that held it was lost.
    NothingLost,
    /// What a node held durably it holds after any crash.
    Durable,
    /// What a node tells another that it has, it has durably.
    Promised,
    /// Payments, arrivals, tickets and notices count once, however often they came.
    ExactlyOnce,
    /// One position, one record, for ever; sessions have no gaps.
    NeverRewritten,
    /// Only what its writer wrote and signed is taken.
    OnlyAuthentic,
    /// What a node sends verifies, whatever its disk did to it since it was committed.
    SentIsSound,
    /// The same facts give the same state, on every node and in every order.
    SameState,
    /// State kept up step by step is the state derived anew.
    StateIsDerived,
    /// An office holds its own applicants only, and those of its kits.
    OwnApplicants,
    /// Two truths that meet are shown.
    ConflictShown,
    /// Nodes that can talk become level within a bounded number of exchanges.
    BecomesLevel,
    /// An exchange that moves nothing is not repeated at once.
    NotRepeated,
    /// What is held can be read: the keys came along, and kinds that were unknown are read after the upgrade.
    Readable,
    /// A blob is what it is named by, and reaches the registry.
    BlobsSound,
    /// Nobody who heard that a person was erased has a key, a body or a picture of theirs, and the journals verify.
    Erased,
    /// What was signed after a key was taken back is kept aside.
    RevokedAside,
    /// Whoever's registry has less than it said before is told.
    LossShown,
    /// One process at a time writes into a folder.
    OneWriter,
    /// An exchange in which nothing moves is one round trip of few bytes.
    IdleIsCheap,
    /// Whose records are kept aside is told.
    RefusedShown,
    /// A node starts again after anything.
    Starts,
    /// A start that relies on places shows what one shows that reads everything.
    PlacesFit,
    /// Damage is found, by a start or by whoever reads again after it.
    DamageFound,
    /// The simulation itself went wrong.
    Simulation,
}

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// Which.
    pub invariant: Invariant,
    /// How it shows.
    pub what: String,
}

impl Broken {
    pub(super) fn new(invariant: Invariant, what: impl Into<String>) -> Self {
        Self { invariant, what: what.into() }
    }

    pub(super) fn simulation(what: impl fmt::Display) -> Self {
        Self::new(Invariant::Simulation, what.to_string())
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.invariant, self.what)
    }
}

/// What a step of the simulation comes to.
pub(super) type Step<T = ()> = Result<T, Broken>;

/// Says what is wrong unless something holds.
pub(super) fn hold(holds: bool, invariant: Invariant, what: impl FnOnce() -> String) -> Step {
    if holds { Ok(()) } else { Err(Broken::new(invariant, what())) }
}
