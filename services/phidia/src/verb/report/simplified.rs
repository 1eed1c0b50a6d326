//! `phidia report simplified`: how many internal processes were made simpler, by the catalogue.
use phidia_proto::processing::v1::{GetSimplifiedProcessesRequest, GetSimplifiedProcessesResponse};
use phidia_words::Words;

use super::{reports, table};
use crate::{client::Client, command::ReportSimplified, show};

pub(super) async fn show(client: &Client<'_>, options: ReportSimplified) -> anyhow::Result<()> {
    let request = GetSimplifiedProcessesRequest { day: options.day };
    let answer = reports(client).await?.get_simplified_processes(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.GetSimplifiedProcessesResponse", &answer);
    }
    let speech = client.speech();
    sum(speech, &answer);
    let rows = answer.processes.iter().map(|one| {
        let before = one.steps_before.map_or_else(|| "–".to_owned(), |steps| steps.to_string());
        let time = |text| match show::text(speech, text) {
            text if text.is_empty() => "–".to_owned(),
            text => text,
        };
        vec![
            format!("{}\n{}", one.code, show::brief(&show::text(speech, one.name.as_ref()))),
            one.decision.clone(),
            format!("{before} → {}", one.steps_after),
            format!("{} → {}", time(one.time_before.as_ref()), time(one.time_after.as_ref())),
        ]
    });
    let headings =
        [speech.term_procedure(), speech.term_decision(), speech.report_steps(), speech.term_time()];
    show::line("");
    show::page(speech, &headings, rows.collect(), "");
    Ok(())
}

fn sum(speech: Words, answer: &GetSimplifiedProcessesResponse) {
    let GetSimplifiedProcessesResponse { procedures, published, simplified, .. } = *answer;
    let share = table::share(speech, simplified.into(), published.into());
    let (before, after) =
        (show::minutes(speech, answer.minutes_before), show::minutes(speech, answer.minutes_after));
    show::facts(vec![
        (speech.report_procedures_in_force(), procedures.to_string()),
        (speech.report_with_a_published_internal_process(), published.to_string()),
        (speech.report_made_simpler(), format!("{simplified}/{published} = {share}")),
        (speech.report_steps(), format!("{} → {}", answer.steps_before, answer.steps_after)),
        (speech.report_time_working_hours(), format!("{before} → {after}")),
    ]);
}
