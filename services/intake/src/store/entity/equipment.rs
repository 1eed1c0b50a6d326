//! `equipment`: what the centres have.

use sea_orm::entity::prelude::*;

/// A piece.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "equipment")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `eqp_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// Whose it is.
    pub(crate) unit: Uuid,
    /// In their books; unique there.
    pub(crate) asset_number: String,
    /// What it is.
    pub(crate) kind: String,
    /// How it is.
    pub(crate) state: String,
    /// How often it was changed, its registration included.
    pub(crate) changes: i32,
    /// The piece.
    pub(crate) body: Json,
}

impl ActiveModelBehavior for ActiveModel {}
