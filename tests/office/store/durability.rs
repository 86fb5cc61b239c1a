//! Acknowledged acts survive; tables are drawn anew and come out the same.

use std::fs;
use std::path::Path;

use loket::domain::capture::PortraitCaptured;
use loket::domain::command::Command;
use loket::domain::damage::FolderPart;
use loket::domain::status::Status;
use loket::domain::ticket::SkipReason;
use loket::office::store::check::{check, heal};
use loket::office::store::{LinkAlarm, OpenError, Unsent, What};

use loket_sync::SessionId;
use loket_sync::exchange::{NotTaken, WhyNot};

use crate::office::{TestOffice, arrive, papers};

#[tokio::test]
async fn an_acknowledged_act_survives_a_kill() {
    let mut office = TestOffice::open();
    let key = office.booked("Siti Aminah").await;
    let acted = office.command(key, arrive()).await.unwrap();
    assert_eq!(acted.positions.len(), 1);
    let report = office.reopen();
    assert_eq!(report.rebuilt, None);
    let application = office.store().application(key).unwrap().unwrap();
    assert_eq!(application.view().status, Status::Arrived);
    let line = office.store().summary(key).unwrap().unwrap();
    assert_eq!((line.status, line.name.as_str()), (Status::Arrived, "Siti Aminah"));
    assert!(line.arrived_at.is_some());
}

#[tokio::test]
async fn tables_that_are_gone_are_drawn_anew_and_are_the_same() {
    let mut office = TestOffice::open();
    for name in ["Siti Aminah", "Budi", "Putu Ayu Lestari"] {
        office.waiting(name).await;
    }
    office.open_counter(1, "sari").await;
    let day = office.store().day("2026-11-23".parse().unwrap()).unwrap();
    let queue = office.store().queue("2026-11-23".parse().unwrap()).unwrap();
    office.stop().await;
    let before = check(office.path(), &office.identity, false).unwrap();
    assert!(before.is_good(), "{before:?}");

    fs::remove_dir_all(office.file("tables")).unwrap();
    let report = office.reopen();
    assert!(report.replayed > 10, "{report:?}");
    assert_eq!(office.store().day("2026-11-23".parse().unwrap()).unwrap(), day);
    assert_eq!(office.store().queue("2026-11-23".parse().unwrap()).unwrap(), queue);
    office.stop().await;
    let after = check(office.path(), &office.identity, false).unwrap();
    assert_eq!((after.rows, after.findings), (before.rows, before.findings));
}

#[tokio::test]
async fn damaged_tables_are_moved_aside_and_drawn_anew() {
    let mut office = TestOffice::open();
    let key = office.waiting("Siti Aminah").await;
    office.kill();
    let db = office.file("tables").join("db");
    let mut bytes = fs::read(&db).unwrap();
    for byte in bytes.iter_mut().skip(200).step_by(97) {
        *byte ^= 0x55;
    }
    fs::write(&db, bytes).unwrap();
    let report = office.reopen();
    assert!(report.rebuilt.is_some() || report.replayed > 0, "{report:?}");
    assert_eq!(office.store().summary(key).unwrap().unwrap().status, Status::Waiting);
    office.stop().await;
    assert!(check(office.path(), &office.identity, false).unwrap().is_good());
}

#[tokio::test]
async fn a_check_names_rows_that_were_lost_and_a_rebuild_heals_them() {
    let mut office = TestOffice::open();
    office.waiting("Siti Aminah").await;
    office.stop().await;
    let tree = open_tree(&office);
    let (key, _) = tree.scan_prefix(b"S").next().unwrap().unwrap();
    tree.remove(key).unwrap();
    drop(tree);
    let report = check(office.path(), &office.identity, false).unwrap();
    // The files have changed, and a row is missing.
    assert_eq!(report.findings.len(), 2, "{report:?}");
    assert!(report.findings.iter().all(|finding| finding.part == FolderPart::Tables));
    let report = check(office.path(), &office.identity, true).unwrap();
    assert!(report.is_good() && report.rebuilt, "{report:?}");
}

#[tokio::test]
async fn lost_rows_are_noticed_after_an_unclean_stop() {
    let mut office = TestOffice::open();
    let key = office.waiting("Siti Aminah").await;
    office.kill();
    let tree = open_tree(&office);
    let (row, _) = tree.scan_prefix(b"S").next().unwrap().unwrap();
    tree.remove(row).unwrap();
    drop(tree);
    let report = office.reopen();
    assert!(report.rebuilt.unwrap().contains("digest"));
    assert!(office.store().summary(key).unwrap().is_some());
}

#[tokio::test]
async fn tables_ahead_of_the_journal_raise_an_alarm() {
    let mut office = TestOffice::open();
    let key = office.booked("Siti Aminah").await;
    office.command(key, arrive()).await.unwrap();
    office.stop().await;
    fs::remove_dir_all(office.file("journal").join("office_karimun")).unwrap();
    assert!(matches!(office.try_open(), Err(OpenError::Ahead(_))));
    assert!(office.file("tables").exists(), "nothing was moved");
}

