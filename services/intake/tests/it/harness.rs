//! Intake on a file, with everybody who may call it.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use ::harness::national_portal::{self, NationalPortal};
use jiff::Timestamp;
use phidia_domain::{
    caller::{Caller, Role},
    id::{OfficerId, UnitId},
};
use phidia_intake::{AttachmentConfig, Built, Config, Deps, PortalConfig, QueueConfig, build};
use phidia_proto::{
    access,
    events::v1::{
        DeliverEventsRequest, Event, Receipt as EventReceipt,
        event_sink_service_client::EventSinkServiceClient,
    },
    intake::v1::{
        Applicant, Channel, ImportProvinceRequest, ListApplicationsRequest, ProvinceFile, Receipt,
        SubmitApplicationRequest, application_service_client::ApplicationServiceClient,
        attachment_service_client::AttachmentServiceClient, catalogue_service_client::CatalogueServiceClient,
        draft_service_client::DraftServiceClient, equipment_service_client::EquipmentServiceClient,
        faq_service_client::FaqServiceClient, feedback_service_client::FeedbackServiceClient,
        numbering_service_client::NumberingServiceClient, portal_service_client::PortalServiceClient,
        queue_service_client::QueueServiceClient, receipt_service_client::ReceiptServiceClient,
        reception_service_client::ReceptionServiceClient,
    },
    types::v1::{CompetenceKey, Place},
};
use phidia_runtime::{
    clock::{BusinessClock, ManualClock},
    database::Database,
    identity::Trust,
    ids::Ids,
    peer::Peer,
    seal::MasterKey,
    service::{Workers, merge},
    sign::SigningKey,
    signed_body,
    stack::{Access, StackConfig, Stacked, wrap},
};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tonic::{Status, service::Routes};

use crate::fakes::{Listener, Subject};

/// Monday, 23 November 2026, 09:00 in Vietnam.
pub(crate) const MORNING: &str = "2026-11-23T02:00:00Z";
/// The applicant of [`request`]: nobody may read this in a store.
pub(crate) const NAME: &str = "Nguyễn Thị Bí Mật";

pub(crate) fn master_key() -> MasterKey {
    MasterKey::from_hex(&"07".repeat(32).into()).unwrap()
}

pub(crate) fn signing_key() -> SigningKey {
    SigningKey::from_hex(&"05".repeat(32).into(), "signing_key").unwrap()
}

/// What signs what the portal is told.
fn portal_key() -> SigningKey {
    SigningKey::from_hex(&"09".repeat(32).into(), "portal.signing_key").unwrap()
}

/// The settings of a portal, which lets us in from now on.
pub(crate) fn told(portal: &NationalPortal) -> (PortalConfig, SigningKey) {
    portal.trust(&signed_body::public_key(&portal_key().public()));
    let config = PortalConfig {
        url: portal.url().to_owned(),
        client_id: national_portal::CLIENT.to_owned(),
        client_secret: Some(national_portal::SECRET.into()),
        poll_seconds: 1,
        patience_seconds: 1,
        ..PortalConfig::default()
    };
    (config, portal_key())
}

/// Puts routes behind the stack that a server has.
pub(crate) fn stacked(routes: Routes) -> Stacked {
    let table =
        |path: &str| access::find(path).map(|row| Access { roles: row.roles, streaming: row.streaming });
    wrap(routes, &StackConfig::default(), Trust::Headers, table)
}

pub(crate) struct Intake {
    folder: TempDir,
    pub(crate) db: Database,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) routing: Arc<Subject>,
    pub(crate) processing: Arc<Subject>,
    pub(crate) notification: Arc<Listener>,
    stacked: Stacked,
    built: Option<Built>,
}

impl Intake {
    /// Without a province.
    pub(crate) async fn empty() -> Self {
        let fakes = (Arc::default(), Arc::default(), Arc::default());
        Self::on(tempfile::tempdir().unwrap(), fakes, AttachmentConfig::default(), None).await
    }

    /// With the province, and a portal that is told of it.
    pub(crate) async fn telling(portal: &NationalPortal) -> Self {
        let fakes = (Arc::default(), Arc::default(), Arc::default());
        let told = told(portal);
        let folder = tempfile::tempdir().unwrap();
        let intake = Self::on(folder, fakes, AttachmentConfig::default(), Some(told)).await;
        intake.import(&files()).await.unwrap();
        intake
    }

