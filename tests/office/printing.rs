//! Tickets on paper: a stand-in printer on a real socket reads what the office sends, answers for its paper, and goes
//! away and comes back.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use loket::config::PrinterSettings;
use loket::office::worker::{PrinterState, Printing};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::TestOffice;
use super::web::Site;

/// Paper is there; the answer of DLE EOT 4.
const PAPER: u8 = 0x12;
/// The roll is at its end.
const NO_PAPER: u8 = 0x72;

/// A printer.
struct StandIn {
    address: SocketAddr,
    papers: Arc<Mutex<Vec<String>>>,
    status: Arc<AtomicU8>,
    task: JoinHandle<()>,
}

impl StandIn {
    async fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (papers, status) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU8::new(PAPER)));
        let (kept, answers) = (Arc::clone(&papers), Arc::clone(&status));
        let task = tokio::spawn(async move {
            loop {
                let (mut line, _) = listener.accept().await.unwrap();
                let mut asked = [0; 3];
                line.read_exact(&mut asked).await.unwrap();
                assert_eq!(asked, [0x10, 0x04, 0x04], "it is asked for its paper first");
                line.write_all(&[answers.load(Ordering::SeqCst)]).await.unwrap();
                let mut bytes = Vec::new();
                line.read_to_end(&mut bytes).await.unwrap();
                if !bytes.is_empty() {
                    kept.lock().unwrap().push(String::from_utf8_lossy(&bytes).into_owned());
                }
            }
        });
        Self { address, papers, status, task }
    }

    async fn anywhere() -> Self {
        Self::at("127.0.0.1:0".parse().unwrap()).await
    }

    fn papers(&self) -> Vec<String> {
        self.papers.lock().unwrap().clone()
    }

    /// Waits until so many papers lie there.
    async fn has(&self, papers: usize) -> Vec<String> {
        for _ in 0..200 {
            if self.papers().len() >= papers {
                return self.papers();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{papers} papers never came, only {:?}", self.papers())
    }

    /// Pulls the plug.
    async fn gone(self) -> SocketAddr {
        self.task.abort();
        // Its socket is closed when the task is.
        drop(self.task.await);
        self.address
    }
}

fn printing(office: &TestOffice, address: SocketAddr) -> Printing {
    Printing::start(office.store(), PrinterSettings { address, width_mm: 80 })
}

async fn becomes(printing: &Printing, is: impl Fn(PrinterState) -> bool) {
    for _ in 0..200 {
        if is(printing.printer.state()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the printer is {:?}", printing.printer.state())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_ticket_is_printed_once_with_its_number_and_no_name() {
    let mut office = TestOffice::open();
    office.waiting("Siti Aminah").await;
    let paper = StandIn::anywhere().await;
    let printing = printing(&office, paper.address);
    // What was drawn before it began is on paper or was read from the screen.
    tokio::time::sleep(Duration::from_millis(200)).await;
    office.waiting("Budi Santoso").await;
    office.waiting("Tan Wei Ling").await;
    let papers = paper.has(2).await;
    assert!(papers[0].contains("A002") && papers[1].contains("A003"), "{papers:?}");
    assert!(papers[0].contains("1 orang sebelum Anda"), "{}", papers[0]);
    assert!(papers[0].contains("karimun/2026-11-23/A002"));
    for paper in &papers {
        assert!(!paper.contains("Budi") && !paper.contains("Tan Wei") && !paper.contains("1179"), "{paper}");
    }
    let again = office.store().queue("2026-11-23".parse().unwrap()).unwrap().tickets[0].ticket.number;
    assert!(printing.printer.print_again(again));
    assert!(paper.has(3).await[2].contains("A001"));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(paper.papers().len(), 3, "nothing is printed twice");
    printing.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_printer_stops_nobody_and_what_waits_is_printed_when_it_is_back() {
    let mut office = TestOffice::open();
    let address = StandIn::anywhere().await.gone().await;
    let printing = printing(&office, address);
    tokio::time::sleep(Duration::from_millis(200)).await;
    office.waiting("Siti Aminah").await;
    becomes(&printing, |state| matches!(state, PrinterState::Unreachable(_))).await;
    office.waiting("Budi").await;
    assert_eq!(office.store().queue("2026-11-23".parse().unwrap()).unwrap().tickets.len(), 2);
    let paper = StandIn::at(address).await;
    let papers = paper.has(2).await;
    assert!(papers[0].contains("A001") && papers[1].contains("A002"));
    becomes(&printing, |state| state == PrinterState::Ready).await;
    printing.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printer_without_paper_says_so_and_goes_on_with_a_new_roll() {
    let mut office = TestOffice::open();
    let paper = StandIn::anywhere().await;
    paper.status.store(NO_PAPER, Ordering::SeqCst);
    let printing = printing(&office, paper.address);
    tokio::time::sleep(Duration::from_millis(200)).await;
    office.waiting("Siti Aminah").await;
    becomes(&printing, |state| matches!(state, PrinterState::PaperOut(_))).await;
    assert_eq!(paper.papers().len(), 0);
    paper.status.store(PAPER, Ordering::SeqCst);
    assert!(paper.has(1).await[0].contains("A001"));
    becomes(&printing, |state| state == PrinterState::Ready).await;
    printing.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_prints_again_and_says_calmly_when_it_cannot() {
    let mut office = TestOffice::open();
    office.waiting("Siti Aminah").await;
    let paper = StandIn::anywhere().await;
    let printing = printing(&office, paper.address);
    let mut site = Site::printing(office, printing.printer.clone()).await;
    let ticket = "/applications/1179000000000001/ticket";
    assert!(site.get(ticket).await.text().contains("Cetak ulang di printer tiket"));
    let again = site.post("/applications/1179000000000001/ticket/print", &[]).await;
    assert_eq!((again.status.as_u16(), again.location.as_str()), (303, ticket));
    assert!(paper.has(1).await[0].contains("A001"));
    paper.gone().await;
    site.office.waiting("Budi").await;
    becomes(&printing, |state| matches!(state, PrinterState::Unreachable(_))).await;
    let page = site.get(ticket).await.text();
    assert!(page.contains("Printer tiket tidak menjawab") && page.contains("A001"), "{page}");
    printing.stop();

    let unprinted = Site::open().await;
    assert_eq!(unprinted.post("/applications/1179000000000001/ticket/print", &[]).await.status, 404);
}
