//! What waits at the units.

use futures::{StreamExt as _, stream::BoxStream};
use phidia_proto::routing::v1::{
    WatchLoadRequest, WatchLoadResponse, registry_service_client::RegistryServiceClient,
};
use phidia_runtime::peer::Peer;
use tonic::{Request, Status};

use super::{Source, Taken};

/// The load of all units. How it stands each page asks for itself: here is told that it has changed, and how often.
#[derive(Debug)]
pub(crate) struct Load(pub(super) Peer);

impl Source for Load {
    type Of = ();
    type Told = WatchLoadResponse;
    type State = u64;

    async fn listen(
        &self,
        (): &(),
        resume_token: String,
    ) -> Result<BoxStream<'static, Result<WatchLoadResponse, Status>>, Status> {
        // It has no end.
        let request = Request::new(WatchLoadRequest { resume_token });
        Ok(RegistryServiceClient::new(self.0.clone()).watch_load(request).await?.into_inner().boxed())
    }

    fn take_in(&self, told: WatchLoadResponse, changes: &mut u64) -> Taken {
        let is_news = !told.units.is_empty();
        *changes += u64::from(is_news);
        Taken { token: told.resume_token, is_news }
    }
}

#[cfg(test)]
mod tests {
    use phidia_domain::caller::{Caller, Role};
    use phidia_proto::routing::v1::UnitLoad;

    use super::*;

    #[tokio::test]
    async fn news_is_what_changes_a_unit() {
        let caller = Caller { role: Role::Citizen, name: "portal".into(), unit: None, officer: None };
        let load = Load(Peer::remote("http://127.0.0.1:9", caller, None).unwrap());
        let told = |units| WatchLoadResponse { resume_token: "7".into(), whole: false, units };
        let mut changes = 0;
        assert_eq!(load.take_in(told(vec![]), &mut changes), Taken { token: "7".into(), is_news: false });
        assert!(load.take_in(told(vec![UnitLoad::default()]), &mut changes).is_news);
        assert_eq!(changes, 1);
    }
}
