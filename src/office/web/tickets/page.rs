//! `/tickets`: the officer's counter and the queue. One primary button that changes with what happens at the counter.
//!
//! Which ticket is next is asked of the rules ([`Queue::next_for`]) and only shown here; the act asks again, so a number
//! that somebody else called meanwhile is never called twice.

use askama::Template;
use chrono::{DateTime, Utc};

use crate::domain::actor::Role;
use crate::domain::application::ApplicationKey;
use crate::domain::queue::PickReason;
use crate::domain::setting::Settings;
use crate::domain::status::Status;
use crate::domain::ticket::{QueueClass, Stage, TicketState};
use crate::office::store::{Counter, Queue, QueueTicket, Summary};
use crate::web::page::Shell;
use crate::web::words::{L10n, L10nLanguage, names};

/// Who waits so long is marked, in minutes.
const WAIT_LONG_MINUTES: i64 = 30;

/// The page.
#[derive(Template)]
#[template(path = "office/tickets/queue.html")]
pub struct QueuePage {
    shell: Shell,
    desk: Desk,
    classes: Vec<ClassChoice>,
    waiting: Vec<Row>,
    absent: Vec<Row>,
    counters: Vec<CounterLine>,
    /// Whether a ticket of the list may be called now.
    callable: bool,
    /// That numbers of today were left out.
    skipped: Option<String>,
}

/// What the officer's counter is doing.
pub enum Desk {
    /// The officer has no counter.
    Closed(OpenForm),
    /// Nobody is called.
    Idle(Idle),
    /// Somebody is called.
    Called(Case),
    /// Somebody is served.
    Serving(Case),
}

/// The form that opens a counter.
pub struct OpenForm {
    counter: String,
    classes: Vec<ClassChoice>,
}

/// A queue class to choose.
#[derive(Clone)]
pub struct ClassChoice {
    letter: char,
    name: String,
    ticked: bool,
}

/// The sign above the officer's counter.
pub struct Head {
    number: u16,
    classes: String,
}

/// A counter that can call.
pub struct Idle {
    head: Head,
    next: Option<Next>,
    waiting: usize,
    longest_min: i64,
}

/// The ticket that would be called now.
pub struct Next {
    ticket: String,
    why: String,
}

/// The ticket at the counter.
pub struct Case {
    head: Head,
    ticket: String,
    application: Option<String>,
    name: String,
    letter: char,
    class: String,
    stage: String,
    minutes: i64,
    times: u16,
    note: String,
    way: Option<Way>,
    is_served: bool,
}

impl Case {
    /// Finishing is the big button once the work itself is done; until then the way to the work is.
    fn finish_weight(&self) -> &'static str {
        if self.way.is_some() { "wide" } else { "primary wide" }
    }
}

/// The page on which the applicant is served.
pub struct Way {
    href: String,
    label: String,
}

/// A line of a list.
pub struct Row {
    ticket: String,
    application: Option<String>,
    name: String,
    class: String,
    why: String,
    minutes: i64,
    late: bool,
    ours: bool,
}

/// An open counter.
pub struct CounterLine {
    number: u16,
    classes: String,
    officer: String,
    state: String,
    mine: bool,
}

impl QueuePage {
    /// Says that numbers of today were left out.
    pub(super) fn with_skipped(self, skipped: Option<String>) -> Self {
        Self { skipped, ..self }
    }

    /// Draws a day's queue for the officer of the frame. `line` finds the applicant of a ticket.
    pub fn of(
        shell: Shell,
        queue: &Queue,
        settings: &Settings,
        line: impl Fn(ApplicationKey) -> Option<Summary>,
    ) -> Self {
        let view = Drawing { shell: &shell, queue, settings, line: &line };
        let mine = view.mine();
        let desk = view.desk(mine);
        let callable = matches!(desk, Desk::Idle(_));
        let rows = |test: fn(&TicketState) -> bool| view.rows(mine, test);
        let waiting = rows(|state| matches!(state, TicketState::Waiting { .. }));
        let absent = rows(|state| matches!(state, TicketState::Absent { .. }));
        let counters = view.queue.counters.iter().map(|counter| view.counter(counter)).collect();
        let classes = view.classes(|_| false);
        Self { shell, desk, classes, waiting, absent, counters, callable, skipped: None }
    }
}

/// The name of a queue class on the page's language.
pub fn class_name(words: &L10nLanguage, language: L10n, settings: &Settings, class: QueueClass) -> String {
    match settings.class(class) {
        Some(rule) if language == L10n::Id => rule.name_id.clone(),
        Some(rule) => rule.name_en.clone(),
        None => words.ticket_class_other(class.letter().to_string()),
    }
}

struct Drawing<'a> {
    shell: &'a Shell,
    queue: &'a Queue,
    settings: &'a Settings,
    line: &'a dyn Fn(ApplicationKey) -> Option<Summary>,
}

