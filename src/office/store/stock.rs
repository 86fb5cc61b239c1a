//! The stock of blank books: what came and what was counted, as it stands, and which blanks were used since.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::act::Acted;
use super::group::{Gathered, Group, Who};
use super::project::Here;
use super::rows::{Changes, Rows};
use super::tables::Table;
use super::{Store, StoreError, queries};
use crate::domain::actor::{Actor, Role};
use crate::domain::application::{Application, Entry, Order};
use crate::domain::fact::Fact;
use crate::domain::number::BookNumber;
use crate::domain::refusal::Refusal;
use crate::domain::service::Product;
use crate::domain::stock::{self, StockCounted, StockReceived};

/// A delivery of blank books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StockRow {
    /// The fact that says so.
    order: Order,
    /// What came.
    received: StockReceived,
    /// Who took it in.
    by: Actor,
    /// When.
    at: DateTime<Utc>,
}

/// A count of blank books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct CountRow {
    /// The fact that says so.
    order: Order,
    /// What was counted.
    counted: StockCounted,
    /// By whom.
    by: Actor,
    /// When.
    at: DateTime<Utc>,
}

/// `X`, `d`: deliveries of blank books, by the fact that says so.
const STOCK: Table<StockRow> = Table::new(b'X', "stock");
const DELIVERY: u8 = b'd';
/// `X`, `c`: the last count of blank books, by kind.
const COUNTED: Table<CountRow> = Table::new(b'X', "counted");
const COUNT: u8 = b'c';
/// `X`, `s`: books that were spoilt.
const SPOILT: Table<()> = Table::new(b'X', "spoilt");
const SPOILT_BOOK: u8 = b's';

/// Who takes blanks in and counts them.
const KEEPS_STOCK: [Role; 2] = [Role::Custody, Role::Supervisor];

/// A delivery with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// What came.
    pub received: StockReceived,
    /// Who took it in.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// How many were set aside for somebody since.
    pub used: u32,
    /// How many of these were spoilt.
    pub spoilt: u32,
}

impl Delivery {
    /// How many should still lie there.
    pub fn left(&self) -> u32 {
        self.received.range.count().saturating_sub(self.used)
    }
}

/// A count by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// What was counted.
    pub counted: StockCounted,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
}

impl Store {
    /// Every delivery in the order they came. Looks every blank up that ever came.
    pub fn deliveries(&self) -> Result<Vec<Delivery>, StoreError> {
        let shared = self.shared();
        let (rows, here): (&dyn Rows, _) = (&shared.tree, shared.here());
        let mut deliveries = Vec::new();
        for row in stock_rows(rows)? {
            let (mut used, mut spoilt) = (0, 0);
            for number in row.received.range.numbers() {
                if !queries::by_book(rows, here, &number)?.is_empty() {
                    used += 1;
                    let hash = here.key.hash("book", number.as_str().as_bytes());
                    spoilt += u32::from(SPOILT.get(rows, &spoilt_key(&hash))?.is_some());
                }
            }
            deliveries.push(Delivery { received: row.received, by: row.by, at: row.at, used, spoilt });
        }
        Ok(deliveries)
    }

    /// The last count of each kind.
    pub fn counts(&self) -> Result<BTreeMap<Product, Count>, StoreError> {
        let rows = COUNTED.scan(&self.shared().tree, &[COUNT])?.into_iter();
        let count = |row: CountRow| Count { counted: row.counted, by: row.by, at: row.at };
        Ok(rows.map(|(_, row)| (row.counted.product, count(row))).collect())
    }
}

/// What came, in the order it came.
fn stock_rows(rows: &dyn Rows) -> Result<Vec<StockRow>, StoreError> {
    let mut stock: Vec<StockRow> = STOCK.scan(rows, &[DELIVERY])?.into_iter().map(|(_, row)| row).collect();
    stock.sort_by_key(|row| row.order);
    Ok(stock)
}

fn received(rows: &dyn Rows) -> Result<Vec<StockReceived>, StoreError> {
    Ok(stock_rows(rows)?.into_iter().map(|row| row.received).collect())
}

/// Draws the rows of a fact about the stock.
pub(super) fn project(changes: &mut Changes<'_>, entry: &Entry) -> Result<(), StoreError> {
    let (order, by, at) = (entry.order, entry.by.clone(), entry.at);
    match &entry.fact {
        Fact::StockReceived(received) => {
            let key = [&[DELIVERY], &order.session[..], &order.seq.to_be_bytes()].concat();
            STOCK.put(changes, &key, &StockRow { order, received: received.clone(), by, at })
        }
        Fact::StockCounted(counted) => {
            let key = [COUNT, kind(counted.product)];
            let before = COUNTED.get(changes, &key)?;
            if before.is_some_and(|row| row.order > order) {
                return Ok(());
            }
            COUNTED.put(changes, &key, &CountRow { order, counted: counted.clone(), by, at })
        }
        _ => Ok(()),
    }
}

/// Notes that a book was spoilt.
pub(super) fn put_spoilt(
    changes: &mut Changes<'_>,
    book: &BookNumber,
    here: Here<'_>,
) -> Result<(), StoreError> {
    SPOILT.put(changes, &spoilt_key(&here.key.hash("book", book.as_str().as_bytes())), &())
}

fn spoilt_key(hash: &[u8]) -> Vec<u8> {
    [&[SPOILT_BOOK], hash].concat()
}

fn kind(product: Product) -> u8 {
    match product {
        Product::Ordinary => 0,
        Product::Electronic => 1,
        Product::Polycarbonate => 2,
    }
}

impl Group<'_, '_> {
    /// Takes blanks in, none of which is here already.
    pub(super) fn receive_stock(&mut self, came: StockReceived, who: &Who) -> Gathered<Acted> {
        keeps_stock(who)?;
        stock::may_receive(&received(&self.changes)?, &came.range)?;
        self.write_own(&[Fact::StockReceived(came)], who)
    }

    /// Notes a count by hand.
    pub(super) fn count_stock(&mut self, counted: StockCounted, who: &Who) -> Gathered<Acted> {
        keeps_stock(who)?;
        self.write_own(&[Fact::StockCounted(counted)], who)
    }

    /// Whether a blank may be set aside for an application.
    pub(super) fn may_use(&self, application: &Application, book: &BookNumber) -> Gathered<()> {
        let Some(booking) = application.view().booking else { return Ok(()) };
        Ok(stock::may_use(&received(&self.changes)?, book, booking.service.product)?)
    }
}

fn keeps_stock(who: &Who) -> Result<(), Refusal> {
    let may = KEEPS_STOCK.iter().any(|role| who.roles.contains(role));
    if may { Ok(()) } else { Err(Refusal::NotAllowed) }
}