/// An office without a registry whose power went: the last group of its journal is torn, though its signature is whole.
#[tokio::test]
async fn a_torn_last_group_is_told_and_opens_unless_the_tables_know_that_it_was_saved() {
    let mut office = TestOffice::open();
    let key = office.booked("Siti Aminah").await;
    office.stop().await;
    office.identity.registry = None;
    let mut without_the_act = office.copy();
    office.reopen();
    office.command(key, arrive()).await.unwrap();
    office.stop().await;
    let name = loket::sums::files_under(&office.file("journal")).unwrap().into_iter().find(|name| {
        name.starts_with("office_karimun") && !without_the_act.file("journal").join(name).exists()
    });
    let segment = Path::new("journal").join(name.unwrap());
    let mut torn = fs::read(office.path().join(&segment)).unwrap();
    torn[300] ^= 1;
    for it in [&office, &without_the_act] {
        fs::create_dir_all(it.path().join(&segment).parent().unwrap()).unwrap();
        fs::write(it.path().join(&segment), &torn).unwrap();
        fs::write(it.file("journal").join("running"), []).unwrap();
    }

    assert!(matches!(office.try_open(), Err(OpenError::Journals(_))), "the mark knows it: it was saved");
    fs::remove_file(office.file("journal").join("mark")).unwrap();
    assert!(matches!(office.try_open(), Err(OpenError::Ahead(_))), "the tables know it: it was saved");
    without_the_act.reopen();
    let alarms = without_the_act.store().link().alarms;
    assert!(matches!(alarms[..], [LinkAlarm::JournalTorn { .. }]), "{alarms:?}");
    let view = without_the_act.store().application(key).unwrap().unwrap().view();
    assert_ne!(view.status, Status::Arrived);
    without_the_act.command(key, arrive()).await.unwrap();
    assert!(without_the_act.file("journal").join("aside").read_dir().unwrap().count() > 0);
}

#[tokio::test]
async fn a_second_process_is_kept_away() {
    let office = TestOffice::open();
    assert!(matches!(office.try_open(), Err(OpenError::Journals(_))));
}

#[tokio::test]
async fn a_snapshot_that_was_cut_short_does_no_harm() {
    let mut office = TestOffice::open();
    let key = office.booked("Siti Aminah").await;
    office.kill();
    fs::write(office.file("tables").join("snap.0000000000001234.generating"), b"half").unwrap();
    office.reopen();
    assert!(office.store().summary(key).unwrap().is_some());
}

#[tokio::test]
async fn what_headquarters_lacks_is_counted_until_it_says_otherwise() {
    let mut office = TestOffice::open();
    let key = office.booked("Siti Aminah").await;
    office.command(key, arrive()).await.unwrap();
    office.command(key, papers()).await.unwrap();
    let Unsent { count, oldest_at, .. } = office.store().unsent();
    assert_eq!((count, oldest_at), (4, Some(crate::office::morning())));
    let application = office.store().application(key).unwrap().unwrap();
    let sent = |office: &TestOffice| {
        application.entries().filter(|entry| office.store().is_at_headquarters(entry)).count()
    };
    assert_eq!(sent(&office), 3);
    office.store().peer_has(office.store().reader().vector()).await.unwrap();
    assert_eq!((sent(&office), office.store().unsent().count), (6, 0));
    office.reopen();
    assert_eq!(sent(&office), 6);
}

#[tokio::test]
async fn records_wait_for_their_key_and_for_a_newer_version() {
    let mut office = TestOffice::open();
    let key = office.headquarters.book("Siti Aminah");
    let runs = office.headquarters.take_without_keys();
    let taken = office.store().receive(runs, Vec::new()).await.unwrap();
    assert_eq!((taken.new_records, taken.wanted_keys.len()), (2, 1));
    assert_eq!(office.store().application(key).unwrap(), None);
    office.headquarters.write_bytes(key, 99, b"{\"from\": \"the future\"}");
    office.sync().await;
    let line = office.store().summary(key).unwrap().unwrap();
    assert_eq!((line.name.as_str(), line.parked), ("Siti Aminah", true));
    office.stop().await;
    let report = check(office.path(), &office.identity, false).unwrap();
    assert!(report.is_good(), "{report:?}");
}

