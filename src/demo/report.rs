//! What the demo prints when everything runs: where to look, who may log in, and whom to try first.

use std::fmt::Write;
use std::path::Path;

use super::record::{RECORD_FILE, Record};
use crate::domain::actor::Role;
use crate::domain::office::Office;

/// Cases shown, each once: what to try, and what to expect.
const SHOWN: &[(&str, &str)] = &[
    ("paid", "arrives, gets a ticket"),
    ("unpaid", "refused, the bill still runs"),
    ("expired", "refused, the bill has run out"),
    ("paid-unreported", "admitted on the receipt's NTPN"),
    ("paid-late", "paid too late, reinstated"),
    ("moved", "moved here from the day before"),
    ("other-day", "booked for tomorrow"),
    ("other-office", "booked at another office"),
];

/// The text.
pub(super) fn text(record: &Record, office: &Office, dir: &Path) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut text, record, office, dir);
    text
}

fn write(text: &mut String, record: &Record, office: &Office, dir: &Path) -> std::fmt::Result {
    let day = record.day.map(|day| day.to_string()).unwrap_or_default();
    writeln!(text, "\n{} · {} bookings for {day}\n", office.name, record.bookings.len())?;
    writeln!(text, "  Office     {}", record.office_url)?;
    writeln!(text, "  Display    {}", record.display_url)?;
    writeln!(text, "  Registry   {}/staff\n", record.registry_url)?;
    writeln!(text, "  {:<15} {:<11} Password", "Role", "Login")?;
    for login in &record.logins {
        writeln!(text, "  {:<15} {:<11} {}", role_name(login.role), login.name, login.password)?;
    }
    writeln!(text, "\n  {:<17} {:<29} Try it", "Number", "Applicant")?;
    for (case, what) in SHOWN {
        if let Some(shown) = record.cases.iter().find(|shown| shown.case == *case) {
            let ntpn = shown.ntpn.as_ref().filter(|_| *case == "paid-unreported");
            let name: String = shown.name.chars().take(28).collect();
            write!(text, "  {:<17} {name:<29} {what}", shown.number.as_str())?;
            writeln!(text, "{}", ntpn.map(|ntpn| format!(" {ntpn}")).unwrap_or_default())?;
        }
    }
    writeln!(text, "\n  All of it stands in {}.", dir.join(RECORD_FILE).display())?;
    writeln!(text, "  Ctrl-C stops; the same command goes on where it stopped.")
}

fn role_name(role: Role) -> String {
    serde_json::to_value(role).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
