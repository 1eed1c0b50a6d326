//! Who is told about an application, and what every message about it says.

use sea_orm::entity::prelude::*;

use super::person_key;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recipient")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) application_id: Uuid,
    pub(crate) person_id: Uuid,
    /// Sealed under the person's key.
    pub(crate) contact: Vec<u8>,
    pub(crate) language: String,
    pub(crate) dossier_code: String,
    /// Name of the procedure in Vietnamese; of what came before there was another, in the person's language.
    pub(crate) procedure: String,
    /// In English; none: see above.
    pub(crate) procedure_en: Option<String>,
    /// Name of the unit where the result is collected, likewise.
    pub(crate) return_at: String,
    /// In English, likewise.
    pub(crate) return_at_en: Option<String>,
    pub(crate) due_at: Option<DateTimeUtc>,
    /// The last work item of each step that it had come to before it was opened again; none: it was not.
    pub(crate) reached_before: Option<Json>,
    /// Stands for the person over all their applications; none: they gave no identity number, or it came before there was this.
    pub(crate) pseudonym: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "person_key::Entity",
        from = "(Column::Province, Column::PersonId)",
        to = "(person_key::Column::Province, person_key::Column::PersonId)"
    )]
    PersonKey,
}

impl Related<person_key::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::PersonKey.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
