//! `phidia report simplified`: how many internal processes were made simpler, by the catalogue.

use phidia_domain::application::Language;
use phidia_proto::processing::v1::{GetSimplifiedProcessesRequest, GetSimplifiedProcessesResponse};

use super::{reports, table};
use crate::{
    client::Client,
    command::ReportSimplified,
    show::{self, say},
};

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
    let headings = [
        say(speech, "Thủ tục", "Procedure"),
        say(speech, "Quyết định", "Decision"),
        say(speech, "Số bước", "Steps"),
        say(speech, "Thời hạn", "Time"),
    ];
    show::line("");
    show::page(speech, &headings, rows.collect(), "");
    Ok(())
}

fn sum(speech: Language, answer: &GetSimplifiedProcessesResponse) {
    let GetSimplifiedProcessesResponse { procedures, published, simplified, .. } = *answer;
    let share = table::share(speech, simplified.into(), published.into());
    let (before, after) =
        (show::minutes(speech, answer.minutes_before), show::minutes(speech, answer.minutes_after));
    show::facts(vec![
        (say(speech, "Thủ tục còn hiệu lực", "Procedures in force"), procedures.to_string()),
        (
            say(speech, "Có quy trình nội bộ đã công bố", "With a published internal process"),
            published.to_string(),
        ),
        (say(speech, "Đã đơn giản hóa", "Made simpler"), format!("{simplified}/{published} = {share}")),
        (say(speech, "Số bước", "Steps"), format!("{} → {}", answer.steps_before, answer.steps_after)),
        (say(speech, "Thời hạn (giờ làm việc)", "Time (working hours)"), format!("{before} → {after}")),
    ]);
}
