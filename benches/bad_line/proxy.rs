//! A line as bad as one likes, in user space: delay, rate, cuts. It counts and keeps what passes.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// What the line does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It carries.
    Up,
    /// Connections break, and new ones too.
    Reset,
    /// Nothing passes, and nobody is told; afterwards everything goes on.
    Hold,
    /// Nothing passes, nobody is told, and what was open then never carries again.
    Forget,
}

/// A line: round trip, and bytes in a second each way.
#[derive(Clone, Copy, Debug)]
pub struct Quality {
    pub round_trip: Duration,
    pub bytes_per_s: u64,
}

/// What passed on one connection: asked, answered.
pub type Passed = Arc<Mutex<(Vec<u8>, Vec<u8>)>>;

pub struct Proxy {
    pub address: SocketAddr,
    state: watch::Sender<State>,
    pub up_bytes: Arc<AtomicU64>,
    pub connections: Arc<Mutex<Vec<Passed>>>,
}

/// When each direction is free again: one wire for all connections.
type Wire = Arc<Mutex<Instant>>;

impl Proxy {
    pub fn start(to: SocketAddr, quality: Quality, keeps: bool) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // What lies in a socket's buffer is neither sent nor here.
        socket.set_recv_buffer_size(8 * 1024).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(64).unwrap();
        let address = listener.local_addr().unwrap();
        let (state, heard) = watch::channel(State::Up);
        let up_bytes: Arc<AtomicU64> = Arc::default();
        let connections: Arc<Mutex<Vec<Passed>>> = Arc::default();
        let wires: (Wire, Wire) =
            (Arc::new(Mutex::new(Instant::now())), Arc::new(Mutex::new(Instant::now())));
        let (counted, kept) = (Arc::clone(&up_bytes), Arc::clone(&connections));
        tokio::spawn(async move {
            loop {
                let (from, _) = listener.accept().await.unwrap();
                let passed = Passed::default();
                if keeps {
                    kept.lock().unwrap().push(Arc::clone(&passed));
                }
                let (wires, heard) = ((Arc::clone(&wires.0), Arc::clone(&wires.1)), heard.clone());
                let counted = Arc::clone(&counted);
                tokio::spawn(
                    async move { carry(from, to, quality, wires, heard, counted, passed, keeps).await },
                );
            }
        });
        Self { address, state, up_bytes, connections }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn set(&self, state: State) {
        self.state.send_replace(state);
    }

    pub fn bytes_up(&self) -> u64 {
        self.up_bytes.load(Ordering::Relaxed)
    }
}

#[expect(clippy::too_many_arguments, reason = "one connection with all it shares")]
async fn carry(
    from: TcpStream,
    to: SocketAddr,
    quality: Quality,
    wires: (Wire, Wire),
    mut heard: watch::Receiver<State>,
    counted: Arc<AtomicU64>,
    passed: Passed,
    keeps: bool,
) {
    let state = *heard.borrow();
    if state == State::Reset {
        return;
    }
    if state == State::Forget {
        return std::future::pending().await;
    }
    // The handshake: the client believes itself connected at once, so its first bytes wait a round trip more.
    tokio::time::sleep(quality.round_trip).await;
    let Ok(onward) = TcpStream::connect(to).await else { return };
    let (from_read, from_write) = from.into_split();
    let (to_read, to_write) = onward.into_split();
    let up = Way { quality, wire: wires.0, heard: heard.clone(), is_up: true, counted: Some(counted) };
    let down = Way { quality, wire: wires.1, heard: heard.clone(), is_up: false, counted: None };
    let asked = keeps.then(|| Arc::clone(&passed));
    tokio::select! {
        () = up.run(from_read, to_write, asked) => {}
        () = down.run(to_read, from_write, keeps.then_some(passed)) => {}
        _ = heard.wait_for(|state| *state == State::Reset) => {}
    }
}

struct Way {
    quality: Quality,
    wire: Wire,
    heard: watch::Receiver<State>,
    is_up: bool,
    counted: Option<Arc<AtomicU64>>,
}

impl Way {
    async fn run(mut self, mut read: OwnedReadHalf, mut write: OwnedWriteHalf, passed: Option<Passed>) {
        let (sent, mut arriving) = mpsc::channel::<(Instant, Vec<u8>)>(256);
        let mut heard = self.heard.clone();
        let delivering = async move {
            while let Some((at, bytes)) = arriving.recv().await {
                tokio::time::sleep_until(at).await;
                pass(&mut heard).await;
                if write.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            let _ = write.shutdown().await;
        };
        let sending = async move {
            let mut buffer = [0; 512];
            loop {
                let Ok(len) = read.read(&mut buffer).await else { return };
                if len == 0 {
                    return;
                }
                pass(&mut self.heard).await;
                let until = self.occupy(len);
                tokio::time::sleep_until(until).await;
                if let Some(counted) = &self.counted {
                    counted.fetch_add(len as u64, Ordering::Relaxed);
                }
                if let Some(passed) = &passed {
                    let mut passed = passed.lock().unwrap();
                    let kept = if self.is_up { &mut passed.0 } else { &mut passed.1 };
                    kept.extend_from_slice(&buffer[..len]);
                }
                if sent.send((until + self.quality.round_trip / 2, buffer[..len].to_vec())).await.is_err() {
                    return;
                }
            }
        };
        tokio::join!(delivering, sending);
    }

    /// Takes the wire for so many bytes; when they are on it.
    fn occupy(&self, len: usize) -> Instant {
        let mut free = self.wire.lock().unwrap();
        let takes = Duration::from_secs_f64(len as f64 / self.quality.bytes_per_s as f64);
        *free = (*free).max(Instant::now()) + takes;
        *free
    }
}

/// Waits until the line carries; for ever on a connection that it has forgotten.
async fn pass(heard: &mut watch::Receiver<State>) {
    loop {
        let state = *heard.borrow_and_update();
        match state {
            State::Up => return,
            State::Forget => std::future::pending::<()>().await,
            State::Hold | State::Reset => {
                if heard.changed().await.is_err() {
                    return;
                }
            }
        }
    }
}
