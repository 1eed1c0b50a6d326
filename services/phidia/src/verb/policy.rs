//! `phidia policy …`

use std::{fs, path::Path, process::ExitCode};

use anyhow::Context as _;
use jiff::civil::Date;
use phidia_domain::{
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
use phidia_words::Words;
use serde_json::json;

use crate::{bundled, client::Client, command, embedded::unhurried, ending::Ending, show};

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
                .map(|units| format!("{}: {}", speech.rule(&units.rule), homes(&units.unit_codes)));
            let mut who: Vec<_> = units.collect();
            who.extend((!takers.reason.is_empty()).then(|| speech.rule(&takers.reason)));
            who.extend(takers.late.then(|| speech.policy_closed_until_it_is_due_it_would().to_owned()));
            vec![
                takers.step.to_string(),
                takers.home_code.clone(),
                takers.first_day.clone(),
                takers.days.to_string(),
                who.join("; "),
            ]
        });
        let headings = [
            speech.term_step(),
            speech.policy_home(),
            speech.policy_from(),
            speech.policy_working_days(),
            speech.policy_who_may_and_can_take_it(),
        ];
        show::page(speech, &headings, rows.collect(), "");
    }
    let nobody = answer.takers.iter().any(|takers| !takers.reason.is_empty());
    Ok(Ending::of(!nobody).into())
}

/// Shows what was found; a gap is a failure.
fn told(client: &Client<'_>, answer: &CheckPolicyResponse) -> anyhow::Result<ExitCode> {
    let coverage = answer.coverage.as_ref().context("the answer tells no coverage")?;
    match client.json() {
        true => show::json("phidia.routing.v1.CheckPolicyResponse", answer)?,
        false => print(client.speech(), &answer.name, coverage),
    }
    Ok(Ending::of(coverage.gaps.is_empty()).into())
}

fn print(speech: Words, name: &str, coverage: &Coverage) {
    let Coverage { from, until, working_days, combinations, by_rule, gaps, late, idle } = coverage;
    show::line(&format!(
        "{name}: {from} – {until}, {working_days} {}, {combinations} {}",
        speech.policy_working_days_2(),
        speech.policy_cases_step_home_day(),
    ));
    for (rule, count) in by_rule {
        show::line(&format!("  {}: {count}", speech.rule(rule)));
    }
    if gaps.is_empty() {
        show::line(speech.policy_somebody_may_take_every_step());
    } else {
        show::line(speech.policy_left_without_anybody());
        let rows = gaps.iter().map(|gap| {
            vec![
                gap.procedure_code.clone(),
                gap.step.to_string(),
                homes(&gap.home_codes),
                gap.first_day.clone(),
                gap.combinations.to_string(),
                speech.rule(&gap.reason),
            ]
        });
        let headings = [
            speech.term_procedure(),
            speech.term_step(),
            speech.policy_homes(),
            speech.policy_from(),
            speech.policy_cases(),
            speech.term_reason(),
        ];
        show::table(&headings, rows.collect());
    }
    for late in late {
        show::line(&format!(
            "{} {} {} {}: {} {}",
            late.home_code,
            speech.policy_is_closed_from(),
            late.first_day,
            speech.policy_on_until_it_is_due(),
            late.combinations,
            speech.policy_cases_would_be_late(),
        ));
    }
    for idle in idle {
        show::line(&format!("{} {}", what(idle), speech.rule(&idle.reason)));
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
        true => client.speech().policy_published_and_it_holds(),
        false => client.speech().term_held_already_nothing_changed(),
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
    let holds = if policy.active { client.speech().policy_which_holds() } else { "" };
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
        speech.term_version(),
        speech.term_name(),
        speech.policy_published(),
        speech.policy_by(),
        speech.term_reason(),
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
        show::object(&json!({ "changes": changes }))?;
        return Ok(());
    }
    let speech = client.speech();
    let rows = changes.into_iter().map(|Change { dial, old, new }| {
        let written = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
        vec![dial, written(old), written(new)]
    });
    let headings = [speech.policy_dial(), speech.policy_old(), speech.policy_new()];
    show::page(speech, &headings, rows.collect(), "");
    Ok(())
}
