//! The office and a real registry, tied by calls instead of a network: what each writes reaches the other.

use std::io::Cursor;
use std::time::Instant;

use image::{ImageFormat, RgbImage};
use loket::domain::actor::{Actor, Role};
use loket::domain::application::ApplicationKey;
use loket::domain::command::Command;
use loket::domain::fact::Fact;
use loket::office::actions::captures;
use loket::office::store::{PaymentState, What, facts_seen};
use loket::office::worker::OfficeReplica;
use loket::registry::actions::exchange::{self, Peer};
use loket::registry::actions::pictures::Held;
use loket::registry::actions::{Registry, offices, payments, pictures};
use loket_sync::drive::{BlobThere, Drive, Replica, Signal, Uplink};
use loket_sync::enrol::{EnrolRequest, Granted};
use loket_sync::exchange::{KeyGrant, Line, LineError, LineSettings, LineState, Message, Now, WhyNot};
use loket_sync::{Hash, NodeKey, StoreId};
use tokio::sync::{mpsc, watch};

use super::TestOffice;
use super::actions::asker;
use super::headquarters::Headquarters;
use crate::registry::{Fixture, paid};

/// Reaches the registry by calling it; down when the switch says so.
struct Wire {
    registry: Registry,
    peer: Peer,
    is_up: watch::Receiver<bool>,
}

impl Wire {
    fn up(&self) -> Result<(), LineError> {
        if *self.is_up.borrow() { Ok(()) } else { Err(LineError::Unreachable("the cable is out".into())) }
    }
}

fn failed(error: impl std::fmt::Display) -> LineError {
    LineError::BadAnswer(error.to_string())
}

fn there(held: Option<Held>) -> BlobThere {
    match held {
        Some(Held::Whole(_)) => BlobThere::Whole,
        Some(Held::Part(len)) => BlobThere::Part(len),
        None => BlobThere::Part(0),
    }
}

impl Uplink for Wire {
    async fn exchange(&self, message: &Message) -> Result<Message, LineError> {
        self.up()?;
        exchange::answer(&self.registry, &self.peer, message.clone()).await.map_err(failed)
    }

    async fn news(&self, seen: Hash) -> Result<bool, LineError> {
        let mut is_up = self.is_up.clone();
        loop {
            self.up()?;
            if exchange::has_news(&self.registry, &self.peer.office, &seen).await.map_err(failed)? {
                return Ok(true);
            }
            let pause = std::time::Duration::from_millis(20);
            // Whichever comes first, it is looked at anew.
            drop(tokio::time::timeout(pause, is_up.changed()).await);
        }
    }

    async fn blob_there(&self, hash: &Hash) -> Result<BlobThere, LineError> {
        self.up()?;
        Ok(there(pictures::held(&self.registry, &self.peer, hash).await.map_err(failed)?))
    }

    async fn put_chunk(
        &self,
        hash: &Hash,
        offset: u64,
        bytes: Vec<u8>,
        len: u64,
    ) -> Result<BlobThere, LineError> {
        self.up()?;
        let put = pictures::write(&self.registry, &self.peer, hash, offset, bytes, len).await;
        Ok(there(put.map_err(failed)?))
    }

    async fn get_chunk(&self, hash: &Hash, offset: u64, len_max: usize) -> Result<(Vec<u8>, u64), LineError> {
        self.up()?;
        let read = pictures::read(&self.registry, &self.peer, hash, offset, len_max).await;
        read.map_err(failed)?.ok_or_else(|| failed("no such picture"))
    }
}

/// An enrolled office and the switch of its line.
pub(super) struct Tied {
    pub(super) office: TestOffice,
    pub(super) cable: watch::Sender<bool>,
    pub(super) signals: mpsc::Sender<Signal>,
    pub(super) state: watch::Receiver<LineState>,
    pub(super) driven: tokio::task::JoinHandle<()>,
}

