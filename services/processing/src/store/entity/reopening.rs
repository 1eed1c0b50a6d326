//! `reopenings`: what belongs to a case that was opened again, one row each time: why, under a key of its own, and the result that
//! was withdrawn by it, under the citizen's.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reopenings")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) application: Uuid,
    /// 1-based, in their order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i64,
    /// The key of the reason, wrapped under the master key.
    pub(crate) reason_key: Vec<u8>,
    /// Why, sealed.
    pub(crate) reason: Vec<u8>,
    /// Under whose key the result is, `per_…`; none: there was no result.
    pub(crate) person: Option<Uuid>,
    /// As in `results`.
    pub(crate) issued: Option<String>,
    /// As in `results`.
    pub(crate) handed_over: Option<String>,
    /// As in `results`.
    pub(crate) file_name: Option<Vec<u8>>,
    /// As in `results`.
    pub(crate) signer: Option<Vec<u8>>,
    /// As in `results`.
    pub(crate) receiver: Option<Vec<u8>>,
    /// The file, sealed, as it was in `result_files`.
    pub(crate) file: Option<Vec<u8>>,
    /// The signature beside it, likewise.
    pub(crate) signature: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
