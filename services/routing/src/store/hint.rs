//! Steps that are to be looked at before the next round of rescues.

use phidia_domain::{
    id::{ApplicationId, Id as _},
    work_item::WorkItem,
};
use phidia_runtime::failure::Failure;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Set,
};
use uuid::Uuid;

use super::{
    entity::hint::{ActiveModel, Column, Entity},
    to_number, work_item,
};

/// A step of an application.
pub(crate) type Step = (ApplicationId, u32);

/// Notes the step of a work item; once, however often.
pub(crate) async fn add<C: ConnectionTrait>(tx: &C, province: &str, item: WorkItem) -> Result<(), Failure> {
    let row = ActiveModel {
        province: Set(province.to_owned()),
        application: Set(item.application.uuid()),
        step: Set(to_number(item.step)?),
    };
    let key = [Column::Province, Column::Application, Column::Step];
    Entity::insert(row).on_conflict_do_nothing_on(key).exec_without_returning(tx).await?;
    Ok(())
}

/// The steps that are noted, so many at most.
pub(crate) async fn list<C: ConnectionTrait>(
    conn: &C,
    province: &str,
    limit: u64,
) -> Result<Vec<Step>, Failure> {
    let found = Entity::find()
        .select_only()
        .columns([Column::Application, Column::Step])
        .filter(Column::Province.eq(province))
        .order_by_asc(Column::Application)
        .limit(limit);
    let rows = found.into_tuple::<(Uuid, i32)>().all(conn).await?;
    let step =
        |(application, step)| work_item(application, step, 1).map(|item| (item.application, item.step));
    rows.into_iter().map(step).collect()
}

/// They were looked at.
pub(crate) async fn remove<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    steps: &[Step],
) -> Result<(), Failure> {
    let mut any = Condition::any();
    for (application, step) in steps {
        let one = Condition::all()
            .add(Column::Application.eq(application.uuid()))
            .add(Column::Step.eq(to_number(*step)?));
        any = any.add(one);
    }
    if !steps.is_empty() {
        Entity::delete_many().filter(Column::Province.eq(province)).filter(any).exec(tx).await?;
    }
    Ok(())
}
