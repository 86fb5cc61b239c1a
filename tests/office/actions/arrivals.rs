//! Admitted on evidence: a signed proof that is verified here, or a receipt's number.

use loket::domain::proof::ProofOfPayment;
use loket::domain::refusal::Refusal;
use loket::office::actions::{ActionError, arrivals};
use loket::office::store::{ActError, PaymentState};
use loket::proof;
use loket_sync::NodeKey;
use serde_json::json;

use super::asker;
use crate::office::TestOffice;

fn proof_of(number: &str, key: &NodeKey) -> String {
    let proof: ProofOfPayment = serde_json::from_value(json!({
        "number": number, "code": "820261121000042", "ntpn": "0123456789ABCDEF",
        "amount_idr": 650_000, "office": "karimun", "day": "2026-11-23",
    }))
    .unwrap();
    proof::sign(&proof, key).unwrap()
}

#[tokio::test]
async fn a_signed_proof_lets_somebody_in_whose_payment_has_not_arrived() {
    let mut office = TestOffice::open();
    let key = office.headquarters.book("Siti Aminah");
    office.sync().await;
    let admit = async |shown: String| {
        arrivals::admit(office.store(), asker("sari", office.form()), key, &shown, String::new()).await
    };
    let registry = office.headquarters.node();
    for shown in [
        proof_of("1179000000000001", &NodeKey::from_seed([9; 32])),
        proof_of("1179000000000002", registry),
        "bukan bukti".into(),
    ] {
        let refused = admit(shown).await.unwrap_err();
        assert!(matches!(refused, ActionError::Act(ActError::Refused(Refusal::ProofInvalid))), "{refused}");
    }
    admit(proof_of("1179000000000001", registry)).await.unwrap();
    let line = office.store().summary(key).unwrap().unwrap();
    assert_eq!(line.payment, PaymentState::Provisional);
}

#[tokio::test]
async fn a_receipts_number_is_kept_as_typed() {
    let mut office = TestOffice::open();
    let key = office.headquarters.book("Siti Aminah");
    office.sync().await;
    let shown = "0123 4567 89ab cdef";
    arrivals::admit(office.store(), asker("sari", office.form()), key, shown, "struk lusuh".into())
        .await
        .unwrap();
    assert!(office.store().summary(key).unwrap().unwrap().arrived_at.is_some());
}