/// The line of an office that runs, and its switch.
pub(super) struct Cabled {
    pub(super) cable: watch::Sender<bool>,
    pub(super) signals: mpsc::Sender<Signal>,
    pub(super) state: watch::Receiver<LineState>,
    pub(super) driven: tokio::task::JoinHandle<()>,
}

/// Enrols an office at a registry, and opens it without a line.
pub(super) async fn enrol(registry: &Registry) -> TestOffice {
    let code = offices::open_code(registry, &"karimun".to_owned().try_into().unwrap()).await.unwrap().code;
    let node_key = NodeKey::from_seed([7; 32]);
    let request = EnrolRequest::new(&code.key(), node_key.public(), "karimun", "a test");
    let answer = offices::enrol(registry, &request).await.unwrap();
    let granted = Granted::from_bytes(&answer, &code.key(), &node_key.public()).unwrap();
    TestOffice::open_for(Headquarters::new("karimun"), granted.registry)
}

/// Enrols an office at a registry, opens it and ties it.
pub(super) async fn tie(registry: &Registry) -> Tied {
    let office = enrol(registry).await;
    let Cabled { cable, signals, state, driven } = connect(&office, registry).await;
    Tied { office, cable, signals, state, driven }
}

/// Ties an office that runs and was enrolled to its registry.
pub(super) async fn connect(office: &TestOffice, registry: &Registry) -> Cabled {
    let node_key = office.identity.node_key.clone();
    let peer = exchange::peer(registry, node_key.id()).await.unwrap().unwrap();
    let (cable, is_up) = watch::channel(true);
    let shared: std::collections::BTreeSet<_> =
        office.store().shared_streams().unwrap().into_iter().collect();
    let began = Instant::now();
    let node = node_key.id();
    let drive = Drive {
        node,
        replica: OfficeReplica::new(office.store().clone(), node_key, registry.store.node_key().public()),
        uplink: Wire { registry: registry.clone(), peer, is_up },
        clock: move || Now {
            steady_ms: u64::try_from(began.elapsed().as_millis()).unwrap(),
            wall_ms: super::morning().timestamp_millis(),
        },
        store: StoreId([5; 16]),
        process: office.store().process(),
        own_stream: office.store().own_stream(),
        shared: shared.clone(),
    };
    let line = Line::new(LineSettings::new(shared, 1));
    let (signals, heard) = mpsc::channel(16);
    let (shown, state) = watch::channel(LineState::default());
    let driven = tokio::spawn(drive.run(line, heard, shown));
    Cabled { cable, signals, state, driven }
}

/// Waits until the office shows something.
pub(super) async fn until<T>(office: &TestOffice, mut look: impl FnMut() -> Option<T>) -> T {
    let mut changes = office.store().changes();
    let waited = tokio::time::timeout(std::time::Duration::from_secs(20), async {
        loop {
            if let Some(found) = look() {
                return found;
            }
            changes.changed().await.unwrap();
        }
    });
    waited.await.expect("the office hears of it")
}

pub(super) fn portrait() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let noise = |x: u32, y: u32| image::Rgb([(x * y % 251) as u8, (x * 7 % 253) as u8, (y * 13 % 255) as u8]);
    RgbImage::from_fn(900, 1200, noise).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_booking_comes_down_and_a_capture_goes_up_also_after_a_cut() {
    let headquarters = Fixture::sqlite().await;
    headquarters.offer(5).await;
    let Tied { mut office, cable, signals, mut state, .. } = tie(&headquarters.registry).await;

    let booking = headquarters.book("Siti Aminah").await;
    payments::pay(&headquarters.registry, paid(&booking, "0123456789ABCDEF", headquarters.now()))
        .await
        .unwrap();
    let key = booking.key;
    until(&office, || {
        // The booking and its payment may come in two messages.
        let line = office.store().summary(key).unwrap();
        line.filter(|line| line.payment == PaymentState::Paid).map(|line| line.name)
    })
    .await;
    assert_eq!(office.store().by_number(&booking.number).unwrap(), Some(key));

    // The line is cut; the counter goes on.
    cable.send(false).unwrap();
    state.wait_for(|state| state.down_since_ms.is_some()).await.unwrap();
    let picture = portrait();
    serve(&office, key, picture.clone()).await;
    let own = facts_seen(&office.store().application(key).unwrap().unwrap(), &office.identity.office.code);
    assert!(own >= 5);

    // It is back: all of it arrives, the picture last.
    cable.send(true).unwrap();
    signals.send(Signal::LineBack).await.unwrap();
    let sent = until(&office, || office.store().pictures_unsent(9).is_empty().then_some(())).await;
    assert_eq!(sent, ());
    let there = headquarters.application(&booking.number).await;
    assert_eq!(facts_seen(&there, &office.identity.office.code), own);
    let captured = there.entries().find_map(|entry| match &entry.fact {
        Fact::PortraitCaptured(portrait) => Some(portrait.picture.clone()),
        _ => None,
    });
    let seen = pictures::open(&headquarters.registry, key, &captured.unwrap()).await.unwrap();
    assert_eq!(seen, Some(picture));
    office.stop().await;
}