impl Drawing<'_> {
    fn mine(&self) -> Option<&Counter> {
        let login = self.shell.officer.as_ref().map(|officer| officer.login.as_str());
        self.queue.counters.iter().find(|counter| login.is_some() && counter.login.as_deref() == login)
    }

    fn desk(&self, mine: Option<&Counter>) -> Desk {
        let Some(counter) = mine else { return Desk::Closed(self.open_form()) };
        let at_counter = counter.ticket.and_then(|number| self.ticket(number));
        match at_counter.map(|found| (found, &found.ticket.state)) {
            Some((found, TicketState::Called { at, times, .. })) => {
                Desk::Called(self.case(counter, found, *at, *times))
            }
            Some((found, TicketState::Serving { since, .. })) => {
                Desk::Serving(self.case(counter, found, *since, 0))
            }
            _ => Desk::Idle(self.idle(counter)),
        }
    }

    fn ticket(&self, number: crate::domain::ticket::TicketNumber) -> Option<&QueueTicket> {
        self.queue.tickets.iter().find(|found| found.ticket.number == number)
    }

    fn open_form(&self) -> OpenForm {
        let typed: Vec<&str> = self.shell.typed.all("class").collect();
        let wanted = if self.shell.may(&[Role::Custody]) && !self.shell.may(&[Role::Interviewer]) {
            Stage::Collection
        } else {
            Stage::Interview
        };
        let by_role = |class: QueueClass| self.settings.class(class).is_some_and(|rule| rule.stage == wanted);
        let by_hand = |class: QueueClass| typed.iter().any(|letter| letter.chars().eq([class.letter()]));
        let classes = if typed.is_empty() { self.classes(by_role) } else { self.classes(by_hand) };
        OpenForm { counter: self.shell.typed("counter").to_owned(), classes }
    }

    fn classes(&self, ticked: impl Fn(QueueClass) -> bool) -> Vec<ClassChoice> {
        let choice = |letter: QueueClass| ClassChoice {
            letter: letter.letter(),
            name: self.class(letter),
            ticked: ticked(letter),
        };
        self.settings.queue_classes.iter().map(|rule| choice(rule.letter)).collect()
    }

    fn class(&self, class: QueueClass) -> String {
        class_name(self.shell.words, self.shell.language, self.settings, class)
    }

    fn head(counter: &Counter) -> Head {
        Head { number: counter.number, classes: letters(&counter.classes) }
    }

    fn idle(&self, counter: &Counter) -> Idle {
        let waits = |found: &&QueueTicket| matches!(found.ticket.state, TicketState::Waiting { .. });
        let ours = self.queue.tickets.iter().filter(waits).filter(|found| is_for(found, counter));
        let waiting: Vec<&QueueTicket> = ours.collect();
        let now = self.shell.dates.zone.local(self.shell.now).naive_local();
        let next = self.queue.next_for(counter.number, self.settings, now).map(|(found, pick)| Next {
            ticket: found.ticket.number.to_string(),
            why: self.reason(pick.reason),
        });
        let longest_min = waiting.iter().map(|found| self.minutes(found.ticket.drawn_at)).max();
        Idle {
            head: Self::head(counter),
            next,
            waiting: waiting.len(),
            longest_min: longest_min.unwrap_or(0),
        }
    }

    fn reason(&self, reason: PickReason) -> String {
        let words = self.shell.words;
        match reason {
            PickReason::ForThisCounter => words.ticket_next_for_this_counter(),
            PickReason::PriorityShare => words.ticket_next_priority_share(),
            PickReason::OldestDue => words.ticket_next_oldest_due(),
            PickReason::OldestEarly => words.ticket_next_oldest_early(),
        }
    }

    fn case(&self, counter: &Counter, found: &QueueTicket, since: DateTime<Utc>, times: u16) -> Case {
        let ticket = &found.ticket;
        let application = found.number.as_ref().map(|number| number.as_str().to_owned());
        let line = (self.line)(found.key);
        let way = line.as_ref().zip(application.as_ref());
        let way = way.and_then(|(line, number)| self.way(number, ticket.stage, line.status));
        Case {
            head: Self::head(counter),
            ticket: ticket.number.to_string(),
            name: line.map(|line| line.name).unwrap_or_default(),
            is_served: matches!(ticket.state, TicketState::Serving { .. }),
            letter: ticket.class.letter(),
            class: self.class(ticket.class),
            stage: names::stage(self.shell.words, ticket.stage),
            minutes: self.minutes(since),
            times,
            note: ticket.note.clone(),
            application,
            way,
        }
    }

    /// Where the work on this ticket goes on; `None` when it is done and only the ticket is left to finish.
    fn way(&self, number: &str, stage: Stage, status: Status) -> Option<Way> {
        let words = self.shell.words;
        let (page, label) = match (stage, status) {
            (Stage::Interview, Status::Held) | (Stage::Collection, Status::HandedOver) => return None,
            (Stage::Interview, Status::Captured) => ("interview", words.interview_page_title()),
            (Stage::Interview, status) if status >= Status::AwaitingDecision => return None,
            (Stage::Interview, _) => ("capture", words.capture_page_title()),
            (Stage::Collection, _) => ("book", words.book_page_title()),
        };
        Some(Way { href: format!("/applications/{number}/{page}"), label })
    }

    fn rows(&self, mine: Option<&Counter>, test: fn(&TicketState) -> bool) -> Vec<Row> {
        let mut found: Vec<&QueueTicket> =
            self.queue.tickets.iter().filter(|found| test(&found.ticket.state)).collect();
        found.sort_by_key(|found| (found.ticket.drawn_at, found.ticket.number));
        found.into_iter().map(|found| self.row(mine, found)).collect()
    }

    fn row(&self, mine: Option<&Counter>, found: &QueueTicket) -> Row {
        let line = (self.line)(found.key);
        let since = match found.ticket.state {
            TicketState::Absent { since } => since,
            _ => found.ticket.drawn_at,
        };
        Row {
            ticket: found.ticket.number.to_string(),
            application: found.number.as_ref().map(|number| number.as_str().to_owned()),
            why: self.why(found, line.as_ref()),
            name: line.map(|line| line.name).unwrap_or_default(),
            class: self.class(found.ticket.class),
            minutes: self.minutes(since),
            late: self.minutes(since) >= WAIT_LONG_MINUTES,
            ours: mine.is_none_or(|counter| is_for(found, counter)),
        }
    }

    fn why(&self, found: &QueueTicket, line: Option<&Summary>) -> String {
        let words = self.shell.words;
        let mut reasons = Vec::new();
        if let Some(counter) = found.ticket.only_counter {
            reasons.push(words.ticket_why_only_counter(counter));
        }
        if found.ticket.stage == Stage::Collection {
            reasons.push(words.ticket_why_collection());
        } else if let Some((slot, arrived_at)) = line.and_then(|line| Some((line.slot?, line.arrived_at?))) {
            let from = self.shell.dates.interval(&slot);
            let arrived = self.shell.dates.zone.local(arrived_at).naive_local();
            let late = slot.day.and_time(slot.until) < arrived;
            reasons.push(if late { words.ticket_why_late(from) } else { words.ticket_why_slot(from) });
        }
        if !found.ticket.note.is_empty() {
            reasons.push(found.ticket.note.clone());
        }
        reasons.join(" · ")
    }

    fn counter(&self, counter: &Counter) -> CounterLine {
        let words = self.shell.words;
        let ticket = counter.ticket.and_then(|number| self.ticket(number));
        let state = match ticket.map(|found| (&found.ticket.state, found.ticket.number.to_string())) {
            Some((TicketState::Called { .. }, number)) => words.ticket_counter_called(number),
            Some((TicketState::Serving { .. }, number)) => words.ticket_counter_serving(number),
            _ => words.ticket_counter_free(),
        };
        let mine = self.mine().is_some_and(|mine| mine.number == counter.number);
        let officer = counter.officer.clone();
        CounterLine { number: counter.number, classes: letters(&counter.classes), officer, state, mine }
    }

    fn minutes(&self, since: DateTime<Utc>) -> i64 {
        (self.shell.now - since).num_minutes().max(0)
    }
}

