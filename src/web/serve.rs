//! Serving pages: bind first, so that an address in use is said before anything else starts; stop at once, without
//! waiting for the streams of open browsers.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, HttpServer};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::gate::gate;
use super::host::Host;

/// Two threads answer: an office's machine has two cores, and everything slow is done elsewhere.
const WORKERS: usize = 2;
/// Longer than any client of ours keeps an idle connection, so that the client closes first and loses no request.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a request that is being answered may still take when the server stops, in seconds.
const SHUTDOWN_SECONDS_MAX: u64 = 5;

/// Turns true when the server stops; what never ends by itself (event streams, long polls) listens to it. Handlers take
/// it as `Data<Stopping>`.
#[derive(Debug, Clone)]
pub struct Stopping(pub watch::Receiver<bool>);

/// A server that runs.
pub struct Server {
    address: SocketAddr,
    handle: ServerHandle,
    stopping: watch::Sender<bool>,
    running: JoinHandle<io::Result<()>>,
}

/// Starts a server for `host` at `listen` (port 0 takes any free port); `configure` adds routes and their data.
pub fn start(
    listen: SocketAddr,
    host: Arc<dyn Host>,
    configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> io::Result<Server> {
    let listener = TcpListener::bind(listen)?;
    let address = listener.local_addr()?;
    let (stopping, stop) = watch::channel(false);
    let (host, stop) = (Data::new(host), Data::new(Stopping(stop)));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(host.clone())
            .app_data(stop.clone())
            .wrap(from_fn(gate))
            .configure(configure.clone())
    })
    .workers(WORKERS)
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(SHUTDOWN_SECONDS_MAX)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    Ok(Server { address, handle, stopping, running: tokio::spawn(server) })
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address as people type it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes no more requests, ends the streams, and returns when the last answer is out.
    pub async fn stop(self) {
        self.stopping.send_replace(true);
        self.handle.stop(true).await;
        match self.running.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "The server ended with an error"),
            Err(error) => tracing::error!(%error, "The server's task ended with an error"),
        }
    }
}
