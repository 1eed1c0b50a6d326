//! The service on a folder, as a process would run it.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use phidia_domain::{
    Rejection,
    caller::{Caller, Role},
    id::{ApplicationId, UnitId},
};
use phidia_notification::{Built, Config, Deps, RetryConfig, SmtpConfig, Tls, build};
use phidia_proto::{
    access,
    events::v1::{DeliverEventsRequest, Event, Verdict, event_sink_service_client::EventSinkServiceClient},
    notification::v1::{
        GetMessageRequest, GetMessageResponse, InstallPhase, InstallProvinceRequest, ListEventsRequest,
        ListEventsResponse, ListMessagesRequest, ListMessagesResponse, ListUnitMessagesRequest,
        ListUnitMessagesResponse, Message, MessageChannel, MessageState, WatchEventsRequest,
        WatchEventsResponse, event_service_client::EventServiceClient,
        notification_service_client::NotificationServiceClient, office_service_client::OfficeServiceClient,
        template_service_client::TemplateServiceClient,
    },
};
use phidia_runtime::{
    clock::{BusinessClock, ManualClock},
    database::Database,
    failure::Failure,
    identity::Trust,
    ids::Ids,
    peer::Peer,
    service::Workers,
    stack::{self, Access, StackConfig, Stacked},
    status,
};
use sea_orm::{ConnectionTrait as _, Statement};
use tokio_util::sync::CancellationToken;

use crate::story;

/// How long anything may take here.
const SOON: Duration = Duration::from_secs(20);

pub(crate) struct Notification {
    pub(crate) db: Database,
    clock: Arc<ManualClock>,
    public: Stacked,
    internal: Stacked,
    workers: Workers,
}

impl Notification {
    pub(crate) async fn start(folder: &Path, config: Config) -> Self {
        Self::start_at(folder, config, story::NOW).await
    }

    /// The same at another instant of business time.
    pub(crate) async fn start_at(folder: &Path, config: Config, now: &str) -> Self {
        let clock = Arc::new(ManualClock::new(now.parse().unwrap()));
        let (db, built) = Self::build(folder, config, &clock).await.unwrap();
        assert!(built.holder.is_none());
        let mut workers = Workers::new(CancellationToken::new());
        built.service.workers.into_iter().for_each(|worker| workers.spawn(worker));
        let wrap = |routes| stack::wrap(routes, &StackConfig::default(), Trust::Headers, table);
        let (public, internal) = (wrap(built.service.public), wrap(built.service.internal));
        Self { db, clock, public, internal, workers }
    }

    /// It is so late by now, in business time.
    pub(crate) fn set(&self, now: &str) {
        self.clock.set(now.parse().unwrap());
    }

    /// Whether it would start.
    pub(crate) async fn try_start(folder: &Path, config: Config) -> Result<(), Failure> {
        let clock = Arc::new(ManualClock::new(story::NOW.parse().unwrap()));
        Self::build(folder, config, &clock).await.map(drop)
    }

    async fn build(
        folder: &Path,
        config: Config,
        clock: &Arc<ManualClock>,
    ) -> Result<(Database, Built), Failure> {
        let db = Database::open(&::harness::store::at(&folder.join("notification.db"))).await?;
        let deps = Deps {
            db: db.clone(),
            ids: Ids::random(),
            // A little after all that the stories tell.
            business: BusinessClock::manual(Arc::clone(clock) as _),
            master_key: story::master_key(),
        };
        Ok((db, build(config, deps).await?))
    }

    /// Stops as a process does that is asked to.
    pub(crate) async fn stop(self) {
        assert!(self.workers.stop(SOON).await);
        self.db.close().await.unwrap();
    }

    /// Stops as a process does that is killed: what is under way is dropped.
    pub(crate) async fn kill(self) {
        self.workers.stop(Duration::ZERO).await;
        self.db.close().await.unwrap();
    }

    /// Brings in the hours of a province in which this day is a holiday.
    pub(crate) async fn install_hours(&self, holiday: &str) {
        self.install(1, holiday, None).await;
    }

    /// Brings in a province in which these units, by code, are written to.
    pub(crate) async fn install_offices(&self, addresses: &[(&str, &str)]) {
        let mut units = "code,kind,name_vi,name_en,cluster,latitude,longitude,neighbours,email\n".to_owned();
        for (code, name) in [(story::LOSER, "Phủ Lý"), (story::GAINER, "Liêm Hà")] {
            let address = addresses.iter().find(|(unit, _)| *unit == code).map_or("", |(_, address)| address);
            units += &format!("{code},commune_centre,Trung tâm {name},{name} Centre,Huyện X,,,,{address}\n");
        }
        self.install(2 + i64::from(addresses.is_empty()), "2026-11-28", Some(&units)).await;
    }

