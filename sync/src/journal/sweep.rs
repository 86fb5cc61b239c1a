//! Reading many sessions at once: they do not depend on each other, and hashing is most of the work.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Signers;
use super::scan::{self, Closeness, Scanned};
use super::seen::Subjects;
use crate::disk::Disk;
use crate::ids::{SessionId, StreamId};

/// For fewer sessions no second thread is started.
const SESSIONS_PER_THREAD_MIN: usize = 32;
/// More would only wait for the drive.
const THREADS_MAX: usize = 4;

/// Reads these sessions, each closely enough to believe it; they come back in the same order, with every subject met
/// added to `nothing_met`.
pub(crate) fn sessions(
    disk: &Disk,
    journal: &Path,
    ids: &[(StreamId, SessionId)],
    signers: &dyn Signers,
    nothing_met: &Subjects,
) -> io::Result<(Vec<Scanned>, Subjects)> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = (ids.len() / SESSIONS_PER_THREAD_MIN).clamp(1, processors.min(THREADS_MAX));
    let next = AtomicUsize::new(0);
    let work = || -> io::Result<(Vec<(usize, Scanned)>, Subjects)> {
        let (mut found, mut subjects) = (Vec::new(), nothing_met.clone());
        while let Some((at, id)) = take(&next, ids) {
            let visit = &mut |header: &_, body: &_| subjects.visit(header, body);
            found.push((at, scan::session(disk, journal, id, signers, Closeness::LastSignature, visit)?));
        }
        Ok((found, subjects))
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
    let (mut all, mut subjects) = (Vec::with_capacity(ids.len()), nothing_met.clone());
    for part in parts {
        let (found, met) = part?;
        all.extend(found);
        subjects.append(met);
    }
    all.sort_by_key(|(at, _)| *at);
    Ok((all.into_iter().map(|(_, scanned)| scanned).collect(), subjects))
}

fn take(next: &AtomicUsize, ids: &[(StreamId, SessionId)]) -> Option<(usize, (StreamId, SessionId))> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    ids.get(at).map(|id| (at, *id))
}
