//! An application as other services tell of it.

use phidia_domain::{
    id::{ApplicationId, EventId, Id as _, OfficerId, PersonId, ReferralId, UnitId},
    notice::{Addressee, Contact},
};
use phidia_proto::{
    convert::wire_timestamp,
    events::v1::{
        ApplicationSubmitted, AssignmentGround, CaseCompleted, CaseOpened, CasePaused, CaseResumed,
        CaseStopped, DeadlineNear, DeadlineStage, Event, PaymentDue, ReferralEnded, ReferralMade, Referrals,
        SealedContact, StepOutcome, StepStarted, StopGround, SupplementRequested, WaitedFor, WorkAssigned,
        WorkMoved, case_paused::WaitsFor, event::Fact,
    },
    types::v1::{Language, Text, WorkItem},
};
use phidia_runtime::{
    clock::RealClock,
    ids::Ids,
    seal::{MasterKey, PersonKey, Sealed},
};

pub(crate) const NAME: &str = "Nguyễn Thị Lan Hương";
pub(crate) const ADDRESS: &str = "lan.huong@example.vn";

/// When the stories are told.
pub(crate) const NOW: &str = "2026-11-23T10:00:00Z";

pub(crate) fn master_key() -> MasterKey {
    MasterKey::from_hex(&"07".repeat(32).into()).unwrap()
}

/// An application that others tell of.
#[derive(Clone)]
pub(crate) struct Story {
    pub(crate) application: ApplicationId,
    pub(crate) language: Language,
    pub(crate) email: &'static str,
    pub(crate) telephone: &'static str,
    /// Address of who handed in for them; empty: nobody did.
    pub(crate) proxy: &'static str,
    pub(crate) due_at: Option<&'static str>,
    pub(crate) master: std::sync::Arc<MasterKey>,
    pub(crate) ids: Ids,
}

impl Story {
    pub(crate) fn new(seed: u64) -> Self {
        let ids = Ids::seeded(seed);
        Self {
            application: ids.mint("2026-11-23T01:00:00Z".parse().unwrap()),
            language: Language::Vi,
            email: ADDRESS,
            telephone: "0912 345 678",
            proxy: "",
            due_at: Some("2026-11-24T09:30:00Z"),
            master: master_key().into(),
            ids,
        }
    }

    pub(crate) fn english(seed: u64) -> Self {
        Self { language: Language::En, ..Self::new(seed) }
    }

    pub(crate) fn submitted(&self) -> Event {
        let at = "2026-11-23T01:05:00Z";
        let key = PersonKey::generate();
        let person: PersonId = self.ids.mint(at.parse().unwrap());
        let contact = Contact {
            name: NAME.into(),
            email: self.email.into(),
            telephone: self.telephone.into(),
            proxy: Some(Addressee {
                name: "Trần Văn Minh".into(),
                email: self.proxy.into(),
                ..Addressee::default()
            })
            .filter(|proxy| !proxy.email.is_empty()),
        };
        let sealed = Sealed::seal(&key, &Contact::context(person), &contact).unwrap();
        let fact = ApplicationSubmitted {
            procedure_code: "1.001193".into(),
            procedure_name: Some(text("Đăng ký khai sinh", "Birth registration")),
            province_version: 1,
            dossier_code: "H42.13285-261123-0007".into(),
            received_at_unit_id: "ctr_".to_owned() + &"1".repeat(32),
            return_at_unit_id: "ctr_".to_owned() + &"1".repeat(32),
            return_at_unit_name: Some(text(
                "Trung tâm Phục vụ hành chính công phường Phủ Lý",
                "Phủ Lý Ward Public Administrative Service Centre",
            )),
            places: Vec::new(),
            submitted_at: Some(wire_timestamp(at.parse().unwrap())),
            due_at: self.due_at.map(|due| wire_timestamp(due.parse().unwrap())),
            contact: Some(SealedContact {
                person_id: person.to_string(),
                wrapped_key: key.wrap(&self.master).unwrap(),
                sealed: sealed.into_bytes(),
                pseudonym: Vec::new(),
            }),
            language: self.language.into(),
            conflicted_unit_ids: Vec::new(),
            applicant_pseudonym: Vec::new(),
            channel: 0,
            digitised: None,
            result_by: 0,
        };
        self.event("intake", 1, at, Fact::ApplicationSubmitted(fact))
    }

