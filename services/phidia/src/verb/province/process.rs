//! `phidia province process`: the internal process of a procedure, and what it changed.

use phidia_domain::caller::Role;
use phidia_proto::intake::v1::{
    GetProcessRequest, GetProcessResponse, ProcessDecision, catalogue_service_client::CatalogueServiceClient,
};
use phidia_words::Words;

use crate::{client::Client, command::Process, show};

pub(super) async fn show(client: &Client<'_>, wanted: Process) -> anyhow::Result<()> {
    let Process { procedure: procedure_code, at: day, province_version, since_version, since: since_day } =
        wanted;
    let compared = since_version.is_some() || !since_day.is_empty();
    let request = GetProcessRequest {
        procedure_code,
        day,
        province_version: province_version.unwrap_or_default(),
        since_version: since_version.unwrap_or_default(),
        since_day,
    };
    let mut catalogue = CatalogueServiceClient::new(client.peer(Role::Citizen).await?);
    let answer = catalogue.get_process(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.GetProcessResponse", &answer);
    }
    let speech = client.speech();
    facts(speech, &answer);
    show::line("");
    steps(speech, &answer);
    if compared {
        show::line("");
        changes(speech, &answer);
    }
    Ok(())
}

fn facts(speech: Words, answer: &GetProcessResponse) {
    let version = speech.province_version(&answer.day, answer.province_version);
    let name = show::text(speech, answer.procedure_name.as_ref());
    let unstated = speech.province_not_stated();
    let stated = |text: String| if text.is_empty() { unstated.to_owned() } else { text };
    let mut facts = vec![
        (speech.term_procedure(), format!("{} {name}", answer.procedure_code)),
        (speech.term_holds_for(), version),
        (speech.term_time(), stated(show::text(speech, answer.time_limit.as_ref()))),
    ];
    let decision = answer.decision.as_ref();
    facts.push((
        speech.term_decision(),
        decision.map_or_else(|| unstated.to_owned(), |decision| decided(speech, decision)),
    ));
    if let Some(before) =
        decision.map(|decision| before(speech, decision)).filter(|before| !before.is_empty())
    {
        facts.push((speech.province_before_it_was_made_simpler(), before));
    }
    show::facts(facts);
}

/// The decision and from when to when it holds.
fn decided(speech: Words, decision: &ProcessDecision) -> String {
    let ProcessDecision { number, decided_on, effective_from, effective_to, .. } = decision;
    let mut text = speech.province_of(decided_on, number);
    if !effective_from.is_empty() {
        text += &format!("; {} {effective_from}", speech.term_from());
    }
    if !effective_to.is_empty() {
        text += &format!("; {} {effective_to}", speech.province_until_before());
    }
    text
}

fn before(speech: Words, decision: &ProcessDecision) -> String {
    let steps = decision.steps_before.map(|steps| format!("{steps} {}", speech.term_steps()));
    let time = decision.time_before.as_ref().map(|time| show::text(speech, Some(time)));
    [steps, time].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn steps(speech: Words, answer: &GetProcessResponse) {
    let rows = answer.steps.iter().map(|step| {
        let share = match (step.share, step.share_until) {
            (Some(share), Some(until)) if share == until => format!("{share} %"),
            (Some(share), Some(until)) => {
                format!("{share} % ({} {until} %)", speech.province_up_to())
            }
            _ => String::new(),
        };
        let next: Vec<_> = step.next.iter().map(ToString::to_string).collect();
        let forms: Vec<_> = step.forms.iter().map(|form| format!("{form:02}")).collect();
        let number = match step.together_with {
            0 => step.number.to_string(),
            first => format!("{} ∥ {first}", step.number),
        };
        vec![
            number,
            show::text(speech, step.name.as_ref()),
            show::text(speech, step.role.as_ref()),
            step.level.to_string(),
            show::minutes(speech, step.effort_minutes.into()),
            share,
            forms.join(", "),
            if next.is_empty() { speech.province_end().to_owned() } else { next.join(", ") },
        ]
    });
    let headings = [
        speech.term_step(),
        speech.term_name(),
        speech.province_role(),
        speech.province_level(),
        speech.province_effort(),
        speech.province_share(),
        speech.province_forms(),
        speech.province_next(),
    ];
    show::table(&headings, rows.collect());
}

fn changes(speech: Words, answer: &GetProcessResponse) {
    let rows = answer.changes.iter().map(|change| {
        vec![
            match change.step {
                0 => speech.province_process().to_owned(),
                step => format!("{} {step}", speech.province_step()),
            },
            show::text(speech, change.aspect.as_ref()),
            show::text(speech, change.before.as_ref()),
            show::text(speech, change.after.as_ref()),
        ]
    });
    let headings =
        [speech.province_different(), speech.province_what(), speech.term_before(), speech.province_now()];
    show::page(speech, &headings, rows.collect(), "");
}
