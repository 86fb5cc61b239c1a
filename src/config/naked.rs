//! Which addresses would be reached over a network in the open.

use std::net::IpAddr;

use reqwest::Url;

/// Whether nothing leaves the machine on the way to this host: itself, or a socket in its file system.
fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.is_empty() || host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn query(url: &Url, names: &[&str]) -> Option<String> {
    url.query_pairs().find(|(name, _)| names.contains(&name.as_ref())).map(|(_, value)| value.into_owned())
}

/// Whether pages, or the line, would be reached without TLS. What cannot be read is refused by whoever opens it.
pub fn is_naked(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    url.scheme() != "https" && !is_here(&url)
}

/// The same for a mail server. TLS that is used when it happens to be offered is taken away by whoever listens.
pub fn is_naked_mail(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let required = query(&url, &["tls"]).is_some_and(|tls| matches!(tls.as_str(), "required" | "wrapper"));
    url.scheme() != "smtps" && !required && !is_here(&url)
}

/// The same for a database. `sslmode` must stand in the address: its default falls back to plain text, and `require`
/// believes any certificate, so that whoever stands in between reads along all the same.
pub fn is_naked_database(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return false;
    }
    let host = query(&url, &["host", "hostaddr"]);
    let elsewhere = match host {
        Some(host) if host.starts_with('/') => false,
        Some(host) => Url::parse(&format!("postgres://{host}")).is_ok_and(|url| !is_here(&url)),
        // A socket's folder may stand in the place of the host, with its slashes escaped.
        None => !is_here(&url) && !url.host_str().unwrap_or_default().starts_with("%2F"),
    };
    let mode = query(&url, &["sslmode", "ssl-mode"]).unwrap_or_default();
    elsewhere && !matches!(mode.as_str(), "verify-ca" | "verify-full")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_safe_to_talk_to() {
        for (url, naked) in [
            ("https://pusat.example", false),
            ("http://pusat.example", true),
            ("http://192.0.2.7:9090", true),
            ("http://127.0.0.1:9090", false),
            ("http://[::1]:9090", false),
            ("http://localhost:9090", false),
            ("http://127.0.0.1.evil.example", true),
            ("http://localhost@evil.example", true),
        ] {
            assert_eq!(is_naked(url), naked, "{url}");
        }
    }

    #[test]
    fn mail_goes_out_under_tls_or_to_this_machine() {
        for (url, naked) in [
            ("smtp://localhost:25", false),
            ("smtp://127.0.0.1:2525", false),
            ("smtp://mail.example", true),
            ("smtp://mail.example?tls=opportunistic", true),
            ("smtp://user:secret@mail.example:587?tls=required", false),
            ("smtps://user:secret@mail.example", false),
        ] {
            assert_eq!(is_naked_mail(url), naked, "{url}");
        }
    }

    #[test]
    fn a_database_elsewhere_must_speak_tls() {
        for (url, naked) in [
            ("sqlite:///srv/loket/registry.db", false),
            ("postgres://loket@127.0.0.1:5432/loket", false),
            ("postgres://loket@localhost/loket", false),
            ("postgres:///loket?host=/run/postgresql", false),
            ("postgres://%2Frun%2Fpostgresql/loket", false),
            ("postgres://loket@db.example/loket", true),
            ("postgres://loket@localhost/loket?host=db.example", true),
            ("postgres://loket@db.example/loket?sslmode=prefer", true),
            ("postgresql://loket@db.example/loket?sslmode=require", true),
            ("postgresql://loket@localhost/loket?sslmode=require", false),
            ("postgresql://loket@db.example/loket?sslmode=verify-ca", false),
            ("postgres://loket@db.example/loket?sslmode=verify-full&sslrootcert=/etc/ca.pem", false),
        ] {
            assert_eq!(is_naked_database(url), naked, "{url}");
        }
    }
}
