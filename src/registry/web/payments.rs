//! Payments: the list somebody has to settle, and the latest ones.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;

use super::app::{asker, fault_in};
use crate::domain::number::{BillingCode, Ntpn};
use crate::registry::actions::{ActionError, Registry, payments};
use crate::registry::store::{PaymentRow, PaymentState, Settled, Settlement};
use crate::web::dates::grouped;
use crate::web::errors::Problem;
use crate::web::forms::Fields;
use crate::web::page::{self, Shell};
use crate::web::session::SignedIn;
use crate::web::words::{L10nLanguage, names};

const LISTED_MAX: u32 = 200;
const LATEST_MAX: u32 = 50;

/// One payment.
pub struct Line {
    ntpn: String,
    ntpn_grouped: String,
    code: String,
    amount: String,
    received: String,
    state: String,
    good: bool,
    settled: Option<String>,
    application: Option<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "registry/payments/payments.html")]
pub struct PaymentsPage {
    shell: Shell,
    done: Option<String>,
    listed: Vec<Line>,
    latest: Vec<Line>,
}

/// What was just done.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /staff/payments`
pub async fn list(
    registry: Data<Registry>,
    shell: Shell,
    done: Query<Done>,
) -> Result<HttpResponse, Problem> {
    let done = match done.done.as_str() {
        "settled" => Some(shell.words.staff_done_settled()),
        "refunded" => Some(shell.words.staff_done_refunded()),
        _ => None,
    };
    page::show(&draw(&registry, shell, done).await?)
}

async fn draw(registry: &Registry, shell: Shell, done: Option<String>) -> Result<PaymentsPage, Problem> {
    let listed = registry.store.reconciliation(LISTED_MAX).await?;
    let latest = registry.store.latest_payments(LATEST_MAX).await?;
    Ok(PaymentsPage {
        listed: lines(registry, &shell, &listed).await?,
        latest: lines(registry, &shell, &latest).await?,
        shell,
        done,
    })
}

async fn lines(registry: &Registry, shell: &Shell, rows: &[PaymentRow]) -> Result<Vec<Line>, Problem> {
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let number = match row.application {
            Some(key) => registry.store.summary_of(key).await?.and_then(|it| it.number),
            None => None,
        };
        lines.push(Line {
            ntpn: row.paid.ntpn.to_string(),
            ntpn_grouped: grouped(row.paid.ntpn.as_str()),
            code: row.paid.code.to_string(),
            amount: shell.dates.rupiah(row.paid.amount_idr),
            received: shell.dates.since(row.received_at, shell.now),
            state: state(shell.words, row.state),
            good: !row.state.needs_somebody() || row.settlement.is_some(),
            settled: row.settlement.as_ref().map(|settlement| settled(shell, settlement)),
            application: number.map(|number| format!("/staff/applications/{number}")),
        });
    }
    Ok(lines)
}

fn settled(shell: &Shell, settlement: &Settlement) -> String {
    let (by, reason) = (names::actor(shell.words, &settlement.by), settlement.reason.as_str());
    match settlement.how {
        Settled::Outside => shell.words.staff_payment_settled(by, reason),
        Settled::GivenBack => shell.words.staff_payment_given_back(by, reason),
    }
}

fn state(words: &L10nLanguage, state: PaymentState) -> String {
    match state {
        PaymentState::Counted => words.staff_payment_counted(),
        PaymentState::Reinstated => words.staff_payment_reinstated(),
        PaymentState::LateNoRoom => words.staff_payment_late_no_room(),
        PaymentState::Again => words.staff_payment_again(),
        PaymentState::AfterCancel => words.staff_payment_after_cancel(),
        PaymentState::NtpnReused => words.staff_payment_ntpn_reused(),
        PaymentState::AmountDiffers => words.staff_payment_amount_differs(),
        PaymentState::UnknownBill => words.staff_payment_unknown_bill(),
    }
}

fn named(form: &Fields) -> Result<(Ntpn, BillingCode), Problem> {
    let ntpn = Ntpn::parse(form.text("ntpn")).map_err(|_| Problem::UnreadableForm)?;
    let code = BillingCode::parse(form.text("code")).map_err(|_| Problem::UnreadableForm)?;
    Ok((ntpn, code))
}

/// `POST /staff/payments/settle`
pub async fn settle(
    registry: Data<Registry>,
    officer: SignedIn,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let (ntpn, code) = named(&form)?;
    let settled = payments::settle(&registry, &asker(&officer), &ntpn, &code, form.text("reason")).await;
    answer(&registry, shell, form, settled, "settled").await
}

/// `POST /staff/payments/refund`
pub async fn refund(
    registry: Data<Registry>,
    officer: SignedIn,
    shell: Shell,
    form: Fields,
) -> Result<HttpResponse, Problem> {
    let (ntpn, code) = named(&form)?;
    let refunded = payments::refund(&registry, &asker(&officer), &ntpn, &code, form.text("reason")).await;
    answer(&registry, shell, form, refunded, "refunded").await
}

async fn answer(
    registry: &Registry,
    shell: Shell,
    form: Fields,
    acted: Result<(), ActionError>,
    done: &str,
) -> Result<HttpResponse, Problem> {
    match acted {
        Ok(()) => Ok(page::see_other(&format!("/staff/payments?done={done}"))),
        Err(error) => {
            let fault = fault_in(error, &shell)?;
            let page = draw(registry, shell.faulty(fault, form), None).await?;
            page::show_as(StatusCode::CONFLICT, &page)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::web::preview;
    use crate::web::page::sample;
    use crate::web::words::{L10n, words};

    fn line(state: PaymentState) -> Line {
        let good = !state.needs_somebody();
        Line {
            ntpn: "0123456789ABCDEF".to_owned(),
            ntpn_grouped: grouped("0123456789ABCDEF"),
            code: "820261121000042".to_owned(),
            amount: "Rp950.000".to_owned(),
            received: "08.00 WIB".to_owned(),
            state: super::state(words(L10n::Id), state),
            good,
            settled: None,
            application: good.then(|| "/staff/applications/1179000000000001".to_owned()),
        }
    }

    #[test]
    fn a_payment_that_needs_somebody_can_be_settled_or_given_back() {
        let shell = preview::shell(L10n::Id, "/staff/payments");
        let listed = vec![line(PaymentState::AmountDiffers)];
        let latest = vec![line(PaymentState::AmountDiffers), line(PaymentState::Counted)];
        insta::assert_snapshot!(sample::content(&PaymentsPage { shell, done: None, listed, latest }));
    }
}
