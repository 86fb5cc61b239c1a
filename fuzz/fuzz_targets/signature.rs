//! HTTP message signatures: any headers without a panic, and of an honest request or answer no changed copy is believed.
//!
//! An identical copy is believed again, on purpose: what the registry is asked may be repeated without harm (records and
//! keys that are here already are success, an upload goes on where it stopped), and an office's clock may be wrong, so
//! no time decides. An enrolment code is used up by its first use. An answer is bound to its request's signature, and so
//! to the nonce in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loket_fuzz::{Draw, office, registry};
use loket_sync::http::signature::{
    AnswerParts, HEADERS_READ, RequestParts, Stamp, claimed_node, sign_answer, sign_request, verify_answer,
    verify_request,
};

const STAMP: Stamp = Stamp { created_s: Some(1_795_226_400), nonce: Some([6; 8]) };

fn text(draw: &mut Draw<'_>) -> String {
    let len = draw.below(40);
    (0..len).map(|_| char::from(draw.byte() % 95 + 32)).collect()
}

/// A text that is changed a little, or not at all.
fn nudged(honest: &str, draw: &mut Draw<'_>) -> String {
    let mut chars: Vec<char> = honest.chars().collect();
    match draw.byte() % 6 {
        0 if !chars.is_empty() => {
            let at = draw.below(chars.len());
            chars[at] = char::from(draw.byte() % 95 + 32);
        }
        1 => chars.truncate(draw.below(honest.len() + 1)),
        2 => chars.extend(text(draw).chars()),
        _ => {}
    }
    chars.into_iter().collect()
}

fuzz_target!(|bytes: &[u8]| {
    let mut draw = Draw(bytes);
    let (method, path, query) = ("PATCH", "/sync/v1/blobs/abcdef", "wait=1");
    let (offset, length, body) = ("4096", "81920", b"the bytes of a picture".as_slice());
    let covered = [("upload-offset", offset), ("upload-length", length)];
    let asked = RequestParts { method, path, query, headers: &covered, body };
    let signed = sign_request(office(), &STAMP, &asked);
    let answered = AnswerParts { status: 200, headers: &covered, body, request_signature: &signed.signature };
    let reply = sign_answer(registry(), &answered);

    for (honest, is_request) in [(&signed, true), (&reply, false)] {
        let mut headers: Vec<(String, String)> =
            covered.map(|(name, value)| (name.into(), value.into())).into();
        headers.extend(honest.pairs().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
        let mut changed: Vec<(String, String)> = headers
            .iter()
            .filter_map(|(name, value)| {
                (draw.byte() % 16 > 0).then(|| (name.clone(), nudged(value, &mut draw)))
            })
            .collect();
        if draw.one_in(8) {
            let name = HEADERS_READ[draw.below(HEADERS_READ.len())].to_owned();
            let value = text(&mut draw);
            let at = draw.below(changed.len() + 1);
            changed.insert(at, (name, value));
        }
        let changed: Vec<(&str, &str)> =
            changed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let (new_method, new_path, new_query) =
            (nudged(method, &mut draw), nudged(path, &mut draw), nudged(query, &mut draw));
        let mut new_body = body.to_vec();
        if draw.one_in(4) {
            let at = draw.below(new_body.len());
            new_body[at] ^= draw.byte();
        }
        let _ = claimed_node(&changed);
        let value =
            |name: &str| changed.iter().find(|(known, _)| *known == name).map(|(_, value)| value.trim());
        let same_headers =
            covered.iter().all(|(name, honest)| value(name) == Some(*honest)) && new_body == body;
        if is_request {
            let parts = RequestParts {
                method: &new_method,
                path: &new_path,
                query: &new_query,
                headers: &changed,
                body: &new_body,
            };
            if verify_request(&office().public(), &parts).is_ok() {
                assert!(same_headers && new_method == method && new_path == path && new_query == query);
            }
            assert!(verify_request(&registry().public(), &parts).is_err());
        } else {
            let status = if draw.one_in(4) { u16::from(draw.byte()) + 100 } else { 200 };
            let of = nudged(&signed.signature, &mut draw);
            let parts = AnswerParts { status, headers: &changed, body: &new_body, request_signature: &of };
            if verify_answer(&registry().public(), &parts).is_ok() {
                let bare = |text: &str| text.strip_prefix("s=").unwrap_or(text).to_owned();
                assert!(same_headers && status == 200 && bare(&of) == bare(&signed.signature));
            }
        }
    }
});
