//! Styles and scripts, embedded in the program. An address holds the hash of what it leads to, so a browser may keep
//! it for ever and still gets the new one after an upgrade.

use std::sync::OnceLock;

use actix_web::http::header;
use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse};

use super::errors::Problem;

struct Asset {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
}

const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Every file below `static/`. A file that is not named here is not served; the test below finds it.
const ASSETS: &[Asset] = &[
    Asset { name: "loket.css", media_type: STYLE, bytes: include_bytes!("../../static/loket.css") },
    Asset { name: "loket.js", media_type: SCRIPT, bytes: include_bytes!("../../static/loket.js") },
    Asset { name: "live.js", media_type: SCRIPT, bytes: include_bytes!("../../static/live.js") },
    Asset { name: "floor.css", media_type: STYLE, bytes: include_bytes!("../../static/floor.css") },
    Asset { name: "registry.css", media_type: STYLE, bytes: include_bytes!("../../static/registry.css") },
    Asset { name: "display.css", media_type: STYLE, bytes: include_bytes!("../../static/display.css") },
    Asset { name: "camera.js", media_type: SCRIPT, bytes: include_bytes!("../../static/camera.js") },
    Asset { name: "display.js", media_type: SCRIPT, bytes: include_bytes!("../../static/display.js") },
    Asset {
        name: "display-sound.js",
        media_type: SCRIPT,
        bytes: include_bytes!("../../static/display-sound.js"),
    },
    Asset {
        name: "hall.ogg",
        media_type: "audio/ogg",
        bytes: include_bytes!("../../static/sounds/hall.ogg"),
    },
    Asset {
        name: "hall.json",
        media_type: "application/json",
        bytes: include_bytes!("../../static/sounds/hall.json"),
    },
    Asset { name: "queue.js", media_type: SCRIPT, bytes: include_bytes!("../../static/queue.js") },
    Asset { name: "signature.js", media_type: SCRIPT, bytes: include_bytes!("../../static/signature.js") },
    Asset { name: "viewer.js", media_type: SCRIPT, bytes: include_bytes!("../../static/viewer.js") },
    Asset { name: "icon.svg", media_type: "image/svg+xml", bytes: include_bytes!("../../static/icon.svg") },
];

fn hashes() -> &'static [(&'static str, String)] {
    static HASHES: OnceLock<Vec<(&'static str, String)>> = OnceLock::new();
    let hash = |asset: &Asset| blake3::hash(asset.bytes).to_hex().as_str()[..12].to_owned();
    HASHES.get_or_init(|| ASSETS.iter().map(|asset| (asset.name, hash(asset))).collect())
}

fn hash_of(name: &str) -> Option<&'static str> {
    hashes().iter().find(|(known, _)| *known == name).map(|(_, hash)| hash.as_str())
}

/// Where a file is served.
pub fn address(name: &str) -> String {
    match hash_of(name) {
        Some(hash) => format!("/static/{name}?v={hash}"),
        None => format!("/static/{name}"),
    }
}

/// The query of an asset's address.
#[derive(serde::Deserialize)]
pub struct Version {
    v: Option<String>,
}

/// `GET /static/{name}`.
pub async fn serve(
    request: HttpRequest,
    name: Path<String>,
    version: Query<Version>,
) -> Result<HttpResponse, Problem> {
    let asset = ASSETS.iter().find(|asset| asset.name == name.as_str()).ok_or(Problem::NoPage)?;
    let hash = hash_of(asset.name).unwrap_or_default();
    let tag = format!("\"{hash}\"");
    let known =
        request.headers().get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let keep =
        if version.v.as_deref() == Some(hash) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, keep));
    if known {
        return Ok(answer.finish());
    }
    Ok(answer.content_type(asset.media_type).body(asset.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_in_the_folder_is_served() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/static");
        let sounds = std::fs::read_dir(format!("{folder}/sounds")).unwrap();
        for file in std::fs::read_dir(folder).unwrap().chain(sounds) {
            let file = file.unwrap();
            if file.file_type().unwrap().is_dir() {
                continue;
            }
            let name = file.file_name().into_string().unwrap();
            assert!(ASSETS.iter().any(|asset| asset.name == name), "static/{name} is not in the table");
        }
    }

    #[test]
    fn a_board_with_its_sounds_stays_small() {
        let files = ["display.css", "display.js", "display-sound.js", "hall.ogg", "hall.json", "icon.svg"];
        let bytes = |name: &&str| ASSETS.iter().find(|asset| asset.name == *name).unwrap().bytes.len();
        let bytes: usize = files.iter().map(bytes).sum();
        // With the page itself below the 100 kB a page may have.
        assert!(bytes <= 92 * 1024, "{bytes}");
    }

    #[test]
    fn styles_stay_small() {
        for asset in ASSETS.iter().filter(|asset| asset.media_type == STYLE) {
            assert!(asset.bytes.len() <= 16 * 1024, "{} has {} bytes", asset.name, asset.bytes.len());
        }
    }
}