pub(super) async fn serve(office: &TestOffice, key: ApplicationKey, picture: Vec<u8>) {
    let store = office.store();
    office.command(key, super::arrive()).await.unwrap();
    office.command(key, super::papers()).await.unwrap();
    office.open_counter(1, "sari").await;
    let ticket = office.act(What::CallNext { counter: 1 }, "sari").await.unwrap().ticket.unwrap();
    office.command(key, Command::StartTicket(ticket)).await.unwrap();
    let by = asker("sari", office.form());
    assert!(by.roles.contains(&Role::Interviewer) && by.by != Actor::Node);
    captures::portrait(store, by, key, picture).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_of_another_office_are_not_taken_whoever_hands_them_over() {
    let office = TestOffice::open();
    let mut others = Headquarters::new("batam");
    others.book("Wati");
    let (runs, keys) = others.take();
    let own_key = office.identity.node_key.clone();
    let grants = keys.iter().map(|(subject, key)| KeyGrant::seal(*subject, key, &own_key.public())).collect();
    let replica = OfficeReplica::new(office.store().clone(), own_key, others.public());
    let runs: Vec<_> = runs.into_iter().map(|(run, _)| run).collect();
    let stream = runs[0].head.stream;
    assert_eq!(replica.receive(runs, grants).await.unwrap(), 0);
    assert!(office.store().reader().vector().iter().all(|have| have.stream != stream));
    let refused = office.store().refused_here();
    assert_eq!((refused.len(), refused[0].stream, refused[0].why), (1, stream, WhyNot::NotShared));
}

#[tokio::test]
async fn two_histories_of_headquarters_are_told_and_never_mixed() {
    let mut office = TestOffice::open();
    let mut other = office.headquarters.clone();
    office.booked("Siti Aminah").await;
    let before = office.store().reader().vector();
    for name in ["Budi", "Wati"] {
        other.book(name);
        let (runs, keys) = other.take();
        let (stream, session) = (runs[0].0.head.stream, runs[0].0.head.session);
        let own_key = office.identity.node_key.clone();
        let grants =
            keys.iter().map(|(subject, key)| KeyGrant::seal(*subject, key, &own_key.public())).collect();
        let replica = OfficeReplica::new(office.store().clone(), own_key, other.public());
        let runs: Vec<_> = runs.into_iter().map(|(run, _)| run).collect();
        assert_eq!(replica.receive(runs, grants).await.unwrap(), 0, "{name}");
        let refused = office.store().refused_here();
        let told: Vec<_> = refused.iter().map(|not| (not.stream, not.session, not.why)).collect();
        assert_eq!(told, [(stream, session, WhyNot::Fork)], "it stands among what needs a person");
        assert_eq!(office.store().reader().vector(), before, "what was here first stands");
    }
    // The one that was here first goes on.
    office.booked("Tono").await;
    assert!(office.store().reader().vector()[0].len > before[0].len);
}
