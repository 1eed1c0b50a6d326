//! What is asked often, each version of it, and how often it helped.

use jiff::{Timestamp, civil::Date};
use phidia_domain::{
    id::{Id as _, UnitId},
    procedure::Text,
};
use phidia_runtime::{
    database::{from_db, to_db},
    failure::Failure,
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait, QueryOrder as _, QuerySelect as _, TryInsertResult,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _},
};

use super::{
    entity::{
        faq_entry::{self, Column, Entity},
        faq_useful, faq_version,
    },
    feedback::Sender,
    from_json, to_json,
};

/// An entry, as it holds now.
#[derive(Clone, Debug)]
pub(crate) struct FaqEntry {
    pub(crate) number: i32,
    pub(crate) version: i32,
    pub(crate) question: Text,
    pub(crate) answer: Text,
    pub(crate) procedure_code: Option<String>,
    pub(crate) field: Option<String>,
    pub(crate) owner: Option<UnitId>,
    pub(crate) feedback_number: Option<String>,
    pub(crate) reviewed_at: Timestamp,
    pub(crate) review_from: Date,
    pub(crate) retired: bool,
    pub(crate) useful: i64,
    /// All its words without diacritics and case.
    pub(crate) folded: String,
}

/// Writes an entry as it holds now, new or looked at again, and its version.
pub(crate) async fn save<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    entry: &FaqEntry,
    actor: String,
) -> Result<(), Failure> {
    let row = faq_entry::ActiveModel {
        province: Unchanged(province.to_owned()),
        number: Unchanged(entry.number),
        version: Set(entry.version),
        question: Set(to_json(&entry.question)?),
        answer: Set(to_json(&entry.answer)?),
        procedure_code: Set(entry.procedure_code.clone()),
        field: Set(entry.field.clone()),
        owner_unit: Set(entry.owner.map(|unit| unit.uuid())),
        feedback_number: Set(entry.feedback_number.clone()),
        reviewed_at: Set(to_db(entry.reviewed_at)),
        review_from: Set(entry.review_from.to_string()),
        retired: Set(entry.retired),
        folded: Set(entry.folded.clone()),
        ..Default::default()
    };
    if entry.version == 1 {
        let row = faq_entry::ActiveModel {
            province: Set(province.to_owned()),
            number: Set(entry.number),
            useful: Set(0),
            ..row
        };
        Entity::insert(row).exec_without_returning(tx).await?;
    } else {
        Entity::update(row).exec_without_returning(tx).await?;
    }
    let version = faq_version::ActiveModel {
        province: Set(province.to_owned()),
        number: Set(entry.number),
        version: Set(entry.version),
        question: Set(to_json(&entry.question)?),
        answer: Set(to_json(&entry.answer)?),
        retired: Set(entry.retired),
        actor: Set(actor),
        at: Set(to_db(entry.reviewed_at)),
    };
    faq_version::Entity::insert(version).exec_without_returning(tx).await?;
    Ok(())
}

/// An entry, locked until the commit.
pub(crate) async fn lock<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    number: i32,
) -> Result<Option<FaqEntry>, Failure> {
    let found = Entity::find_by_id((province.to_owned(), number)).lock_exclusive();
    found.one(tx).await?.map(record).transpose()
}

/// The entry that was made of this feedback.
pub(crate) async fn promoted<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    feedback_number: &str,
) -> Result<Option<FaqEntry>, Failure> {
    let found = of(province).filter(Column::FeedbackNumber.eq(feedback_number));
    found.one(tx).await?.map(record).transpose()
}

/// Entries that hold and have the same words but for diacritics and case.
pub(crate) async fn alike<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    folded: &str,
) -> Result<Vec<FaqEntry>, Failure> {
    let found = of(province).filter(Column::Folded.eq(folded)).filter(Column::Retired.eq(false));
    found.order_by_asc(Column::Number).all(tx).await?.into_iter().map(record).collect()
}

/// Counts that a caller found an entry useful on a day, once; how often it was by now. Who did on days before is forgotten.
pub(crate) async fn find_useful<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    entry: &FaqEntry,
    sender: Sender,
) -> Result<i64, Failure> {
    let before = faq_useful::Column::Province
        .eq(province)
        .and(faq_useful::Column::Number.eq(entry.number))
        .and(faq_useful::Column::Day.ne(sender.day.to_string()));
    faq_useful::Entity::delete_many().filter(before).exec(tx).await?;
    let row = faq_useful::ActiveModel {
        province: Set(province.to_owned()),
        number: Set(entry.number),
        caller: Set(sender.caller),
        day: Set(sender.day.to_string()),
    };
    let inserted =
        faq_useful::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(tx).await?;
    if !matches!(inserted, TryInsertResult::Inserted(1)) {
        return Ok(entry.useful);
    }
    let row = faq_entry::ActiveModel {
        province: Unchanged(province.to_owned()),
        number: Unchanged(entry.number),
        useful: Set(entry.useful + 1),
        ..Default::default()
    };
    Entity::update(row).exec_without_returning(tx).await?;
    Ok(entry.useful + 1)
}

/// Entries that hold in which all words occur, most useful first; those behind `after`, which is how useful, and its number.
pub(crate) async fn search<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    words: &[String],
    procedure_code: Option<&str>,
    after: Option<(i64, i32)>,
    limit: u64,
) -> Result<Vec<FaqEntry>, Failure> {
    let mut found = of(province).filter(Column::Retired.eq(false));
    for word in words {
        found = found.filter(Column::Folded.contains(word));
    }
    if let Some(code) = procedure_code {
        found = found.filter(Column::ProcedureCode.eq(code));
    }
    if let Some((useful, number)) = after {
        let columns = [Column::Useful, Column::Number].map(Expr::col);
        found =
            found.filter(Expr::tuple(columns).lt(Expr::tuple([Expr::value(useful), Expr::value(number)])));
    }
    let best = found.order_by_desc(Column::Useful).order_by_desc(Column::Number).limit(limit);
    best.all(conn).await?.into_iter().map(record).collect()
}

/// All entries by number, those behind `after`; only those to be looked at again on a day, where one is given.
pub(crate) async fn page<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    outdated_on: Option<Date>,
    after: i32,
    limit: u64,
) -> Result<Vec<FaqEntry>, Failure> {
    let mut found = of(province).filter(Column::Number.gt(after));
    if let Some(day) = outdated_on {
        found = found.filter(Column::ReviewFrom.lte(day.to_string())).filter(Column::Retired.eq(false));
    }
    let found = found.order_by_asc(Column::Number).limit(limit);
    found.all(conn).await?.into_iter().map(record).collect()
}

fn of(province: &str) -> Select<Entity> {
    Entity::find().filter(Column::Province.eq(province))
}

fn record(row: faq_entry::Model) -> Result<FaqEntry, Failure> {
    Ok(FaqEntry {
        number: row.number,
        version: row.version,
        question: from_json(row.question)?,
        answer: from_json(row.answer)?,
        procedure_code: row.procedure_code,
        field: row.field,
        owner: row.owner_unit.map(UnitId::from_uuid),
        feedback_number: row.feedback_number,
        reviewed_at: from_db(row.reviewed_at),
        review_from: row.review_from.parse().map_err(Failure::broken)?,
        retired: row.retired,
        useful: row.useful,
        folded: row.folded,
    })
}