    /// At the same instant as it was submitted: the order must not depend on the clock's grain.
    pub(crate) fn opened(&self) -> Event {
        let unit_name = text(
            "Trung tâm Phục vụ hành chính công xã Liêm Hà",
            "Liêm Hà Commune Public Administrative Service Centre",
        );
        let fact =
            CaseOpened { case_id: "case_1".into(), unit_id: "ctr_1".into(), unit_name: Some(unit_name) };
        self.event("processing", 1, "2026-11-23T01:05:00Z", Fact::CaseOpened(fact))
    }

    /// To the gainer; routing tells it as soon as it can, often before intake's word has come.
    pub(crate) fn assigned(&self) -> Event {
        let fact = WorkAssigned {
            work_item: self.item(1),
            unit_id: unit(GAINER),
            unit_name: Some(text("Trung tâm Liêm Hà", "Liêm Hà Centre")),
            ground: AssignmentGround::Gain.into(),
            ..WorkAssigned::default()
        };
        self.event("routing", 1, "2026-11-23T01:05:01Z", Fact::WorkAssigned(fact))
    }

    pub(crate) fn started(&self) -> Event {
        let fact = StepStarted { case_id: "case_1".into(), work_item: self.item(1), unit_id: unit(GAINER) };
        self.event("processing", 2, "2026-11-23T01:30:00Z", Fact::StepStarted(fact))
    }

    pub(crate) fn asked(&self) -> Event {
        let fact = SupplementRequested {
            unit_name: Some(text("Trung tâm Liêm Hà", "Liêm Hà Centre")),
            reasons: vec!["Bản chính Giấy chứng sinh".into(), "Tờ khai chưa ký".into()],
            until: Some(wire_timestamp("2026-12-14T10:30:00Z".parse().unwrap())),
            ..SupplementRequested::default()
        };
        self.event("processing", 2, "2026-11-23T03:05:00Z", Fact::SupplementRequested(fact))
    }

    pub(crate) fn resumed(&self, due_at: &str) -> Event {
        let fact = CaseResumed {
            unit_name: Some(text("Trung tâm Liêm Hà", "Liêm Hà Centre")),
            due_at: Some(wire_timestamp(due_at.parse().unwrap())),
            ..CaseResumed::default()
        };
        self.event("processing", 3, "2026-11-23T04:05:00Z", Fact::CaseResumed(fact))
    }

    /// Each of these is to answer; whoever asks is the gainer.
    pub(crate) fn referred(&self, offices: &[&str]) -> Event {
        let made = |office: &&str| ReferralMade {
            referral_id: self.ids.mint::<ReferralId>("2026-11-23T03:05:00Z".parse().unwrap()).to_string(),
            unit_id: unit(office),
            unit_name: Some(text("Trung tâm Phủ Lý", "Phủ Lý Centre")),
            due_at: Some(wire_timestamp("2026-11-26T03:05:00Z".parse().unwrap())),
            ..ReferralMade::default()
        };
        self.paused(2, WaitsFor::Referrals(Referrals { referrals: offices.iter().map(made).collect() }))
    }

    pub(crate) fn answered(&self, answered: bool) -> Event {
        let fact = ReferralEnded {
            answered,
            from_unit_id: unit(GAINER),
            from_unit_name: Some(text("Trung tâm Liêm Hà", "Liêm Hà Centre")),
            to_unit_id: unit(LOSER),
            to_unit_name: Some(text("Trung tâm Phủ Lý", "Phủ Lý Centre")),
            ..ReferralEnded::default()
        };
        self.event("processing", 3, "2026-11-23T04:00:00Z", Fact::ReferralEnded(fact))
    }

    pub(crate) fn to_pay(&self) -> Event {
        let purpose = "Lệ phí trước bạ".into();
        self.paused(2, WaitsFor::Payment(PaymentDue { amount_dong: 1_250_000, purpose }))
    }

    fn paused(&self, sequence: u64, waits_for: WaitsFor) -> Event {
        let fact = CasePaused {
            unit_id: unit(GAINER),
            unit_name: Some(text("Trung tâm Liêm Hà", "Liêm Hà Centre")),
            waits_for: Some(waits_for),
            ..CasePaused::default()
        };
        self.event("processing", sequence, "2026-11-23T03:05:00Z", Fact::CasePaused(fact))
    }

    pub(crate) fn went_on(&self, waited_for: WaitedFor) -> Event {
        let fact = CaseResumed {
            unit_name: Some(text("Trung tâm Liêm Hà", "Liêm Hà Centre")),
            waited_for: waited_for.into(),
            ..CaseResumed::default()
        };
        self.event("processing", 4, "2026-11-23T04:05:00Z", Fact::CaseResumed(fact))
    }

