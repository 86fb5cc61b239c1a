//! The way to headquarters, and what is learnt on it by the way: which pictures it has already.

use loket_sync::Hash;
use loket_sync::drive::{BlobThere, Uplink};
use loket_sync::exchange::{BLOBS_MAX, LineError, Message};
use loket_sync::http::client::Client;

use crate::office::store::Store;

/// Pictures that are asked after in one exchange.
const ASKED_MAX: usize = 8;

/// The HTTP client, and the store that its news are noted in.
pub(super) struct OfficeUplink {
    pub(super) client: Client,
    pub(super) store: Store,
}

impl OfficeUplink {
    /// A picture that is offered and not wanted has probably arrived, though the note of it was lost.
    async fn note_known(&self, offered: &[Hash], wanted: &[Hash]) -> Result<(), LineError> {
        if wanted.len() >= BLOBS_MAX {
            return Ok(());
        }
        for hash in offered.iter().filter(|hash| !wanted.contains(hash)).take(ASKED_MAX) {
            if self.client.blob_there(hash).await? == BlobThere::Whole {
                self.store.picture_sent(*hash).await.map_err(|error| LineError::Here(error.to_string()))?;
            }
        }
        Ok(())
    }
}

impl Uplink for OfficeUplink {
    async fn exchange(&self, message: &Message) -> Result<Message, LineError> {
        let answer = self.client.exchange(message).await?;
        self.note_known(&message.offered_blobs, &answer.wanted_blobs).await?;
        Ok(answer)
    }

    async fn news(&self, seen: Hash) -> Result<bool, LineError> {
        self.client.news(seen).await
    }

    async fn blob_there(&self, hash: &Hash) -> Result<BlobThere, LineError> {
        self.client.blob_there(hash).await
    }

    async fn put_chunk(
        &self,
        hash: &Hash,
        offset: u64,
        bytes: Vec<u8>,
        len: u64,
    ) -> Result<BlobThere, LineError> {
        self.client.put_chunk(hash, offset, bytes, len).await
    }

    async fn get_chunk(&self, hash: &Hash, offset: u64, len_max: usize) -> Result<(Vec<u8>, u64), LineError> {
        self.client.get_chunk(hash, offset, len_max).await
    }
}
