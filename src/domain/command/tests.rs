//! Every command in every role, at the office and at headquarters.

use super::*;
use crate::domain::interview::Outcome;
use crate::domain::sample::{
    Story, arrive, book, check_papers, finger, hand_over, interview, issue, ntpn, office, portrait, signature,
};

const EVERY_ROLE: [Role; 7] = [
    Role::FrontDesk,
    Role::Interviewer,
    Role::Supervisor,
    Role::Custody,
    Role::Administrator,
    Role::Auditor,
    Role::Headquarters,
];

fn why() -> String {
    "because".to_owned()
}

/// Every command at a point where it is possible, with the roles that may give it at the office: F front desk,
/// I interviewer, S supervisor, C custody, H headquarters.
fn every_command() -> Vec<(Story, Command, &'static str)> {
    let mut commands = of_arrival();
    commands.extend(of_tickets());
    commands.extend(of_examination());
    commands.extend(of_books());
    commands
}

fn of_arrival() -> Vec<(Story, Command, &'static str)> {
    let evidence = Evidence::Ntpn { ntpn: ntpn(1) };
    let twice = Story::arrived().also_arrives_at("batam");
    vec![
        (Story::paid(), arrive(), "FS"),
        (Story::billed(), Command::AdmitOnEvidence { evidence, note: String::new() }, "FS"),
        (Story::arrived(), Command::WithdrawArrival { reason: why() }, "FS"),
        (twice.clone(), Command::YieldVisit { reason: why() }, "S"),
        (twice, Command::ChooseVisit { office: office("batam"), reason: why() }, "H"),
        (Story::arrived(), check_papers(), "FIS"),
    ]
}

fn of_tickets() -> Vec<(Story, Command, &'static str)> {
    let waiting = Story::waiting();
    let number = waiting.ticket();
    let called = waiting.clone().does(Command::CallTicket { number, counter: 1 });
    let serving = called.clone().does(Command::StartTicket(number));
    let class = QueueClass::EXAMINATION;
    let stage = Stage::Interview;
    let transfer = Command::TransferTicket { number, class, stage, counter: None, note: String::new() };
    vec![
        (Story::ready().later(24 * 60), issue(Stage::Collection), "FISC"),
        (waiting.clone(), Command::CallTicket { number, counter: 1 }, "FISC"),
        (called.clone(), Command::RecallTicket(number), "FISC"),
        (called.clone(), Command::StartTicket(number), "FISC"),
        (called.clone(), Command::MarkAbsent(number), "FISC"),
        (called, Command::ReturnTicket { number, note: String::new() }, "FISC"),
        (waiting, transfer, "FISC"),
        (serving, Command::FinishTicket(number), "FISC"),
    ]
}

fn of_examination() -> Vec<(Story, Command, &'static str)> {
    let captured = Story::captured();
    let open = captured.clone().does(Command::ReopenCapture { reason: why() });
    vec![
        (Story::waiting(), portrait(), "IS"),
        (Story::waiting(), finger(1), "IS"),
        (Story::waiting(), signature(), "IS"),
        (open, Command::CompleteCapture, "IS"),
        (captured.clone(), Command::ReopenCapture { reason: why() }, "IS"),
        (captured, interview(Outcome::Passed), "IS"),
        (Story::interviewed(), Command::Approve { round: 1, note: String::new() }, "H"),
        (Story::interviewed(), Command::Refuse { round: 1, reason: why() }, "H"),
    ]
}

fn of_books() -> Vec<(Story, Command, &'static str)> {
    let allocated = Story::approved().does(Command::AllocateBook(book(1)));
    let printed = allocated.clone().does(Command::PrintBook(book(1)));
    let checked = Command::CheckBook { book: book(1), defect: None };
    let passed = printed.clone().does(checked.clone());
    vec![
        (Story::approved(), Command::AllocateBook(book(1)), "SC"),
        (allocated, Command::PrintBook(book(1)), "SC"),
        (printed, checked, "SC"),
        (passed, Command::BookReady { book: book(1), shelf: String::new() }, "SC"),
        (Story::ready(), Command::CancelBook { book: book(1), reason: why() }, "S"),
        (Story::ready(), hand_over(1), "SC"),
    ]
}

fn letter(role: Role) -> char {
    match role {
        Role::FrontDesk => 'F',
        Role::Interviewer => 'I',
        Role::Supervisor => 'S',
        Role::Custody => 'C',
        Role::Headquarters => 'H',
        Role::Administrator | Role::Auditor => '-',
    }
}

#[test]
fn every_command_is_given_by_the_roles_that_may_and_by_no_other() {
    for (story, command, allowed) in every_command() {
        let place = if allowed == "H" { None } else { Some("karimun") };
        for role in EVERY_ROLE {
            let tried = story.tries_as(place, &[role], "hana", &command);
            if allowed.contains(letter(role)) {
                assert!(tried.is_ok(), "{command:?} {role:?} {tried:?}");
            } else {
                assert_eq!(tried, Err(Refusal::NotAllowed), "{command:?} {role:?}");
            }
        }
    }
}

#[test]
fn an_office_does_not_decide_for_headquarters_nor_headquarters_for_an_office() {
    for (story, command, allowed) in every_command() {
        let wrong_place = if allowed == "H" { Some("karimun") } else { None };
        let tried = story.tries_as(wrong_place, &EVERY_ROLE, "hana", &command);
        assert_eq!(tried, Err(Refusal::NotAllowed), "{command:?}");
    }
}

#[test]
fn the_same_question_always_has_the_same_answer() {
    for (story, command, _) in every_command() {
        let ask = || story.tries_as(Some("karimun"), &EVERY_ROLE, "hana", &command);
        assert_eq!(ask(), ask());
    }
}
