//! What was asked for during cases.

use std::collections::BTreeMap;

use phidia_domain::{
    case::Asked,
    id::{CaseId, Id as _},
};
use phidia_runtime::failure::Failure;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _, prelude::Uuid,
};

use super::{
    cases,
    entity::{case, referral},
    referrals,
};

/// What was asked for during some cases; of other offices, what they have not answered.
pub(crate) async fn asked<C: ConnectionTrait>(
    conn: &C,
    cases: impl IntoIterator<Item = CaseId>,
) -> Result<BTreeMap<CaseId, Asked>, Failure> {
    let ids: Vec<_> = cases.into_iter().map(|case| case.uuid()).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = case::Entity::find()
        .select_only()
        .columns([case::Column::Id, case::Column::Supplement, case::Column::Payments])
        .filter(case::Column::Id.is_in(ids.iter().copied()))
        .into_tuple::<(Uuid, Option<String>, Option<String>)>();
    let mut asked = BTreeMap::new();
    for (id, supplement, payments) in found.all(conn).await? {
        let (supplement, payments) = (cases::supplement(supplement)?, cases::paid(payments)?);
        asked.insert(CaseId::from_uuid(id), Asked { supplement, payments, referrals: Vec::new() });
    }
    let open = referral::Entity::find()
        .filter(referral::Column::CaseId.is_in(ids))
        .filter(referral::Column::EndedAt.is_null());
    for row in open.all(conn).await? {
        let referral = referrals::record(row)?.referral;
        asked.entry(referral.case).or_default().referrals.push(referral);
    }
    Ok(asked)
}
