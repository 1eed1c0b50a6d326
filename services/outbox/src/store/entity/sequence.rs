//! `outbox_sequences`: the last sequence given per application.

use sea_orm::entity::prelude::*;

/// The last sequence of an application.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox_sequences")]
pub struct Model {
    /// `app_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub application: Uuid,
    /// The last sequence given.
    pub last: i64,
}

/// None.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
