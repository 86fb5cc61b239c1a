//! Tickets on paper: a thermal printer on the office's network (ESC/POS over TCP, usually port 9100).
//!
//! A ticket is committed first and printed after. This worker sees each ticket that is drawn while it runs, whoever drew
//! it, and tries until the printer takes it or the ticket is too old; then the number on the screen and a reprint are
//! left. Its address stands in `loket.toml` and nowhere else: no page can make the office connect to somewhere.

mod paper;

use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::config::PrinterSettings;
use crate::domain::ticket::TicketNumber;
use crate::office::store::{Queue, QueueTicket, Store};
use paper::Slip;

/// A printer that does not answer within this time is not there.
const PATIENCE: Duration = Duration::from_secs(3);
/// A printer that says nothing of its paper within this time cannot.
const STATUS_PATIENCE: Duration = Duration::from_millis(800);
/// The first wait after a failure; each one after it is twice as long.
const RETRY_FIRST: Duration = Duration::from_millis(500);
const RETRY_MAX: Duration = Duration::from_secs(20);
/// Whoever drew a ticket so long ago has gone with the number from the screen.
const TOO_OLD_MINUTES: i64 = 10;
/// More never wait: a hall draws fewer in ten minutes.
const WAITING_MAX: usize = 200;

/// How the printer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrinterState {
    /// It took the last ticket, or has had none yet.
    Ready,
    /// It has not answered since then.
    Unreachable(DateTime<Utc>),
    /// It has had no paper since then.
    PaperOut(DateTime<Utc>),
}

/// What pages know of the printer: how it is, and a way to print once more.
#[derive(Debug, Clone)]
pub struct Printer {
    state: watch::Receiver<PrinterState>,
    again: mpsc::Sender<TicketNumber>,
}

impl Printer {
    /// How it is.
    pub fn state(&self) -> PrinterState {
        *self.state.borrow()
    }

    /// Prints a ticket of today once more; false when too many wait already.
    pub fn print_again(&self, number: TicketNumber) -> bool {
        self.again.try_send(number).is_ok()
    }
}

/// The worker; whoever stops the office aborts it.
pub struct Printing {
    task: JoinHandle<()>,
    /// For the pages.
    pub printer: Printer,
}

impl Printing {
    /// Starts printing what is drawn from now on.
    pub fn start(store: &Store, settings: PrinterSettings) -> Self {
        let (tell, state) = watch::channel(PrinterState::Ready);
        let (again, asked) = mpsc::channel(WAITING_MAX);
        let worker = Worker { store: store.clone(), settings, tell, asked, waiting: VecDeque::new() };
        Self { task: tokio::spawn(worker.run()), printer: Printer { state, again } }
    }

    /// Stops; what waits can be printed again later.
    pub fn stop(&self) {
        self.task.abort();
    }
}

/// A ticket that waits for the printer.
struct Job {
    number: TicketNumber,
    since: DateTime<Utc>,
}

struct Worker {
    store: Store,
    settings: PrinterSettings,
    tell: watch::Sender<PrinterState>,
    asked: mpsc::Receiver<TicketNumber>,
    waiting: VecDeque<Job>,
}

