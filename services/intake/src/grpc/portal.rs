//! `PortalService`.

use phidia_domain::Rejection;
use phidia_proto::{
    convert::{self, missing, wire_text, wire_timestamp},
    intake::v1::{
        GetPortalStateRequest, GetPortalStateResponse, LeaveOutPortalMessageRequest,
        LeaveOutPortalMessageResponse, ListPortalArrivalsRequest, ListPortalArrivalsResponse,
        ListPortalMessagesRequest, ListPortalMessagesResponse, PortalArrival, PortalArrivalState,
        PortalItemKind, PortalMessage, PortalMessageState, ReplayPortalMessagesRequest,
        ReplayPortalMessagesResponse, portal_service_server::PortalService,
    },
};
use phidia_runtime::{failure::Failure, identity, status};
use tonic::{Request, Response, Status, async_trait};

use crate::{
    Intake,
    portal::{
        Arrival, ArrivalQuestion, ArrivalState, Brought, Message, MessageQuestion, MessageState, State,
    },
    store::portal::MessageFilter,
};

/// Serves what the portal is told, and what it brings.
pub(crate) struct PortalServer(Intake);

impl PortalServer {
    pub(crate) fn new(intake: Intake) -> Self {
        Self(intake)
    }

    async fn state(&self) -> Result<GetPortalStateResponse, Failure> {
        let State { url, public_key, backlog } = self.0.portal_state().await?;
        let count = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        Ok(GetPortalStateResponse {
            url,
            public_key,
            waiting: count(backlog.waiting),
            behind: count(backlog.behind),
            refused: count(backlog.refused),
            oldest_at: backlog.oldest.map(wire_timestamp),
            delivered_at: backlog.delivered_at.map(wire_timestamp),
            failed_arrivals: count(backlog.failed_arrivals),
        })
    }

    async fn messages(
        &self,
        request: Request<ListPortalMessagesRequest>,
    ) -> Result<ListPortalMessagesResponse, Failure> {
        let ListPortalMessagesRequest { page_size, page_token, dossier_code, state } = request.into_inner();
        let question = MessageQuestion {
            filter: MessageFilter { code: dossier_code, state: message_state(state)? },
            page_size: convert::page_size(page_size, 50, 500)?,
            page_token,
        };
        let page = self.0.portal_messages(question).await?;
        Ok(ListPortalMessagesResponse {
            messages: page.items.into_iter().map(wire_message).collect(),
            next_page_token: page.next_page_token,
        })
    }

    async fn arrivals(
        &self,
        request: Request<ListPortalArrivalsRequest>,
    ) -> Result<ListPortalArrivalsResponse, Failure> {
        let ListPortalArrivalsRequest { page_size, page_token, state } = request.into_inner();
        let question = ArrivalQuestion {
            state: arrival_state(state)?,
            page_size: convert::page_size(page_size, 50, 500)?,
            page_token,
        };
        let page = self.0.portal_arrivals(question).await?;
        Ok(ListPortalArrivalsResponse {
            arrivals: page.items.into_iter().map(wire_arrival).collect(),
            next_page_token: page.next_page_token,
        })
    }

    async fn replay(
        &self,
        request: Request<ReplayPortalMessagesRequest>,
    ) -> Result<ReplayPortalMessagesResponse, Failure> {
        let caller = identity::caller(&request)?;
        let ReplayPortalMessagesRequest { dossier_code, from_number, reason, all_refused } =
            request.into_inner();
        match (all_refused, dossier_code.is_empty()) {
            (true, true) => drop(self.0.replay_refused_portal(&caller, reason).await?),
            (true, false) => {
                let expected = "empty where all that is refused is told again";
                return Err(Rejection::invalid("CONTRADICTION", "dossier_code", expected).into());
            }
            (false, _) => {
                let code = required(dossier_code)?;
                self.0.replay_portal(&caller, &code, from_number.max(1), reason).await?;
            }
        }
        Ok(ReplayPortalMessagesResponse {})
    }

    async fn leave_out(
        &self,
        request: Request<LeaveOutPortalMessageRequest>,
    ) -> Result<LeaveOutPortalMessageResponse, Failure> {
        let caller = identity::caller(&request)?;
        let LeaveOutPortalMessageRequest { dossier_code, number, reason } = request.into_inner();
        let code = required(dossier_code)?;
        if number == 0 {
            return Err(missing("number").into());
        }
        self.0.leave_out_portal(&caller, &code, number, reason).await?;
        Ok(LeaveOutPortalMessageResponse {})
    }
}

