//! `content`: what is in attachments, each once.

use sea_orm::entity::prelude::*;

/// A content.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "content")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// Where it is, `obj_…`, sealed under its key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// Stands for its SHA-256, by which somebody could tell that they know it.
    pub(crate) pseudonym: Vec<u8>,
    /// How long it is.
    pub(crate) size: i64,
    /// Its key, wrapped under the installation's master key.
    pub(crate) wrapped_key: Vec<u8>,
    /// What the virus scanner said: `waiting`, `clean`, `infected`.
    pub(crate) verdict: String,
    /// Business time at which it came.
    pub(crate) stored_at: DateTimeUtc,
    /// What the scanner found in it, by its signature; it stays where that was a false alarm.
    pub(crate) found: Option<String>,
    /// Business time at which it was found.
    pub(crate) found_at: Option<DateTimeUtc>,
    /// How often the scanner said nothing of it.
    pub(crate) scan_tries: i32,
    /// Real time before which it is not scanned again.
    pub(crate) scan_after: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
