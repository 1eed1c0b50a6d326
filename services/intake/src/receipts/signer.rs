//! The key that signs receipts and days, and those that did before: each process makes its own known in the store that all replicas share,
//! so that another key is put in place by configuration alone.

use phidia_domain::receipt::{KeyId, PublicKey, Signed, Statement};
use phidia_runtime::{digest, failure::Failure, sign::SigningKey};

use crate::{
    Intake,
    store::receipts::{self as store, KnownKey},
};

/// Signs what is said.
#[derive(Debug)]
pub(crate) struct Signer {
    key: SigningKey,
    id: KeyId,
}

impl Signer {
    pub(crate) fn new(key: SigningKey) -> Self {
        let id = PublicKey(key.public()).id(digest::hash);
        Self { key, id }
    }

    pub(crate) fn public(&self) -> PublicKey {
        PublicKey(self.key.public())
    }

    pub(crate) fn sign<S: Statement>(&self, statement: S) -> Signed<S> {
        Signed::sign(statement, self.id, |bytes| self.key.sign(bytes))
    }
}

/// A key as it is shown.
pub(crate) struct ShownKey {
    pub(crate) known: KnownKey,
    pub(crate) id: KeyId,
    pub(crate) is_signing: bool,
}

impl Intake {
    /// Writes down which key signs here; once is enough.
    pub(crate) async fn make_key_known(&self) -> Result<(), Failure> {
        let key = KnownKey { public: self.signer.public(), since: self.business.now() };
        self.outbox.database().write(move |tx| Box::pin(async move { store::keep_key(tx, key).await })).await
    }

    /// The keys that have signed here, the present one first.
    pub(crate) async fn receipt_keys(&self) -> Result<Vec<ShownKey>, Failure> {
        let keys = store::keys(self.outbox.database().read()).await?;
        let own = self.signer.public();
        let mut shown: Vec<_> = keys
            .into_iter()
            .map(|known| ShownKey {
                id: known.public.id(digest::hash),
                is_signing: known.public == own,
                known,
            })
            .collect();
        shown.sort_by_key(|key| (!key.is_signing, std::cmp::Reverse(key.known.since)));
        Ok(shown)
    }
}
