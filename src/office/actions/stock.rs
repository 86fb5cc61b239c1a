//! The stock of blank books: taking in, counting, and how many are left of each kind.

use super::{ActionError, Asker, aside};
use crate::domain::number::BookNumber;
use crate::domain::service::Product;
use crate::domain::stock::{BookRange, NoRange, StockCounted, StockReceived};
use crate::office::store::stock::{Count, Delivery};
use crate::office::store::{Acted, Store, What};

/// The kinds of books, as lists show them.
pub const PRODUCTS: [Product; 3] = [Product::Ordinary, Product::Electronic, Product::Polycarbonate];

/// How the blanks of a kind stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// The kind.
    pub product: Product,
    /// How many came.
    pub received: u32,
    /// How many were set aside.
    pub used: u32,
    /// How many of these were spoilt.
    pub spoilt: u32,
    /// How many should be left.
    pub left: u32,
    /// The last count by hand.
    pub counted: Option<Count>,
}

/// The stock as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stock {
    /// By kind; kinds that never came are not there.
    pub levels: Vec<Level>,
    /// Every delivery, the latest first.
    pub deliveries: Vec<Delivery>,
}

impl Stock {
    /// The kinds of which fewer are left than should be.
    pub fn low(&self, least: u32) -> impl Iterator<Item = &Level> {
        self.levels.iter().filter(move |level| level.left < least)
    }
}

/// Looks every blank up that ever came.
pub async fn stock(store: &Store) -> Result<Stock, ActionError> {
    let store = store.clone();
    let (mut deliveries, mut counts) =
        aside(move || Ok::<_, ActionError>((store.deliveries()?, store.counts()?))).await??;
    let mut levels = Vec::new();
    for product in PRODUCTS {
        let of_kind: Vec<&Delivery> =
            deliveries.iter().filter(|delivery| delivery.received.product == product).collect();
        if of_kind.is_empty() {
            continue;
        }
        levels.push(Level {
            product,
            received: of_kind.iter().map(|delivery| delivery.received.range.count()).sum(),
            used: of_kind.iter().map(|delivery| delivery.used).sum(),
            spoilt: of_kind.iter().map(|delivery| delivery.spoilt).sum(),
            left: of_kind.iter().map(|delivery| delivery.left()).sum(),
            counted: counts.remove(&product),
        });
    }
    deliveries.reverse();
    Ok(Stock { levels, deliveries })
}

/// Why blanks cannot be taken in.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The numbers are no range.
    #[error(transparent)]
    Range(#[from] NoRange),
    /// It was not done.
    #[error(transparent)]
    Act(#[from] ActionError),
}

/// Blanks came, from a first to a last number.
pub async fn receive(
    store: &Store,
    asker: Asker,
    product: Product,
    (first, last): (&BookNumber, &BookNumber),
    note: String,
) -> Result<Acted, ReceiveError> {
    let received = StockReceived { product, range: BookRange::of(first, last)?, note };
    Ok(asker.ask(store, What::ReceiveStock(received)).await?)
}

/// Somebody counted what lies there; what should lie there by the record is noted beside it.
pub async fn count(
    store: &Store,
    asker: Asker,
    product: Product,
    counted: u32,
    note: String,
) -> Result<Acted, ActionError> {
    let levels = stock(store).await?.levels;
    let expected = levels.iter().find(|level| level.product == product).map_or(0, |level| level.left);
    asker.ask(store, What::CountStock(StockCounted { product, counted, expected, note })).await
}