#[tokio::test]
async fn a_body_that_does_not_open_stops_nothing_and_is_said() {
    let mut office = TestOffice::open();
    let key = office.booked("Siti Aminah").await;
    office.headquarters.write_unreadable(key);
    office.sync().await;
    assert_eq!(office.store().read_only(), None);
    assert_eq!(office.store().link().alarms.len(), 1);
    office.command(key, arrive()).await.unwrap();
    let line = office.store().summary(key).unwrap().unwrap();
    assert_eq!((line.status, line.parked), (Status::Arrived, true));
    office.stop().await;
    fs::remove_dir_all(office.file("tables")).unwrap();
    office.reopen();
    assert_eq!(office.store().link().alarms.len(), 1);
    office.stop().await;
    let report = check(office.path(), &office.identity, false).unwrap();
    assert_eq!(report.findings.len(), 1, "{report:?}");
    assert_eq!(report.findings[0].part, FolderPart::Journals);
}

#[tokio::test]
async fn a_picture_that_is_gone_or_changed_is_named() {
    let mut office = TestOffice::open();
    let key = office.waiting("Siti Aminah").await;
    office.open_counter(1, "sari").await;
    let called = office.act(What::CallNext { counter: 1 }, "sari").await.unwrap();
    office.command(key, Command::StartTicket(called.ticket.unwrap())).await.unwrap();
    let store = office.store().clone();
    let kept = tokio::task::spawn_blocking(move || store.put_blob(key, b"a face", "image/png").unwrap());
    let picture = kept.await.unwrap();
    let file = office.file("blobs").join(&picture.hash[..2]).join(&picture.hash);
    let portrait = PortraitCaptured { picture, width_px: 480, height_px: 640 };
    office.command(key, Command::CapturePortrait(portrait)).await.unwrap();
    office.stop().await;
    let report = check(office.path(), &office.identity, false).unwrap();
    assert!(report.is_good() && report.pictures == 1, "{report:?}");
    for damage in
        [&(|| fs::write(&file, b"another face").unwrap()) as &dyn Fn(), &|| fs::remove_file(&file).unwrap()]
    {
        damage();
        let report = check(office.path(), &office.identity, false).unwrap();
        assert_eq!(report.findings.len(), 1, "{report:?}");
        assert_eq!(report.findings[0].part, FolderPart::Pictures);
    }
}

/// sled's own threads hold its lock a moment longer than the tree lives.
pub(super) fn open_tree(office: &TestOffice) -> sled::Db {
    let opened = || sled::open(office.file("tables"));
    std::iter::repeat_with(opened).find_map(Result::ok).unwrap()
}

#[tokio::test]
async fn a_journal_that_was_cut_at_the_end_of_a_group_is_missed_though_no_table_knows_of_it() {
    let mut office = TestOffice::open();
    let key = office.booked("Siti Aminah").await;
    office.command(key, arrive()).await.unwrap();
    let files = loket::sums::files_under(office.path()).unwrap();
    let mut own = files.iter().filter(|name| name.starts_with("journal/office_karimun/"));
    let (segment, None) = (office.file(own.next().unwrap()), own.next()) else { panic!("one session") };
    let len = fs::metadata(&segment).unwrap().len();
    office.command(key, papers()).await.unwrap();
    office.kill();
    // Tables lag behind by up to half a minute: these know nothing.
    fs::remove_dir_all(office.file("tables")).unwrap();
    fs::File::options().write(true).open(&segment).unwrap().set_len(len).unwrap();

    let found = check(office.path(), &office.identity, false).unwrap();
    assert!(
        found.findings.iter().any(|it| it.part == FolderPart::Journals && it.what.contains("were saved"))
    );
    assert!(matches!(office.try_open(), Err(OpenError::Ahead(_))), "nothing goes on as if nothing was lost");
    let found = check(office.path(), &office.identity, false).unwrap();
    assert!(!found.is_good(), "to try changes nothing");
    // Somebody says that it shall go on: what is missing stays named, and no number is given out twice.
    heal(office.path(), &office.identity, office.clock.clone()).await.unwrap();
    let named =
        |it: &LinkAlarm| matches!(it, LinkAlarm::RecordsMissing { which, .. } if which.from < which.to);
    for _ in 0..2 {
        office.reopen();
        assert_eq!(office.store().link().alarms.iter().filter(|it| named(it)).count(), 1);
    }
    let skipped = office.store().tickets_skipped("2026-11-23".parse().unwrap()).unwrap().unwrap().0;
    assert_eq!((skipped.from, skipped.because), (501, SkipReason::Damaged));
}

#[tokio::test]
async fn somebody_is_warned_well_before_more_is_refused_than_can_be_told() {
    let office = TestOffice::open();
    let crowded = || {
        let alarms = office.store().link().alarms;
        alarms.iter().any(|alarm| matches!(alarm, LinkAlarm::RefusedCrowded { here: 768, most: 1_024 }))
    };
    for number in 0..768_u16 {
        assert!(!crowded());
        let mut session = [0; 16];
        session[..2].copy_from_slice(&number.to_le_bytes());
        let (stream, session) = (office.store().own_stream(), SessionId(session));
        office.store().note_refused(NotTaken { stream, session, from: 0, len: 1, why: WhyNot::Unverified });
    }
    assert!(crowded());
}
