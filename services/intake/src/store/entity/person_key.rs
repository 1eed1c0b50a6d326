//! `person_key`: the keys of persons. Deleting a row erases the person everywhere.

use sea_orm::entity::prelude::*;

/// The key of a person.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person_key")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `per_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) person: Uuid,
    /// The key, wrapped under the installation's master key.
    pub(crate) wrapped_key: Vec<u8>,
    /// What stands for an applicant in the procedure of their application ([`crate::applications::similar`]); none: they gave no identity
    /// number, it is long ago, or it was before this was kept.
    pub(crate) mark: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}
