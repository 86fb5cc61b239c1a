//! Booking, moving, giving up.

use loket::domain::actor::Actor;
use loket::domain::booking::Slot;
use loket::domain::fact::Fact;
use loket::domain::refusal::Refusal;
use loket::domain::status::Status;
use loket::registry::actions::bookings::{self, BookingRequest, Wish};
use loket::registry::actions::{ActionError, payments};

use super::{on_both, paid, request, request_json};

fn monday(hour: u32) -> Slot {
    let clock = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    Slot { day: "2026-11-23".parse().unwrap(), from: clock(hour), until: clock(hour + 1) }
}

fn wish(reason: &str) -> Wish {
    Wish { by: Actor::Applicant, reason: reason.to_owned(), once: None }
}

fn staff_wish(reason: &str) -> Wish {
    Wish { by: Actor::Officer { login: "ratna".into(), name: "Ratna".into() }, ..wish(reason) }
}

on_both! {
    async fn a_booking_has_number_and_bill_and_holds_its_place(it) {
        it.offer(2).await;
        let made = it.book("Siti Aminah").await;
        assert_eq!(made.number.as_str().len(), 16);
        assert!(made.bill.code.as_str().starts_with("820261121"), "{}", made.bill.code);
        assert_eq!(made.bill.amount_idr, 950_000);
        assert_eq!(made.bill.due_at - it.now(), chrono::TimeDelta::hours(2));
        assert_eq!(it.taken().await, [(1, 2)]);
        let view = it.application(&made.number).await.view();
        assert_eq!(view.status, Status::AwaitingPayment);
        assert_eq!(view.booking.unwrap().applicant.name, "Siti Aminah");
    }

    async fn concurrent_bookings_never_exceed_the_quota(it) {
        it.offer(5).await;
        let other = it.another_process().await;
        let tries = (0..24).map(|n| {
            let registry = if n % 2 == 0 { it.registry.clone() } else { other.clone() };
            tokio::spawn(async move { bookings::book(&registry, request(&format!("Pemohon {n}"))).await })
        });
        let (mut made, mut full) = (0, 0);
        for tried in tries.collect::<Vec<_>>() {
            match tried.await.unwrap() {
                Ok(_) => made += 1,
                Err(ActionError::NoRoom) => full += 1,
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!((made, full), (5, 19));
        assert_eq!(it.taken().await, [(5, 5)]);
    }

    async fn a_repeated_request_books_once(it) {
        it.offer(5).await;
        let mut twice = request_json("Budi");
        twice["once"] = "permintaan-0001".into();
        let ask: BookingRequest = serde_json::from_value(twice).unwrap();
        let first = bookings::book(&it.registry, ask.clone()).await.unwrap();
        let again = bookings::book(&it.registry, ask).await.unwrap();
        assert_eq!((again.number, again.repeated), (first.number, true));
        assert_eq!(it.taken().await, [(1, 5)]);
    }

    async fn a_booking_that_makes_no_sense_names_its_fields(it) {
        it.offer(5).await;
        let mut wrong = request_json(" ");
        wrong["contact"]["email"] = "bukan surel".into();
        wrong["slot"]["day"] = "2026-11-20".into();
        let ask: BookingRequest = serde_json::from_value(wrong).unwrap();
        let Err(ActionError::Invalid(found)) = bookings::book(&it.registry, ask).await else { panic!() };
        let fields: Vec<&str> = found.iter().map(|each| each.field).collect();
        assert_eq!(fields, ["applicant.name", "contact.email", "slot"]);
        let mut child = request_json("Anak");
        child["applicant"]["born_on"] = "2016-01-01".into();
        child["applicant"]["civil_status"] = "single".into();
        let ask: BookingRequest = serde_json::from_value(child).unwrap();
        assert!(matches!(bookings::book(&it.registry, ask).await, Err(ActionError::Invalid(_))));
        assert_eq!(it.taken().await, [(0, 5)]);
    }

    async fn an_uploaded_picture_is_kept_sealed(it) {
        it.offer(5).await;
        let jpeg = [&[0xff, 0xd8, 0xff, 0xe0][..], b"picture of a card"].concat();
        let mut with_picture = request_json("Siti");
        with_picture["documents"][0]["picture"] = data_encoding::BASE64.encode(&jpeg).into();
        let made = bookings::book(&it.registry, serde_json::from_value(with_picture).unwrap()).await.unwrap();
        let booking = it.application(&made.number).await.view().booking.unwrap();
        let picture = booking.documents[0].picture.as_ref().unwrap();
        let sealed = it.registry.blobs.get(&picture.hash.parse().unwrap()).unwrap().unwrap();
        assert!(!sealed.windows(7).any(|window| window == b"picture"));
        let mut text = request_json("Budi");
        text["documents"][0]["picture"] = data_encoding::BASE64.encode(b"only text").into();
        let refused = bookings::book(&it.registry, serde_json::from_value(text).unwrap()).await;
        assert!(matches!(refused, Err(ActionError::Invalid(_))));
    }

    async fn an_applicant_moves_once_and_until_the_day_before(it) {
        it.offer(1).await;
        it.offer_at("2026-11-23", "09:00:00", "10:00:00", 1).await;
        it.offer_at("2026-11-23", "10:00:00", "11:00:00", 1).await;
        let made = it.book("Siti").await;
        let moved = |slot| bookings::reschedule(&it.registry, &made.number, slot, wish(""));
        assert!(matches!(moved(monday(9)).await, Err(ActionError::Refused(Refusal::Unpaid { .. }))));
        payments::pay(&it.registry, paid(&made, "0000000000000001", it.now())).await.unwrap();
        moved(monday(9)).await.unwrap();
        assert_eq!(it.taken().await, [(0, 1), (1, 1), (0, 1)]);
        assert!(matches!(moved(monday(10)).await, Err(ActionError::Refused(Refusal::TooLate))));
        let by_staff = bookings::reschedule(&it.registry, &made.number, monday(10), staff_wish("server padam"));
        by_staff.await.unwrap();
        assert_eq!(it.taken().await, [(0, 1), (0, 1), (1, 1)]);
        assert_eq!(it.application(&made.number).await.view().slot, Some(monday(10)));
    }

    async fn nobody_moves_into_a_full_interval(it) {
        it.offer(1).await;
        it.offer_at("2026-11-23", "09:00:00", "10:00:00", 0).await;
        let made = it.book("Siti").await;
        payments::pay(&it.registry, paid(&made, "0000000000000001", it.now())).await.unwrap();
        let moved = bookings::reschedule(&it.registry, &made.number, monday(9), wish(""));
        assert!(matches!(moved.await, Err(ActionError::NoRoom)));
        let application = it.application(&made.number).await;
        assert_eq!(application.view().slot, Some(monday(8)));
        assert!(!application.entries().any(|entry| matches!(entry.fact, Fact::Rescheduled(_))));
        assert_eq!(it.taken().await, [(1, 1), (0, 0)]);
    }

    async fn a_cancelled_booking_gives_its_place_back(it) {
        it.offer(1).await;
        let made = it.book("Siti").await;
        bookings::cancel(&it.registry, &made.number, wish("berhalangan")).await.unwrap();
        assert_eq!(it.taken().await, [(0, 1)]);
        let again = bookings::cancel(&it.registry, &made.number, wish("berhalangan")).await;
        assert!(matches!(again, Err(ActionError::Refused(Refusal::BookingCancelled))));
        it.book("Budi").await;
    }

    async fn a_form_that_is_sent_again_moves_and_cancels_once(it) {
        it.offer(1).await;
        it.offer_at("2026-11-23", "09:00:00", "10:00:00", 1).await;
        let (made, other) = (it.book("Siti").await, it.another_process().await);
        payments::pay(&it.registry, paid(&made, "0000000000000001", it.now())).await.unwrap();
        let once = |wish: Wish| Wish { once: Some("formulir-1".to_owned()), ..wish };
        for registry in [&it.registry, &it.registry, &other] {
            let wish = once(staff_wish("server padam"));
            bookings::reschedule(registry, &made.number, monday(9), wish).await.unwrap();
        }
        // The same key for another act is another request.
        for registry in [&it.registry, &it.registry, &other] {
            bookings::cancel(registry, &made.number, once(wish("berhalangan"))).await.unwrap();
        }
        let application = it.application(&made.number).await;
        let count = |is: fn(&Fact) -> bool| application.entries().filter(|entry| is(&entry.fact)).count();
        assert_eq!(count(|fact| matches!(fact, Fact::Rescheduled(_))), 1);
        assert_eq!(count(|fact| matches!(fact, Fact::BookingCancelled(_))), 1);
        assert_eq!(it.taken().await, [(0, 1), (0, 1)]);
    }
}
