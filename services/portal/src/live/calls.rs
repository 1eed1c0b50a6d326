//! That a number was called in a hall.

use futures::{StreamExt as _, stream::BoxStream};
use phidia_proto::intake::v1::{
    BoardCall, WatchBoardRequest, WatchBoardResponse, queue_service_client::QueueServiceClient,
};
use phidia_runtime::peer::Peer;
use tonic::Status;

use super::{Source, Taken};
use crate::visitor::Visitor;

/// Intake. What it tells is on the board for everybody.
#[derive(Debug)]
pub(crate) struct Calls(pub(super) Peer);

impl Source for Calls {
    /// The official code of the centre.
    type Of = String;
    type Told = WatchBoardResponse;
    /// What was called last.
    type State = Option<BoardCall>;

    async fn listen(
        &self,
        unit: &String,
        token: String,
    ) -> Result<BoxStream<'static, Result<Self::Told, Status>>, Status> {
        let mut queue = QueueServiceClient::new(self.0.speaking_for(Visitor::nobody().caller()));
        let request =
            WatchBoardRequest { unit_code: unit.clone(), point: String::new(), resume_token: token };
        Ok(queue.watch_board(request).await?.into_inner().boxed())
    }

    fn take_in(&self, mut told: WatchBoardResponse, last: &mut Option<BoardCall>) -> Taken {
        let newest = told.calls.pop();
        let is_news = newest.is_some();
        if is_news {
            *last = newest;
        }
        Taken { token: told.resume_token, is_news }
    }
}
