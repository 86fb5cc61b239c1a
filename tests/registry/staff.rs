//! Headquarters' pages in a browser without scripts, and the applicant's.

use loket::domain::office::{Office, OfficeCode, Zone};
use loket::registry::actions::staff::{StaffFault, disable};
use loket::registry::actions::{ActionError, offices, payments};
use loket_sync::Subject;
use loket_sync::drive::Uplink;

use super::decisions::{Captured, headquarters};
use super::exchange::{Node, arrived, serve, written};
use super::{on_both, paid};
use crate::harness::officer::Officer;

const PASSWORD: &str = "pusat-yang-tenang";

on_both! {
    async fn staff_decide_in_the_browser(it) {
        it.offer(1).await;
        let server = serve(&it).await;
        let captured = Captured::by(&it, &server, "Siti Aminah").await;
        let mut ratna = Officer::signed_in(&server.url(), "/staff/login", "ratna", PASSWORD).await;
        ratna.open("/staff/decisions").await.is(200).says("Siti Aminah");
        let address = format!("/staff/applications/{}", captured.number());
        let page = ratna.open(&address).await;
        page.is(200).says("tangan terluka").says("lancar").says("Bukti bayar bertanda tangan");
        let proof = ratna.open(&format!("{address}/proof.svg")).await;
        assert!(proof.is(200).text.contains("<svg"));
        ratna.submit(&page.form("/decide")).await.is(200).says("sudah disetujui");
        let stale = ratna.submit(&page.form("/decide").force("once", "another")).await;
        stale.is(409).says("sudah");
        ratna.open("/staff/decisions").await.says("Tidak ada permohonan");
        let seen = it.application(captured.number()).await;
        let views = seen.entries().filter(|entry| entry.fact.name() == "Viewed").count();
        assert_eq!(views, 1, "reading is on record, once per sitting");
        server.stop().await;
    }

    async fn staff_open_a_code_and_settle_a_payment(it) {
        it.offer(1).await;
        let server = serve(&it).await;
        let made = it.book("Siti").await;
        let mut short = paid(&made, "0000000000000001", it.now());
        short.amount_idr = 1;
        payments::pay(&it.registry, short).await.unwrap();
        let mut ratna = Officer::signed_in(&server.url(), "/staff/login", "ratna", PASSWORD).await;
        let offices = ratna.open("/staff/offices").await;
        offices.is(200).says("Tanjung Balai Karimun").says("Belum terdaftar");
        let shown = ratna.submit(&offices.form("/karimun/code")).await;
        shown.is(200).says("Kode pendaftaran");
        let wrong = ratna.submit(&offices.form("/staff/offices").set("code", "Batam!").set("name", "Batam")).await;
        wrong.is(422).says("huruf kecil");
        let added = ratna.submit(&offices.form("/staff/offices").set("code", "batam").set("name", "Batam")).await;
        added.is(200).says("batam");
        let listed = ratna.open("/staff/payments").await;
        listed.is(200).says("Jumlah tidak sesuai tagihan");
        ratna.submit(&listed.form("/settle")).await.is(409).says("Alasan perlu diisi");
        let settle = listed.form("/settle").set("reason", "Selisih dibayar di loket");
        ratna.submit(&settle).await.is(200).says("ditandai selesai").says("Ratna Dewi: Selisih dibayar di loket");
        ratna.submit(&settle).await.is(409);
        ratna.open("/staff/bookings?office=karimun&day=2026-11-23").await.is(200).says("Siti");
        let found = ratna.open(&format!("/staff/bookings?q={}", made.number)).await;
        assert!(found.is(200).path.ends_with(made.number.as_str()));
        server.stop().await;
    }

    async fn staff_settle_whose_visit_holds_before_anything_is_decided(it) {
        it.offer(1).await;
        let server = serve(&it).await;
        let captured = Captured::by(&it, &server, "Siti Aminah").await;
        let mut ratna = Officer::signed_in(&server.url(), "/staff/login", "ratna", PASSWORD).await;
        ratna.open("/staff/conflicts").await.is(200).says("Semua keterangan sejalan");
        let batam = Office { code: OfficeCode::parse("batam").unwrap(), name: "Kantor Batam".into(), zone: Zone::Wib };
        offices::add(&it.registry, &batam).await.unwrap();
        let there = Node::enrolled(&it, &server, "batam").await;
        let mut push = there.message(Vec::new());
        push.runs = vec![written(&there, Subject(captured.made.key.0), &captured.key, vec![arrived()])];
        there.client.exchange(&push).await.unwrap();
        let listed = ratna.open("/staff/conflicts").await;
        listed.is(200).says("Siti Aminah").says("Segera").says("Dilayani di dua kantor").says("Kunjungan di Karimun berlaku");
        let address = format!("/staff/applications/{}", captured.number());
        let page = ratna.open(&address).await;
        page.is(200).says("Kunjungan mana yang berlaku?").says("Kantor Batam");
        assert!(!page.has_form("/decide"), "nothing is decided before");
        let choose = page.form("/choose");
        ratna.submit(&choose.clone().set("reason", "satu orang").force("office", "")).await.is(422).says("Pilih salah satu");
        ratna.submit(&choose.clone().force("office", "karimun").set("reason", " ")).await.is(409);
        let settled = ratna.submit(&choose.force("office", "karimun").set("reason", "booking di Karimun")).await;
        settled.is(200).says("sudah ditetapkan");
        ratna.submit(&settled.form_with("/decide", "decision", "approve")).await.is(200).says("sudah disetujui");
        ratna.open("/staff/conflicts").await.is(200).says("Semua keterangan sejalan");
        server.stop().await;
    }

    async fn staff_let_each_other_in_and_shut_each_other_out(it) {
        let server = serve(&it).await;
        let mut ratna = Officer::signed_in(&server.url(), "/staff/login", "ratna", PASSWORD).await;
        let page = ratna.open("/staff/officers").await;
        let add = page.form("/staff/officers").set("login", "budi").set("name", "Budi Santoso");
        let short = ratna.submit(&add.clone().set("password", "pendek")).await;
        short.is(422).says("terlalu pendek");
        assert_eq!(short.form("/staff/officers").value("name"), Some("Budi Santoso"), "what was typed stays");
        ratna.submit(&add.clone().set("password", "kapal-ke-batam")).await.is(200).says("Budi Santoso tersimpan");
        ratna.submit(&add.set("password", "kapal-ke-batam")).await.is(422).says("sudah dipakai");
        let mut budi = Officer::signed_in(&server.url(), "/staff/login", "budi", "kapal-ke-batam").await;
        let changed = budi.open("/staff/officers?login=ratna").await;
        budi.submit(&changed.form("/ratna/disable")).await.is(200).says("dinonaktifkan");
        assert!(ratna.open("/staff/officers").await.path.starts_with("/staff/login"), "out at once");
        let oneself = disable(&it.registry, &headquarters("Budi"), "budi").await;
        assert!(matches!(oneself, Err(ActionError::Staff(StaffFault::Oneself))), "{oneself:?}");
        let last = disable(&it.registry, &headquarters("Ratna"), "budi").await;
        assert!(matches!(last, Err(ActionError::Staff(StaffFault::Unknown))), "the last one stays: {last:?}");
        // Let in again with another password.
        let back = budi.open("/staff/officers?login=ratna").await;
        budi.submit(&back.form("/staff/officers").set("password", "kembali-lagi")).await.is(200).says("tersimpan");
        Officer::signed_in(&server.url(), "/staff/login", "ratna", "kembali-lagi").await;
        let changes = it.registry.store.staff_changes(10).await.unwrap();
        let told: Vec<_> = changes.iter().map(|it| (it.by_login.as_str(), it.login.as_str())).collect();
        assert_eq!(told.len(), 3);
        assert!(told.contains(&("ratna", "budi")) && told.contains(&("budi", "ratna")), "{told:?}");
        server.stop().await;
    }

    async fn nobody_comes_in_without_signing_in(it) {
        let server = serve(&it).await;
        let mut stranger = Officer::stranger(&server.url());
        let page = stranger.open("/staff/decisions").await;
        assert!(page.path.starts_with("/staff/login"), "{}", page.path);
        let login = page.form("/staff/login");
        for _ in 0..5 {
            stranger.submit(&login.clone().set("name", "ratna").set("password", "salah-semua")).await.is(401);
        }
        stranger.submit(&login.clone().set("name", "ratna").set("password", PASSWORD)).await.is(401);
        it.pass(2);
        stranger.submit(&login.set("name", "ratna").set("password", PASSWORD)).await.is(200);
        stranger.forge_cookies(|cookie| cookie.chars().rev().collect());
        let page = stranger.open("/staff/offices").await;
        assert!(page.path.starts_with("/staff/login"), "{}", page.path);
        server.stop().await;
    }

    async fn many_guesses_at_once_do_not_slip_through(it) {
        let tries = (0..8).map(|_| it.registry.store.begin_try("ratna", it.now(), |tries| {
            chrono::TimeDelta::minutes(i64::from(tries > 4))
        }));
        let looked_at = futures_util::future::join_all(tries).await;
        assert_eq!(looked_at.into_iter().filter(|it| *it.as_ref().unwrap()).count(), 5);
    }

    async fn an_applicant_sees_the_status_with_number_and_birth_date_only(it) {
        it.offer(1).await;
        let server = serve(&it).await;
        let made = it.book("Siti Aminah").await;
        let mut applicant = Officer::stranger(&server.url());
        let page = applicant.open("/").await;
        let ask = page.form("/").set("number", made.number.as_str());
        let found = applicant.submit(&ask.clone().set("born", "1990-03-12")).await;
        found.is(200).says("Menunggu pembayaran").says("Kantor Imigrasi");
        assert!(!found.text.contains("Siti"));
        applicant.submit(&ask.set("born", "1990-03-13")).await.is(404).says("Tidak ada permohonan");
        server.stop().await;
    }
}
