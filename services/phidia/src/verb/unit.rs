//! `phidia unit …`

mod load;

use std::process::ExitCode;

use phidia_domain::{Rejection, application::Language, caller::Role};
use phidia_proto::routing::v1::{
    Availability, ChangeOutcome, ClearUnitHoursRequest, DayHours, GetUnitRequest, GetUnitResponse, HalfDay,
    ListRegistryChangesRequest, RegistryChange, SetUnitHoursRequest, SetUnitStandingRequest,
    SetUnitWorkplacesRequest, Standing, registry_change::Change,
    registry_service_client::RegistryServiceClient,
};

use super::officer;
use crate::{
    client::Client,
    command::{AvailabilityName, SetUnit, Unit, UnitHours},
    show::{self, Zone, say},
};

pub(crate) async fn run(client: &Client<'_>, verb: Unit) -> anyhow::Result<ExitCode> {
    match verb {
        Unit::Show { code, revision } => show_unit(client, code, revision).await?,
        Unit::Load { watch } => load::load(client, watch).await?,
        Unit::Set(wanted) => set(client, wanted).await?,
        Unit::Hours(wanted) => hours(client, wanted).await?,
        Unit::History { code, limit } => {
            let request =
                ListRegistryChangesRequest { page_size: limit, unit_code: code, ..Default::default() };
            history(client, request).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn show_unit(client: &Client<'_>, unit_code: String, revision: Option<i64>) -> anyhow::Result<()> {
    let mut registry = RegistryServiceClient::new(client.peer(Role::Operator).await?);
    let unit = registry.get_unit(GetUnitRequest { unit_code, revision }).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.GetUnitResponse", &unit);
    }
    let speech = client.speech();
    facts(speech, &unit);
    officer::table(speech, &unit.officers, "");
    Ok(())
}

fn facts(speech: Language, unit: &GetUnitResponse) {
    show::facts(vec![
        (say(speech, "Mã", "Code"), unit.code.clone()),
        (say(speech, "Đơn vị", "Unit"), show::text(speech, unit.name.as_ref())),
        (say(speech, "Cụm", "Cluster"), unit.cluster.clone()),
        (say(speech, "Giáp ranh", "Neighbours"), unit.neighbours.join(" ")),
        (say(speech, "Tình trạng", "Stands"), stands(speech, unit.standing.as_ref())),
        (say(speech, "Chỗ làm việc", "Workplaces"), workplaces(speech, unit.workplaces)),
        (say(speech, "Giờ khác kế hoạch", "Changed hours"), changed_hours(speech, &unit.changed_hours)),
        (
            say(speech, "Dữ liệu", "Facts"),
            format!(
                "{} {}, {} {}",
                say(speech, "phiên bản", "version"),
                unit.version,
                say(speech, "lần sửa", "revision"),
                unit.revision
            ),
        ),
    ]);
}

/// How a unit stands, in words.
fn stands(speech: Language, standing: Option<&Standing>) -> String {
    let Some(standing) = standing else { return String::new() };
    let mut words = vec![availability(speech, standing.availability()).to_owned()];
    if let Some(most) = standing.most_open_items {
        words.push(format!("{} {most}", say(speech, "việc mở nhiều nhất", "open items at most")));
    }
    if let Some(most) = standing.most_borrowed_minutes {
        let most = show::minutes(speech, most.into());
        words.push(format!("{} {most}", say(speech, "nhận từ nơi khác nhiều nhất", "borrowed at most")));
    }
    if standing.quarantined {
        words.push(say(speech, "ngừng nhận việc nơi khác", "quarantined").to_owned());
    }
    words.join(", ")
}

/// How many can work at once, in words.
fn workplaces(speech: Language, most: Option<u32>) -> String {
    most.map_or_else(
        || say(speech, "đủ cho mọi cán bộ", "as many as there are officers").to_owned(),
        |most| format!("{} {most}", say(speech, "cùng lúc nhiều nhất", "at once at most")),
    )
}

/// Whether a unit takes new work, in words.
pub(super) fn availability(speech: Language, availability: Availability) -> &'static str {
    match availability {
        Availability::Unspecified => "–",
        Availability::Open => say(speech, "mở", "open"),
        Availability::Closing => say(speech, "sắp đóng", "closing"),
        Availability::Closed => say(speech, "đóng", "closed"),
        Availability::Emergency => say(speech, "khẩn cấp", "emergency"),
    }
}

/// Days with the hours that they have.
pub(super) fn changed_hours(speech: Language, days: &[DayHours]) -> String {
    days.iter().map(|day| day_hours(speech, day)).collect::<Vec<_>>().join("; ")
}

fn day_hours(speech: Language, day: &DayHours) -> String {
    format!("{}: {}", day.day, half_days(speech, &day.hours))
}

pub(super) fn half_days(speech: Language, hours: &[HalfDay]) -> String {
    if hours.is_empty() {
        return say(speech, "nghỉ", "closed").to_owned();
    }
    hours.iter().map(|hours| format!("{}-{}", hours.opens, hours.closes)).collect::<Vec<_>>().join(" ")
}

async fn set(client: &Client<'_>, wanted: SetUnit) -> anyhow::Result<()> {
    let mut registry = RegistryServiceClient::new(client.peer(Role::Operator).await?);
    let SetUnit {
        code: unit_code,
        availability,
        most_open_items,
        most_borrowed_minutes,
        workplaces,
        quarantined,
        reason,
    } = wanted;
    if let Some(limit) = workplaces {
        let request = SetUnitWorkplacesRequest {
            unit_code: unit_code.clone(),
            workplaces: limit.0,
            reason: reason.clone(),
            register_revision: None,
            expected_revision: None,
        };
        let answer = registry.set_unit_workplaces(request).await?.into_inner();
        let more = availability.is_some()
            || most_open_items.is_some()
            || most_borrowed_minutes.is_some()
            || quarantined.is_some();
        if !more {
            if client.json() {
                return show::json("phidia.routing.v1.SetUnitWorkplacesResponse", &answer);
            }
            outcome(client.speech(), answer.outcome);
            return Ok(());
        }
    }
    // What is not named stays; whoever changes it between the two calls is not overruled.
    let request = GetUnitRequest { unit_code: unit_code.clone(), revision: None };
    let now = registry.get_unit(request).await?.into_inner();
    let mut standing = now.standing.unwrap_or_default();
    if let Some(availability) = availability {
        standing.availability = match availability {
            AvailabilityName::Open => Availability::Open,
            AvailabilityName::Closing => Availability::Closing,
            AvailabilityName::Closed => Availability::Closed,
            AvailabilityName::Emergency => Availability::Emergency,
        }
        .into();
    }
    if let Some(limit) = most_open_items {
        standing.most_open_items = limit.0;
    }
    if let Some(limit) = most_borrowed_minutes {
        standing.most_borrowed_minutes = limit.0;
    }
    standing.quarantined = quarantined.unwrap_or(standing.quarantined);
    let (standing, expected_revision) = (Some(standing), Some(now.revision));
    let request = SetUnitStandingRequest { unit_code, standing, reason, expected_revision };
    let answer = registry.set_unit_standing(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.SetUnitStandingResponse", &answer);
    }
    outcome(client.speech(), answer.outcome);
    Ok(())
}

async fn hours(client: &Client<'_>, wanted: UnitHours) -> anyhow::Result<()> {
    let mut registry = RegistryServiceClient::new(client.peer(Role::Operator).await?);
    let UnitHours { code: unit_code, day, hours, closed: _, as_planned, reason } = wanted;
    if as_planned {
        let request = ClearUnitHoursRequest { unit_code, day, reason, expected_revision: None };
        let answer = registry.clear_unit_hours(request).await?.into_inner();
        if client.json() {
            return show::json("phidia.routing.v1.ClearUnitHoursResponse", &answer);
        }
        outcome(client.speech(), answer.outcome);
        return Ok(());
    }
    let hours = hours.iter().map(|text| half_day(text)).collect::<Result<_, _>>()?;
    let request = SetUnitHoursRequest { unit_code, day, hours, reason, expected_revision: None };
    let answer = registry.set_unit_hours(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.SetUnitHoursResponse", &answer);
    }
    outcome(client.speech(), answer.outcome);
    Ok(())
}

/// `07:30-11:30`.
pub(super) fn half_day(text: &str) -> Result<HalfDay, Rejection> {
    let expected = "expected OPENS-CLOSES, such as 07:30-11:30";
    let (opens, closes) =
        text.split_once('-').ok_or_else(|| Rejection::invalid("MALFORMED_TIME", "OPENS-CLOSES", expected))?;
    Ok(HalfDay { opens: opens.to_owned(), closes: closes.to_owned() })
}

/// What came of a change.
pub(super) fn outcome(speech: Language, outcome: Option<ChangeOutcome>) {
    let Some(ChangeOutcome { revision, changed, tried_again, released }) = outcome else { return };
    let revision = format!("{} {revision}", say(speech, "lần sửa", "revision"));
    if !changed {
        show::line(&format!("{} ({revision})", say(speech, "đã như vậy từ trước", "it was so already")));
        return;
    }
    let mut words = vec![revision];
    if tried_again > 0 {
        words.push(format!("{}: {tried_again}", say(speech, "việc được thử phân công lại", "tried again")));
    }
    if released > 0 {
        words.push(format!("{}: {released}", say(speech, "việc được chuyển đi", "work items that leave")));
    }
    show::line(&words.join("; "));
}

/// A page of changes.
pub(super) async fn history(client: &Client<'_>, request: ListRegistryChangesRequest) -> anyhow::Result<()> {
    let mut registry = RegistryServiceClient::new(client.peer(Role::Operator).await?);
    let answer = registry.list_registry_changes(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.ListRegistryChangesResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.changes.iter().map(|change| row(speech, &zone, change)).collect();
    let headings = [
        say(speech, "Lần sửa", "Revision"),
        say(speech, "Lúc", "At"),
        say(speech, "Đơn vị", "Unit"),
        say(speech, "Cán bộ", "Officer"),
        say(speech, "Thay đổi", "Change"),
        say(speech, "Lý do", "Reason"),
        say(speech, "Người sửa", "By"),
    ];
    show::page(speech, &headings, rows, &answer.next_page_token);
    Ok(())
}

fn row(speech: Language, zone: &Zone, change: &RegistryChange) -> Vec<String> {
    let mut what = match &change.change {
        None => String::new(),
        Some(Change::Standing(standing)) => stands(speech, Some(standing)),
        Some(Change::Workplaces(places)) => {
            format!("{}: {}", say(speech, "chỗ làm việc", "workplaces"), workplaces(speech, places.most))
        }
        Some(Change::Hours(day) | Change::OfficerHours(day)) => day_hours(speech, day),
        Some(Change::AsPlannedOn(day) | Change::OfficerAsPlannedOn(day)) => {
            format!("{day}: {}", say(speech, "theo kế hoạch", "as planned"))
        }
        Some(Change::Absent(days)) => {
            format!("{} {}", say(speech, "vắng mặt", "absent"), officer::span(days))
        }
        Some(Change::Present(days)) => {
            format!("{} {}", say(speech, "có mặt", "present"), officer::span(days))
        }
    };
    if change.compensatory {
        what = format!("{what} ({})", say(speech, "nghỉ bù", "compensatory leave"));
    }
    vec![
        change.revision.to_string(),
        zone.instant(change.changed_at.as_ref()),
        change.unit_code.clone(),
        change.officer_code.clone(),
        what,
        change.reason.clone(),
        change.actor.clone(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_day_is_read_as_it_is_shown() {
        let half_day = half_day("07:30-11:30").unwrap();
        assert_eq!(half_days(Language::En, std::slice::from_ref(&half_day)), "07:30-11:30");
        assert!(super::half_day("07:30").is_err());
    }

    #[test]
    fn a_standing_is_told_in_words() {
        let standing = Standing {
            availability: Availability::Closing.into(),
            most_open_items: Some(9),
            most_borrowed_minutes: Some(90),
            quarantined: true,
        };
        let told = stands(Language::En, Some(&standing));
        assert_eq!(told, "closing, open items at most 9, borrowed at most 1 h 30, quarantined");
        assert!(stands(Language::Vi, Some(&standing)).starts_with("sắp đóng, "));
    }
}
