//! The folder `tls` of a node: the authority and the certificate that is served, each in one sealed file that is there
//! whole or not at all; beside them the authority's certificate in the open, for desks and other nodes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use loket_sync::{Disk, StorageKey};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::CertificateError;
use super::hosts::Hosts;
use super::made::Authority;
use super::read;
use super::serving::Serving;

/// Name of the folder in a node's folder.
const FOLDER: &str = "tls";
/// The authority's certificate in the open.
pub const AUTHORITY_PEM: &str = "ca.pem";
const AUTHORITY_FILE: &str = "authority.sealed";
const SERVING_FILE: &str = "server.sealed";
const MISSING: &str = "it is missing";
const CHANGED: &str = "it is damaged, or was sealed by another node";
const AUTHORITY_CONTEXT: &[u8] = b"loket tls authority 1";
const SERVING_CONTEXT: &[u8] = b"loket tls server 1";

/// The folder `tls` of a node.
#[derive(Clone)]
pub struct Folder {
    dir: PathBuf,
    key: StorageKey,
}

impl Folder {
    /// The folder of the node in `dir`.
    pub fn of(dir: &Path, key: &StorageKey) -> Self {
        Self { dir: dir.join(FOLDER), key: key.clone() }
    }

    /// Where the authority's certificate lies in the open.
    pub fn authority_pem(&self) -> PathBuf {
        self.dir.join(AUTHORITY_PEM)
    }

    /// The authority, if one was made.
    pub fn authority(&self) -> Result<Option<Authority>, CertificateError> {
        self.load(AUTHORITY_FILE, AUTHORITY_CONTEXT)
    }

    /// What is served, if TLS was set up.
    pub fn serving(&self) -> Result<Option<Serving>, CertificateError> {
        self.load(SERVING_FILE, SERVING_CONTEXT)
    }

    /// The sealed bytes of what is served, to notice when they change.
    pub fn serving_bytes(&self) -> Option<Vec<u8>> {
        fs::read(self.dir.join(SERVING_FILE)).ok()
    }

    /// Makes an authority and a certificate for these hosts. An authority that desks trust is replaced only if asked.
    pub fn make(
        &self,
        owner: &str,
        hosts: &Hosts,
        replace: bool,
        now: DateTime<Utc>,
    ) -> Result<Authority, CertificateError> {
        if !replace && let Some(authority) = self.authority()? {
            return Err(CertificateError::Exists { hosts: authority.hosts.to_string() });
        }
        let authority = Authority::make(owner, hosts, now)?;
        let serving = authority.issue(now)?;
        self.save(AUTHORITY_FILE, AUTHORITY_CONTEXT, &authority)?;
        self.lay_open(&authority)?;
        self.put(&serving)?;
        Ok(authority)
    }

    /// Serves this certificate from now on.
    pub fn put(&self, serving: &Serving) -> Result<(), CertificateError> {
        self.save(SERVING_FILE, SERVING_CONTEXT, serving)
    }

    /// Renews the certificate if the own authority made it and it is due, or `now_please`. Returns the new one.
    pub fn renew(&self, now_please: bool, now: DateTime<Utc>) -> Result<Option<Serving>, CertificateError> {
        let (Some(serving), Some(authority)) = (self.serving()?, self.authority()?) else { return Ok(None) };
        if !serving.is_own() || !(now_please || authority.is_due(&serving, now)?) {
            return Ok(None);
        }
        let renewed = authority.issue(now)?;
        self.put(&renewed)?;
        Ok(Some(renewed))
    }

    /// What is damaged or missing: which file, and what is wrong with it. A folder that is empty was never set up.
    pub fn faults(&self) -> Vec<(PathBuf, String)> {
        let (sealed, served, open) =
            (self.dir.join(AUTHORITY_FILE), self.dir.join(SERVING_FILE), self.authority_pem());
        let mut faults = Vec::new();
        let (authority, serving) = (self.authority(), self.serving());
        let is_own = match &serving {
            Ok(Some(serving)) => serving.is_own(),
            Ok(None) | Err(_) => sealed.exists() || open.exists(),
        };
        match &authority {
            Ok(None) if is_own => faults.push((sealed, MISSING.to_owned())),
            Err(_) => faults.push((sealed, CHANGED.to_owned())),
            Ok(_) => {}
        }
        match serving.map(|serving| serving.map(|serving| serving.certified())) {
            Ok(None) if is_own => faults.push((served, MISSING.to_owned())),
            Err(_) => faults.push((served, CHANGED.to_owned())),
            Ok(Some(Err(error))) => faults.push((served, error.to_string())),
            Ok(_) => {}
        }
        match (fs::read_to_string(&open), &authority) {
            (Ok(text), Ok(Some(authority))) if text != read::pem(&authority.certificate) => {
                faults.push((open, "it is not the certificate of this node's authority".to_owned()));
            }
            (Err(error), _) if is_own && error.kind() == io::ErrorKind::NotFound => {
                faults.push((open, MISSING.to_owned()));
            }
            (Err(_), _) if is_own => faults.push((open, CHANGED.to_owned())),
            _ => {}
        }
        faults
    }

    /// Makes anew what the authority can make: its certificate in the open, and one to serve.
    pub fn heal(&self, now: DateTime<Utc>) -> Result<(), CertificateError> {
        let Ok(Some(authority)) = self.authority() else { return Ok(()) };
        self.lay_open(&authority)?;
        match self.serving() {
            Ok(Some(serving)) if serving.certified().is_ok() => Ok(()),
            _ => self.put(&authority.issue(now)?),
        }
    }

    fn lay_open(&self, authority: &Authority) -> Result<(), CertificateError> {
        let open = self.authority_pem();
        let written = Disk::default().replace_private(&open, read::pem(&authority.certificate).as_bytes());
        written.map_err(|source| CertificateError::Io { file: open, source })
    }

