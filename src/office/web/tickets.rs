//! `/tickets`: counters and the queue. One form per act; a refusal shows the queue as it is now.

mod desk;
pub mod page;
pub mod slip;

use actix_web::web::{Data, Path};

use super::acts::{self, Answer, Undone};
use super::app::OfficeApp;
use super::skipped;
use crate::domain::application::ApplicationKey;
use crate::domain::desk::COUNTER_MAX;
use crate::domain::refusal::Refusal;
use crate::domain::ticket::{QueueClass, TicketNumber};
use crate::office::actions::{counters, tickets};
use crate::office::store::QueueTicket;
use crate::web::errors::{Problem, refusal_status};
use crate::web::forms::Fields;
use crate::web::page::{Shell, see_other, show, show_as};
use crate::web::session::SignedIn;
use page::QueuePage;

/// `GET /tickets`.
pub async fn queue(app: Data<OfficeApp>, shell: Shell) -> Answer {
    show(&draw(&app, shell)?)
}

fn draw(app: &OfficeApp, shell: Shell) -> Result<QueuePage, Problem> {
    let queue = app.store.queue(app.today())?;
    let settings = app.settings()?;
    // A line that cannot be read leaves its name out; the number is what is called.
    let line = |key| app.store.summary(key).ok().flatten();
    let skipped = app.store.tickets_skipped(app.today())?.map(|it| skipped::told(&shell, &it));
    Ok(QueuePage::of(shell, &queue, &settings, line).with_skipped(skipped))
}

/// Back to the queue after an act, or the queue with what was refused on top.
fn answer(app: &OfficeApp, shell: Shell, form: Fields, done: Result<(), Undone>) -> Answer {
    match done {
        Ok(()) => Ok(see_other("/tickets")),
        Err(Undone::Refused(refusal)) => {
            let page = draw(app, shell.refused(&refusal, form))?;
            show_as(refusal_status(&refusal), &page)
        }
        Err(Undone::Problem(problem)) => Err(problem),
        Err(Undone::Picture(_)) => Err(Problem::UnreadableForm),
    }
}

/// `POST /tickets/counter/open`.
pub async fn open_counter(app: Data<OfficeApp>, officer: SignedIn, shell: Shell, form: Fields) -> Answer {
    let done = async {
        let counter = typed_counter(&form)?;
        let classes: Vec<QueueClass> = form.all("class").filter_map(class).collect();
        counters::open(&app.store, app.asker(&officer, &form)?, counter, classes).await?;
        Ok(())
    };
    let done = done.await;
    answer(&app, shell, form, done)
}

/// `POST /tickets/counter/close`.
pub async fn close_counter(app: Data<OfficeApp>, officer: SignedIn, shell: Shell, form: Fields) -> Answer {
    let done = async {
        let counter = own_counter(&app, &officer, &form)?;
        counters::close(&app.store, app.asker(&officer, &form)?, counter).await?;
        Ok(())
    };
    let done = done.await;
    answer(&app, shell, form, done)
}

/// `POST /tickets/counter/pause`.
pub async fn pause_counter(app: Data<OfficeApp>, officer: SignedIn, shell: Shell, form: Fields) -> Answer {
    let done = async {
        let counter = own_counter(&app, &officer, &form)?;
        counters::pause(&app.store, app.asker(&officer, &form)?, counter, form.owned("reason")).await?;
        Ok(())
    };
    let done = done.await;
    answer(&app, shell, form, done)
}

/// `POST /tickets/counter/resume`.
pub async fn resume_counter(app: Data<OfficeApp>, officer: SignedIn, shell: Shell, form: Fields) -> Answer {
    let done = async {
        let counter = own_counter(&app, &officer, &form)?;
        counters::resume(&app.store, app.asker(&officer, &form)?, counter).await?;
        Ok(())
    };
    let done = done.await;
    answer(&app, shell, form, done)
}

/// `POST /tickets/call-next`: the next ticket to the officer's counter.
pub async fn call_next(app: Data<OfficeApp>, officer: SignedIn, shell: Shell, form: Fields) -> Answer {
    let done = next(&app, &officer, &form).await;
    answer(&app, shell, form, done)
}

async fn next(app: &OfficeApp, officer: &SignedIn, form: &Fields) -> Result<(), Undone> {
    let counter = own_counter(app, officer, form)?;
    tickets::call_next(&app.store, app.asker(officer, form)?, counter).await?;
    Ok(())
}

/// `POST /tickets/{act}`: something with one ticket.
pub async fn act(
    app: Data<OfficeApp>,
    officer: SignedIn,
    shell: Shell,
    (name, form): (Path<String>, Fields),
) -> Answer {
    let done = act_on(&app, &officer, &name, &form).await;
    answer(&app, shell, form, done)
}

