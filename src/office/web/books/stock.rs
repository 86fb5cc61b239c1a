//! `/books/stock`: blank books that came, were used and spoilt, and how many are left.

use std::sync::{Mutex, PoisonError};

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::number::BookNumber;
use crate::domain::service::Product;
use crate::domain::stock::{NoRange, RANGE_MAX};
use crate::office::actions::stock::{self, Level, PRODUCTS, ReceiveError, Stock};
use crate::office::store::stock::Delivery;
use crate::office::web::KEEPS_BOOKS;
use crate::office::web::acts::{Answer, Undone};
use crate::office::web::app::{OfficeApp, problem};
use crate::office::web::head::Choice;
use crate::web::errors::{Problem, refusal_status};
use crate::web::forms::Fields;
use crate::web::page::{Fault, Shell, see_other, show, show_as};
use crate::web::session::SignedIn;
use crate::web::words::{L10nLanguage, names};

/// So many deliveries stand on the page.
const SHOWN_MAX: usize = 50;
/// The front page counts again after so long: counting looks every blank up.
const COUNTED_FOR: TimeDelta = TimeDelta::seconds(20);

/// The kinds with the words forms send.
const KINDS: [(&str, Product); 3] =
    [("ordinary", PRODUCTS[0]), ("electronic", PRODUCTS[1]), ("polycarbonate", PRODUCTS[2])];

/// What the front page was told last.
#[derive(Debug, Default)]
pub struct LowStock(Mutex<Option<(DateTime<Utc>, usize)>>);

impl LowStock {
    /// How many kinds are running low, counted now or a moment ago.
    pub async fn kinds(&self, app: &OfficeApp) -> Result<usize, Problem> {
        let known = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = app.now();
        if let Some((_, kinds)) = known.filter(|(at, _)| *at <= now && now < *at + COUNTED_FOR) {
            return Ok(kinds);
        }
        let least = app.settings()?.blank_stock_min;
        let kinds = stock::stock(&app.store).await.map_err(problem)?.low(least).count();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, kinds));
        Ok(kinds)
    }
}

/// The page.
#[derive(Template)]
#[template(path = "office/books/stock.html")]
pub struct StockPage {
    shell: Shell,
    levels: Vec<LevelRow>,
    deliveries: Vec<DeliveryRow>,
    kinds: Vec<Choice>,
    keeps: bool,
}

/// The blanks of a kind.
pub struct LevelRow {
    product: String,
    received: u32,
    used: u32,
    spoilt: u32,
    left: u32,
    is_low: bool,
    counted: String,
    differs: Option<String>,
}

/// A delivery.
pub struct DeliveryRow {
    numbers: String,
    product: String,
    count: u32,
    left: u32,
    since: String,
    note: String,
}

impl StockPage {
    /// Draws the stock, where fewer than `least` of a kind are few.
    pub fn of(shell: Shell, stock: &Stock, least: u32) -> Self {
        let choice = |(value, product)| Choice {
            value,
            name: names::product(shell.words, product),
            ticked: shell.typed("product") == value,
        };
        Self {
            levels: stock.levels.iter().map(|level| level_row(&shell, level, least)).collect(),
            deliveries: stock.deliveries.iter().take(SHOWN_MAX).map(|it| delivery_row(&shell, it)).collect(),
            kinds: KINDS.into_iter().map(choice).collect(),
            keeps: shell.may(KEEPS_BOOKS),
            shell,
        }
    }
}

fn level_row(shell: &Shell, level: &Level, least: u32) -> LevelRow {
    let words = shell.words;
    let counted = level.counted.as_ref().map(|count| {
        let who = names::actor(words, &count.by);
        words.stock_counted_by(i64::from(count.counted.counted), who, shell.dates.moment(count.at))
    });
    let differs =
        level.counted.as_ref().map(|it| i64::from(it.counted.counted) - i64::from(it.counted.expected));
    LevelRow {
        product: names::product(words, level.product),
        received: level.received,
        used: level.used,
        spoilt: level.spoilt,
        left: level.left,
        is_low: level.left < least,
        counted: counted.unwrap_or_else(|| words.stock_never_counted()),
        differs: differs
            .filter(|differs| *differs != 0)
            .map(|differs| words.stock_differs(format!("{differs:+}"))),
    }
}

