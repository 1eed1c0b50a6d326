//! `receipt_leaf`: the leaf of each signed receipt in the tree of a day. Never changed but for the day, once.

use sea_orm::entity::prelude::*;

/// A leaf.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receipt_leaf")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `app_…`; their order is that of the leaves of a tree.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) application: Uuid,
    /// Unit that received it.
    pub(crate) unit: Uuid,
    /// Business time of acceptance.
    pub(crate) received_at: DateTimeUtc,
    /// What hides the receipt in its leaf.
    pub(crate) salt: Vec<u8>,
    /// SHA-256 of a zero byte, the salt, and the signed receipt.
    pub(crate) leaf: Vec<u8>,
    /// In the tree of which day it is, `YYYY-MM-DD`; none: in none yet.
    pub(crate) day: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