    fn load<T: DeserializeOwned>(&self, name: &str, context: &[u8]) -> Result<Option<T>, CertificateError> {
        let file = self.dir.join(name);
        let sealed = match fs::read(&file) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(CertificateError::Io { file, source }),
        };
        let opened = self.key.open(context, &sealed).ok().map(Zeroizing::new);
        let value = opened.and_then(|bytes| postcard::from_bytes(&bytes).ok());
        value.map(Some).ok_or(CertificateError::Sealed(file))
    }

    fn save<T: Serialize>(&self, name: &str, context: &[u8], value: &T) -> Result<(), CertificateError> {
        let file = self.dir.join(name);
        let failed = |source: io::Error| CertificateError::Io { file: file.clone(), source };
        fs::create_dir_all(&self.dir).map_err(failed)?;
        let bytes = postcard::to_stdvec(value).map_err(|error| failed(io::Error::other(error)))?;
        let sealed = self.key.seal(context, &Zeroizing::new(bytes));
        Disk::default().replace_private(&file, &sealed).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-22T03:00:00Z".parse().unwrap()
    }

    fn hosts() -> Hosts {
        Hosts::new(&["loket.kantor.example".to_owned()], &[]).unwrap()
    }

    #[test]
    fn what_was_made_is_found_again_and_no_key_lies_in_the_open() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::of(dir.path(), &StorageKey::from_bytes([3; 32]));
        assert!(folder.serving().unwrap().is_none() && folder.authority().unwrap().is_none());
        let authority = folder.make("Kantor Contoh", &hosts(), false, now()).unwrap();
        let serving = folder.serving().unwrap().unwrap();
        assert!(serving.is_own() && serving.certified().is_ok());
        assert_eq!(serving.hosts().unwrap().names[0], "loket.kantor.example");
        let open = fs::read_to_string(folder.authority_pem()).unwrap();
        assert_eq!(open, read::pem(authority.certificate()));
        for entry in fs::read_dir(dir.path().join(FOLDER)).unwrap() {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            for key in [&serving.key, &authority.key] {
                let scalar = &key[key.len() - 40..];
                assert!(!bytes.windows(scalar.len()).any(|window| window == scalar));
            }
        }
        let other = Folder::of(dir.path(), &StorageKey::from_bytes([4; 32]));
        assert!(matches!(other.serving(), Err(CertificateError::Sealed(_))));
    }

    #[test]
    fn every_file_that_is_damaged_or_gone_is_named_and_the_authority_makes_the_others_anew() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::of(dir.path(), &StorageKey::from_bytes([3; 32]));
        assert_eq!(folder.faults(), [], "never set up");
        folder.make("Kantor Contoh", &hosts(), false, now()).unwrap();
        assert_eq!(folder.faults(), []);
        for name in [AUTHORITY_PEM, SERVING_FILE, AUTHORITY_FILE] {
            let file = dir.path().join(FOLDER).join(name);
            let whole = fs::read(&file).unwrap();
            let mut flipped = whole.clone();
            flipped[whole.len() / 3] ^= 1;
            for damaged in [Some(flipped), Some(whole[..whole.len() / 2].to_vec()), None] {
                match damaged {
                    Some(bytes) => fs::write(&file, bytes).unwrap(),
                    None => fs::remove_file(&file).unwrap(),
                }
                let named: Vec<_> = folder.faults().into_iter().map(|(file, _)| file).collect();
                assert!(named.contains(&file), "{name}: {named:?}");
                folder.heal(now()).unwrap();
                assert_eq!(folder.faults().is_empty(), name != AUTHORITY_FILE, "{name}");
                fs::write(&file, &whole).unwrap();
                folder.heal(now()).unwrap();
                assert_eq!(folder.faults(), []);
            }
        }
    }

    #[test]
    fn an_authority_that_desks_trust_is_not_replaced_by_accident() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::of(dir.path(), &StorageKey::from_bytes([3; 32]));
        folder.make("Kantor Contoh", &hosts(), false, now()).unwrap();
        let again = folder.make("Kantor Contoh", &hosts(), false, now());
        assert!(matches!(again, Err(CertificateError::Exists { .. })));
        assert!(folder.renew(false, now()).unwrap().is_none());
        let before = folder.serving_bytes();
        assert!(folder.renew(true, now()).unwrap().is_some());
        assert_ne!(folder.serving_bytes(), before);
        folder.make("Kantor Contoh", &hosts(), true, now()).unwrap();
    }

    #[test]
    fn a_brought_certificate_must_be_whole() {
        let authority = Authority::make("PKI", &hosts(), now()).unwrap();
        let (one, two) = (authority.issue(now()).unwrap(), authority.issue(now()).unwrap());
        let key_pem = |serving: &Serving| {
            let text = data_encoding::BASE64.encode(&serving.key);
            format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
        };
        let chain = one.chain.iter().map(|der| read::pem(der)).collect::<String>();
        let brought = Serving::brought(chain.as_bytes(), key_pem(&one).as_bytes(), now()).unwrap();
        assert!(!brought.is_own());
        let other = Serving::brought(chain.as_bytes(), key_pem(&two).as_bytes(), now());
        assert!(matches!(other, Err(CertificateError::OtherKey)));
        let later = now() + chrono::TimeDelta::days(900);
        let ended = Serving::brought(chain.as_bytes(), key_pem(&one).as_bytes(), later);
        assert!(matches!(ended, Err(CertificateError::Ended(_))));
        let nothing = Serving::brought(b"", key_pem(&one).as_bytes(), now());
        assert!(matches!(nothing, Err(CertificateError::Unreadable { .. })));
    }
}
