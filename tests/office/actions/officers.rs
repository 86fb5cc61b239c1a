//! Officers sign in, are disabled, and wait after wrong passwords.

use chrono::TimeDelta;
use loket::clock::Clock;
use loket::domain::actor::Role;
use loket::domain::officer::DeviceKind;
use loket::office::actions::officers::{self, OfficerFault, OfficerForm};
use loket::office::actions::sessions::{self, SignInError};
use loket::office::actions::{ActionError, devices};
use loket::passwords::PasswordFault;

use super::asker;
use crate::office::TestOffice;

const PASSWORD: &str = "kapal laut di pelabuhan";

fn form(login: &str, roles: &[Role], password: Option<&str>) -> OfficerForm {
    let password = password.map(str::to_owned);
    OfficerForm { login: login.into(), name: "Sari Dewi".into(), roles: roles.to_vec(), password }
}

async fn add(office: &TestOffice, form: OfficerForm) -> Result<(), ActionError> {
    officers::set(office.store(), asker("admin", office.form()), form).await.map(drop)
}

#[tokio::test]
async fn an_officer_signs_in_and_out() {
    let mut office = TestOffice::open();
    add(&office, form("sari", &[Role::FrontDesk], Some(PASSWORD))).await.unwrap();
    let signed_in = sessions::sign_in(office.store(), &*office.clock, " Sari ", PASSWORD).await.unwrap();
    assert_eq!(signed_in.officer.roles, [Role::FrontDesk]);
    office.stop().await;
    office.reopen();
    let store = office.store();
    let found = sessions::signed_in(store, &*office.clock, &signed_in.token).await.unwrap();
    assert_eq!(found.unwrap().name, "Sari Dewi");
    assert!(sessions::signed_in(store, &*office.clock, "forged").await.unwrap().is_none());
    office.clock.advance(TimeDelta::hours(13));
    assert!(sessions::signed_in(store, &*office.clock, &signed_in.token).await.unwrap().is_none());
    let again = sessions::sign_in(store, &*office.clock, "sari", PASSWORD).await.unwrap();
    sessions::sign_out(store, &again.token).await.unwrap();
    assert!(sessions::signed_in(store, &*office.clock, &again.token).await.unwrap().is_none());
}

#[tokio::test]
async fn a_disabled_officer_and_one_with_a_new_password_are_signed_out() {
    let office = TestOffice::open();
    let store = office.store();
    for login in ["sari", "tono"] {
        add(&office, form(login, &[Role::Interviewer], Some(PASSWORD))).await.unwrap();
    }
    let sari = sessions::sign_in(store, &*office.clock, "sari", PASSWORD).await.unwrap();
    let tono = sessions::sign_in(store, &*office.clock, "tono", PASSWORD).await.unwrap();
    officers::disable(store, asker("admin", office.form()), "sari").await.unwrap();
    add(&office, form("tono", &[Role::Interviewer], Some("lain sekali sandinya"))).await.unwrap();
    for token in [sari.token, tono.token] {
        assert!(sessions::signed_in(store, &*office.clock, &token).await.unwrap().is_none());
    }
    let refused = sessions::sign_in(store, &*office.clock, "sari", PASSWORD).await.unwrap_err();
    assert!(matches!(refused, SignInError::Wrong));
}

#[tokio::test]
async fn after_five_wrong_passwords_an_account_waits_also_after_a_restart() {
    let mut office = TestOffice::open();
    add(&office, form("sari", &[Role::FrontDesk], Some(PASSWORD))).await.unwrap();
    for login in ["sari", "nobody"] {
        for _ in 0..5 {
            let refused =
                sessions::sign_in(office.store(), &*office.clock, login, "salah").await.unwrap_err();
            assert!(matches!(refused, SignInError::Wrong), "{login}");
        }
        let refused = sessions::sign_in(office.store(), &*office.clock, login, PASSWORD).await.unwrap_err();
        assert!(matches!(refused, SignInError::Wait { .. }), "{login}");
    }
    office.stop().await;
    office.reopen();
    let refused = sessions::sign_in(office.store(), &*office.clock, "sari", PASSWORD).await.unwrap_err();
    let SignInError::Wait { until } = refused else { panic!("{refused}") };
    assert_eq!(until - office.clock.now(), TimeDelta::minutes(1));
    office.clock.advance(TimeDelta::seconds(61));
    sessions::sign_in(office.store(), &*office.clock, "sari", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn who_may_be_an_officer() {
    let office = TestOffice::open();
    let desk = [Role::FrontDesk];
    let cases = [
        (form("S", &desk, Some(PASSWORD)), OfficerFault::Login),
        (form("sari dewi", &desk, Some(PASSWORD)), OfficerFault::Login),
        (form("sari", &[], Some(PASSWORD)), OfficerFault::NoRole),
        (form("sari", &[Role::Headquarters], Some(PASSWORD)), OfficerFault::RoleElsewhere),
        (form("sari", &desk, None), OfficerFault::NoPassword),
    ];
    for (form, expected) in cases {
        let fault = add(&office, form).await.unwrap_err();
        assert!(matches!(fault, ActionError::Officer(fault) if fault == expected), "{fault}");
    }
    for (password, expected) in [
        ("pendek", PasswordFault::TooShort),
        ("sandi sari dewi", PasswordFault::TooEasy),
        ("aaaaaaaaaaaaaa", PasswordFault::TooEasy),
    ] {
        let fault = add(&office, form("sari", &desk, Some(password))).await.unwrap_err();
        assert!(matches!(fault, ActionError::Password(fault) if fault == expected), "{fault}");
    }
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let office = TestOffice::open();
    add(&office, form("kepala", &[Role::Administrator], Some(PASSWORD))).await.unwrap();
    let demoted = add(&office, form("kepala", &[Role::FrontDesk], None)).await.unwrap_err();
    assert!(matches!(demoted, ActionError::Officer(OfficerFault::LastAdministrator)));
    add(&office, form("wakil", &[Role::Administrator], Some(PASSWORD))).await.unwrap();
    officers::disable(office.store(), asker("wakil", office.form()), "kepala").await.unwrap();
    let disabled = officers::disable(office.store(), asker("wakil", office.form()), "wakil").await;
    assert!(matches!(disabled, Err(ActionError::Officer(OfficerFault::LastAdministrator))));
}

#[tokio::test]
async fn a_device_is_known_by_its_key_until_it_is_taken_back() {
    let office = TestOffice::open();
    let store = office.store();
    let given = devices::give_key(store, asker("admin", office.form()), "Loket 3", DeviceKind::Notifier);
    let key = given.await.unwrap();
    assert_eq!(devices::by_key(store, &key).unwrap().unwrap().name, "Loket 3");
    assert!(devices::by_key(store, "forged").unwrap().is_none());
    devices::revoke(store, asker("admin", office.form()), "Loket 3").await.unwrap();
    assert!(devices::by_key(store, &key).unwrap().is_none());
}
