//! `phidia report matrix`: who received what, and who works on it.

use phidia_proto::processing::v1::{ExchangeCell, ExchangeTotal, GetExchangeRequest};

use super::{check_open, export, reports, selection, table};
use crate::{client::Client, command::ReportMatrix, show};

pub(super) async fn show(client: &Client<'_>, options: ReportMatrix) -> anyhow::Result<()> {
    let ReportMatrix { of, csv } = options;
    if csv || client.json() {
        check_open(!of.staff.is_empty())?;
    }
    let request = GetExchangeRequest { selection: Some(selection(of)) };
    let answer = reports(client).await?.get_exchange(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.GetExchangeResponse", &answer);
    }
    if csv {
        return export::exchange(&answer);
    }
    let speech = client.speech();
    let number = |count| table::number(speech, count);
    show::line(&table::heading(
        speech,
        &client.zone().await,
        &answer.from,
        &answer.to,
        answer.as_of.as_ref(),
    ));
    // Cell by cell, and not as a square: a province has 129 centres, and most of them nothing for each other.
    let cell = |cell: &ExchangeCell| {
        let (from, to) = (cell.received_at_unit_code.clone(), cell.worked_at_unit_code.clone());
        vec![from, to, number(cell.cases), number(cell.finished), number(cell.running)]
    };
    let headings = [
        speech.term_received_at(),
        speech.report_worked_on_at(),
        speech.report_cases(),
        speech.report_finished_2(),
        speech.report_running_2(),
    ];
    show::page(speech, &headings, answer.cells.iter().map(cell).collect(), "");
    let total = |unit: &ExchangeTotal| {
        let name = format!("{} {}", unit.unit_code, show::text(speech, unit.unit_name.as_ref()));
        let counts = [unit.received, unit.kept, unit.out, unit.unassigned, unit.r#in].map(number);
        std::iter::once(name.trim_end().to_owned()).chain(counts).collect()
    };
    let headings = [
        speech.term_unit(),
        speech.term_received(),
        speech.report_kept(),
        speech.report_out(),
        speech.report_unassigned(),
        speech.report_in(),
    ];
    if !answer.totals.is_empty() {
        show::line("");
        show::table(&headings, answer.totals.iter().map(total).collect());
    }
    Ok(())
}
