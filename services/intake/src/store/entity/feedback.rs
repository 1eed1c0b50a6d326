//! `feedback`: what somebody said, and how it stands.

use sea_orm::entity::prelude::*;

/// A piece of feedback.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "feedback")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `fbk_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// Its number, which people name it by.
    pub(crate) number: String,
    /// With the number it is its author's.
    pub(crate) check_code: String,
    /// What it is.
    pub(crate) kind: String,
    /// How it came in.
    pub(crate) channel: String,
    /// How far it has come; as in `standing`.
    pub(crate) state: String,
    /// Unit that has to answer it; none: the province. As in `standing`.
    pub(crate) owner_unit: Option<Uuid>,
    /// Only supervisors of that unit see it. As in `standing`.
    pub(crate) with_supervisor: bool,
    /// What is due next. As in `standing`.
    pub(crate) due_at: Option<DateTimeUtc>,
    /// When it was received. As in `standing`.
    pub(crate) received_at: DateTimeUtc,
    /// From when on nothing is due any more; none: something is.
    pub(crate) settled_at: Option<DateTimeUtc>,
    /// How it stands.
    pub(crate) standing: Json,
    /// The application that it is about, as its author named it.
    pub(crate) dossier_code: Option<String>,
    /// The procedure that it is about.
    pub(crate) procedure_code: Option<String>,
    /// Local day on which the paper was taken out of the box.
    pub(crate) taken_out_on: Option<String>,
    /// Whose key seals what they said.
    pub(crate) person: Uuid,
    /// What was said, and by whom, sealed.
    pub(crate) said: Vec<u8>,
    /// What everybody may read of it.
    pub(crate) published: Option<Json>,
    /// When it was published; none: it is not. As in `standing`.
    pub(crate) published_at: Option<DateTimeUtc>,
    /// Local day of its reception.
    pub(crate) day: String,
    /// Stands for whoever sent it, on this day only.
    pub(crate) caller: Vec<u8>,
    /// Stands for all that they sent, on this day only.
    pub(crate) same: Vec<u8>,
    /// Lines of its history.
    pub(crate) entries: i32,
}

impl ActiveModelBehavior for ActiveModel {}
