//! `portal_message`: what the national portal is told. Nothing in it is personal.

use sea_orm::entity::prelude::*;

/// A message.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "portal_message")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// Of the dossier.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) code: String,
    /// From 1; in this order they are told.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i32,
    /// National code of the status.
    pub(crate) national_code: i32,
    /// When it came to that.
    pub(crate) at: DateTimeUtc,
    /// Name of the unit concerned.
    pub(crate) unit_name: Option<Json>,
    /// The promised instant of then.
    pub(crate) due_at: Option<DateTimeUtc>,
    /// Why it was not taken in, in Vietnamese.
    pub(crate) reasons: Option<Json>,
    /// Its name.
    pub(crate) state: String,
    /// How often it was begun to tell it.
    pub(crate) attempts: i32,
    /// Not before this, in real time.
    pub(crate) next_at: DateTimeUtc,
    /// What came of the last attempt; none: there was none, or it was taken.
    pub(crate) failure: Option<String>,
    /// When the portal had taken it, in real time.
    pub(crate) delivered_at: Option<DateTimeUtc>,
    /// SHA-256 of the body that it took.
    pub(crate) sha256: Option<String>,
    /// Why an operator had it told again, or left it out; by whom.
    pub(crate) note: Option<String>,
    /// `role/name`.
    pub(crate) noted_by: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
