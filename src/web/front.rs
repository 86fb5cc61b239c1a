//! The front of a node: https where a certificate was set up, with the plain door beside it; plain http only where
//! nobody can listen, or where somebody has said that it must be.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::web::ServiceConfig;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::host::Host;
use super::plain::{self, Door};
use super::serve::{self, Secured, Server};
use super::tls::{Shown, Tls};
use crate::certificate::{CertificateError, Folder};
use crate::clock::Clock;
use crate::config::{Place, PlainListen};

const HTTPS_PORT: u16 = 443;
const HTTP_PORT: u16 = 80;

/// Why pages cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum FrontError {
    /// Its certificate.
    #[error("the certificate for https cannot be used")]
    Certificate(#[from] CertificateError),
    /// The TLS library.
    #[error("https cannot be set up")]
    Tls(#[from] rustls::Error),
    /// Everybody on the network could read along.
    #[error(
        "pages would go out unprotected at {0}: passwords, names and pictures could be read by everybody on the \
         network. Make a certificate (loket certificate new --help), or let a proxy on this machine speak TLS \
         (behind_tls = true in loket.toml, and listen on 127.0.0.1). If it must be without: --without-tls"
    )]
    Naked(SocketAddr),
    /// The address is taken, or not this machine's.
    #[error("{address} cannot be listened on")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// A front before it is opened.
pub struct Front {
    place: Place,
    tls: Option<Tls>,
}

impl Front {
    /// Looks what there is in the folder; refuses to serve other machines in the open unless told to. A proxy that speaks
    /// TLS changes nothing about an address that everybody reaches beside it.
    pub fn of(place: Place, folder: Folder, clock: Arc<dyn Clock>) -> Result<Self, FrontError> {
        let tls = Tls::load(folder, clock)?;
        if tls.is_none() && !place.listen.ip().is_loopback() {
            if !place.without_tls {
                return Err(FrontError::Naked(place.listen));
            }
            tracing::warn!(address = %place.listen, "PAGES ARE SERVED WITHOUT TLS: everybody on the network can read along");
        }
        Ok(Self { place, tls })
    }

    /// Whether browsers meet TLS, so that cookies may demand it.
    pub fn is_secure(&self) -> bool {
        self.tls.is_some() || self.place.behind_tls
    }

    /// Whether other machines are served without TLS.
    pub fn is_in_the_open(&self) -> bool {
        self.tls.is_none() && !self.place.listen.ip().is_loopback()
    }

    /// What is served over https, now and later.
    pub fn shown(&self) -> Option<watch::Receiver<Shown>> {
        self.tls.as_ref().map(Tls::shown)
    }

    /// Serves.
    pub fn open(
        self,
        host: Arc<dyn Host>,
        configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
    ) -> Result<Open, FrontError> {
        let Place { listen, plain, .. } = self.place;
        let failed = |address| move |source| FrontError::Listen { address, source };
        let (name, zone) = (host.name().to_owned(), host.zone());
        let Some(tls) = self.tls else {
            let server = serve::start(listen, host, configure).map_err(failed(listen))?;
            return Ok(Open { server, door: None, looked_after: None, shown: None });
        };
        let shown = tls.shown();
        let is_own = shown.borrow().authority.is_some();
        // Browsers that insist on https would never find the plain door again, where desks get a new authority. With a
        // certificate from elsewhere there is nothing to get, and only the usual pair of ports can be told apart.
        let strict = !is_own && listen.port() == HTTPS_PORT;
        let secured = Secured { config: tls.config()?, strict };
        let server = serve::start_over(listen, Some(secured), host, configure).map_err(failed(listen))?;
        let https = server.address();
        let door = Door { shown: shown.clone(), https_port: https.port(), place: name, zone };
        let door = match plain {
            PlainListen::Off => None,
            PlainListen::At(address) => Some(plain::open(address, door).map_err(failed(address))?),
            PlainListen::Beside => beside(listen, https, is_own).and_then(|address| {
                let opened = plain::open(address, door);
                let told = |error: &io::Error| {
                    tracing::warn!(%address, %error, "The page with the certificate is not served; plain_listen says where else");
                };
                opened.inspect_err(told).ok()
            }),
        };
        Ok(Open { server, door, looked_after: Some(tls.look_after()), shown: Some(shown) })
    }
}

/// The address of the door that nobody chose.
fn beside(listen: SocketAddr, https: SocketAddr, is_own: bool) -> Option<SocketAddr> {
    let port = match (listen.port(), https.port()) {
        (0, _) => 0,
        (_, HTTPS_PORT) => HTTP_PORT,
        // Nobody types the next port when there is nothing to install.
        (_, port) if is_own => port.checked_add(1)?,
        _ => return None,
    };
    Some(SocketAddr::new(https.ip(), port))
}

/// A front that is open.
pub struct Open {
    server: Server,
    door: Option<Server>,
    looked_after: Option<JoinHandle<()>>,
    shown: Option<watch::Receiver<Shown>>,
}

impl Open {
    /// Where pages are served.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The address as people type it: under a name when every address of the machine is served.
    pub fn url(&self) -> String {
        match &self.shown {
            Some(shown) if self.address().ip().is_unspecified() => {
                format!("https://{}:{}", shown.borrow().hosts.first(), self.address().port())
            }
            _ => self.server.url(),
        }
    }

    /// Where desks get the certificate, and the fingerprint to compare it with.
    pub fn install(&self) -> Option<(String, String)> {
        let shown = self.shown.as_ref()?.borrow();
        let (door, authority) = (self.door.as_ref()?, shown.authority.as_ref()?);
        let ip = door.address().ip();
        let host = if ip.is_unspecified() { shown.hosts.first() } else { door.url().replace("http://", "") };
        let host = if ip.is_unspecified() { format!("{host}:{}", door.address().port()) } else { host };
        Some((format!("http://{host}{}", plain::INSTALL_PATH), authority.seen.sha256.clone()))
    }

    /// Address of the plain door.
    pub fn door(&self) -> Option<SocketAddr> {
        self.door.as_ref().map(Server::address)
    }

    /// Takes no more requests and returns when the last answer is out.
    pub async fn stop(self) {
        if let Some(looked_after) = self.looked_after {
            looked_after.abort();
        }
        if let Some(door) = self.door {
            door.stop().await;
        }
        self.server.stop().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_door_is_beside_the_pages_unless_told() {
        let at = |port| SocketAddr::from(([192, 0, 2, 10], port));
        assert_eq!(beside(at(443), at(443), true), Some(at(80)));
        assert_eq!(beside(at(443), at(443), false), Some(at(80)));
        assert_eq!(beside(at(8443), at(8443), true), Some(at(8444)));
        assert_eq!(beside(at(8443), at(8443), false), None);
        assert_eq!(beside(at(0), at(40_000), true), Some(at(0)));
    }
}
