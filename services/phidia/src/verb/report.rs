//! `phidia report …`

mod cases;
mod export;
mod index;
mod matrix;
mod online;
mod simplified;
mod table;
mod trend;

use std::process::ExitCode;

use phidia_domain::Rejection;
use phidia_proto::processing::v1::{
    GetReportRequest, ReportDimension, ReportSelection, report_service_client::ReportServiceClient,
};
use phidia_runtime::peer::Peer;

use super::staff;
use crate::{
    client::Client,
    command::{DimensionName, Report, ReportFigures, ReportOf, ReportVerb},
    show,
};

pub(crate) async fn run(client: &Client<'_>, report: Report) -> anyhow::Result<ExitCode> {
    match report.verb {
        None => figures(client, report.figures).await?,
        Some(ReportVerb::Cases(options)) => cases::list(client, options).await?,
        Some(ReportVerb::Trend(options)) => trend::show(client, options).await?,
        Some(ReportVerb::Matrix(options)) => matrix::show(client, options).await?,
        Some(ReportVerb::Index(options)) => index::show(client, options).await?,
        Some(ReportVerb::Online(options)) => online::show(client, options).await?,
        Some(ReportVerb::Simplified(options)) => simplified::show(client, options).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn reports(client: &Client<'_>) -> anyhow::Result<ReportServiceClient<Peer>> {
    Ok(ReportServiceClient::new(client.peer(staff(client)).await?))
}

fn selection(of: ReportOf) -> ReportSelection {
    let ReportOf { period, received_at, worked_at, field, procedure, staff } = of;
    ReportSelection {
        period,
        received_at_unit_code: received_at,
        worked_at_unit_code: worked_at,
        field,
        procedure_code: procedure,
        officer_code: staff,
    }
}

/// What everybody may use says nothing of single officers.
fn check_open(officers: bool) -> Result<(), Rejection> {
    match officers {
        true => {
            let expected = "open data has no figures of single officers; ask for a table";
            Err(Rejection::invalid("NO_OPEN_OFFICERS", "--by", expected))
        }
        false => Ok(()),
    }
}

async fn figures(client: &Client<'_>, options: ReportFigures) -> anyhow::Result<()> {
    let ReportFigures { of, by, csv } = options;
    if csv || client.json() {
        check_open(by == Some(DimensionName::Officer) || !of.staff.is_empty())?;
    }
    let dimension = match by {
        None => ReportDimension::Unspecified,
        Some(DimensionName::Received) => ReportDimension::ReceivedAtUnit,
        Some(DimensionName::Worked) => ReportDimension::WorkedAtUnit,
        Some(DimensionName::Field) => ReportDimension::Field,
        Some(DimensionName::Procedure) => ReportDimension::Procedure,
        Some(DimensionName::Officer) => ReportDimension::Officer,
    };
    let request = GetReportRequest { selection: Some(selection(of)), by: dimension.into() };
    let answer = reports(client).await?.get_report(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.processing.v1.GetReportResponse", &answer);
    }
    if csv {
        return export::figures(&answer, dimension);
    }
    table::print(client.speech(), &client.zone().await, &answer, dimension);
    Ok(())
}
