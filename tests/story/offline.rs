//! A day without headquarters: nothing waits for the line, and when it is back everything flows by itself.

use super::steps::{Staff, application, approve};
use crate::harness::eventually;
use crate::harness::nodes::Town;

#[tokio::test(flavor = "multi_thread")]
async fn an_office_works_without_its_registry_and_everything_flows_when_it_is_back() {
    let town = Town::new();
    let numbers = town.cases("paid");
    let (first, second) = (&numbers[0], &numbers[1]);
    // In the morning the line is up: one book is approved.
    let registry = town.start_registry(0, None);
    let port = registry.port();
    let office = town.start_office(&registry.url);
    let mut staff = Staff::sign_in(&town, &office).await;
    let mut headquarters = town.staff(&registry).await;
    let ticket = staff.receive(first).await;
    staff.call(&ticket).await;
    staff.capture(first).await;
    staff.interview(first).await;
    approve(&mut headquarters, first).await;
    eventually(&mut staff.custody, &application(first), "the approval", |page| {
        page.text.contains("Disetujui")
    })
    .await;
    // Then it goes, and every page says so calmly.
    registry.process.kill();
    eventually(&mut staff.desk, "/", "the page to say that the line is down", |page| {
        page.text.contains("class=\"line off")
            || page.text.contains("class=\"line down")
            || page.text.contains("class=\"line warn")
    })
    .await;
    let ticket = staff.receive(second).await;
    staff.call(&ticket).await;
    staff.capture(second).await;
    staff.interview(second).await;
    staff.make_book(first, "E1234567").await;
    staff.hand_over(first, "E1234567").await;
    staff.desk.open(&application(first)).await.says("belum terkirim");
    // The office may even be restarted without it.
    let url = format!("http://127.0.0.1:{port}");
    assert!(office.process.stop().success());
    let office = town.start_office(&url);
    let mut staff = Staff::sign_in(&town, &office).await;
    staff.desk.open(&application(second)).await.says("Menunggu ajudikasi");
    // It knows since when: not since it was started, and not never.
    let page = eventually(&mut staff.desk, "/sync", "the page to say that the line is down", |page| {
        page.text.contains("Jalur ke pusat terputus")
    })
    .await;
    let (_, last) = page.text.split_once("<dt>Terakhir berhasil</dt><dd>").unwrap();
    let (last, _) = last.split_once('<').unwrap();
    assert_ne!(last, "belum pernah");
    let down = format!("Jalur ke pusat terputus sejak {last}");
    assert!(page.text.contains(&down), "{}", page.text);
    assert!(staff.desk.open("/").await.text.contains(&down));
    // Back again, nobody does anything, and all of it arrives.
    let registry = town.start_registry(port, None);
    let mut headquarters = town.staff(&registry).await;
    approve(&mut headquarters, second).await;
    eventually(&mut headquarters, &format!("/staff/applications/{first}"), "the hand-over", |page| {
        page.text.contains("Sudah diserahkan")
    })
    .await;
    eventually(&mut staff.desk, &application(second), "the approval", |page| page.text.contains("Disetujui"))
        .await;
    eventually(&mut staff.desk, &application(first), "headquarters to have everything", |page| {
        !page.body().contains("belum terkirim")
    })
    .await;
}
