//! The port that browsers reach.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{body::Body, middleware};
use http::{Request, Response};
use phidia_runtime::http_server::{self, Handles, Limits};
use tokio::net::TcpListener;
use tower::{Layer as _, ServiceExt as _, util::BoxCloneSyncService};

use crate::{Portal, receive::receive};

/// A browser keeps six lines open, and a live page one for as long as it is looked at: three thousand officers, and as many again who look.
const LIMITS: Limits = Limits { head: Duration::from_secs(30), lines: 8_192, to_the_end: true };

/// From which address a call came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct From(pub(crate) SocketAddr);

#[derive(Debug)]
struct Pages(BoxCloneSyncService<Request<Body>, Response<Body>, std::convert::Infallible>);

impl Handles for Pages {
    type Body = Body;

    async fn handle(
        &self,
        request: Request<hyper::body::Incoming>,
        from: SocketAddr,
        is_answering: &AtomicBool,
    ) -> Response<Body> {
        is_answering.store(true, Relaxed);
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(From(from));
        let Ok(response) = self.0.clone().oneshot(request).await;
        response
    }
}

impl Portal {
    /// Serves browsers until the portal is stopped; what is being answered by then has `grace` to end.
    pub async fn serve(&self, listener: TcpListener, grace: Duration) {
        // Around the whole router, so that pages which are not there are answered like all others.
        let pages = middleware::from_fn_with_state(self.clone(), receive).layer(self.routes());
        let pages = Arc::new(Pages(BoxCloneSyncService::new(pages)));
        let stop = self.0.stop.clone();
        let serving = http_server::serve_calls(LIMITS, listener, pages, stop.clone());
        tokio::select! {
            () = serving => {}
            () = async { stop.cancelled().await; tokio::time::sleep(grace).await } => {
                tracing::warn!("browsers that were still being answered are hung up on");
            }
        }
    }
}
