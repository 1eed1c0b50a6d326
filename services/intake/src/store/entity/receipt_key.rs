//! `receipt_key`: the public keys that have signed here.

use sea_orm::entity::prelude::*;

/// A public key.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receipt_key")]
pub(crate) struct Model {
    /// Ed25519, base 32.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) public: String,
    /// Business time at which a process with it first began.
    pub(crate) since: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
