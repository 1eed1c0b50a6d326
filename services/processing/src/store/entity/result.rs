//! `results`: what was issued, signed and handed over, one row per application, from the first of these on.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "results")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) application: Uuid,
    /// Under whose key the sealed columns are, `per_…`.
    pub(crate) person: Uuid,
    /// What was issued, as a JSON object without anything personal; none: nothing so far.
    pub(crate) issued: Option<String>,
    /// How it was handed over, as a JSON object without anything personal; none: not so far.
    pub(crate) handed_over: Option<String>,
    /// Name of the file, sealed.
    pub(crate) file_name: Option<Vec<u8>>,
    /// Name of the signer, sealed.
    pub(crate) signer: Option<Vec<u8>>,
    /// To whom it was handed over, sealed.
    pub(crate) receiver: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
