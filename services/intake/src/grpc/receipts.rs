//! `ReceiptService`.

use phidia_domain::conservation::{CentreSum as Sum, Published};
use phidia_domain::receipt::{Closed, Signed, base32};
use phidia_proto::{
    convert::{self, wire_timestamp},
    intake::v1::{
        CentreSum, DailyRoot, GetCentreSumsRequest, GetCentreSumsResponse, GetInclusionProofRequest,
        GetInclusionProofResponse, GetReceiptRequest, GetReceiptResponse, ListDailyRootsRequest,
        ListDailyRootsResponse, ListReceiptKeysRequest, ListReceiptKeysResponse, ReceiptKey,
        receipt_service_server::ReceiptService,
    },
};
use phidia_runtime::{failure::Failure, identity, status, telemetry::concerns};
use tonic::{Request, Response, Status, async_trait};

use super::applications::{check_receipt, wire_receipt};
use crate::{
    Intake,
    receipts::{list_days::Question, signer::ShownKey},
    store::receipts::ClosedDay,
};

/// Serves what can be checked of receipts.
pub(crate) struct Receipts(Intake);

impl Receipts {
    pub(crate) fn new(intake: Intake) -> Self {
        Self(intake)
    }

    async fn keys(&self) -> Result<ListReceiptKeysResponse, Failure> {
        let shown = |ShownKey { known, id, is_signing }: ShownKey| ReceiptKey {
            key_id: id.to_string(),
            public_key: known.public.to_string(),
            since: Some(wire_timestamp(known.since)),
            is_signing,
        };
        Ok(ListReceiptKeysResponse { keys: self.0.receipt_keys().await?.into_iter().map(shown).collect() })
    }

    async fn receipt(&self, request: Request<GetReceiptRequest>) -> Result<GetReceiptResponse, Failure> {
        let caller = identity::caller(&request)?;
        let GetReceiptRequest { dossier_code, check_code } = request.into_inner();
        check_receipt(&dossier_code, &check_code)?;
        let receipt = self.0.receipt(&caller, &dossier_code, &check_code).await?;
        concerns(receipt.application);
        Ok(GetReceiptResponse { receipt: Some(wire_receipt(receipt)) })
    }

    async fn proof(
        &self,
        request: Request<GetInclusionProofRequest>,
    ) -> Result<GetInclusionProofResponse, Failure> {
        let caller = identity::caller(&request)?;
        let GetInclusionProofRequest { dossier_code, check_code } = request.into_inner();
        check_receipt(&dossier_code, &check_code)?;
        let (id, proof) = self.0.proof(&caller, &dossier_code, &check_code).await?;
        concerns(id);
        Ok(GetInclusionProofResponse {
            salt: proof.salt.to_vec(),
            index: proof.index,
            path: proof.path.iter().map(|hash| hash.to_vec()).collect(),
            root: proof.root.text(),
        })
    }

    async fn days(&self, request: Request<ListDailyRootsRequest>) -> Result<ListDailyRootsResponse, Failure> {
        let ListDailyRootsRequest { page_size, page_token, day: only, with_sums } = request.into_inner();
        let question = Question {
            day: convert::optional_day(&only, "day")?,
            page_size: convert::page_size(page_size, 31, 366)?,
            page_token,
        };
        let page = self.0.daily_roots(question).await?;
        let roots = page.items.into_iter().map(|closed| wire_day(closed, with_sums));
        Ok(ListDailyRootsResponse {
            roots: roots.collect::<Result<_, _>>()?,
            next_page_token: page.next_page_token,
        })
    }

    async fn sums(&self, request: Request<GetCentreSumsRequest>) -> Result<GetCentreSumsResponse, Failure> {
        let GetCentreSumsRequest { day: only } = request.into_inner();
        let only = convert::optional_day(&only, "day")?;
        Ok(GetCentreSumsResponse { sums: wire_sums(&self.0.centre_sums(only).await?) })
    }
}

#[async_trait]
impl ReceiptService for Receipts {
    async fn list_receipt_keys(
        &self,
        _: Request<ListReceiptKeysRequest>,
    ) -> Result<Response<ListReceiptKeysResponse>, Status> {
        self.keys().await.map(Response::new).map_err(status::of_failure)
    }

    async fn get_receipt(
        &self,
        request: Request<GetReceiptRequest>,
    ) -> Result<Response<GetReceiptResponse>, Status> {
        self.receipt(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn get_inclusion_proof(
        &self,
        request: Request<GetInclusionProofRequest>,
    ) -> Result<Response<GetInclusionProofResponse>, Status> {
        self.proof(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_daily_roots(
        &self,
        request: Request<ListDailyRootsRequest>,
    ) -> Result<Response<ListDailyRootsResponse>, Status> {
        self.days(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn get_centre_sums(
        &self,
        request: Request<GetCentreSumsRequest>,
    ) -> Result<Response<GetCentreSumsResponse>, Status> {
        self.sums(request).await.map(Response::new).map_err(status::of_failure)
    }
}

fn wire_day(closed: ClosedDay, with_sums: bool) -> Result<DailyRoot, Failure> {
    let Closed { count, root, .. } = Signed::<Closed>::parse(&closed.signed)?.statement;
    Ok(DailyRoot {
        day: closed.day.to_string(),
        count,
        root: base32::write(&root),
        signed: closed.signed,
        closed_at: Some(wire_timestamp(closed.closed_at)),
        sums: if with_sums { wire_sums(&closed.sums) } else { Vec::new() },
    })
}

fn wire_sums(Published(sums): &Published) -> Vec<CentreSum> {
    let wire = |(code, sum): (&String, &Sum)| CentreSum {
        code: code.clone(),
        accepted: sum.accepted,
        open: sum.open,
        finished: sum.finished,
        withdrawn: sum.withdrawn,
        refused: sum.refused,
        lapsed: sum.lapsed,
    };
    sums.iter().map(wire).collect()
}
