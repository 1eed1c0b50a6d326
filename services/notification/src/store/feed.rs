//! What the public feed knows of applications, what came too early for it, and which feed it is.

use std::collections::BTreeSet;

use jiff::Timestamp;
use phidia_domain::id::{ApplicationId, Id as _, UnitId};
use phidia_proto::notification::v1::PublicEvent;
use phidia_runtime::{
    database::{self, Database, to_db},
    failure::Failure,
};
use prost::Message as _;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
    sea_query::ExprTrait as _,
};
use uuid::Uuid;

use super::entity::{feed_early, feed_epoch, feed_subject, recipient};

/// What every event of an application says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Subject {
    /// Code of the procedure; empty: it was accepted before this was kept.
    pub(crate) procedure: String,
    /// Units that have to do with it, in the order in which they came to.
    pub(crate) units: Vec<UnitId>,
}

/// What is known of an application; none: it was not accepted yet, as far as is known here.
pub(crate) async fn subject(
    tx: &DatabaseTransaction,
    province: &str,
    application: ApplicationId,
) -> Result<Option<Subject>, Failure> {
    let key = (province.to_owned(), application.uuid());
    feed_subject::Entity::find_by_id(key).one(tx).await?.map(read).transpose()
}

/// The same, and nobody else is told of the application until the transaction ends.
pub(crate) async fn subject_alone(
    tx: &DatabaseTransaction,
    province: &str,
    application: ApplicationId,
) -> Result<Option<Subject>, Failure> {
    database::alone(tx, &format!("feed/{application}")).await?;
    subject(tx, province, application).await
}

/// Whether an application was accepted before the feed was kept.
pub(crate) async fn is_of_before(
    tx: &DatabaseTransaction,
    province: &str,
    application: ApplicationId,
) -> Result<bool, Failure> {
    let found = recipient::Entity::find_by_id((province.to_owned(), application.uuid()))
        .select_only()
        .column(recipient::Column::ApplicationId)
        .into_tuple::<Uuid>();
    Ok(found.one(tx).await?.is_some())
}

/// Keeps what is known of an application.
pub(crate) async fn keep_subject(
    tx: &DatabaseTransaction,
    province: &str,
    application: ApplicationId,
    subject: &Subject,
) -> Result<(), Failure> {
    let row = feed_subject::ActiveModel {
        province: Set(province.to_owned()),
        application_id: Set(application.uuid()),
        procedure_code: Set(subject.procedure.clone()),
        units: Set(serde_json::to_value(&subject.units).map_err(Failure::broken)?),
    };
    let again = sea_orm::sea_query::OnConflict::columns([
        feed_subject::Column::Province,
        feed_subject::Column::ApplicationId,
    ])
    .update_columns([feed_subject::Column::ProcedureCode, feed_subject::Column::Units])
    .to_owned();
    feed_subject::Entity::insert(row).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// Keeps an event until its application is accepted.
pub(crate) async fn keep_early(
    tx: &DatabaseTransaction,
    province: &str,
    application: ApplicationId,
    event: &PublicEvent,
) -> Result<(), Failure> {
    let row = feed_early::ActiveModel {
        position: NotSet,
        province: Set(province.to_owned()),
        application_id: Set(application.uuid()),
        event: Set(event.encode_to_vec()),
    };
    feed_early::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Takes what came before an application was accepted, in its order.
pub(crate) async fn take_early(
    tx: &DatabaseTransaction,
    province: &str,
    application: ApplicationId,
) -> Result<Vec<PublicEvent>, Failure> {
    use feed_early::{Column, Entity};
    let of = Column::Province.eq(province).and(Column::ApplicationId.eq(application.uuid()));
    let rows = Entity::find().filter(of.clone()).order_by_asc(Column::Position).all(tx).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    Entity::delete_many().filter(of).exec(tx).await?;
    let events = rows.iter().map(|row| PublicEvent::decode(&*row.event));
    events.collect::<Result<_, _>>().map_err(Failure::broken)
}

/// Which feed this is; none: none was begun yet.
pub(crate) async fn epoch(conn: &impl ConnectionTrait) -> Result<Option<Uuid>, Failure> {
    let epoch = feed_epoch::Entity::find_by_id(1_i16).select_only().column(feed_epoch::Column::Epoch);
    Ok(epoch.into_tuple::<Uuid>().one(conn).await?)
}

/// Begins the first feed, unless somebody has; answers which it is.
pub(crate) async fn begin_first(db: &Database, new: Uuid) -> Result<Uuid, Failure> {
    db.write(move |tx| {
        Box::pin(async move {
            let row = feed_epoch::ActiveModel { id: Set(1), epoch: Set(new), ..Default::default() };
            feed_epoch::Entity::insert(row)
                .on_conflict_do_nothing_on([feed_epoch::Column::Id])
                .exec_without_returning(tx)
                .await?;
            Ok(epoch(tx).await?.unwrap_or(new))
        })
    })
    .await
}

/// Begins another feed; who did, when and why is kept.
pub(crate) async fn begin_another(
    tx: &DatabaseTransaction,
    new: Uuid,
    begun_at: Timestamp,
    begun_by: String,
    reason: String,
) -> Result<(), Failure> {
    use feed_epoch::{Column, Entity};
    let row = feed_epoch::ActiveModel {
        id: Set(1),
        epoch: Set(new),
        begun_at: Set(Some(to_db(begun_at))),
        begun_by: Set(Some(begun_by)),
        reason: Set(Some(reason)),
    };
    let again = sea_orm::sea_query::OnConflict::column(Column::Id)
        .update_columns([Column::Epoch, Column::BegunAt, Column::BegunBy, Column::Reason])
        .to_owned();
    Entity::insert(row).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

fn read(row: feed_subject::Model) -> Result<Subject, Failure> {
    Ok(Subject {
        procedure: row.procedure_code,
        units: serde_json::from_value(row.units).map_err(Failure::broken)?,
    })
}

impl Subject {
    /// Adds units that are not there yet; whether there were such.
    pub(crate) fn add(&mut self, units: impl IntoIterator<Item = UnitId>) -> bool {
        let known: BTreeSet<_> = self.units.iter().copied().collect();
        let before = self.units.len();
        for unit in units {
            if !known.contains(&unit) && !self.units[before..].contains(&unit) {
                self.units.push(unit);
            }
        }
        self.units.len() > before
    }
}
