//! Where a node serves, and what it was told about protection on the way.

use std::net::SocketAddr;
use std::str::FromStr;

use serde::Deserialize;

/// Where the plain-http door beside https is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "String")]
pub enum PlainListen {
    /// Beside the pages: port 80 for 443, else the next port.
    #[default]
    Beside,
    /// Nowhere.
    Off,
    /// Here.
    At(SocketAddr),
}

impl FromStr for PlainListen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self::Off),
            "beside" => Ok(Self::Beside),
            address => {
                address.parse().map(Self::At).map_err(|_| "an ADDRESS:PORT, `beside` or `off`".to_owned())
            }
        }
    }
}

impl TryFrom<String> for PlainListen {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// Where a node serves.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Address of the pages.
    pub listen: SocketAddr,
    /// Address of the plain door, once there is a certificate.
    pub plain: PlainListen,
    /// A proxy on this machine speaks TLS: browsers meet it, and cookies may demand it.
    pub behind_tls: bool,
    /// Somebody has accepted that what is said crosses the network in the open.
    pub without_tls: bool,
}

impl Place {
    /// This address, with nothing said about protection.
    pub fn at(listen: SocketAddr) -> Self {
        Self { listen, plain: PlainListen::default(), behind_tls: false, without_tls: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_door_is_an_address_or_off() {
        assert_eq!("off".parse(), Ok(PlainListen::Off));
        assert_eq!("192.0.2.10:80".parse(), Ok(PlainListen::At(([192, 0, 2, 10], 80).into())));
        assert!("anywhere".parse::<PlainListen>().is_err());
    }
}
