//! `phidia report online`: how far services are online, by the catalogue.

use phidia_proto::processing::v1::{GetOnlineServicesRequest, OnlineServices};

use super::{reports, table};
use crate::{client::Client, command::ReportOnline, show};

pub(super) async fn show(client: &Client<'_>, options: ReportOnline) -> anyhow::Result<()> {
    let ReportOnline { day, since_version } = options;
    let request = GetOnlineServicesRequest { day, since_version: since_version.unwrap_or_default() };
    let answer = reports(client).await?.get_online_services(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.GetOnlineServicesResponse", &answer);
    }
    let speech = client.speech();
    let whole = speech.term_all_2();
    let row = |services: &OnlineServices| {
        let base = services.procedures;
        let of = |part: u32| format!("{part}/{base} = {}", table::share(speech, part.into(), base.into()));
        let tier = show::text(speech, services.tier.as_ref());
        let tier = if tier.is_empty() { whole.to_owned() } else { tier };
        vec![tier, of(services.full), of(services.partial), of(services.offline)]
    };
    let headings = [
        speech.report_procedures_in_force(),
        speech.report_full_online(),
        speech.report_in_part(),
        speech.report_not_online(),
    ];
    show::table(&headings, answer.total.iter().chain(&answer.tiers).map(row).collect());
    if since_version.is_some() {
        let row = |code: &str, name: String| vec![code.to_owned(), show::brief(&name)];
        let rows = answer.converted.iter().map(|one| row(&one.code, show::text(speech, one.name.as_ref())));
        let headings = [speech.report_become_full_online(), speech.term_name()];
        show::line("");
        show::page(speech, &headings, rows.collect(), "");
    }
    Ok(())
}
