//! Any bytes as a request to be let in, as the answer, and as the code somebody typed. Nobody who does not know the code
//! is believed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loket_fuzz::{Draw, office, registry};
use loket_sync::KeyGrant;
use loket_sync::enrol::{EnrolCode, EnrolKey, EnrolRequest, Granted};
use loket_sync::{Subject, SubjectKey};

fuzz_target!(|bytes: &[u8]| {
    let key = EnrolKey::from_bytes([5; 32]);
    if let Ok(request) = EnrolRequest::from_bytes(bytes) {
        let ours = EnrolRequest::new(&key, request.node, &request.office, &request.software);
        assert_eq!(request.knows(&key), request == ours);
    }
    assert!(Granted::from_bytes(bytes, &key, &office().public()).is_err(), "a grant was forged");
    if let Ok(code) = EnrolCode::parse(&String::from_utf8_lossy(bytes)) {
        assert_eq!(EnrolCode::parse(&code.to_string()), Ok(code));
    }
    // An honest request, grant and key, changed at some places.
    let mut draw = Draw(bytes);
    let honest = EnrolRequest::new(&key, office().public(), "karimun", "loket 0.1.0").to_bytes();
    let changed = flipped(&honest, &mut draw);
    if let Ok(request) = EnrolRequest::from_bytes(&changed) {
        assert!(!request.knows(&key) || request.to_bytes() == honest);
    }
    let stream = "office/karimun".parse().unwrap();
    let granted = Granted {
        registry: registry().public(),
        office: "karimun".into(),
        own_stream: stream,
        streams: vec![stream],
        recovery: Some(registry().public()),
    };
    let honest = granted.to_bytes(&key, &office().public());
    let changed = flipped(&honest, &mut draw);
    let read = Granted::from_bytes(&changed, &key, &office().public());
    assert!(read.is_err() || changed == honest);
    let sealed = KeyGrant { subject: Subject([1; 16]), sealed: bytes.to_vec() };
    assert!(sealed.open(office()).is_err(), "a key was forged");
    let mut grant = KeyGrant::seal(Subject([1; 16]), &SubjectKey::from_bytes([9; 32]), &office().public());
    let honest = grant.sealed.clone();
    grant.sealed = flipped(&honest, &mut draw);
    assert!(grant.open(office()).is_err() || grant.sealed == honest);
});

fn flipped(honest: &[u8], draw: &mut Draw<'_>) -> Vec<u8> {
    let mut changed = honest.to_vec();
    for _ in 0..=draw.byte() % 3 {
        let at = draw.below(changed.len());
        changed[at] ^= draw.byte();
    }
    if draw.one_in(8) {
        changed.truncate(draw.below(honest.len() + 1));
    }
    changed
}
