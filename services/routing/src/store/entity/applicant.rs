//! `applicant`: which applications are of the same person, as long as continuity looks back.

use sea_orm::entity::prelude::*;

/// Whose an application is, without saying who.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "applicant")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) application: Uuid,
    /// Stands for the person in the field of the procedure. As a column it is what a UUID is: 128 bits.
    pub(crate) pseudonym: Uuid,
    /// Business time.
    pub(crate) submitted_at: DateTimeUtc,
}

// It is still about a person.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model").field("application", &self.application).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