fn delivery_row(shell: &Shell, delivery: &Delivery) -> DeliveryRow {
    let received = &delivery.received;
    DeliveryRow {
        numbers: format!("{}–{}", received.range.first(), received.range.last()),
        product: names::product(shell.words, received.product),
        count: received.range.count(),
        left: delivery.left(),
        since: shell.dates.moment(delivery.at),
        note: received.note.clone(),
    }
}

async fn draw(app: &OfficeApp, shell: Shell) -> Result<StockPage, Problem> {
    let stock = stock::stock(&app.store).await.map_err(problem)?;
    Ok(StockPage::of(shell, &stock, app.settings()?.blank_stock_min))
}

/// `GET /books/stock`.
pub async fn show_stock(app: Data<OfficeApp>, shell: Shell) -> Answer {
    show(&draw(&app, shell).await?)
}

/// `POST /books/stock`: blanks came.
pub async fn receive(app: Data<OfficeApp>, officer: SignedIn, shell: Shell, form: Fields) -> Answer {
    let words = shell.words;
    let parsed = product(words, &form).and_then(|product| {
        let (first, last) = (number(words, &form, "first")?, number(words, &form, "last")?);
        Ok((product, first, last))
    });
    let (product, first, last) = match parsed {
        Ok(parsed) => parsed,
        Err(fault) => return faulty(&app, shell, fault, form).await,
    };
    let asker = app.asker(&officer, &form)?;
    match stock::receive(&app.store, asker, product, (&first, &last), form.owned("note")).await {
        Ok(_) => Ok(see_other("/books/stock")),
        Err(ReceiveError::Range(wrong)) => {
            let (what, next) = match wrong {
                NoRange::OtherSeries => (words.stock_other_series(), words.stock_other_series_next()),
                NoRange::Backwards => (words.stock_backwards(), words.stock_other_series_next()),
                NoRange::TooMany => (words.stock_too_many(i64::from(RANGE_MAX)), words.stock_too_many_next()),
            };
            faulty(&app, shell, Fault { field: "last", what, next }, form).await
        }
        Err(ReceiveError::Act(error)) => undone(&app, shell, error.into(), form).await,
    }
}

/// `POST /books/stock/count`: somebody counted.
pub async fn count(app: Data<OfficeApp>, officer: SignedIn, shell: Shell, form: Fields) -> Answer {
    let words = shell.words;
    let counted = form.text("counted").parse::<u32>().ok().filter(|counted| *counted <= 1_000_000);
    let parsed = product(words, &form).and_then(|product| {
        let wrong = || Fault {
            field: "counted",
            what: words.stock_count_wrong(),
            next: words.stock_count_wrong_next(),
        };
        Ok((product, counted.ok_or_else(wrong)?))
    });
    let (product, counted) = match parsed {
        Ok(parsed) => parsed,
        Err(fault) => return faulty(&app, shell, fault, form).await,
    };
    let asker = app.asker(&officer, &form)?;
    match stock::count(&app.store, asker, product, counted, form.owned("note")).await {
        Ok(_) => Ok(see_other("/books/stock")),
        Err(error) => undone(&app, shell, error.into(), form).await,
    }
}

async fn faulty(app: &OfficeApp, shell: Shell, fault: Fault, form: Fields) -> Answer {
    show_as(StatusCode::UNPROCESSABLE_ENTITY, &draw(app, shell.faulty(fault, form)).await?)
}

async fn undone(app: &OfficeApp, shell: Shell, undone: Undone, form: Fields) -> Answer {
    match undone {
        Undone::Refused(refusal) => {
            let page = draw(app, shell.refused(&refusal, form)).await?;
            show_as(refusal_status(&refusal), &page)
        }
        Undone::Problem(problem) => Err(problem),
        Undone::Picture(_) => Err(Problem::UnreadableForm),
    }
}

fn product(words: &L10nLanguage, form: &Fields) -> Result<Product, Fault> {
    let found = KINDS.iter().find(|(value, _)| *value == form.text("product")).map(|(_, product)| *product);
    found.ok_or_else(|| Fault {
        field: "product",
        what: words.stock_choose_product(),
        next: words.stock_choose_product_next(),
    })
}

fn number(words: &L10nLanguage, form: &Fields, field: &'static str) -> Result<BookNumber, Fault> {
    BookNumber::parse(form.text(field)).map_err(|_| Fault {
        field,
        what: words.book_number_wrong(),
        next: words.book_number_wrong_next(),
    })
}