fn is_for(found: &QueueTicket, counter: &Counter) -> bool {
    match found.ticket.only_counter {
        Some(only) => only == counter.number,
        None => counter.classes.contains(&found.ticket.class),
    }
}

fn letters(classes: &[QueueClass]) -> String {
    let letters: Vec<String> = classes.iter().map(|class| class.letter().to_string()).collect();
    letters.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office::web::preview;
    use crate::web::page::sample;

    fn page(queue: &Queue) -> String {
        let page = QueuePage::of(preview::shell("/tickets"), queue, &Settings::default(), preview::line);
        sample::content(&page)
    }

    #[test]
    fn a_free_counter_offers_the_next_ticket_and_says_why() {
        insta::assert_snapshot!(page(&preview::queue(TicketState::Finished { at: sample::now() })));
    }

    #[test]
    fn a_called_ticket_waits_for_its_holder() {
        let at = sample::now();
        insta::assert_snapshot!(page(&preview::queue(TicketState::Called { counter: 2, at, times: 2 })));
    }

    #[test]
    fn a_served_ticket_can_be_finished_and_the_next_called_at_once() {
        let since = sample::now();
        insta::assert_snapshot!(page(&preview::queue(TicketState::Serving { counter: 2, since })));
    }

    #[test]
    fn an_officer_without_a_counter_opens_one() {
        let mut queue = preview::queue(TicketState::Finished { at: sample::now() });
        queue.counters.remove(1);
        insta::assert_snapshot!(page(&queue));
    }
}
