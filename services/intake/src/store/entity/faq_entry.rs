//! `faq_entry`: what is asked often, as it holds now.

use sea_orm::entity::prelude::*;

/// An entry.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "faq_entry")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// From 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i32,
    /// From 1; each review is one more.
    pub(crate) version: i32,
    /// In both languages.
    pub(crate) question: Json,
    /// In both languages.
    pub(crate) answer: Json,
    /// The procedure that it is about.
    pub(crate) procedure_code: Option<String>,
    /// The field that it is about.
    pub(crate) field: Option<String>,
    /// Unit that answers for it; none: the province.
    pub(crate) owner_unit: Option<Uuid>,
    /// The feedback that it came from.
    pub(crate) feedback_number: Option<String>,
    /// When it was written, or looked at again.
    pub(crate) reviewed_at: DateTimeUtc,
    /// Local day from which it is to be looked at again.
    pub(crate) review_from: String,
    /// It holds no longer.
    pub(crate) retired: bool,
    /// How often it was found useful.
    pub(crate) useful: i64,
    /// All its words without diacritics and case, to be searched.
    pub(crate) folded: String,
}

impl ActiveModelBehavior for ActiveModel {}
