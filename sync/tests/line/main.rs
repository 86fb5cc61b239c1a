//! The line over real sockets: journals on both sides, a small server in between, and what is not the registry.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod office;
mod server;
mod slow;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use loket_sync::drive::{Signal, Uplink};
use loket_sync::enrol::{Asking, EnrolCode, EnrolKey};
use loket_sync::exchange::{Alarm, LineError, LinePhase};
use loket_sync::http::client::{self, Client, Patience};
use loket_sync::{Hash, Message, NodeKey, StoreId, head};

use office::Office;
use server::{Registry, Serves};

fn patience() -> Patience {
    Patience { stall: Duration::from_millis(400), ..Patience::default() }
}

fn client(url: &str) -> Client {
    Client::new(url, office::key(), server::key().public(), patience(), Arc::new(|| 1_700_000_000_000))
        .unwrap()
}

fn asking(code: &EnrolKey) -> Asking<'_> {
    Asking { code, office: "karimun", software: "loket test" }
}

fn message() -> Message {
    Message::new(StoreId([1; 16]), 1, Vec::new())
}

#[tokio::test]
async fn an_office_and_its_registry_become_level_with_keys_and_blobs_and_news() {
    let registry = Arc::new(Registry::new());
    let picture = vec![7; 300_000];
    let scan = vec![8; 70_000];
    let office = Office::new();
    let hash = office.blobs.put(&picture).unwrap();
    registry.want(hash);
    let offered = registry.blobs.put(&scan).unwrap();
    office.want(offered);
    office.write("arrived");
    registry.write("booked");

    let url = server::serve(Serves::Registry(Arc::clone(&registry))).await;
    let (signals, mut state) = office.connect(client(&url));
    state.wait_for(|state| state.phase == LinePhase::Level).await.unwrap();
    assert_eq!(office.words(), registry.words());
    assert_eq!(office.words(), ["booked", "arrived"]);

    registry.blob_arrived.notified().await;
    assert_eq!(registry.blobs.get(&hash).unwrap(), Some(picture));
    office.blob_arrived.notified().await;
    assert_eq!(office.blobs.get(&offered).unwrap(), Some(scan));

    let received = state.borrow().received;
    registry.write("rescheduled");
    state.wait_for(|state| state.received > received && state.phase == LinePhase::Level).await.unwrap();
    let sent = state.borrow().sent;
    office.write("captured");
    signals.send(Signal::LocalNews).await.unwrap();
    state.wait_for(|state| state.sent > sent && state.phase == LinePhase::Level).await.unwrap();
    assert_eq!(office.words(), registry.words());
    assert_eq!(office.words().len(), 4);
    assert!(
        registry.joined.load(Ordering::SeqCst) > 0,
        "what goes on from what is there does not say what that is"
    );

    signals.send(Signal::Pause).await.unwrap();
    state.wait_for(|state| state.phase == LinePhase::Paused).await.unwrap();
    office.write("interviewed");
    signals.send(Signal::LocalNews).await.unwrap();
    signals.send(Signal::Resume).await.unwrap();
    state.wait_for(|state| state.phase == LinePhase::Level).await.unwrap();
    assert_eq!(registry.words().len(), 5);
    assert_eq!(*office.alarms.lock().unwrap(), []);

    // The first message follows no answer; later ones prove that somebody is alive who has read one.
    let answered = registry.answered.lock().unwrap().clone();
    assert_eq!(answered.first(), Some(&None));
    assert!(answered.contains(&Some(1_700_000_000)), "{answered:?}");
}

#[tokio::test]
async fn a_blob_that_is_gone_or_damaged_is_an_alarm_and_never_counts_as_sent() {
    let registry = Arc::new(Registry::new());
    let office = Office::new();
    let gone = Hash::of(b"gone");
    let damaged = office.blobs.put(&vec![7; 300_000]).unwrap();
    office.damage(&damaged);
    let sound = office.blobs.put(&[8; 1_000]).unwrap();
    for hash in [gone, damaged, sound] {
        registry.want(hash);
    }
    let url = server::serve(Serves::Registry(Arc::clone(&registry))).await;
    let (signals, mut state) = office.connect(client(&url));
    registry.blob_arrived.notified().await;
    // Once more, and nothing of it is sent or told again.
    office.write("captured");
    signals.send(Signal::LocalNews).await.unwrap();
    state.wait_for(|state| state.sent > 0 && state.phase == LinePhase::Level).await.unwrap();
    assert_eq!(*office.alarms.lock().unwrap(), [Alarm::BlobGone(gone), Alarm::BlobDamaged(damaged)]);
    assert_eq!(*office.there.lock().unwrap(), [sound]);
    assert!(registry.blobs.has(&sound) && registry.blobs.offset(&damaged) == 0);
}

