//! `chain`: the end of a province's log of decisions.

use sea_orm::entity::prelude::*;

/// The end, which whoever links decisions holds until the commit. Whoever decides does not need it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "chain")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// Of the last link; 0: there is none.
    pub(crate) position: i64,
    /// Of the last link; empty: there is none.
    pub(crate) hash: Vec<u8>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
