//! `phidia report online`: how far services are online, by the catalogue.

use phidia_proto::processing::v1::{GetOnlineServicesRequest, OnlineServices};

use super::{reports, table};
use crate::{
    client::Client,
    command::ReportOnline,
    show::{self, say},
};

pub(super) async fn show(client: &Client<'_>, options: ReportOnline) -> anyhow::Result<()> {
    let ReportOnline { day, since_version } = options;
    let request = GetOnlineServicesRequest { day, since_version: since_version.unwrap_or_default() };
    let answer = reports(client).await?.get_online_services(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.GetOnlineServicesResponse", &answer);
    }
    let speech = client.speech();
    let whole = say(speech, "tất cả", "all");
    let row = |services: &OnlineServices| {
        let base = services.procedures;
        let of = |part: u32| format!("{part}/{base} = {}", table::share(speech, part.into(), base.into()));
        let tier = show::text(speech, services.tier.as_ref());
        let tier = if tier.is_empty() { whole.to_owned() } else { tier };
        vec![tier, of(services.full), of(services.partial), of(services.offline)]
    };
    let headings = [
        say(speech, "Thủ tục còn hiệu lực", "Procedures in force"),
        say(speech, "toàn trình", "full online"),
        say(speech, "một phần", "in part"),
        say(speech, "chưa trực tuyến", "not online"),
    ];
    show::table(&headings, answer.total.iter().chain(&answer.tiers).map(row).collect());
    if since_version.is_some() {
        let row = |code: &str, name: String| vec![code.to_owned(), show::brief(&name)];
        let rows = answer.converted.iter().map(|one| row(&one.code, show::text(speech, one.name.as_ref())));
        let headings = [say(speech, "Đã thành toàn trình", "Become full online"), say(speech, "Tên", "Name")];
        show::line("");
        show::page(speech, &headings, rows.collect(), "");
    }
    Ok(())
}