    async fn install(&self, version: i64, holiday: &str, units: Option<&str>) {
        let settings = "key,value,basis\ncode,37,x\nname_vi,Ninh Bình,x\nname_en,Ninh Bình,x\nagency_code,H42,x\n\
                        time_zone,Asia/Ho_Chi_Minh,x\nsame_day_cutoff,15:00,x\n";
        let calendar = format!("date,kind,name_vi,name_en,basis\n{holiday},holiday,Lễ,Holiday,Luật\n");
        let week = "weekday,opens,closes\nmon,07:30,11:30\nmon,13:00,17:00\n";
        let files =
            [("province.csv", settings), ("legal_calendar.csv", &calendar), ("working_hours.csv", week)];
        let files = files.into_iter().chain(units.map(|units| ("units.csv", units)));
        let files: BTreeMap<_, _> =
            files.map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec())).collect();
        let peer = Peer::local(self.public.clone(), Caller::service("intake"));
        let mut office = OfficeServiceClient::new(peer);
        let phases =
            [(InstallPhase::Validate, 0), (InstallPhase::Stage, version), (InstallPhase::Activate, version)];
        for (phase, version) in phases {
            let request = InstallProvinceRequest { phase: phase.into(), version, files: files.clone() };
            office.install_province(request).await.unwrap();
        }
    }

    /// Delivers one batch of events.
    pub(crate) async fn deliver(&self, events: Vec<Event>) -> Vec<Verdict> {
        let peer = Peer::local(self.internal.clone(), Caller::service("intake"));
        let batch = tokio_stream(DeliverEventsRequest { batch: 1, events });
        let mut answers = EventSinkServiceClient::new(peer).deliver_events(batch).await.unwrap().into_inner();
        let answer = answers.message().await.unwrap().unwrap();
        answer.receipts.iter().map(|receipt| receipt.verdict()).collect()
    }

    pub(crate) async fn list(
        &self,
        role: Role,
        request: ListMessagesRequest,
    ) -> Result<ListMessagesResponse, Rejection> {
        let caller = Caller { role, name: "x".into(), unit: Some(UnitId::of("37", "13285")), officer: None };
        let peer = Peer::local(self.public.clone(), caller);
        let answer = NotificationServiceClient::new(peer).list_messages(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
    }

    /// The service of templates, as somebody of this role calls it.
    pub(crate) fn templates(&self, role: Role) -> TemplateServiceClient<Peer> {
        let caller = Caller { role, name: "x".into(), unit: Some(UnitId::of("37", "13285")), officer: None };
        TemplateServiceClient::new(Peer::local(self.public.clone(), caller))
    }

    /// All messages to the unit with this code.
    pub(crate) async fn of_unit(
        &self,
        role: Role,
        code: &str,
    ) -> Result<ListUnitMessagesResponse, Rejection> {
        let unit_id =
            if role == Role::Officer && code == story::LOSER { String::new() } else { story::unit(code) };
        self.unit_messages(role, ListUnitMessagesRequest { unit_id, ..ListUnitMessagesRequest::default() })
            .await
    }

    /// A page of messages to a unit.
    pub(crate) async fn unit_messages(
        &self,
        role: Role,
        request: ListUnitMessagesRequest,
    ) -> Result<ListUnitMessagesResponse, Rejection> {
        let caller =
            Caller { role, name: "x".into(), unit: Some(UnitId::of("37", story::LOSER)), officer: None };
        let peer = Peer::local(self.public.clone(), caller);
        let answer = NotificationServiceClient::new(peer).list_unit_messages(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
    }

    /// What the feed lists to another system.
    pub(crate) async fn events(&self, request: ListEventsRequest) -> Result<ListEventsResponse, Rejection> {
        self.events_as(Role::System, request).await
    }

    pub(crate) async fn events_as(
        &self,
        role: Role,
        request: ListEventsRequest,
    ) -> Result<ListEventsResponse, Rejection> {
        let answer = EventServiceClient::new(self.peer(role)).list_events(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
    }

    /// What the feed tells another system that listens.
    pub(crate) async fn watch(
        &self,
        request: WatchEventsRequest,
    ) -> Result<tonic::Streaming<WatchEventsResponse>, Rejection> {
        let answer = EventServiceClient::new(self.peer(Role::System)).watch_events(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
    }

    /// The public port, to somebody with this role.
    pub(crate) fn peer(&self, role: Role) -> Peer {
        self.peer_of(role, "x")
    }

    pub(crate) fn peer_of(&self, role: Role, name: &str) -> Peer {
        let caller =
            Caller { role, name: name.into(), unit: Some(UnitId::of("37", story::LOSER)), officer: None };
        Peer::local(self.public.clone(), caller)
    }

    /// Does to the store what nobody does in earnest.
    pub(crate) async fn execute(&self, statement: String) {
        let done = self.db.write(move |tx| {
            Box::pin(async move { Ok::<_, Failure>(tx.execute_unprepared(&statement).await.map(drop)?) })
        });
        done.await.unwrap();
    }

    /// How many messages are still to be handed to a provider.
    pub(crate) async fn still_to_send(&self) -> i64 {
        let statement = "SELECT COUNT(*) AS many FROM delivery";
        let rows = Statement::from_string(self.db.backend(), statement);
        let row = self.db.read().query_one_raw(rows).await.unwrap().unwrap();
        row.try_get("", "many").unwrap()
    }

    /// Somebody who runs the installation.
    pub(crate) fn operator(&self) -> NotificationServiceClient<Peer> {
        let caller = Caller { role: Role::Operator, name: "x".into(), unit: None, officer: None };
        NotificationServiceClient::new(Peer::local(self.public.clone(), caller))
    }

    /// A message, and how it was told.
    pub(crate) async fn show(&self, message_id: &str) -> Result<GetMessageResponse, Rejection> {
        let request = GetMessageRequest { message_id: message_id.to_owned() };
        let answer = self.operator().get_message(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| status::from_status(&status))
    }

    /// What goes out about an application and is not only kept to be read, once it is so.
    pub(crate) async fn sent_out(
        &self,
        application: ApplicationId,
        is_so: impl Fn(&[Message]) -> bool,
    ) -> Vec<Message> {
        let mut messages = Vec::new();
        let found = tokio::time::timeout(SOON, async {
            loop {
                messages = self.of(application).await;
                messages.retain(|message| message.channel() != MessageChannel::InApp);
                if is_so(&messages) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        let found = found.await;
        assert!(found.is_ok(), "what goes out about {application} did not come to stand so: {messages:?}");
        messages
    }

    /// All messages about an application.
    pub(crate) async fn of(&self, application: ApplicationId) -> Vec<Message> {
        let request = ListMessagesRequest { application_id: application.to_string(), ..Default::default() };
        self.list(Role::Officer, request).await.unwrap().messages
    }

    /// The only e-mail about an application, once it stands so.
    pub(crate) async fn letter(&self, application: ApplicationId, state: MessageState) -> Message {
        let found = tokio::time::timeout(SOON, async {
            loop {
                let mut letters = self.of(application).await;
                letters.retain(|message| message.channel() == MessageChannel::Email);
                match letters.as_slice() {
                    [letter] if letter.state() == state => return letter.clone(),
                    _ => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        });
        found.await.unwrap_or_else(|_| panic!("no letter about {application} became {state:?}"))
    }
}

fn tokio_stream<T: Send + 'static>(one: T) -> impl tonic::IntoStreamingRequest<Message = T> {
    struct Once<T>(Option<T>);
    impl<T> Unpin for Once<T> {}
    impl<T> tonic::codegen::tokio_stream::Stream for Once<T> {
        type Item = T;
        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<T>> {
            std::task::Poll::Ready(self.0.take())
        }
    }
    Once(Some(one))
}

fn table(path: &str) -> Option<Access> {
    access::find(path).map(|row| Access { roles: row.roles, streaming: row.streaming })
}

/// Letters go to this port; all that waits, waits milliseconds.
pub(crate) fn with_mail(port: u16) -> Config {
    Config {
        smtp: Some(SmtpConfig {
            host: "127.0.0.1".into(),
            port,
            from: "Trung tâm Phục vụ hành chính công tỉnh Ninh Bình <khong-tra-loi@ninhbinh.example>".into(),
            tls: Tls::None,
            timeout_seconds: 5,
            ..SmtpConfig::default()
        }),
        retry: impatient(),
        ..Config::default()
    }
}

/// All that waits, waits milliseconds.
pub(crate) fn impatient() -> RetryConfig {
    RetryConfig {
        attempts: 200,
        first_milliseconds: 20,
        longest_milliseconds: 50,
        lease_milliseconds: 60_000,
        poll_milliseconds: 100,
    }
}

/// Waits until it is so.
pub(crate) async fn soon(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waited = tokio::time::timeout(SOON, async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(waited.await.is_ok(), "{what}, but not in time");
}
