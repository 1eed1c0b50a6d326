//! The register of overtime and compensatory leave: the account of each officer over a period.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use phidia_domain::{
    caller::{Caller, Role},
    id::OfficerId,
    officer::Officer,
    registry::{Account, OvertimeDay},
    report::Period,
};
use phidia_runtime::{failure::Failure, versions::Versioned};

use crate::{
    Routing,
    caller::{forbidden, scope},
    change_registry::{check_scope, officer, unit},
    reference::Reference,
};

/// Whose, and when. What is empty is not asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// As `2026-Q4`; by default the quarter of today.
    pub(crate) period: String,
    /// Of the officers of the unit with this code.
    pub(crate) unit_code: String,
    /// Of the officer with this staff code, day by day.
    pub(crate) officer_code: String,
}

/// One officer's account.
pub(crate) struct Line {
    pub(crate) officer: OfficerId,
    pub(crate) account: Account,
    /// What it is made of, where one officer is asked for.
    pub(crate) days: Vec<OvertimeDay>,
}

/// A page of the register.
pub(crate) struct Register {
    pub(crate) reference: Arc<Versioned<Reference>>,
    pub(crate) period: Period,
    pub(crate) now: Timestamp,
    /// By staff code.
    pub(crate) lines: Vec<Line>,
    /// The staff code to go on from, if there are more.
    pub(crate) more: Option<String>,
    /// Of all that is asked for.
    pub(crate) total: Account,
}

impl Routing {
    /// Accounts by staff code, from behind `after`, without those of whom there is nothing to tell unless they are named. An
    /// officer sees their own, whoever else belongs to a unit those of that unit.
    ///
    /// # Errors
    /// `NOT_FOUND` for an unknown code, `PERMISSION_DENIED` for another unit than the caller's, or for an officer another
    /// officer; violations of `selection.period`.
    pub(crate) async fn list_overtime(
        &self,
        caller: &Caller,
        selection: &Selection,
        after: &str,
        size: usize,
    ) -> Result<Register, Failure> {
        let reference = self.versions.active().await?;
        let (today, now) = (&reference.value, self.business.now());
        let Reference { province, registry, .. } = today;
        let period = match selection.period.as_str() {
            "" => Period::quarter_of(province.clock.local_date(now))?,
            text => text.parse()?,
        };
        let mut of_unit = scope(caller)?;
        if !selection.unit_code.is_empty() {
            let unit = unit(today, &selection.unit_code)?;
            check_scope(caller, unit)?;
            of_unit = Some(unit);
        }
        let mut alone = None;
        if !selection.officer_code.is_empty() {
            let officer = officer(today, &selection.officer_code)?;
            check_scope(caller, officer.unit)?;
            alone = Some(officer.id);
        }
        if caller.role == Role::Officer {
            let own = caller.officer.filter(|own| province.officers.contains_key(own));
            let own =
                own.ok_or_else(|| forbidden("UNKNOWN_OFFICER", "the caller is no officer of the province"))?;
            if alone.is_some_and(|asked| asked != own) {
                return Err(forbidden("OTHER_OFFICER", "officers see their own account only").into());
            }
            alone = Some(own);
        }
        let fits = |officer: &&Officer| {
            of_unit.is_none_or(|unit| officer.unit == unit) && alone.is_none_or(|alone| officer.id == alone)
        };
        let accounts = province.officers.values().filter(fits).filter_map(|officer| {
            let account = registry.overtime(officer, province, period, now);
            let tells = alone.is_some() || account != Account::default();
            tells.then_some((officer.code.as_str(), (officer, account)))
        });
        let found: BTreeMap<&str, (&Officer, Account)> = accounts.collect();
        let total = found.values().map(|(_, account)| *account).sum();
        let mut ahead = found.iter().filter(|(code, _)| **code > after);
        let days = |officer: &Officer| match alone {
            Some(_) => registry.overtime_days(officer, province, period.from(), period.to(), now),
            None => Vec::new(),
        };
        let lines: Vec<Line> = (ahead.by_ref().take(size))
            .map(|(_, (officer, account))| Line {
                officer: officer.id,
                account: *account,
                days: days(officer),
            })
            .collect();
        let more =
            ahead.next().and_then(|_| lines.last()).and_then(|last| province.officers.get(&last.officer));
        let more = more.map(|officer| officer.code.clone());
        Ok(Register { period, now, lines, more, total, reference })
    }
}
