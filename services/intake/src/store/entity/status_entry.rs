//! `status_entry`: what has happened to applications, as citizens see it.

use sea_orm::entity::prelude::*;

/// One change of status or unit.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "status_entry")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `app_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) application: Uuid,
    /// From 1 without gaps: the order in which they became known here.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i32,
    /// Business time.
    pub(crate) at: DateTimeUtc,
    /// How far it had come then.
    pub(crate) status: String,
    /// Name of the unit concerned, if any.
    pub(crate) unit_name: Option<Json>,
    /// Why it is there, where a unit was found for it.
    pub(crate) why: Option<Json>,
    /// The decision by which it was opened again, where that is what has happened.
    pub(crate) reopened_by: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