    /// The same files after the process was gone, with a portal.
    pub(crate) async fn restarted_telling(self, portal: &NationalPortal) -> Self {
        self.db.close().await.unwrap();
        let fakes = (self.routing, self.processing, self.notification);
        Self::on(self.folder, fakes, AttachmentConfig::default(), Some(told(portal))).await
    }

    /// With the province of [`files`].
    pub(crate) async fn new() -> Self {
        let intake = Self::empty().await;
        intake.import(&files()).await.unwrap();
        intake
    }

    /// The same with other settings of attachments.
    pub(crate) async fn keeping(attachments: AttachmentConfig) -> Self {
        let fakes = (Arc::default(), Arc::default(), Arc::default());
        let intake = Self::on(tempfile::tempdir().unwrap(), fakes, attachments, None).await;
        intake.import(&files()).await.unwrap();
        intake
    }

    /// The same files after the process was gone.
    pub(crate) async fn restarted(self) -> Self {
        self.restarted_with(AttachmentConfig::default()).await
    }

    /// The same with other settings of attachments.
    pub(crate) async fn restarted_with(self, attachments: AttachmentConfig) -> Self {
        self.db.close().await.unwrap();
        Self::on(self.folder, (self.routing, self.processing, self.notification), attachments, None).await
    }

    async fn on(
        folder: TempDir,
        (routing, processing, notification): (Arc<Subject>, Arc<Subject>, Arc<Listener>),
        mut attachments: AttachmentConfig,
        portal: Option<(PortalConfig, SigningKey)>,
    ) -> Self {
        if attachments.store.is_empty() {
            attachments.store = folder.path().join("attachments").to_str().unwrap().to_owned();
        }
        let clock = Arc::new(ManualClock::new(MORNING.parse().unwrap()));
        let db = Database::open(&::harness::store::at(&folder.path().join("intake.db"))).await.unwrap();
        let me = Caller::service("intake");
        let heard = notification.serve(&folder.path().join("notification.db")).await;
        let deps = Deps {
            config: Config::default(),
            db: db.clone(),
            ids: Ids::random(),
            business: BusinessClock::manual(clock.clone()),
            master_key: master_key(),
            signing_key: signing_key(),
            routing: Peer::local(stacked(routing.routes()), me.clone()),
            processing: Peer::local(stacked(processing.routes()), me.clone()),
            notification: Peer::local(stacked(heard), me),
            attachments,
            queue: QueueConfig { tickets_kept_days: 3 },
            portal,
        };
        let mut built = build(deps).await.unwrap();
        let routes = [&mut built.service.public, &mut built.service.internal].map(std::mem::take);
        Self {
            folder,
            db,
            clock,
            routing,
            processing,
            notification,
            stacked: stacked(merge(routes)),
            built: Some(built),
        }
    }