async fn act_on(app: &OfficeApp, officer: &SignedIn, name: &str, form: &Fields) -> Result<(), Undone> {
    let (key, ticket) = ticket(app, form.text("ticket"))?;
    let (number, store) = (ticket.ticket.number, &app.store);
    let by = app.asker(officer, form)?;
    match name {
        "call" => tickets::call(store, by, key, number, own_counter(app, officer, form)?).await?,
        "recall" => tickets::recall(store, by, key, number).await?,
        "start" => tickets::start(store, by, key, number).await?,
        "absent" => tickets::mark_absent(store, by, key, number).await?,
        "return" => tickets::put_back(store, by, key, number, form.owned("note")).await?,
        "transfer" => tickets::transfer(store, by, key, transfer(app, form, &ticket)?).await?,
        "hold" => {
            let aside = tickets::Aside { reason: form.owned("reason"), minutes: minutes(form)? };
            tickets::hold(store, by, key, number, aside).await?
        }
        "first" => tickets::transfer(store, by, key, to_priority(app, form, &ticket)?).await?,
        "undo" => {
            let counter = form.get("counter").map(|_| typed_counter(form)).transpose()?;
            tickets::undo(store, by, key, number, counter).await?
        }
        "finish" => tickets::finish(store, by, key, number).await?,
        _ => return Err(Problem::NoPage.into()),
    };
    if name == "finish" && form.text("then") == "next" {
        return match next(app, officer, &followed(form)).await {
            // Nobody waits: the first half is done, and the idle counter says it.
            Err(Undone::Refused(Refusal::NobodyWaiting)) => Ok(()),
            other => other,
        };
    }
    Ok(())
}

/// The second act of one form, with an idempotency key of its own.
fn followed(form: &Fields) -> Fields {
    Fields::new(vec![("once".to_owned(), format!("{}-next", form.once()))])
}

fn transfer(app: &OfficeApp, form: &Fields, ticket: &QueueTicket) -> Result<tickets::Transfer, Undone> {
    let class = class(form.text("class")).ok_or(Problem::UnreadableForm)?;
    let rule = app.settings()?.class(class).cloned();
    let counter = match form.text("counter") {
        "" => None,
        _ => Some(typed_counter(form)?),
    };
    Ok(tickets::Transfer {
        number: ticket.ticket.number,
        class,
        stage: rule.map_or(ticket.ticket.stage, |rule| rule.stage),
        counter,
        note: form.owned("note"),
    })
}

/// After how many minutes a ticket that is put aside comes back by itself; none when an officer calls it.
fn minutes(form: &Fields) -> Result<Option<u16>, Undone> {
    match form.text("minutes") {
        "" => Ok(None),
        text => Ok(Some(text.parse().map_err(|_| Problem::UnreadableForm)?)),
    }
}

/// To the priority class of the ticket's stage, with a reason; the number stays.
fn to_priority(app: &OfficeApp, form: &Fields, ticket: &QueueTicket) -> Result<tickets::Transfer, Undone> {
    let note = form.owned("note");
    if note.is_empty() {
        return Err(Undone::Refused(Refusal::ReasonNeeded));
    }
    let (settings, ticket) = (app.settings()?, &ticket.ticket);
    let priority = settings.queue_classes.iter().find(|rule| rule.priority && rule.stage == ticket.stage);
    let class = priority.ok_or(Undone::Refused(Refusal::NoPriorityClass))?.letter;
    let (number, stage, counter) = (ticket.number, ticket.stage, ticket.only_counter);
    Ok(tickets::Transfer { number, class, stage, counter, note })
}

fn class(letter: &str) -> Option<QueueClass> {
    let mut letters = letter.chars();
    letters.next().and_then(QueueClass::parse).filter(|_| letters.next().is_none())
}

fn typed_counter(form: &Fields) -> Result<u16, Undone> {
    let counter = form.text("counter").parse().ok().filter(|counter| (1..=COUNTER_MAX).contains(counter));
    counter.ok_or(Undone::Refused(Refusal::NoSuchCounter))
}

/// The counter the form names, or else the one the officer has opened.
fn own_counter(app: &OfficeApp, officer: &SignedIn, form: &Fields) -> Result<u16, Undone> {
    if form.get("counter").is_some() {
        return typed_counter(form);
    }
    let queue = app.store.queue(app.today()).map_err(Problem::from)?;
    let own = queue.counters.iter().find(|counter| counter.login.as_deref() == Some(&officer.login));
    own.map(|counter| counter.number).ok_or(Undone::Refused(Refusal::CounterNotYours { held_by: None }))
}

/// The ticket of today with this number.
fn ticket(app: &OfficeApp, text: &str) -> Result<(ApplicationKey, QueueTicket), Undone> {
    let queue = app.store.queue(app.today()).map_err(Problem::from)?;
    let wanted = |number: &TicketNumber| number.to_string().eq_ignore_ascii_case(text);
    let found = queue.tickets.into_iter().find(|found| wanted(&found.ticket.number));
    found.map(|found| (found.key, found)).ok_or(Undone::Refused(Refusal::NoSuchTicket))
}

/// `GET /applications/{number}/ticket`: the ticket on paper.
pub async fn print(app: Data<OfficeApp>, shell: Shell, number: Path<String>) -> Answer {
    let opened = acts::open(&app, &number)?;
    let queue = app.store.queue(app.today())?;
    let settings = app.settings()?;
    let page = slip::SlipPage::of(shell, &opened.view, &app.store.office().code, &queue, &settings);
    let page = page.ok_or_else(|| Problem::NotFound(number.into_inner()))?;
    show(&page.with_printer(app.printer.as_ref()))
}

/// `POST /applications/{number}/ticket/print`: once more on the ticket printer. Reading the form checks its token.
pub async fn print_again(app: Data<OfficeApp>, number: Path<String>, _: Fields) -> Answer {
    let opened = acts::open(&app, &number)?;
    let printer = app.printer.as_ref().ok_or(Problem::NoPage)?;
    let ticket = opened.view.visit(&app.store.office().code).and_then(|visit| visit.tickets.last());
    let ticket = ticket.ok_or_else(|| Problem::NotFound(number.to_string()))?;
    // Too many wait: the page says how the printer is.
    printer.print_again(ticket.number);
    Ok(see_other(&format!("/applications/{number}/ticket")))
}