#[async_trait]
impl PortalService for PortalServer {
    async fn get_portal_state(
        &self,
        _: Request<GetPortalStateRequest>,
    ) -> Result<Response<GetPortalStateResponse>, Status> {
        self.state().await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_portal_messages(
        &self,
        request: Request<ListPortalMessagesRequest>,
    ) -> Result<Response<ListPortalMessagesResponse>, Status> {
        self.messages(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn list_portal_arrivals(
        &self,
        request: Request<ListPortalArrivalsRequest>,
    ) -> Result<Response<ListPortalArrivalsResponse>, Status> {
        self.arrivals(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn replay_portal_messages(
        &self,
        request: Request<ReplayPortalMessagesRequest>,
    ) -> Result<Response<ReplayPortalMessagesResponse>, Status> {
        self.replay(request).await.map(Response::new).map_err(status::of_failure)
    }

    async fn leave_out_portal_message(
        &self,
        request: Request<LeaveOutPortalMessageRequest>,
    ) -> Result<Response<LeaveOutPortalMessageResponse>, Status> {
        self.leave_out(request).await.map(Response::new).map_err(status::of_failure)
    }
}

fn required(dossier_code: String) -> Result<String, Rejection> {
    if dossier_code.is_empty() { Err(missing("dossier_code")) } else { Ok(dossier_code) }
}

fn message_state(value: i32) -> Result<Option<MessageState>, Rejection> {
    match PortalMessageState::try_from(value) {
        Ok(PortalMessageState::Unspecified) => Ok(None),
        Ok(PortalMessageState::Behind) => Ok(Some(MessageState::Behind)),
        Ok(PortalMessageState::Waiting) => Ok(Some(MessageState::Waiting)),
        Ok(PortalMessageState::Delivered) => Ok(Some(MessageState::Delivered)),
        Ok(PortalMessageState::Refused) => Ok(Some(MessageState::Refused)),
        Ok(PortalMessageState::LeftOut) => Ok(Some(MessageState::LeftOut)),
        Err(_) => Err(Rejection::invalid("UNKNOWN_VALUE", "state", "expected a state or nothing")),
    }
}

fn arrival_state(value: i32) -> Result<Option<ArrivalState>, Rejection> {
    match PortalArrivalState::try_from(value) {
        Ok(PortalArrivalState::Unspecified) => Ok(None),
        Ok(PortalArrivalState::Taken) => Ok(Some(ArrivalState::Taken)),
        Ok(PortalArrivalState::Refused) => Ok(Some(ArrivalState::Refused)),
        Ok(PortalArrivalState::Failed) => Ok(Some(ArrivalState::Failed)),
        Err(_) => Err(Rejection::invalid("UNKNOWN_VALUE", "state", "expected a state or nothing")),
    }
}

fn wire_message(message: Message) -> PortalMessage {
    let state = match message.state {
        MessageState::Behind => PortalMessageState::Behind,
        MessageState::Waiting => PortalMessageState::Waiting,
        MessageState::Delivered => PortalMessageState::Delivered,
        MessageState::Refused => PortalMessageState::Refused,
        MessageState::LeftOut => PortalMessageState::LeftOut,
    };
    let waits = message.state == MessageState::Waiting;
    PortalMessage {
        dossier_code: message.code,
        number: message.number.unsigned_abs(),
        national_code: message.national_code,
        at: Some(wire_timestamp(message.at)),
        unit_name: message.unit_name.as_ref().map(wire_text),
        state: state.into(),
        attempts: message.attempts.unsigned_abs(),
        next_at: waits.then(|| wire_timestamp(message.next_at)),
        failure: message.failure.unwrap_or_default(),
        delivered_at: message.delivered_at.map(wire_timestamp),
        sha256: message.sha256.unwrap_or_default(),
        note: message.note.unwrap_or_default(),
        noted_by: message.noted_by.unwrap_or_default(),
    }
}

fn wire_arrival(arrival: Arrival) -> PortalArrival {
    let kind = match arrival.kind {
        Brought::Dossier => PortalItemKind::Dossier,
        Brought::Supplement => PortalItemKind::Supplement,
        Brought::Withdrawal => PortalItemKind::Withdrawal,
        Brought::Payment => PortalItemKind::Payment,
        Brought::Unknown => PortalItemKind::Unknown,
    };
    let state = match arrival.state {
        ArrivalState::Taken => PortalArrivalState::Taken,
        ArrivalState::Refused => PortalArrivalState::Refused,
        ArrivalState::Failed => PortalArrivalState::Failed,
    };
    let failed = arrival.state == ArrivalState::Failed;
    PortalArrival {
        item_id: arrival.item,
        kind: kind.into(),
        dossier_code: arrival.code,
        seen_at: Some(wire_timestamp(arrival.seen_at)),
        state: state.into(),
        attempts: arrival.attempts.unsigned_abs(),
        next_at: failed.then(|| wire_timestamp(arrival.next_at)),
        reason: arrival.reason.unwrap_or_default(),
        answer: arrival.answer,
        application_id: arrival.application.map(|id| id.to_string()).unwrap_or_default(),
    }
}