    pub(crate) fn stopped(&self, ground: StopGround) -> Event {
        let fact = CaseStopped { ground: ground.into(), ..CaseStopped::default() };
        self.event("processing", 5, "2026-11-23T08:05:00Z", Fact::CaseStopped(fact))
    }

    pub(crate) fn completed(&self, granted: bool) -> Event {
        let at = "2026-11-23T08:05:00.5Z";
        let fact = CaseCompleted {
            case_id: "case_1".into(),
            outcome: if granted { StepOutcome::Approved } else { StepOutcome::Refused }.into(),
            completed_at: Some(wire_timestamp(at.parse().unwrap())),
            on_time: true,
            refusal_reason: if granted { String::new() } else { "Thiếu Giấy chứng sinh".into() },
        };
        self.event("processing", 5, at, Fact::CaseCompleted(fact))
    }

    /// An attempt at the first step.
    pub(crate) fn item(&self, attempt: u32) -> Option<WorkItem> {
        Some(WorkItem { application_id: self.application.to_string(), step: 1, attempt })
    }

    /// From the loser to the gainer, or to the gainer from nobody.
    pub(crate) fn moved(&self, from_somebody: bool) -> Event {
        let mut fact = WorkMoved {
            work_item: self.item(1),
            unit_id: unit(GAINER),
            unit_name: Some(text("Trung tâm Liêm Hà", "Liêm Hà Centre")),
            ground: AssignmentGround::Rescued.into(),
            why: Some(text("Ở nơi cũ sẽ trễ hạn.", "It would be late where it was.")),
            for_citizen: Some(text(
                "Hồ sơ được giải quyết tại Liêm Hà.",
                "It is worked on at Liêm Hà Centre.",
            )),
            ..WorkMoved::default()
        };
        if from_somebody {
            fact.from_unit_id = unit(LOSER);
            fact.from_unit_name = Some(text("Trung tâm Phủ Lý", "Phủ Lý Centre"));
        }
        let sequence = if from_somebody { 2 } else { 4 };
        self.event("routing", sequence, "2026-11-23T02:05:00Z", Fact::WorkMoved(fact))
    }

    /// At the loser, held by an officer or nobody.
    pub(crate) fn nearly_late(&self, stage: DeadlineStage, officer_code: &str, overdue: bool) -> Event {
        let is_held = !officer_code.is_empty();
        let fact = DeadlineNear {
            unit_id: unit(LOSER),
            unit_name: Some(text("Trung tâm Phủ Lý", "Phủ Lý Centre")),
            stage: stage.into(),
            due_at: Some(wire_timestamp("2026-11-24T09:30:00Z".parse().unwrap())),
            minutes_left: if overdue { 0 } else { 245 },
            overdue,
            officer_id: if is_held { OfficerId::of("37", officer_code).to_string() } else { String::new() },
            officer_code: officer_code.to_owned(),
            ..DeadlineNear::default()
        };
        self.event("processing", 9, "2026-11-24T02:05:00Z", Fact::DeadlineNear(fact))
    }

    pub(crate) fn event(&self, source: &str, sequence: u64, at: &str, fact: Fact) -> Event {
        let at = at.parse().unwrap();
        let id: EventId = self.ids.mint(at);
        Event {
            id: id.to_string(),
            province: "37".into(),
            application_id: self.application.to_string(),
            source: source.into(),
            sequence,
            occurred_at: Some(wire_timestamp(at)),
            recorded_at: Some(wire_timestamp(RealClock.now())),
            actor: "officer/off_1".into(),
            cause_id: String::new(),
            traceparent: String::new(),
            schema_version: 1,
            fact: Some(fact),
        }
    }
}

/// Code of the unit that callers of the harness are at.
pub(crate) const LOSER: &str = "13285";
/// Code of another one.
pub(crate) const GAINER: &str = "13573";

/// The id of a unit.
pub(crate) fn unit(code: &str) -> String {
    UnitId::of("37", code).to_string()
}

fn text(vi: &str, en: &str) -> Text {
    Text { vi: vi.into(), en: en.into() }
}

/// An application that nobody told of.
pub(crate) fn nobody() -> ApplicationId {
    ApplicationId::from_uuid(uuid::Uuid::from_u128(1))
}
