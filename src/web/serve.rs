//! Serving pages: bind first, so that an address in use is said before anything else starts; stop at once, without
//! waiting for the streams of open browsers.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::header;
use actix_web::middleware::{Condition, DefaultHeaders, from_fn};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, HttpServer};
use rustls::ServerConfig as TlsConfig;
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
/// A handshake over a satellite link takes its time.
const HANDSHAKE_SECONDS_MAX: u64 = 20;
/// So does the head of a request when a packet of it is lost twice, or the machine stands still for some seconds: then it
/// is late and not hostile, and an empty page would be no answer to an officer.
const HEAD_SECONDS_MAX: u64 = 20;
/// How long browsers insist on TLS, where they are asked to: thirty days.
const STRICT_TRANSPORT: &str = "max-age=2592000";

/// Turns true when the server stops; what never ends by itself (event streams, long polls) listens to it. Handlers take
/// it as `Data<Stopping>`.
#[derive(Debug, Clone)]
pub struct Stopping(pub watch::Receiver<bool>);

/// TLS for a server.
pub struct Secured {
    /// How handshakes are answered.
    pub config: TlsConfig,
    /// Whether browsers shall insist on TLS from now on.
    pub strict: bool,
}

/// A server that runs.
pub struct Server {
    address: SocketAddr,
    scheme: &'static str,
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
    start_over(listen, None, host, configure)
}

/// The same over TLS, if `secured` says how.
pub fn start_over(
    listen: SocketAddr,
    secured: Option<Secured>,
    host: Arc<dyn Host>,
    configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> io::Result<Server> {
    let (stopping, stop) = watch::channel(false);
    let (host, stop) = (Data::new(host), Data::new(Stopping(stop)));
    let (tls, strict) = match secured {
        Some(Secured { config, strict }) => (Some(config), strict),
        None => (None, false),
    };
    let app = move || {
        let insist = DefaultHeaders::new().add((header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT));
        App::new()
            .app_data(host.clone())
            .app_data(stop.clone())
            .wrap(from_fn(gate))
            .wrap(Condition::new(strict, insist))
            .configure(configure.clone())
    };
    let listener = TcpListener::bind(listen)?;
    let address = listener.local_addr()?;
    let server = HttpServer::new(app)
        .workers(WORKERS)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(SHUTDOWN_SECONDS_MAX)
        .tls_handshake_timeout(Duration::from_secs(HANDSHAKE_SECONDS_MAX))
        .client_request_timeout(Duration::from_secs(HEAD_SECONDS_MAX))
        .disable_signals();
    let scheme = if tls.is_some() { "https" } else { "http" };
    let server = match tls {
        Some(config) => server.listen_rustls_0_23(listener, config)?,
        None => server.listen(listener)?,
    };
    Ok(Server::running(address, scheme, stopping, server.run()))
}

impl Server {
    pub(super) fn running(
        address: SocketAddr,
        scheme: &'static str,
        stopping: watch::Sender<bool>,
        server: actix_web::dev::Server,
    ) -> Self {
        let handle = server.handle();
        Self { address, scheme, handle, stopping, running: tokio::spawn(server) }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address as people type it.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
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
