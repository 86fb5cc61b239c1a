//! Draws sample pages for the snapshot tests of this folder.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::actor::Role;
use crate::domain::application::ApplicationKey;
use crate::domain::number::ApplicationNumber;
use crate::domain::sample::{Story, office, slot};
use crate::domain::ticket::{QueueClass, Stage, Ticket, TicketNumber, TicketState};
use crate::office::store::{Counter, LastCall, Queue, QueueTicket, Summary};
use crate::web::page::{Shell, sample};
use crate::web::words::L10n;

/// The frame of an officer in every role.
pub(crate) fn shell(path: &str) -> Shell {
    let roles = [Role::FrontDesk, Role::Interviewer, Role::Supervisor, Role::Custody];
    sample::shell(L10n::Id, path, &roles)
}

fn at(minutes: i64) -> DateTime<Utc> {
    sample::now() - TimeDelta::minutes(minutes)
}

fn number(serial: u16) -> ApplicationNumber {
    ApplicationNumber::parse(&format!("1179{serial:012}")).unwrap()
}

/// A ticket of somebody who came so many minutes ago.
pub(crate) fn ticket(class: QueueClass, serial: u16, minutes: i64, state: TicketState) -> QueueTicket {
    let day = "2026-11-23".parse().unwrap();
    let last_call = match state {
        TicketState::Called { counter, at, times } => Some(LastCall { counter, at, times }),
        TicketState::Serving { counter, since } => Some(LastCall { counter, at: since, times: 1 }),
        TicketState::Finished { at } => Some(LastCall { counter: 2, at, times: 1 }),
        TicketState::Waiting { .. } | TicketState::Absent { .. } | TicketState::Held { .. } => None,
    };
    let is_absent = matches!(state, TicketState::Absent { .. });
    let stage = if class == QueueClass::COLLECTION { Stage::Collection } else { Stage::Interview };
    let number_of_ticket = TicketNumber { day, class, serial };
    let ticket = Ticket {
        number: number_of_ticket,
        class,
        stage,
        drawn_at: at(minutes),
        state,
        only_counter: None,
        note: String::new(),
        absences: u16::from(is_absent),
        called_at: last_call.map(|call| call.at),
        last: None,
    };
    QueueTicket {
        ticket,
        key: ApplicationKey([u8::try_from(serial).unwrap(); 16]),
        number: Some(number(serial)),
        slot: Some(slot()),
        last_call,
    }
}

/// Half past eight in the hall: three counters, one of them the officer's.
pub(crate) fn queue(mine: TicketState) -> Queue {
    let waiting = |minutes| TicketState::Waiting { since: at(minutes) };
    let (a, b, d) = (QueueClass::BOOKED, QueueClass::PRIORITY, QueueClass::COLLECTION);
    let mut tickets = vec![
        ticket(a, 1, 40, TicketState::Finished { at: at(31) }),
        ticket(a, 2, 38, TicketState::Finished { at: at(19) }),
        ticket(a, 3, 37, TicketState::Absent { since: at(12) }),
        ticket(a, 4, 36, mine),
        ticket(a, 5, 33, waiting(33)),
        ticket(a, 6, 21, waiting(21)),
        ticket(a, 7, 17, waiting(17)),
        ticket(a, 8, 9, waiting(9)),
        ticket(b, 1, 14, TicketState::Serving { counter: 1, since: at(6) }),
        ticket(b, 2, 8, waiting(8)),
        ticket(d, 1, 5, TicketState::Called { counter: 5, at: at(1), times: 1 }),
        ticket(d, 2, 3, waiting(3)),
    ];
    tickets[6].ticket.only_counter = Some(1);
    tickets[6].ticket.note = "KTP asli ada di loket 1".to_owned();
    let counter = |number, login: &str, name: &str, classes: &[QueueClass], ticket| Counter {
        number,
        classes: classes.to_vec(),
        login: Some(login.to_owned()),
        officer: name.to_owned(),
        opened_at: at(60),
        ticket,
        paused: None,
    };
    let here = |found: &QueueTicket| found.ticket.state.counter().is_some().then_some(found.ticket.number);
    let counters = vec![
        counter(1, "budi", "Budi Hartono", &[b, a], here(&tickets[8])),
        counter(2, "sari", "Sari Melayu", &[a, b], here(&tickets[3])),
        counter(5, "dewi", "Dewi Lestari", &[d], here(&tickets[10])),
    ];
    Queue { day: "2026-11-23".parse().unwrap(), tickets, counters }
}

/// The applicant of a ticket.
#[expect(clippy::unnecessary_wraps, reason = "stands in for a look-up that may find nobody")]
pub(crate) fn line(key: ApplicationKey) -> Option<Summary> {
    const NAMES: [&str; 9] = [
        "Nurhaliza",
        "Andi Saputra",
        "Siti Rahmawati",
        "Muhammad Rizki Pratama",
        "Maria Goretti Simanjuntak",
        "Tan Wei Ling",
        "I Gusti Ayu Putu Kartika Sari Dewi",
        "Rahmat Hidayat",
        "Suparman",
    ];
    let mut line = Summary::of(&Story::waiting().view(), &office("karimun"));
    line.key = key;
    line.name = NAMES[usize::from(key.0[0]) % NAMES.len()].to_owned();
    Some(line)
}
