//! What providers tell us over HTTP: what became of the messages that they have taken. `POST /receipts/<name>`; answered 200 once
//! it is written down, also when it comes again.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use http::{Method, StatusCode};
use phidia_outbox::Outbox;
use phidia_runtime::{
    clock::RealClock,
    http_server::{self, Answers, Asked},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    channel::Registered,
    deliver::{Otherwise, Wake, receipt},
    store::receipts::Said,
};

/// A port that somebody else has is tried again after so long.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Takes in what providers tell.
#[derive(Debug)]
pub(crate) struct Callbacks {
    pub(crate) outbox: Outbox,
    pub(crate) clock: RealClock,
    pub(crate) providers: Vec<Arc<Registered>>,
    /// With what somebody is told over another channel, where a provider says that it never will get through.
    pub(crate) otherwise: Arc<Otherwise>,
    pub(crate) wake: Wake,
}

impl Callbacks {
    /// Listens until `stop`. Where another process has the port (that of before, which is about to go) it waits for it.
    pub(crate) async fn run(self, listen: SocketAddr, stop: CancellationToken) {
        let answers: Arc<dyn Answers> = Arc::new(self);
        while !stop.is_cancelled() {
            match TcpListener::bind(listen).await {
                Ok(listener) => {
                    http_server::serve(listener, Arc::clone(&answers), stop.clone()).await;
                }
                Err(error) => {
                    tracing::warn!(%listen, %error, "receipts of providers are not taken in: the port can't be listened on");
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(TRY_AGAIN) => {}
            }
        }
    }
}

#[async_trait::async_trait]
impl Answers for Callbacks {
    async fn answer(&self, Asked { method, path, headers, body }: Asked) -> StatusCode {
        let named = path.strip_prefix("/receipts/");
        let provider = self.providers.iter().find(|provider| named == Some(&*provider.name));
        let Some((name, gateway)) = provider.and_then(|it| Some((&it.name, it.gateway.as_ref()?))) else {
            return StatusCode::NOT_FOUND;
        };
        if method != Method::POST {
            return StatusCode::METHOD_NOT_ALLOWED;
        }
        let reported = match gateway.read_receipt(&headers, &body) {
            Ok(Some(reported)) => reported,
            Ok(None) => {
                tracing::info!(
                    provider = name,
                    "a receipt with a status that the configuration does not name"
                );
                return StatusCode::OK;
            }
            Err(status) => {
                tracing::warn!(provider = name, %status, "a receipt that does not count");
                return status;
            }
        };
        let said = Said {
            provider: name.clone(),
            provider_ref: reported.reference,
            receipt: reported.receipt,
            code: reported.code,
            seen_at: self.clock.now(),
        };
        let otherwise = Arc::clone(&self.otherwise);
        let taken = self
            .outbox
            .write(move |tx, _| Box::pin(async move { receipt::take_in(tx, said, &otherwise).await }));
        match taken.await {
            Ok(is_told_otherwise) => {
                if is_told_otherwise {
                    self.wake.all();
                }
                StatusCode::OK
            }
            Err(error) => {
                tracing::warn!(provider = name, %error, "a receipt could not be written down");
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }
}
