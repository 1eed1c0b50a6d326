//! `draft`: what somebody has begun to write, and has perhaps handed in.

use sea_orm::entity::prelude::*;

/// A draft. What it says is gone once it was handed in: then it points at what it has become.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "draft")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `drf_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// Whose it is: whoever saved it last, as the actor of events is named.
    pub(crate) owner: String,
    /// The unit whose staff may take it over, if any.
    pub(crate) unit: Option<Uuid>,
    /// 1, and one more each time that it is saved.
    pub(crate) revision: i64,
    /// Code of the procedure; may be empty.
    pub(crate) procedure_code: String,
    /// The key of what it says, wrapped; none: it was handed in.
    pub(crate) wrapped_key: Option<Vec<u8>>,
    /// What it says, sealed under that key; none: it was handed in.
    pub(crate) content: Option<Vec<u8>>,
    /// When it was first saved.
    pub(crate) created_at: DateTimeUtc,
    /// When it was last saved, or handed in.
    pub(crate) saved_at: DateTimeUtc,
    /// `app_…` that it has become, if it has.
    pub(crate) application: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
