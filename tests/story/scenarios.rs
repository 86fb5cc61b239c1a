//! Days that really happened to Indonesian offices, told with Loket: each story carries the year or the trouble it is about.

use chrono::Utc;
use serde_json::{Value, json};

use super::steps::{Staff, application, approve};
use crate::harness::eventually;
use crate::harness::nodes::{Node, Town};

/// October 2019: of one family two were approved and two were not. Two books are made, and nothing is made of the others.
#[tokio::test(flavor = "multi_thread")]
async fn october_2019_of_a_family_of_four_two_approvals_come_and_two_do_not() {
    let town = Town::new();
    let family: Vec<_> = town.cases("paid").into_iter().take(4).collect();
    let registry = town.start_registry(0, None);
    let office = town.start_office(&registry.url);
    let mut staff = Staff::sign_in(&town, &office).await;
    let mut headquarters = town.staff(&registry).await;
    for number in &family {
        let ticket = staff.receive(number).await;
        staff.call(&ticket).await;
        staff.capture(number).await;
        staff.interview(number).await;
    }
    let (approved, awaited) = family.split_at(2);
    for number in approved {
        approve(&mut headquarters, number).await;
    }
    // The line goes at that moment, and the office goes on with what came.
    for number in approved {
        eventually(&mut staff.custody, &application(number), "the approval", |page| {
            page.text.contains("Disetujui")
        })
        .await;
    }
    registry.process.kill();
    for (number, book) in approved.iter().zip(["E1234567", "E1234568"]) {
        staff.make_book(number, book).await;
        staff.hand_over(number, book).await;
    }
    for number in awaited {
        staff.custody.open(&application(number)).await.says("Menunggu ajudikasi");
        let page = staff.custody.open(&format!("{}/book", application(number))).await;
        assert!(!page.has_form("/book"), "no blank is set aside without an approval");
    }
}

/// 2022 to 2026, again and again: paid, and the app shows the application as expired. Whoever comes with the receipt is served, and
/// headquarters decides when the payment has come.
#[tokio::test(flavor = "multi_thread")]
async fn paid_but_shown_as_expired_is_admitted_on_its_ntpn_and_decided_when_the_payment_comes() {
    let town = Town::new();
    let case = town.record().cases.iter().find(|case| case.case == "paid-unreported").unwrap().clone();
    let (number, ntpn) = (case.number, case.ntpn.unwrap());
    let registry = town.start_registry(0, None);
    let office = town.start_office(&registry.url);
    let mut staff = Staff::sign_in(&town, &office).await;
    let mut headquarters = town.staff(&registry).await;
    let page = staff.desk.open(&application(&number)).await;
    let form = page.form("/receive").set("evidence", ntpn.as_str());
    let page = staff.desk.submit(&form).await;
    page.is(200).says("Menunggu dipanggil");
    let ticket = super::steps::ticket_of(&page);
    staff.call(&ticket).await;
    staff.capture(&number).await;
    staff.interview(&number).await;
    let path = format!("/staff/applications/{number}");
    let page = eventually(&mut headquarters, &path, "the interview", |page| {
        page.text.contains("Menunggu ajudikasi")
    })
    .await;
    assert!(!page.has_form("/decide"), "a decision waits for the money");
    assert_eq!(pay(&town, &registry, number.as_str(), ntpn.as_str()).await, 200);
    approve(&mut headquarters, &number).await;
    eventually(&mut staff.custody, &application(&number), "the approval", |page| {
        page.text.contains("Disetujui") && page.text.contains("Lunas")
    })
    .await;
}

/// The bank reports a payment.
async fn pay(town: &Town, registry: &Node, number: &str, ntpn: &str) -> u16 {
    let (client, key) = (reqwest::Client::new(), &town.record().channel_key);
    let asked = client.get(format!("{}/api/v1/bookings/{number}", registry.url)).bearer_auth(key);
    let booking: Value = asked.send().await.unwrap().json().await.unwrap();
    let bill = &booking["bill"];
    let body = json!({
        "code": bill["code"], "ntpn": ntpn, "amount_idr": bill["amount_idr"],
        "paid_at": Utc::now(), "channel": "Bank Contoh",
    });
    let paid = client.post(format!("{}/api/v1/payments", registry.url)).bearer_auth(key).json(&body);
    paid.send().await.unwrap().status().as_u16()
}