    /// What another replica on the same store is made of; nobody of the others is there for it.
    pub(crate) fn replica(&self) -> Deps {
        let nowhere = || Peer::remote("http://127.0.0.1:1", Caller::service("intake"), None).unwrap();
        let store = self.folder.path().join("attachments").to_str().unwrap().to_owned();
        Deps {
            config: Config::default(),
            db: self.db.clone(),
            ids: Ids::random(),
            business: BusinessClock::manual(self.clock.clone()),
            master_key: master_key(),
            signing_key: signing_key(),
            routing: nowhere(),
            processing: nowhere(),
            notification: nowhere(),
            attachments: AttachmentConfig { store, ..AttachmentConfig::default() },
            queue: QueueConfig::default(),
            portal: None,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn built(&mut self) -> Built {
        self.built.take().unwrap()
    }

    /// Starts relays and all else that runs beside the handlers.
    pub(crate) fn start(&mut self) -> Workers {
        let mut workers = Workers::new(CancellationToken::new());
        for worker in self.built().service.workers {
            workers.spawn(worker);
        }
        workers
    }

    pub(crate) fn applications(&self, caller: Caller) -> ApplicationServiceClient<Peer> {
        ApplicationServiceClient::new(Peer::local(self.stacked.clone(), caller))
    }

    pub(crate) fn attachments(&self, caller: Caller) -> AttachmentServiceClient<Peer> {
        AttachmentServiceClient::new(Peer::local(self.stacked.clone(), caller))
    }

    pub(crate) fn feedback(&self, caller: Caller) -> FeedbackServiceClient<Peer> {
        FeedbackServiceClient::new(Peer::local(self.stacked.clone(), caller))
    }

    pub(crate) fn drafts(&self, caller: Caller) -> DraftServiceClient<Peer> {
        DraftServiceClient::new(Peer::local(self.stacked.clone(), caller))
    }

    pub(crate) fn numbering(&self, caller: Caller) -> NumberingServiceClient<Peer> {
        NumberingServiceClient::new(Peer::local(self.stacked.clone(), caller))
    }

    pub(crate) fn faq(&self, caller: Caller) -> FaqServiceClient<Peer> {
        FaqServiceClient::new(Peer::local(self.stacked.clone(), caller))
    }

    pub(crate) fn reception(&self, caller: Caller) -> ReceptionServiceClient<Peer> {
        ReceptionServiceClient::new(Peer::local(self.stacked.clone(), caller))
    }

    pub(crate) fn receipts(&self, caller: Caller) -> ReceiptServiceClient<Peer> {
        ReceiptServiceClient::new(Peer::local(self.stacked.clone(), caller))
    }

    pub(crate) fn queues(&self, caller: Caller) -> QueueServiceClient<Peer> {
        QueueServiceClient::new(Peer::local(self.stacked.clone(), caller))
    }

    pub(crate) fn equipment(&self, caller: Caller) -> EquipmentServiceClient<Peer> {
        EquipmentServiceClient::new(Peer::local(self.stacked.clone(), caller))
    }

    pub(crate) fn portal(&self) -> PortalServiceClient<Peer> {
        PortalServiceClient::new(Peer::local(self.stacked.clone(), operator()))
    }

    pub(crate) fn catalogue(&self) -> CatalogueServiceClient<Peer> {
        CatalogueServiceClient::new(Peer::local(self.stacked.clone(), operator()))
    }

    pub(crate) async fn import(&self, files: &BTreeMap<String, String>) -> Result<(i64, bool), Status> {
        let request = import_request(files);
        let answer = self.catalogue().import_province(request).await?.into_inner();
        Ok((answer.province.unwrap().version, answer.changed))
    }

    /// As another system, which may submit for every unit.
    pub(crate) async fn submit(&self, request: SubmitApplicationRequest) -> Result<Receipt, Status> {
        let answer = self.applications(system()).submit_application(request).await?;
        Ok(answer.into_inner().receipt.unwrap())
    }

    pub(crate) async fn count(&self) -> usize {
        let request = ListApplicationsRequest { page_size: 1000, ..Default::default() };
        self.applications(system()).list_applications(request).await.unwrap().into_inner().applications.len()
    }

    /// Tells intake events as another service does.
    pub(crate) async fn tell(&self, events: Vec<Event>) -> Vec<EventReceipt> {
        let peer = Peer::local(self.stacked.clone(), Caller::service("processing"));
        let batches = tokio_stream::iter([DeliverEventsRequest { batch: 1, events }]);
        let mut answers =
            EventSinkServiceClient::new(peer).deliver_events(batches).await.unwrap().into_inner();
        answers.message().await.unwrap().unwrap().receipts
    }
}

pub(crate) fn import_request(files: &BTreeMap<String, String>) -> ImportProvinceRequest {
    let file =
        |(name, text): (&String, &String)| ProvinceFile { name: name.clone(), content: text.clone().into() };
    ImportProvinceRequest { files: files.iter().map(file).collect(), ..Default::default() }
}

pub(crate) fn caller(role: Role, unit: Option<UnitId>) -> Caller {
    Caller { role, name: "test".into(), unit, officer: None }
}

pub(crate) fn system() -> Caller {
    caller(Role::System, None)
}

pub(crate) fn operator() -> Caller {
    caller(Role::Operator, None)
}

pub(crate) fn officer(unit: &str) -> Caller {
    let officer = Some(OfficerId::of("37", &format!("{unit}-01")));
    Caller { officer, ..caller(Role::Officer, Some(UnitId::of("37", unit))) }
}

pub(crate) fn supervisor(unit: &str) -> Caller {
    caller(Role::Supervisor, Some(UnitId::of("37", unit)))
}

/// A citizen whom their portal names so.
pub(crate) fn citizen(name: &str) -> Caller {
    Caller { name: name.into(), ..caller(Role::Citizen, None) }
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A submission that is right in every place.
pub(crate) fn request(key: &str) -> SubmitApplicationRequest {
    SubmitApplicationRequest {
        idempotency_key: key.into(),
        procedure_code: "1.1".into(),
        received_at_code: "1".into(),
        applicant: Some(Applicant {
            name: NAME.into(),
            identity_number: "037190001234".into(),
            email: "bi.mat@example.vn".into(),
            telephone: "0912 345 678".into(),
            ..Default::default()
        }),
        channel: Channel::Direct.into(),
        places: vec![Place { key: CompetenceKey::Land.into(), commune_code: "1".into() }],
        ..Default::default()
    }
}

/// Waits until `holds`, for ten seconds at most.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds().await {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A province of two communes and a department.
pub(crate) fn files() -> BTreeMap<String, String> {
    let texts = [
        (
            "province.csv",
            "key,value,basis\n\
             code,37,GSO\n\
             name_vi,Ninh Bình,official\n\
             name_en,Ninh Bình,official\n\
             agency_code,H42,official\n\
             time_zone,Asia/Ho_Chi_Minh,official\n\
             same_day_cutoff,15:00,decree\n",
        ),
        (
            "units.csv",
            "code,kind,name_vi,name_en,cluster,latitude,longitude,neighbours\n\
             1,commune_centre,Trung tâm A,Centre A,Huyện X,20.1,106.0,2\n\
             2,commune_centre,Trung tâm B,Centre B,Huyện X,20.2,106.1,1\n\
             D,department,Sở D,Department D,,,,\n",
        ),
        ("unit_history.csv", "former_code,former_name,successor_code\n8,Xã Cũ,2\n9,Xã Chia,1\n9,Xã Chia,2\n"),
        ("legal_calendar.csv", "date,kind,name_vi,name_en,basis\n2026-01-01,holiday,Tết,New Year,official\n"),
        (
            "working_hours.csv",
            "weekday,opens,closes\nmon,07:30,11:30\nmon,13:30,17:30\ntue,07:30,11:30\ntue,13:30,17:30\n",
        ),
        (
            "procedures.csv",
            "code,name_vi,name_en,field_vi,field_en,tier,time_value,time_unit,online_level,fee_vnd,fee_rule,\
             result_vi,decided_by,boundary_free_kind,effective_from,effective_to,replaced_by,basis,confidence\n\
             1.1,Đăng ký đất,Land registration,Đất đai,Land,commune,1,working_day,full,15000,fixed,Giấy,UBND,\
             B_receive_anywhere,,2027-01-01,1.2,source,high\n\
             1.2,Sao y,Copy,Chứng thực,Certification,commune,,,none,,unknown,Bản sao,UBND,C_fixed_place,,,,source,medium\n\
             1.3,Cũ,Old,Chứng thực,Certification,commune,,,none,,unknown,Bản sao,UBND,C_fixed_place,,2026-02-01,1.2,source,low\n\
             1.4,Mới,New,Chứng thực,Certification,commune,,,none,,unknown,Bản sao,UBND,C_fixed_place,2027-02-01,,,source,low\n",
        ),
        (
            "steps.csv",
            "procedure,step,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes\n\
             1.1,1,work,Thẩm tra,Examination,province,land,,3,90\n\
             1.1,2,sign,Ký,Signature,home,land,,5,8\n\
             1.2,1,work,Thẩm tra,Examination,home,fixed,D,2,12\n\
             1.3,1,work,Thẩm tra,Examination,home,none,,2,12\n\
             1.4,1,work,Thẩm tra,Examination,home,none,,2,12\n",
        ),
        ("officers.csv", "code,unit,name\n1-01,1,Lê Văn A\n2-01,2,Trần Thị B\n"),
        ("competencies.csv", "officer,field,level\n1-01,Chứng thực,3\n2-01,Đất đai,5\n"),
        ("capacity.csv", "unit,date,opens,closes,reason\n1,2026-11-28,07:30,11:30,Saturday\n"),
    ];
    texts.map(|(name, text)| (name.to_owned(), text.to_owned())).into()
}
