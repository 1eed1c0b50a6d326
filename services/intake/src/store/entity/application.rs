//! `application`: what was taken in, and how it stands.

use sea_orm::entity::prelude::*;

/// An application. Its id carries the millisecond of its acceptance: the order of ids is the order in
/// which applications came.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `app_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// Official dossier code.
    pub(crate) dossier_code: String,
    /// Six digits that only the receipt tells.
    pub(crate) check_code: String,
    /// Code of the procedure.
    pub(crate) procedure_code: String,
    /// Its name on the day of submission.
    pub(crate) procedure_name: Json,
    /// Version of the province's reference facts that it is pinned to.
    pub(crate) province_version: i64,
    /// Unit that received it.
    pub(crate) received_at_unit: Uuid,
    /// Unit where the result is to be collected.
    pub(crate) return_at_unit: Uuid,
    /// How it came in.
    pub(crate) channel: String,
    /// Whether all its papers were there as digital files; none: it was accepted before that was asked.
    pub(crate) digitised: Option<bool>,
    /// Commune codes by competence key, as they were stated.
    pub(crate) places: Json,
    /// Codes of the units with a conflict of interest, as they were stated.
    pub(crate) conflicted_codes: Json,
    /// When it was handed in, if before it was accepted.
    pub(crate) handed_in_at: Option<DateTimeUtc>,
    /// Business time of acceptance.
    pub(crate) submitted_at: DateTimeUtc,
    /// The promised instant, if any.
    pub(crate) due_at: Option<DateTimeUtc>,
    /// The receipt as it was issued.
    pub(crate) receipt: Json,
    /// Who applied, `per_…`.
    pub(crate) person: Uuid,
    /// The applicant, sealed under the person's key.
    pub(crate) applicant: Vec<u8>,
    /// Through what it came in online, where that was stated.
    pub(crate) entrance: Option<String>,
    /// How the result is wanted; none: it was accepted before that was asked.
    pub(crate) result_by: Option<String>,
    /// The answers to the form, sealed under the person's key; none: there are none.
    pub(crate) answers: Option<Vec<u8>>,
    /// The papers that were handed in; none: none was listed.
    pub(crate) documents: Option<Json>,
    /// How far it has come.
    pub(crate) status: String,
    /// Unit that works on it now, if any.
    pub(crate) working_unit: Option<Uuid>,
    /// That unit's name.
    pub(crate) working_unit_name: Option<Json>,
    /// The units of steps that go on together, if some do.
    pub(crate) beside: Option<Json>,
    /// Number of its last status entry.
    pub(crate) changes: i32,
    /// Business time at which it was finished.
    pub(crate) finished_at: Option<DateTimeUtc>,
    /// Whether that was no later than promised.
    pub(crate) on_time: Option<bool>,
    /// Until when it may be supplemented, if that was asked for.
    pub(crate) supplement_until: Option<DateTimeUtc>,
    /// When it was supplemented.
    pub(crate) supplement_received_at: Option<DateTimeUtc>,
    /// Why it is to end without a decision, if it is.
    pub(crate) stop_ground: Option<String>,
    /// Since when.
    pub(crate) stop_asked_at: Option<DateTimeUtc>,
    /// What was asked to be paid, and was; none: nothing.
    pub(crate) payments: Option<Json>,
    /// The new appointment that the applicant was given, if any.
    pub(crate) appointment_at: Option<DateTimeUtc>,
    /// What became of its result, if anything.
    pub(crate) outcome: Option<Json>,
    /// What it was asked to be supplemented by, sealed under the person's key.
    pub(crate) supplement_words: Option<Vec<u8>>,
    /// Why it was refused, sealed under the person's key.
    pub(crate) refusal_words: Option<Vec<u8>>,
    /// An apology with its new appointment, sealed likewise.
    pub(crate) apology_words: Option<Vec<u8>>,
    /// What routing has told of it since it was finished, if anything.
    pub(crate) ahead: Option<Json>,
    /// When it was opened again, and what it had come to before; none: it was not.
    pub(crate) reopening: Option<Json>,
    /// When the applicant's contact was corrected last, if ever.
    pub(crate) contact_corrected_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
