//! `phidia policy …`

use std::{fs, path::Path, process::ExitCode};

use anyhow::Context as _;
use jiff::civil::Date;
use phidia_domain::{
    application::Language,
    caller::Role,
    coverage,
    policy::{
        difference::{Change, between},
        document, idle,
    },
    province::Province,
    route::Policy,
};
use phidia_proto::{
    coverage::{wire_coverage, wire_takers},
    routing::v1::{
        CheckPolicyRequest, CheckPolicyResponse, Coverage, GetPolicyRequest, IdleRule, ListPoliciesRequest,
        ListTakersRequest, ListTakersResponse, PolicyVersion, PublishPolicyRequest,
        policy_service_client::PolicyServiceClient,
    },
};
use phidia_runtime::{clock::RealClock, peer::Peer};
use serde_json::json;

use crate::{
    bundled,
    client::Client,
    command,
    embedded::unhurried,
    reason,
    show::{self, say},
};

pub(crate) async fn run(client: &Client<'_>, verb: command::Policy) -> anyhow::Result<ExitCode> {
    match verb {
        command::Policy::Check { province, from, procedure: Some(procedure), at: Some(at), .. } => {
            let answer = match province {
                Some(folder) => takers_here(&folder, &procedure, &at, from)?,
                None => takers(client, procedure, at, from).await?,
            };
            return told_takers(client, &answer);
        }
        command::Policy::Check { file, province, from, .. } => {
            let answer = match province {
                Some(folder) => check_here(file.as_deref(), &folder, from)?,
                None => check(client, file.as_deref(), from).await?,
            };
            return told(client, &answer);
        }
        command::Policy::Publish(options) => publish(client, options).await?,
        command::Policy::Show { number } => show_version(client, number).await?,
        command::Policy::List => list(client).await?,
        command::Policy::Diff { old, new } => diff(client, &old, &new).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn service(client: &Client<'_>) -> anyhow::Result<PolicyServiceClient<Peer>> {
    Ok(PolicyServiceClient::new(client.peer(Role::Operator).await?))
}

/// The text of a file, once it is known to be a policy.
fn read(file: &Path) -> anyhow::Result<(String, Policy)> {
    let text = fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?;
    let policy = document::read(&text).map_err(|faults| {
        anyhow::Error::from(document::refusal(&faults)).context(file.display().to_string())
    })?;
    Ok((text, policy))
}

async fn check(
    client: &Client<'_>,
    file: Option<&Path>,
    from: Option<Date>,
) -> anyhow::Result<CheckPolicyResponse> {
    let document = file.map(read).transpose()?.map_or_else(String::new, |(text, _)| text);
    let from = from.map(|from| from.to_string()).unwrap_or_default();
    let request = CheckPolicyRequest { document, from };
    Ok(service(client).await?.check_policy(unhurried(request)).await?.into_inner())
}

/// The same without a server.
fn check_here(file: Option<&Path>, folder: &Path, from: Option<Date>) -> anyhow::Result<CheckPolicyResponse> {
    let policy = file.map(read).transpose()?.map_or_else(Policy::default, |(_, policy)| policy);
    let (facts, _demand) = bundled::province(Some(folder))?;
    let province = Province::try_from(&facts)?;
    let from = from.unwrap_or_else(|| province.clock.local_date(RealClock.now()));
    let mut coverage = coverage::of(&province, from)?;
    coverage.idle.extend(idle::over(&policy, &province));
    Ok(CheckPolicyResponse { name: policy.name, coverage: Some(wire_coverage(&coverage, &province)) })
}

async fn takers(
    client: &Client<'_>,
    procedure_code: String,
    commune_code: String,
    from: Option<Date>,
) -> anyhow::Result<ListTakersResponse> {
    let from = from.map(|from| from.to_string()).unwrap_or_default();
    let request = ListTakersRequest { procedure_code, commune_code, from };
    Ok(service(client).await?.list_takers(unhurried(request)).await?.into_inner())
}

/// The same without a server.
fn takers_here(
    folder: &Path,
    procedure: &str,
    commune: &str,
    from: Option<Date>,
) -> anyhow::Result<ListTakersResponse> {
    let (facts, _demand) = bundled::province(Some(folder))?;
    let province = Province::try_from(&facts)?;
    let from = from.unwrap_or_else(|| province.clock.local_date(RealClock.now()));
    let found = coverage::takers(&province, procedure, commune, from)?;
    let takers = found.iter().map(|takers| wire_takers(takers, &province));
    Ok(ListTakersResponse { takers: takers.collect() })
}

/// Shows who may; that nobody may is a failure.
fn told_takers(client: &Client<'_>, answer: &ListTakersResponse) -> anyhow::Result<ExitCode> {
    let speech = client.speech();
    if client.json() {
        show::json("phidia.routing.v1.ListTakersResponse", answer)?;
    } else {
        let rows = answer.takers.iter().map(|takers| {
            let units = takers
                .units
                .iter()
                .map(|units| format!("{}: {}", words(speech, &units.rule), homes(&units.unit_codes)));
            let mut who: Vec<_> = units.collect();
            who.extend((!takers.reason.is_empty()).then(|| words(speech, &takers.reason)));
            who.extend(takers.late.then(|| {
                say(speech, "nghỉ đến quá hạn, sẽ trễ", "closed until it is due: it would be late").to_owned()
            }));
            vec![
                takers.step.to_string(),
                takers.home_code.clone(),
                takers.first_day.clone(),
                takers.days.to_string(),
                who.join("; "),
            ]
        });
        let headings = [
            say(speech, "Bước", "Step"),
            say(speech, "Nơi có thẩm quyền", "Home"),
            say(speech, "Từ ngày", "From"),
            say(speech, "Ngày làm việc", "Working days"),
            say(speech, "Ai được làm và làm được", "Who may and can take it"),
        ];
        show::page(speech, &headings, rows.collect(), "");
    }
    let nobody = answer.takers.iter().any(|takers| !takers.reason.is_empty());
    Ok(if nobody { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Shows what was found; a gap is a failure.
fn told(client: &Client<'_>, answer: &CheckPolicyResponse) -> anyhow::Result<ExitCode> {
    let coverage = answer.coverage.as_ref().context("the answer tells no coverage")?;
    match client.json() {
        true => show::json("phidia.routing.v1.CheckPolicyResponse", answer)?,
        false => print(client.speech(), &answer.name, coverage),
    }
    Ok(if coverage.gaps.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(speech: Language, name: &str, coverage: &Coverage) {
    let Coverage { from, until, working_days, combinations, by_rule, gaps, late, idle } = coverage;
    show::line(&format!(
        "{name}: {from} – {until}, {working_days} {}, {combinations} {}",
        say(speech, "ngày làm việc", "working days"),
        say(speech, "trường hợp (bước × nơi có thẩm quyền × ngày)", "cases (step × home × day)"),
    ));
    for (rule, count) in by_rule {
        show::line(&format!("  {}: {count}", words(speech, rule)));
    }
    if gaps.is_empty() {
        show::line(say(speech, "Bước nào cũng có người làm được.", "Somebody may take every step."));
    } else {
        show::line(say(speech, "Không ai làm được:", "Left without anybody:"));
        let rows = gaps.iter().map(|gap| {
            vec![
                gap.procedure_code.clone(),
                gap.step.to_string(),
                homes(&gap.home_codes),
                gap.first_day.clone(),
                gap.combinations.to_string(),
                words(speech, &gap.reason),
            ]
        });
        let headings = [
            say(speech, "Thủ tục", "Procedure"),
            say(speech, "Bước", "Step"),
            say(speech, "Nơi có thẩm quyền", "Homes"),
            say(speech, "Từ ngày", "From"),
            say(speech, "Trường hợp", "Cases"),
            say(speech, "Lý do", "Reason"),
        ];
        show::table(&headings, rows.collect());
    }
    for late in late {
        show::line(&format!(
            "{} {} {} {}: {} {}",
            late.home_code,
            say(speech, "nghỉ, từ ngày", "is closed, from"),
            late.first_day,
            say(speech, "đến quá hạn", "on, until it is due"),
            late.combinations,
            say(speech, "trường hợp sẽ trễ", "cases would be late"),
        ));
    }
    for idle in idle {
        show::line(&format!("{} {}", what(idle), words(speech, &idle.reason)));
    }
}

/// The first few; a province has more than a line holds.
fn homes(codes: &[String]) -> String {
    const NAMED: usize = 5;
    let named = codes.iter().take(NAMED).cloned().collect::<Vec<_>>().join(" ");
    if codes.len() > NAMED { format!("{named} … ({})", codes.len()) } else { named }
}

fn what(idle: &IdleRule) -> String {
    let IdleRule { procedure_code, step, cluster, dial, .. } = idle;
    match step {
        0 => [procedure_code, cluster, dial].map(String::as_str).concat(),
        step => format!("{procedure_code}/{step}"),
    }
}

/// A rule, why nobody may take a step, or why a rule never applies, in words.
fn words(speech: Language, name: &str) -> String {
    let (vi, en) = match name {
        "home" => ("tại nơi có thẩm quyền", "by home"),
        "cluster" => ("trong cụm", "by its cluster"),
        "listed" => ("theo danh sách", "by the list of the step"),
        "province" => ("trong tỉnh", "by the province"),
        "NO_HOME" => ("", "its competence key names no unit"),
        "NOT_AT_HOME" => ("", "bound to its home, and nobody there masters the field at the level"),
        "NOT_IN_CLUSTER" => ("", "nobody in the cluster masters the field at the level"),
        "NOT_LISTED" => ("", "neither home nor a unit of the list masters the field at the level"),
        "NOT_IN_PROVINCE" => ("", "nobody in the province masters the field at the level"),
        "CLOSED_FOR_GOOD" => ("", "whoever masters it works on no day after"),
        "NEVER_IN_FORCE" => ("", "is in force on none of these days"),
        "SCOPE_IN_VAIN" => ("", "may leave its home, and nobody is able anywhere else"),
        "NO_DISTANCES" => ("", "finds nothing to weigh: fewer than two units have a position"),
        "NO_GREEN_CORRIDOR" => ("", "finds nothing to weigh: no procedure is in a green corridor"),
        "NOTHING_RARE" => ("", "finds nothing to weigh: more officers master every field than rare_officers"),
        "CLUSTER_OF_ONE" => ("", "is one unit: a step that may go to its cluster stays at home"),
        other => (other, other),
    };
    match speech {
        Language::Vi if vi.is_empty() => reason::vietnamese(name).unwrap_or(name).to_owned(),
        _ => say(speech, vi, en).to_owned(),
    }
}

async fn publish(client: &Client<'_>, options: command::Publish) -> anyhow::Result<()> {
    let command::Publish { file, reason, expect, allow_uncovered } = options;
    let (document, _) = read(&file)?;
    let mut service = service(client).await?;
    let expected_version = match expect {
        Some(version) => version,
        None => get(client, None).await?.version,
    };
    let request = PublishPolicyRequest { document, reason, expected_version, allow_uncovered };
    let answer = service.publish_policy(unhurried(request)).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.PublishPolicyResponse", &answer);
    }
    let policy = answer.policy.unwrap_or_default();
    let verdict = match answer.changed {
        true => say(client.speech(), "đã ban hành và có hiệu lực", "published, and it holds"),
        false => say(
            client.speech(),
            "đã có hiệu lực từ trước; không thay đổi gì",
            "held already; nothing changed",
        ),
    };
    show::line(&format!("{}@{}: {verdict}", policy.name, policy.version));
    Ok(())
}

async fn get(client: &Client<'_>, version: Option<u32>) -> anyhow::Result<PolicyVersion> {
    let request = GetPolicyRequest { version: version.unwrap_or_default() };
    let answer = service(client).await?.get_policy(request).await?.into_inner();
    answer.policy.context("the answer names no policy")
}

async fn show_version(client: &Client<'_>, version: Option<u32>) -> anyhow::Result<()> {
    let policy = get(client, version).await?;
    if client.json() {
        return show::json("phidia.routing.v1.PolicyVersion", &policy);
    }
    let zone = client.zone().await;
    let holds =
        if policy.active { say(client.speech(), ", đang có hiệu lực", ", which holds") } else { "" };
    show::line(&format!(
        "# {}@{}{holds} – {}, {}: {}",
        policy.name,
        policy.version,
        zone.instant(policy.published_at.as_ref()),
        policy.published_by,
        policy.reason,
    ));
    show::line(policy.document.trim_end());
    Ok(())
}

async fn list(client: &Client<'_>) -> anyhow::Result<()> {
    let request = ListPoliciesRequest { page_size: 1_000, page_token: String::new() };
    let answer = service(client).await?.list_policies(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.routing.v1.ListPoliciesResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.policies.iter().map(|policy| {
        vec![
            format!("{}{}", if policy.active { "→ " } else { "" }, policy.version),
            policy.name.clone(),
            zone.instant(policy.published_at.as_ref()),
            policy.published_by.clone(),
            policy.reason.clone(),
        ]
    });
    let headings = [
        say(speech, "Phiên bản", "Version"),
        say(speech, "Tên", "Name"),
        say(speech, "Ban hành", "Published"),
        say(speech, "Người ban hành", "By"),
        say(speech, "Lý do", "Reason"),
    ];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

/// A version of the endpoint, or a file.
async fn policy(client: &Client<'_>, named: &str) -> anyhow::Result<Policy> {
    let Ok(version) = named.parse() else { return Ok(read(Path::new(named))?.1) };
    let published = get(client, Some(version)).await?;
    Ok(document::read(&published.document).map_err(|faults| document::refusal(&faults))?)
}

async fn diff(client: &Client<'_>, old: &str, new: &str) -> anyhow::Result<()> {
    let changes = between(&policy(client, old).await?, &policy(client, new).await?);
    if client.json() {
        let changes =
            changes.iter().map(|Change { dial, old, new }| json!({ "dial": dial, "old": old, "new": new }));
        let changes: Vec<_> = changes.collect();
        show::line(&serde_json::to_string_pretty(&json!({ "changes": changes }))?);
        return Ok(());
    }
    let speech = client.speech();
    let rows = changes.into_iter().map(|Change { dial, old, new }| {
        let written = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
        vec![dial, written(old), written(new)]
    });
    let headings = [say(speech, "Núm", "Dial"), say(speech, "Trước", "Old"), say(speech, "Sau", "New")];
    show::page(speech, &headings, rows.collect(), "");
    Ok(())
}
