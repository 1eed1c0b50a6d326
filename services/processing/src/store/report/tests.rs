//! What the engine counts is what the rules count, over any cases.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use phidia_domain::{
    application::{Channel, Rating},
    case::State,
    report::{Ended, Entry, Measured, Timeliness, Wait, rank_of_percentile},
};
use phidia_runtime::database::Database;
use proptest::{collection::vec, option, prelude::*};
use sea_orm::{ActiveValue::Set, EntityTrait as _};
use tokio::runtime::Runtime;

use super::*;
use crate::store::entity::case_figure::ActiveModel;

const DIMENSIONS: [Dimension; 5] =
    [Dimension::ReceivedAt, Dimension::WorkedAt, Dimension::Field, Dimension::Procedure, Dimension::Officer];
const DAYS: i64 = 90;

/// A case and the groups that it is in.
#[derive(Clone, Debug)]
struct Row {
    entry: Entry,
    received_at: u128,
    worked_at: Option<u128>,
    officer: Option<u128>,
    procedure: u8,
}

impl Row {
    fn key(&self, by: Dimension) -> Key {
        match by {
            Dimension::ReceivedAt => Key::Id(Some(Uuid::from_u128(self.received_at))),
            Dimension::WorkedAt => Key::Id(self.worked_at.map(Uuid::from_u128)),
            Dimension::Officer => Key::Id(self.officer.map(Uuid::from_u128)),
            Dimension::Field => Key::Name(format!("Lĩnh vực {}", self.procedure % 2)),
            Dimension::Procedure => Key::Name(format!("1.{}", self.procedure)),
        }
    }

    fn model(&self, number: u128) -> ActiveModel {
        let Self { entry, .. } = self;
        let name = |by| match self.key(by) {
            Key::Name(name) => name,
            Key::Id(_) => unreachable!(),
        };
        let measured = entry.ended.map(|ended| ended.measured);
        ActiveModel {
            case_id: Set(Uuid::from_u128(number)),
            province: Set("37".to_owned()),
            procedure_code: Set(name(Dimension::Procedure)),
            field: Set(name(Dimension::Field)),
            received_at: Set(Uuid::from_u128(self.received_at)),
            worked_at: Set(self.worked_at.map(Uuid::from_u128)),
            worked_step: Set(None),
            worked_effort: Set(None),
            officer: Set(self.officer.map(Uuid::from_u128)),
            submitted_at: Set(entry.submitted_at.as_microsecond()),
            due_at: Set(entry.due_at.map(Timestamp::as_microsecond)),
            ended_at: Set(entry.ended.map_or(NEVER, |ended| ended.at.as_microsecond())),
            state: Set(entry.ended.map_or(State::Queued, |ended| ended.state).into()),
            timeliness: Set(measured.map(|measured| measured.timeliness.into())),
            minutes: Set(measured.map(|measured| measured.minutes)),
            allowed_minutes: Set(measured.and_then(|measured| measured.allowed_minutes)),
            waits_from: Set(entry.wait.map(|wait| wait.from.as_microsecond())),
            waits_to: Set(entry.wait.and_then(|wait| wait.to).map(Timestamp::as_microsecond)),
            supplements: Set(entry.supplements.into()),
            channel: Set(entry.channel.map(Into::into)),
            digitised: Set(entry.digitised),
            issued: Set(entry.issued),
            rating: Set(entry.rating.map(Into::into)),
            paid_online: Set(entry.paid_online),
        }
    }
}

fn day(number: i64) -> Timestamp {
    "2026-09-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * number)
}

prop_compose! {
    fn ended()(
        at in 0..DAYS,
        state in prop::sample::select(vec![State::Granted, State::Refused, State::Withdrawn, State::Lapsed]),
        timeliness in prop::sample::select(vec![Timeliness::Early, Timeliness::OnTime, Timeliness::Late]),
        minutes in 0..2000_i64,
    ) -> (i64, State, Timeliness, i64) {
        (at, state, timeliness, minutes)
    }
}

prop_compose! {
    fn rows()(
        submitted in 0..DAYS,
        due in option::of(0..DAYS),
        ended in option::of(ended()),
        wait in option::of((0..DAYS, option::of(0..DAYS))),
        supplements in 0..3_u32,
        channel in option::of(prop::sample::select(Channel::ALL.to_vec())),
        (digitised, issued) in (option::of(any::<bool>()), any::<bool>()),
        (rating, paid_online) in
            (option::of(prop::sample::select(Rating::ALL.to_vec())), option::of(any::<bool>())),
        (received_at, worked_at, officer, procedure) in
            (1..4_u128, option::of(1..4_u128), option::of(7..9_u128), 0..4_u8),
    ) -> Row {
        let due_at = due.map(|due| day(submitted + due));
        let ended = ended.map(|(after, state, timeliness, minutes)| Ended {
            at: day(submitted + after),
            state,
            measured: Measured {
                timeliness: if due.is_some() { timeliness } else { Timeliness::Undated },
                minutes,
                allowed_minutes: due.map(|due| due * 480),
            },
        });
        let wait = wait.map(|(from, took)| Wait {
            from: day(submitted + from),
            to: took.map(|took| day(submitted + from + took)),
        });
        let entry = Entry {
            submitted_at: day(submitted),
            due_at,
            ended,
            wait,
            supplements,
            channel,
            digitised,
            issued,
            rating,
            paid_online,
        };
        Row { entry, received_at, worked_at, officer, procedure }
    }
}