#[tokio::test]
async fn a_record_does_not_wait_for_a_piece_that_is_under_way() {
    let registry = Arc::new(Registry::new());
    let office = Office::new();
    registry.want(office.blobs.put(&vec![7; 300_000]).unwrap());
    registry.hold_pieces();
    let url = server::serve(Serves::Registry(Arc::clone(&registry))).await;
    let (signals, mut state) = office.connect(client(&url));
    registry.piece_came.notified().await;
    let sent = state.borrow().sent;
    office.write("captured");
    signals.send(Signal::LocalNews).await.unwrap();
    state.wait_for(|state| state.sent > sent).await.unwrap();
    assert_eq!(registry.words(), ["captured"]);
}

#[tokio::test]
async fn a_probe_finds_whoever_answers_anything() {
    let there = server::serve(Serves::Page("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")).await;
    assert!(client(&there).probe().await);
    let patience = Patience { probe: Duration::from_millis(100), ..patience() };
    let client = |url: &str| {
        Client::new(url, office::key(), server::key().public(), patience, Arc::new(|| 1)).unwrap()
    };
    let silent = server::serve(Serves::Nothing).await;
    assert!(!client(&silent).probe().await);
    assert!(!client("http://127.0.0.1:1").probe().await);
}

#[tokio::test]
async fn what_does_not_sign_is_not_the_registry() {
    for page in [
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nLogin",
        "HTTP/1.1 302 Found\r\nlocation: http://login.example/\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
    ] {
        let url = server::serve(Serves::Page(page)).await;
        assert_eq!(client(&url).exchange(&message()).await, Err(LineError::NotOurRegistry), "{page}");
        let code = EnrolCode::draw().key();
        let enrolled = client::enrol(&url, asking(&code), &office::key(), patience(), Arc::new(|| 1)).await;
        assert!(enrolled.is_err());
    }
    let away = server::serve(Serves::Page("HTTP/1.1 503 Away\r\ncontent-length: 0\r\n\r\n")).await;
    assert!(matches!(client(&away).exchange(&message()).await, Err(LineError::Unreachable(_))));
}

#[tokio::test]
async fn another_registry_is_not_ours() {
    let url = server::serve(Serves::Registry(Arc::new(Registry::new()))).await;
    let other = NodeKey::from_seed([9; 32]).public();
    let client = Client::new(&url, office::key(), other, patience(), Arc::new(|| 1)).unwrap();
    assert_eq!(client.exchange(&message()).await, Err(LineError::NotOurRegistry));
}

#[tokio::test]
async fn a_node_that_is_not_enrolled_is_refused_in_words() {
    let url = server::serve(Serves::Registry(Arc::new(Registry::new()))).await;
    let stranger = NodeKey::from_seed([9; 32]);
    let client = Client::new(&url, stranger, server::key().public(), patience(), Arc::new(|| 1)).unwrap();
    let refused = client.exchange(&message()).await;
    assert!(
        matches!(refused, Err(LineError::Refused { status: 403, reason }) if reason.contains("not enrolled"))
    );
}

#[tokio::test]
async fn nothing_there_and_nothing_moving_are_told_apart() {
    let silent = server::serve(Serves::Nothing).await;
    assert!(matches!(client(&silent).exchange(&message()).await, Err(LineError::TimedOut(_))));
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    assert!(matches!(client(&closed).exchange(&message()).await, Err(LineError::Unreachable(_))));
}

#[tokio::test]
async fn an_answer_that_drips_slowly_is_waited_for() {
    let registry = Registry::new();
    for number in 0..40 {
        registry.write(&format!("booking {number}"));
    }
    let url = server::serve(Serves::Drip(Arc::new(registry))).await;
    // The whole answer takes longer than the line may stand still.
    assert_eq!(client(&url).exchange(&message()).await.unwrap().records(), 41);
}

#[tokio::test]
async fn news_are_told_by_the_vector_that_was_seen() {
    let registry = Arc::new(Registry::new());
    registry.write("booked");
    let url = server::serve(Serves::Registry(Arc::clone(&registry))).await;
    assert!(client(&url).news(Hash([1; 32])).await.unwrap());
    let seen = head::digest(&registry.vector());
    assert!(!client(&url).news(seen).await.unwrap());
}

#[tokio::test]
async fn a_node_enrols_with_its_code_and_pins_the_registry() {
    let registry = Arc::new(Registry::new());
    let code = registry.code.key();
    let url = server::serve(Serves::Registry(registry)).await;
    let enrol = |code| {
        let url = url.clone();
        async move { client::enrol(&url, asking(&code), &office::key(), patience(), Arc::new(|| 1)).await }
    };
    let granted = enrol(code).await.unwrap();
    assert_eq!((granted.registry, granted.office.as_str()), (server::key().public(), "karimun"));
    assert!(matches!(enrol(EnrolCode::draw().key()).await, Err(LineError::Refused { status: 403, .. })));
}