/// Why a ticket was not printed.
#[derive(Debug, thiserror::Error)]
enum NotPrinted {
    #[error("the printer cannot be reached")]
    Line(#[from] std::io::Error),
    #[error("the printer did not answer in time")]
    Silent(#[from] tokio::time::error::Elapsed),
    #[error("the printer has no paper")]
    PaperOut,
    #[error("the ticket could not be written")]
    Slip(#[from] escpos::errors::PrinterError),
}

impl Worker {
    async fn run(mut self) {
        let mut changes = self.store.changes();
        self.store.ready().await;
        let mut known = self.numbers().unwrap_or_default();
        let mut retry = RETRY_FIRST;
        loop {
            if self.waiting.is_empty() {
                tokio::select! {
                    changed = changes.changed() => if changed.is_err() { return },
                    Some(number) = self.asked.recv() => self.wait_for(number),
                }
            } else if let Err(error) = self.print_next().await {
                self.note(&error);
                tokio::select! {
                    () = tokio::time::sleep(retry) => retry = (retry * 2).min(RETRY_MAX),
                    Some(number) = self.asked.recv() => {
                        self.wait_for(number);
                        // Somebody stands there and has seen to it: no reason to wait.
                        retry = RETRY_FIRST;
                    }
                }
            } else {
                retry = RETRY_FIRST;
            }
            // A queue that cannot be read is read again with the next change.
            if let Some(numbers) = self.numbers() {
                let fresh: Vec<TicketNumber> = numbers.difference(&known).copied().collect();
                for number in fresh {
                    self.wait_for(number);
                }
                known = numbers;
            }
        }
    }

    fn today(&self) -> chrono::NaiveDate {
        self.store.office().zone.day(self.store.clock().now())
    }

    fn numbers(&self) -> Option<BTreeSet<TicketNumber>> {
        let queue = self.store.queue(self.today()).ok()?;
        Some(queue.tickets.iter().map(|found| found.ticket.number).collect())
    }

    fn wait_for(&mut self, number: TicketNumber) {
        if self.waiting.iter().all(|job| job.number != number) {
            self.waiting.truncate(WAITING_MAX - 1);
            self.waiting.push_back(Job { number, since: self.store.clock().now() });
        }
    }

    async fn print_next(&mut self) -> Result<(), NotPrinted> {
        let now = self.store.clock().now();
        self.waiting.retain(|job| now - job.since < TimeDelta::minutes(TOO_OLD_MINUTES));
        let Some(job) = self.waiting.front() else { return Ok(()) };
        let slip = self.slip(job.number);
        if let Some(slip) = slip {
            print(self.settings.address, &slip.bytes(self.settings.width_mm)?).await?;
            self.tell.send_replace(PrinterState::Ready);
        }
        self.waiting.pop_front();
        Ok(())
    }

    fn slip(&self, number: TicketNumber) -> Option<Slip> {
        let queue: Queue = self.store.queue(number.day).ok()?;
        let settings = self.store.settings(number.day).ok()?;
        let found: &QueueTicket = queue.tickets.iter().find(|found| found.ticket.number == number)?;
        Some(Slip::of(self.store.office(), &found.ticket, queue.ahead_of(&found.ticket), &settings))
    }

    fn note(&self, error: &NotPrinted) {
        let now = self.store.clock().now();
        self.tell.send_if_modified(|state| {
            let next = match (error, *state) {
                (NotPrinted::PaperOut, PrinterState::PaperOut(since)) => PrinterState::PaperOut(since),
                (NotPrinted::PaperOut, _) => PrinterState::PaperOut(now),
                (_, PrinterState::Unreachable(since)) => PrinterState::Unreachable(since),
                _ => PrinterState::Unreachable(now),
            };
            let has_changed = *state != next;
            if has_changed {
                tracing::warn!(%error, "Tickets are not printed; their numbers stand on the screen");
            }
            *state = next;
            has_changed
        });
    }
}

/// Hands bytes to the printer, if it has paper.
async fn print(address: SocketAddr, bytes: &[u8]) -> Result<(), NotPrinted> {
    let mut line = tokio::time::timeout(PATIENCE, TcpStream::connect(address)).await??;
    line.write_all(&paper::ASK_FOR_PAPER).await?;
    let mut said = [0; 1];
    // Some print servers answer nothing: what they are given is printed all the same.
    if let Ok(read) = tokio::time::timeout(STATUS_PATIENCE, line.read_exact(&mut said)).await {
        read?;
        if !paper::has_paper(said[0]) {
            return Err(NotPrinted::PaperOut);
        }
    }
    tokio::time::timeout(PATIENCE, line.write_all(bytes)).await??;
    tokio::time::timeout(PATIENCE, line.shutdown()).await??;
    // The printer closes its side when it has taken everything; one that does not is given up on, not printed twice.
    let mut rest = Vec::new();
    drop(tokio::time::timeout(STATUS_PATIENCE, line.take(64).read_to_end(&mut rest)).await);
    Ok(())
}
