//! Money in all its orders: once, again, late, too much, for nobody.

use loket::domain::actor::{Actor, Role};
use loket::domain::payment::Payment;
use loket::domain::refusal::Refusal;
use loket::domain::status::Status;
use loket::registry::actions::payments::{self, PaymentTaken};
use loket::registry::actions::{ActionError, Asker, proofs};
use loket::registry::store::{PaymentState, Settled, Settlement};

use super::{ParseNtpn, on_both, paid};

fn headquarters() -> Asker {
    let by = Actor::Officer { login: "ratna".to_owned(), name: "Ratna Dewi".to_owned() };
    Asker { by, roles: vec![Role::Headquarters] }
}

on_both! {
    async fn a_payment_counts_once_however_often_it_is_reported(it) {
        it.offer(1).await;
        let made = it.book("Siti").await;
        let report = paid(&made, "0000000000000001", it.now());
        let first = payments::pay(&it.registry, report.clone()).await.unwrap();
        assert_eq!((first.state, first.repeated), (PaymentState::Counted, false));
        let other = it.another_process().await;
        let again = [it.registry.clone(), other].map(|registry| {
            let report = report.clone();
            tokio::spawn(async move { payments::pay(&registry, report).await })
        });
        for again in again {
            let expected = PaymentTaken { repeated: true, ..first.clone() };
            assert_eq!(again.await.unwrap().unwrap(), expected);
        }
        let application = it.application(&made.number).await;
        assert_eq!(application.view().status, Status::Expected);
        assert_eq!(application.entries().count(), 3);
        assert!(it.registry.store.reconciliation(10).await.unwrap().is_empty());
    }

    async fn two_payments_at_the_same_moment_are_one_and_one_again(it) {
        it.offer(1).await;
        let made = it.book("Siti").await;
        let other = it.another_process().await;
        let reports = [(it.registry.clone(), "000000000000000A"), (other, "000000000000000B")];
        let tasks = reports.map(|(registry, ntpn)| {
            let report = paid(&made, ntpn, it.now());
            tokio::spawn(async move { payments::pay(&registry, report).await.unwrap().state })
        });
        let mut states = Vec::new();
        for task in tasks {
            states.push(task.await.unwrap().name());
        }
        states.sort_unstable();
        assert_eq!(states, ["again", "counted"]);
        let view = it.application(&made.number).await.view();
        assert!(matches!(view.payment, Payment::Paid { again, .. } if again.len() == 1));
        let listed = it.registry.store.reconciliation(10).await.unwrap();
        assert_eq!(listed.len(), 1);
        let row = &listed[0];
        payments::refund(&it.registry, &headquarters(), &row.paid.ntpn, &row.paid.code, "dua kali").await.unwrap();
        assert!(it.registry.store.reconciliation(10).await.unwrap().is_empty());
        let view = it.application(&made.number).await.view();
        assert!(matches!(view.payment, Payment::Paid { again, .. } if again.is_empty()));
        assert_eq!(it.taken().await, [(1, 1)], "the place stays");
    }

    async fn the_payment_that_is_given_back_is_the_one_that_was_named(it) {
        it.offer(1).await;
        let made = it.book("Siti").await;
        for ntpn in ["000000000000000A", "000000000000000B", "000000000000000C"] {
            payments::pay(&it.registry, paid(&made, ntpn, it.now())).await.unwrap();
        }
        let second = "000000000000000B".parse_ntpn();
        payments::refund(&it.registry, &headquarters(), &second, &made.bill.code, "dua kali").await.unwrap();
        let Payment::Paid { paid, again, .. } = it.application(&made.number).await.view().payment else { panic!() };
        let left: Vec<&str> = std::iter::once(&paid).chain(&again).map(|paid| paid.ntpn.as_str()).collect();
        assert_eq!(left, ["000000000000000A", "000000000000000C"]);
        let listed = it.registry.store.reconciliation(10).await.unwrap();
        let listed: Vec<&str> = listed.iter().map(|row| row.paid.ntpn.as_str()).collect();
        assert_eq!(listed, ["000000000000000C"], "the list and the facts agree");
        assert_eq!(it.taken().await, [(1, 1)]);
    }

    async fn one_ntpn_reported_for_two_bills_at_the_same_moment_counts_once(it) {
        it.offer(12).await;
        let other = it.another_process().await;
        for round in 0..6 {
            let bills = [it.book("Siti").await, it.book("Budi").await];
            let registries = [it.registry.clone(), other.clone()];
            let reports = bills.iter().map(|bill| paid(bill, &format!("{round:016}"), it.now()));
            let tasks: Vec<_> = reports.zip(registries).map(|(report, registry)| {
                tokio::spawn(async move { payments::pay(&registry, report).await.unwrap().state })
            }).collect();
            let mut states = Vec::new();
            for task in tasks {
                states.push(task.await.unwrap().name());
            }
            states.sort_unstable();
            assert_eq!(states, ["counted", "ntpn-reused"]);
        }
    }

    async fn a_bill_runs_out_and_frees_its_place(it) {
        it.offer(1).await;
        let made = it.book("Siti").await;
        it.pass(119);
        assert_eq!(payments::expire(&it.registry).await.unwrap(), 0);
        it.pass(2);
        assert_eq!(payments::expire(&it.registry).await.unwrap(), 1);
        assert_eq!(payments::expire(&it.registry).await.unwrap(), 0);
        assert_eq!(it.taken().await, [(0, 1)]);
        assert_eq!(it.application(&made.number).await.view().status, Status::Expired);
    }

    async fn a_late_payment_takes_its_place_again_while_there_is_room(it) {
        it.offer(1).await;
        let made = it.book("Siti").await;
        it.pass(121);
        payments::expire(&it.registry).await.unwrap();
        let taken = payments::pay(&it.registry, paid(&made, "0000000000000001", it.now())).await.unwrap();
        assert_eq!(taken.state, PaymentState::Reinstated);
        assert_eq!(it.taken().await, [(1, 1)]);
        let view = it.application(&made.number).await.view();
        assert!(view.is_paid());
        assert!(it.registry.store.reconciliation(10).await.unwrap().is_empty());
    }

    async fn a_late_payment_without_room_stands_on_the_list(it) {
        it.offer(1).await;
        let late = it.book("Siti").await;
        it.pass(121);
        payments::expire(&it.registry).await.unwrap();
        it.book("Budi").await;
        let taken = payments::pay(&it.registry, paid(&late, "0000000000000001", it.now())).await.unwrap();
        assert_eq!(taken.state, PaymentState::LateNoRoom);
        assert_eq!(it.taken().await, [(1, 1)]);
        let listed = it.registry.store.reconciliation(10).await.unwrap();
        assert_eq!((listed.len(), listed[0].state), (1, PaymentState::LateNoRoom));
    }

    async fn what_pays_nothing_is_kept_on_the_list(it) {
        it.offer(2).await;
        let (one, two) = (it.book("Siti").await, it.book("Budi").await);
        let mut stray = paid(&one, "0000000000000001", it.now());
        stray.code = loket::domain::number::BillingCode::parse("820261121999999").unwrap();
        let mut short = paid(&one, "0000000000000002", it.now());
        short.amount_idr -= 1;
        let states = [
            payments::pay(&it.registry, stray).await.unwrap().state,
            payments::pay(&it.registry, short).await.unwrap().state,
            payments::pay(&it.registry, paid(&one, "0000000000000003", it.now())).await.unwrap().state,
            payments::pay(&it.registry, paid(&two, "0000000000000003", it.now())).await.unwrap().state,
        ];
        let expected = [
            PaymentState::UnknownBill, PaymentState::AmountDiffers, PaymentState::Counted, PaymentState::NtpnReused,
        ];
        assert_eq!(states, expected);
        assert!(!it.application(&two.number).await.view().is_paid());
        let listed = it.registry.store.reconciliation(10).await.unwrap();
        assert_eq!(listed.len(), 3);
        let row = &listed[0];
        let nobody = Asker { roles: vec![Role::Auditor], ..headquarters() };
        let settle = |asker, reason| {
            let (registry, row) = (it.registry.clone(), row.clone());
            async move { payments::settle(&registry, &asker, &row.paid.ntpn, &row.paid.code, reason).await }
        };
        assert!(settle(nobody, "dikembalikan bank").await.is_err());
        assert!(matches!(settle(headquarters(), " ").await, Err(ActionError::Refused(Refusal::ReasonNeeded))));
        settle(headquarters(), "dikembalikan bank").await.unwrap();
        let twice = settle(headquarters(), "dikembalikan bank").await;
        assert!(matches!(twice, Err(ActionError::Refused(_))));
        let row = &listed[1];
        payments::refund(&it.registry, &headquarters(), &row.paid.ntpn, &row.paid.code, "kurang bayar").await.unwrap();
        assert_eq!(it.registry.store.reconciliation(10).await.unwrap().len(), 1);
        let all = it.registry.store.latest_payments(10).await.unwrap();
        let mut settled: Vec<Settlement> = all.into_iter().filter_map(|row| row.settlement).collect();
        settled.sort_by(|a, b| a.reason.cmp(&b.reason));
        let expected = [(Settled::Outside, "dikembalikan bank"), (Settled::GivenBack, "kurang bayar")];
        let expected = expected.map(|(how, reason)| {
            Settlement { how, by: headquarters().by, at: it.now(), reason: reason.to_owned() }
        });
        assert_eq!(settled, expected);
    }

    async fn a_paid_booking_has_a_proof_that_verifies(it) {
        it.offer(1).await;
        let made = it.book("Siti").await;
        assert!(proofs::of_number(&it.registry, &made.number).await.is_err());
        payments::pay(&it.registry, paid(&made, "00000000000000AB", it.now())).await.unwrap();
        let text = proofs::of_number(&it.registry, &made.number).await.unwrap();
        let proof = loket::proof::verify(&text, &it.registry.store.node_key().public()).unwrap();
        assert_eq!((proof.number, proof.code, proof.ntpn), (made.number, made.bill.code, "00000000000000AB".parse_ntpn()));
        assert!(!text.contains("Siti"));
    }
}