/// What the rules count.
fn by_the_rules(rows: &[&Row], window: Window) -> Figures {
    let mut figures = Figures::default();
    for figure in Figure::ALL {
        let count = rows.iter().filter(|row| row.entry.counts(figure, window)).count();
        figures.set(figure, count as u64);
    }
    let finished = rows.iter().filter(|row| row.entry.counts(Figure::Finished, window));
    let mut minutes = Vec::new();
    for Entry { ended, supplements, .. } in finished.map(|row| row.entry) {
        let measured = ended.unwrap().measured;
        minutes.push(measured.minutes);
        figures.minutes += measured.minutes;
        figures.supplements += u64::from(supplements);
        if let Some(allowed) = measured.allowed_minutes {
            figures.dated_minutes += measured.minutes;
            figures.allowed_minutes += allowed;
        }
    }
    minutes.sort_unstable();
    let at = |percentile| {
        let rank = rank_of_percentile(percentile, minutes.len() as u64);
        minutes[usize::try_from(rank).unwrap() - 1]
    };
    figures.percentiles = (!minutes.is_empty()).then(|| PERCENTILES.map(at));
    figures
}

async fn refilled(db: &Database, rows: &[Row]) {
    let models: Vec<_> = (1..).zip(rows).map(|(number, row)| row.model(number)).collect();
    db.write(move |tx| {
        Box::pin(async move {
            Entity::delete_many().exec(tx).await?;
            Entity::insert_many(models).exec_without_returning(tx).await?;
            Ok(())
        })
    })
    .await
    .unwrap();
}

fn in_province() -> Selection {
    Selection { province: "37".to_owned(), ..Selection::default() }
}

async fn counted(
    db: &Database,
    selection: &Selection,
    window: Window,
    by: &[Dimension],
) -> Vec<(Vec<Key>, Figures)> {
    let mut groups = count(db.read(), selection, window, by).await.unwrap();
    if by.len() <= 1 {
        let ranked = percentiles(db.read(), selection, window, by.first().copied()).await.unwrap();
        let ranked: BTreeMap<_, _> = ranked.into_iter().collect();
        groups.iter_mut().for_each(|(key, figures)| figures.percentiles = ranked.get(key).copied());
    }
    groups
}

async fn check(db: &Database, rows: &[Row], window: Window) {
    refilled(db, rows).await;
    let of = |rows: &[&Row]| by_the_rules(rows, window);
    let all: Vec<_> = rows.iter().filter(|row| row.entry.is_of(window)).collect();
    let [(_, total)] = &counted(db, &in_province(), window, &[]).await[..] else { panic!("one whole") };
    assert_eq!(*total, of(&all));
    for by in DIMENSIONS {
        let groups = counted(db, &in_province(), window, &[by]).await;
        let mut expected: BTreeMap<Vec<Key>, Vec<&Row>> = BTreeMap::new();
        all.iter().for_each(|row| expected.entry(vec![row.key(by)]).or_default().push(row));
        let expected: BTreeMap<_, _> = expected.into_iter().map(|(key, rows)| (key, of(&rows))).collect();
        assert_eq!(groups.iter().cloned().collect::<BTreeMap<_, _>>(), expected, "{by:?}");
        let sum = groups.iter().fold(Figures::default(), |sum, (_, figures)| sum.and(figures));
        assert_eq!(sum, total.and(&Figures::default()), "{by:?}");
    }
    // One cell is what is selected by its names.
    let (unit, worker) = (UnitId::from_uuid(Uuid::from_u128(1)), UnitId::from_uuid(Uuid::from_u128(2)));
    let mine = |row: &&&Row| row.received_at == 1 || row.worked_at == Some(1);
    for (selection, rows) in [
        (
            Selection { received_at: Some(unit), worked_at: Some(Some(worker)), ..in_province() },
            all.iter().filter(|row| row.received_at == 1 && row.worked_at == Some(2)).copied().collect(),
        ),
        (
            Selection { worked_at: Some(None), officer: Some(None), ..in_province() },
            all.iter().filter(|row| row.worked_at.is_none() && row.officer.is_none()).copied().collect(),
        ),
        (
            Selection { concerns: Some(unit), ..in_province() },
            all.iter().filter(mine).copied().collect::<Vec<_>>(),
        ),
        (
            Selection { works: Some(unit), procedure_code: Some("1.3".to_owned()), ..in_province() },
            all.iter().filter(|row| row.worked_at == Some(1) && row.procedure == 3).copied().collect(),
        ),
        (Selection { province: "38".to_owned(), ..Selection::default() }, vec![]),
    ] {
        assert_eq!(counted(db, &selection, window, &[]).await[0].1, of(&rows), "{selection:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_counts_as_the_rules_do(rows in vec(rows(), 1..60), now in 0..DAYS) {
        let runtime = Runtime::new().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let db = Database::open(&harness::store::at(&folder.path().join("figures.db"))).await.unwrap();
            crate::migrate(&db).await.unwrap();
            let (from, until) = (day(30), day(60));
            check(&db, &rows, Window { from, until, as_of: until.min(day(now)) }).await;
            db.close().await.unwrap();
        });
    }
}
