//! A sign of life for a few bytes, whatever is spoken there.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Whether anything answers within this time. A connection alone says little: some networks make it for whoever is away.
pub(super) async fn is_there((host, port): &(String, u16), within: Duration) -> bool {
    let talk = async {
        let mut stream = TcpStream::connect((host.as_str(), *port)).await.ok()?;
        // No protocol begins like this: a server refuses it at once, with or without TLS.
        stream.write_all(b"?\r\n\r\n").await.ok()?;
        stream.read(&mut [0; 1]).await.ok().filter(|read| *read > 0)
    };
    tokio::time::timeout(within, talk).await.is_ok_and(|answered| answered.is_some())
}
