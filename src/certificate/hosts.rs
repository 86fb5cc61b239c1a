//! Who a certificate is for: the names and addresses that desks reach a node by.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rustls::pki_types::DnsName;
use serde::{Deserialize, Serialize};

use super::CertificateError;

/// The machine itself, always among the names: the officer who sits at it needs no other address.
const THIS_MACHINE: &str = "localhost";

/// Names and addresses, those that were asked for first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hosts {
    /// Names, in small letters.
    pub names: Vec<String>,
    /// Addresses.
    pub addresses: Vec<IpAddr>,
}

impl Hosts {
    /// These names and addresses, and the machine itself.
    pub fn new(names: &[String], addresses: &[IpAddr]) -> Result<Self, CertificateError> {
        if names.is_empty() && addresses.is_empty() {
            return Err(CertificateError::NoHosts);
        }
        let mut hosts = Self { names: Vec::new(), addresses: Vec::new() };
        for name in names {
            let small = name.trim().trim_end_matches('.').to_ascii_lowercase();
            let is_name = DnsName::try_from(small.as_str()).is_ok() && small.parse::<IpAddr>().is_err();
            if !is_name {
                return Err(CertificateError::BadName(name.clone()));
            }
            hosts.add_name(&small);
        }
        let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        for address in addresses.iter().chain(&loopback) {
            if address.is_unspecified() {
                return Err(CertificateError::BadName(address.to_string()));
            }
            if !hosts.addresses.contains(address) {
                hosts.addresses.push(*address);
            }
        }
        hosts.add_name(THIS_MACHINE);
        Ok(hosts)
    }

    fn add_name(&mut self, name: &str) {
        if !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
    }

    /// The one to print: a name before an address, and the machine itself only when there is nothing else.
    pub fn first(&self) -> String {
        let name = self.names.iter().find(|name| *name != THIS_MACHINE).cloned();
        let address = || self.addresses.iter().find(|address| !address.is_loopback()).map(in_address);
        name.or_else(address).unwrap_or_else(|| THIS_MACHINE.to_owned())
    }

    /// Whether a browser that was sent to this host (as it stands in an address, without a port) is among friends.
    pub fn contains(&self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            Ok(address) => self.addresses.contains(&address),
            Err(_) => self.names.iter().any(|name| name.eq_ignore_ascii_case(bare)),
        }
    }
}

/// An address as it stands in a URL.
fn in_address(address: &IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

impl fmt::Display for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names.iter().cloned();
        let all: Vec<String> = names.chain(self.addresses.iter().map(ToString::to_string)).collect();
        f.write_str(&all.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_comes_first_and_the_machine_itself_is_always_there() {
        let address: IpAddr = "192.0.2.10".parse().unwrap();
        let hosts = Hosts::new(&["Loket.Kantor.example.".to_owned()], &[address]).unwrap();
        assert_eq!(hosts.first(), "loket.kantor.example");
        assert!(hosts.contains("LOKET.kantor.example") && hosts.contains("192.0.2.10"));
        assert!(hosts.contains("localhost") && hosts.contains("127.0.0.1") && hosts.contains("[::1]"));
        assert!(!hosts.contains("other.example") && !hosts.contains("192.0.2.11"));
        assert_eq!(Hosts::new(&[], &[address]).unwrap().first(), "192.0.2.10");
        let six = Hosts::new(&[], &["2001:db8::7".parse().unwrap()]).unwrap();
        assert_eq!(six.first(), "[2001:db8::7]");
    }

    #[test]
    fn what_is_no_name_of_a_server_is_refused() {
        assert!(matches!(Hosts::new(&[], &[]), Err(CertificateError::NoHosts)));
        for name in ["", "a b", "*.kantor.example", "192.0.2.10", "loket/kantor"] {
            let refused = Hosts::new(&[name.to_owned()], &[]);
            assert!(matches!(refused, Err(CertificateError::BadName(_))), "{name}");
        }
        assert!(Hosts::new(&[], &["0.0.0.0".parse().unwrap()]).is_err());
    }
}
