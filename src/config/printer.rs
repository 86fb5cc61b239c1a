//! The printer that prints tickets: where it stands on the office's network, and how wide its paper is.

use std::net::SocketAddr;

use serde::Deserialize;

/// Widths of paper there are, in millimetres.
const WIDTHS_MM: [u16; 2] = [58, 80];

/// The printer, as the settings say. Nothing else names it: no page can make the office connect to somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "PrinterSection")]
pub struct PrinterSettings {
    /// Where it listens, usually on port 9100.
    pub address: SocketAddr,
    /// How wide its paper is, in millimetres.
    pub width_mm: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PrinterSection {
    address: SocketAddr,
    width_mm: Option<u16>,
}

impl TryFrom<PrinterSection> for PrinterSettings {
    type Error = String;

    fn try_from(section: PrinterSection) -> Result<Self, String> {
        let width_mm = section.width_mm.unwrap_or(80);
        if WIDTHS_MM.contains(&width_mm) {
            Ok(Self { address: section.address, width_mm })
        } else {
            Err(format!("[printer] width_mm is 58 or 80, not {width_mm}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printer_is_an_address_and_a_width_that_exists() {
        let read = |text: &str| toml::from_str::<PrinterSettings>(text);
        let address = "10.0.0.9:9100".parse().unwrap();
        assert_eq!(read("address = \"10.0.0.9:9100\"").unwrap(), PrinterSettings { address, width_mm: 80 });
        assert_eq!(read("address = \"10.0.0.9:9100\"\nwidth_mm = 58").unwrap().width_mm, 58);
        assert!(
            read("address = \"10.0.0.9:9100\"\nwidth_mm = 70").unwrap_err().to_string().contains("58 or 80")
        );
        assert!(read("address = \"printer.example\"").is_err());
    }
}
