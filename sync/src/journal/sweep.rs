//! Reading many sessions at once: they do not depend on each other, and hashing is most of the work.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Signers;
use super::places::Kept;
use super::scan::{self, Look, Scanned};
use super::seen::Subjects;
use crate::disk::Disk;
use crate::ids::{SessionId, StreamId};

/// For fewer sessions no second thread is started.
const SESSIONS_PER_THREAD_MIN: usize = 32;
/// More would only wait for the drive.
const THREADS_MAX: usize = 4;

/// What reading many sessions has shown.
pub(crate) struct Swept {
    /// Each session with its place among those that were asked for.
    pub scanned: Vec<(usize, Scanned)>,
    /// Those that were read; the others are as they are remembered.
    pub read: Vec<(StreamId, SessionId)>,
    /// Everything met in them.
    pub met: Subjects,
}

/// Reads these sessions, each closely enough to believe it, but for those that are as they are remembered. They come back
/// in the same order, with every subject met added to `met_before`.
pub(crate) fn sessions(
    disk: &Disk,
    journal: &Path,
    ids: &[(StreamId, SessionId)],
    (signers, look): (&dyn Signers, Look),
    met_before: &Subjects,
    kept: &BTreeMap<(StreamId, SessionId), Kept>,
) -> io::Result<Swept> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = (ids.len() / SESSIONS_PER_THREAD_MIN).clamp(1, processors.min(THREADS_MAX));
    let next = AtomicUsize::new(0);
    let nothing_met = met_before.nothing_met();
    let work = || -> io::Result<Swept> {
        let (mut found, mut read, mut subjects) = (Vec::new(), Vec::new(), nothing_met.clone());
        while let Some((at, id)) = take(&next, ids) {
            let remembered = kept.get(&id).map(|kept| kept.session(disk, journal, signers)).transpose()?;
            if let Some(scanned) = remembered.flatten() {
                found.push((at, scanned));
                continue;
            }
            read.push(id);
            let visit = &mut |header: &_, body: &_| subjects.visit(header, body);
            found.push((at, scan::session(disk, journal, id, signers, look, visit)?));
        }
        Ok(Swept { scanned: found, read, met: subjects })
    };
    let parts: Vec<_> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let own = work();
        let joined = others.into_iter().map(|thread| match thread.join() {
            Ok(part) => part,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        std::iter::once(own).chain(joined).collect()
    });
    let mut all = Swept { scanned: Vec::with_capacity(ids.len()), read: Vec::new(), met: met_before.clone() };
    for part in parts {
        let part = part?;
        all.scanned.extend(part.scanned);
        all.read.extend(part.read);
        all.met.append(part.met);
    }
    all.scanned.sort_by_key(|(at, _)| *at);
    Ok(all)
}

fn take(next: &AtomicUsize, ids: &[(StreamId, SessionId)]) -> Option<(usize, (StreamId, SessionId))> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    ids.get(at).map(|id| (at, *id))
}
