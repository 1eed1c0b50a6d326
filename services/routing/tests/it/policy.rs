//! The policy as a document: published, refused, and named by every decision.

use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    policy::document,
    route::Policy,
};
use phidia_proto::routing::v1::{
    CheckPolicyRequest, Coverage, GetPolicyRequest, InstallPhase, InstallProvinceRequest,
    ListPoliciesRequest, ListTakersRequest, PolicyVersion, PreviewAssignmentRequest, PublishPolicyRequest,
    PublishPolicyResponse, StepTakers, policy_service_client::PolicyServiceClient,
};
use phidia_runtime::{peer::Peer, status::from_status};
use tempfile::tempdir;

use crate::{
    harness::{Office, item, operator, supervisor, until},
    province,
};

fn swift() -> String {
    document::write(&Policy { name: "swift".to_owned(), gate_share: 0.3, ..Policy::boundary_free() })
}

fn publication(document: String, expected_version: u32) -> PublishPolicyRequest {
    PublishPolicyRequest { document, reason: "a try".to_owned(), expected_version, allow_uncovered: true }
}

impl Office {
    fn policies(&self, caller: Caller) -> PolicyServiceClient<Peer> {
        PolicyServiceClient::new(self.peer(caller))
    }

    async fn publish(&self, request: PublishPolicyRequest) -> Result<PublishPolicyResponse, Rejection> {
        let answer = self.policies(operator()).publish_policy(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| from_status(&status))
    }

    async fn policy(&self, version: u32) -> Result<PolicyVersion, Rejection> {
        let answer = self.policies(operator()).get_policy(GetPolicyRequest { version }).await;
        answer.map(|answer| answer.into_inner().policy.unwrap()).map_err(|status| from_status(&status))
    }

    async fn check(&self, request: CheckPolicyRequest) -> Result<Coverage, Rejection> {
        let answer = self.policies(operator()).check_policy(request).await;
        answer.map(|answer| answer.into_inner().coverage.unwrap()).map_err(|status| from_status(&status))
    }

    async fn takers(&self, procedure: &str, at: &str, from: &str) -> Result<Vec<StepTakers>, Rejection> {
        let request = ListTakersRequest {
            procedure_code: procedure.to_owned(),
            commune_code: at.to_owned(),
            from: from.to_owned(),
        };
        let answer = self.policies(operator()).list_takers(request).await;
        answer.map(|answer| answer.into_inner().takers).map_err(|status| from_status(&status))
    }

    /// By which policy something would be decided now.
    async fn decides_by(&self) -> Option<String> {
        let request = PreviewAssignmentRequest {
            procedure_code: province::COPY.to_owned(),
            received_at_code: "1".to_owned(),
            ..PreviewAssignmentRequest::default()
        };
        let answer = self.routing(operator()).preview_assignment(request).await.ok()?;
        Some(answer.into_inner().decision?.policy)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_published_holds_from_then_on_and_decisions_name_it() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let first = office.policy(0).await.unwrap();
    assert_eq!((first.version, first.name.as_str(), first.active), (1, "boundary-free", true));
    assert_eq!(document::read(&first.document), Ok(Policy::boundary_free()));
    office.submit(1..2, province::COPY, "1").await;
    assert_eq!(office.decision(item(1, 1)).await.policy, "boundary-free@1");

    let answer = office.publish(publication(swift(), 1)).await.unwrap();
    let published = answer.policy.unwrap();
    assert!(answer.changed && published.active);
    assert_eq!((published.version, published.reason.as_str()), (2, "a try"));
    assert_eq!((published.published_by.as_str(), &published.document), ("operator/o", &swift()));
    office.submit(2..3, province::COPY, "1").await;
    assert_eq!(office.decision(item(2, 1)).await.policy, "swift@2");
    // What was decided before was decided by the policy of its day, which can be read again.
    assert_eq!(office.decision(item(1, 1)).await.policy, "boundary-free@1");
    let before = office.policy(1).await.unwrap();
    assert_eq!((&before.document, &before.digest, before.active), (&first.document, &first.digest, false));
    assert_eq!(office.policy(3).await.unwrap_err().reason, "UNKNOWN_POLICY");

    let request = |page_token| ListPoliciesRequest { page_size: 1, page_token };
    let page = office.policies(operator()).list_policies(request(String::new())).await.unwrap().into_inner();
    assert_eq!((page.policies.len(), page.policies[0].version, page.policies[0].active), (1, 2, true));
    assert!(page.policies[0].document.is_empty());
    let last = office.policies(operator()).list_policies(request(page.next_page_token)).await.unwrap();
    let last = last.into_inner();
    assert_eq!((last.policies[0].version, last.next_page_token.as_str()), (1, ""));
    let wrong = office.policies(operator()).list_policies(request("x".to_owned())).await.unwrap_err();
    assert_eq!(from_status(&wrong).reason, "MALFORMED_PAGE_TOKEN");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_refused_the_running_policy_stays() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    until(async || office.decides_by().await.is_some()).await;
    let with = |from: &str, to: &str| {
        assert!(swift().contains(from));
        publication(swift().replace(from, to), 1)
    };
    let line_of = |dial| 1 + swift().lines().position(|line| line.starts_with(dial)).unwrap();
    let (gate, home, gain) = (line_of("gate_share"), line_of("home_only"), line_of("least_gain_minutes"));
    let unwritten = PublishPolicyRequest { reason: String::new(), ..publication(swift(), 1) };
    for (request, kind, reason, place) in [
        (
            with("\ngate_share", "\ngate_shaer"),
            Kind::Invalid,
            "MALFORMED_POLICY",
            format!("document:{gate}:1"),
        ),
        (with("= 0.3", "= 1.3"), Kind::Invalid, "MALFORMED_POLICY", format!("document:{gate}:14")),
        (with("= 0.3", "= \"0,3\""), Kind::Invalid, "MALFORMED_POLICY", format!("document:{gate}:14")),
        // What weighs a gain never applies then.
        (
            with("home_only = false", "home_only = true"),
            Kind::Invalid,
            "MALFORMED_POLICY",
            format!("document:{gain}:22"),
        ),
        (
            with("home_only = false", "home_only = no"),
            Kind::Invalid,
            "MALFORMED_POLICY",
            format!("document:{home}:13"),
        ),
        (publication(String::new(), 1), Kind::Invalid, "MISSING_FIELD", "document".to_owned()),
        (publication(swift(), 0), Kind::Invalid, "MISSING_FIELD", "expected_version".to_owned()),
        (unwritten, Kind::Invalid, "MISSING_FIELD", "reason".to_owned()),
        (publication(swift(), 7), Kind::Conflict, "POLICY_MOVED_ON", String::new()),
    ] {
        let told = request.document.clone();
        let refusal = office.publish(request).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.reason.as_str()), (kind, reason), "{told}");
        let places: Vec<_> = refusal.violations.iter().map(|violation| violation.field.clone()).collect();
        assert!(place.is_empty() || places.contains(&place), "{told}: {places:?}");
    }
    let moved_on = office.publish(publication(swift(), 7)).await.unwrap_err();
    assert!(moved_on.metadata.contains(&("version".to_owned(), "1".to_owned())), "{moved_on:?}");
    let other = office.policies(supervisor(None)).publish_policy(publication(swift(), 1)).await.unwrap_err();
    assert_eq!(from_status(&other).kind, Kind::Forbidden);

    assert_eq!(office.policy(0).await.unwrap().version, 1);
    assert_eq!(office.decides_by().await.unwrap(), "boundary-free@1");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_those_who_publish_at_once_one_is_first_and_again_the_same_changes_nothing() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let named = |name: &str| document::write(&Policy { name: name.to_owned(), ..Policy::boundary_free() });
    let [a, b, c] = ["a", "b", "c"].map(|name| publication(named(name), 1));
    let (a, b, c) = tokio::join!(office.publish(a), office.publish(b), office.publish(c));
    let answers = [a, b, c];
    let (first, others): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((first.len(), others.len()), (1, 2));
    assert!(others.into_iter().all(|other| other.unwrap_err().reason == "POLICY_MOVED_ON"));

    let first = first.into_iter().next().unwrap().unwrap().policy.unwrap();
    // Whoever lost the answer and asks again is not refused for it.
    let again = office.publish(publication(first.document.clone(), 1)).await.unwrap();
    assert_eq!((again.changed, again.policy), (false, Some(first)));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_outlive_the_process() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.publish(publication(swift(), 1)).await.unwrap();
    let office = office.restart(folder.path()).await;
    assert_eq!(office.policy(0).await.unwrap().document, swift());
    until(async || office.decides_by().await.as_deref() == Some("swift@2")).await;
    assert_eq!(office.policy(1).await.unwrap().name, "boundary-free");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_replica_soon_decides_by_what_was_published() {
    let folder = tempdir().unwrap();
    let one = Office::open(folder.path()).await;
    let other = Office::without_province(folder.path(), one.board.clone()).await;
    until(async || other.decides_by().await.as_deref() == Some("boundary-free@1")).await;
    one.publish(publication(swift(), 1)).await.unwrap();
    until(async || other.decides_by().await.as_deref() == Some("swift@2")).await;
    // Who was told by nobody is refused, and sees what holds.
    let name = document::write(&Policy { name: "late".to_owned(), ..Policy::boundary_free() });
    assert_eq!(other.publish(publication(name, 1)).await.unwrap_err().reason, "POLICY_MOVED_ON");
    other.close().await;
    one.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leaves_a_step_without_anybody_is_refused_unless_that_is_allowed() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    // Nobody masters land, and units 2 and 3 lack people for what is signed at home.
    let strict = PublishPolicyRequest { allow_uncovered: false, ..publication(swift(), 1) };
    let refusal = office.publish(strict.clone()).await.unwrap_err();
    assert_eq!(refusal.reason, "NOT_COVERED");
    let places: Vec<_> = refusal.violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(places, ["procedures[1.1].steps[2]", "procedures[1.2].steps[2]", "procedures[1.3].steps[1]"]);
    assert!(refusal.violations[2].description.contains("at 1 and 2 more from 2026-11-23 on"), "{refusal:?}");

    let coverage = office.check(CheckPolicyRequest::default()).await.unwrap();
    let gaps: Vec<_> = coverage
        .gaps
        .iter()
        .map(|gap| (gap.procedure_code.as_str(), gap.step, gap.reason.as_str()))
        .collect();
    assert_eq!(gaps, [("1.1", 2, "NOT_AT_HOME"), ("1.2", 2, "NOT_AT_HOME"), ("1.3", 1, "NOT_IN_PROVINCE")]);
    assert_eq!((coverage.gaps[0].home_codes.len(), coverage.from.as_str()), (2, "2026-11-23"));
    let idle: Vec<_> = coverage.idle.iter().map(|idle| (idle.reason.as_str(), idle.dial.as_str())).collect();
    assert_eq!(idle, [("NEVER_IN_FORCE", ""), ("NO_GREEN_CORRIDOR", "green_gate_share")]);
    let from = CheckPolicyRequest { from: "2027-02-01".to_owned(), document: swift() };
    assert_eq!(office.check(from).await.unwrap().from, "2027-02-01");
    let rubbish = CheckPolicyRequest { from: "soon".to_owned(), ..Default::default() };
    assert_eq!(office.check(rubbish).await.unwrap_err().reason, "MALFORMED_DATE");

    // One procedure at one commune: who may take it, and by which rule.
    let found = office.takers("1.2", "1", "").await.unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|takers| {
            let units = takers.units.iter().map(|units| (units.rule.as_str(), units.unit_codes.join(" ")));
            (takers.step, takers.first_day.as_str(), units.collect::<Vec<_>>(), takers.reason.as_str())
        })
        .collect();
    let by = |rule, codes: &str| (rule, codes.to_owned());
    assert_eq!(
        told,
        [
            (1, "2026-11-23", vec![by("home", "1"), by("cluster", "2")], ""),
            (2, "2026-11-23", vec![by("home", "1")], ""),
        ]
    );
    let nobody = &office.takers("1.2", "3", "2027-02-01").await.unwrap()[1];
    assert_eq!((nobody.first_day.as_str(), nobody.reason.as_str()), ("2027-02-01", "NOT_AT_HOME"));
    for (procedure, at, from, reason) in [
        ("1.8", "1", "", "UNKNOWN_PROCEDURE"),
        ("1.2", "8", "", "UNKNOWN_UNIT"),
        ("1.1", "D", "", "NOT_A_HOME"),
        ("1.2", "", "", "MISSING_FIELD"),
        ("1.2", "1", "soon", "MALFORMED_DATE"),
    ] {
        assert_eq!(office.takers(procedure, at, from).await.unwrap_err().reason, reason);
    }

    // A province with somebody for everything is brought in without asking, the other is not.
    let install = async |files| {
        let phase = InstallPhase::Validate.into();
        let request = InstallProvinceRequest { phase, version: 0, files, allow_uncovered: false };
        let answer = office.registry(Caller::service("intake")).install_province(request).await;
        answer.map(drop).map_err(|status| from_status(&status).reason)
    };
    assert_eq!(install(province::files().into_iter().collect()).await, Err("NOT_COVERED".to_owned()));
    let whole = province::with_line(
        "competencies.csv",
        "2-01,Hộ tịch,4\n3-01,Chứng thực,4\n1-01,Đất đai,2\n2-02,Đất đai,2",
    );
    let mut whole: std::collections::BTreeMap<_, _> = whole.into_iter().collect();
    let raised = String::from_utf8(whole["competencies.csv"].clone())
        .unwrap()
        .replace("3-01,Hộ tịch,2", "3-01,Hộ tịch,4");
    whole.insert("competencies.csv".to_owned(), raised.into_bytes());
    assert_eq!(install(whole.clone()).await, Ok(()));
    office.install(2, whole).await;
    until(async || office.publish(strict.clone()).await.is_ok()).await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_unit_is_accounted_for_also_who_was_weighed_and_is_not_shown() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let mut files = province::with_line(
        "units.csv",
        &(4..10)
            .map(|code| format!("{code},commune_centre,T,Centre {code},Huyện Y,20.4,106.3,"))
            .collect::<Vec<_>>()
            .join("\n"),
    );
    for (file, row) in [("officers.csv", "CODE-01,CODE,A"), ("competencies.csv", "CODE-01,Chứng thực,5")]
    {
        let rows = (4..10).map(|code: i32| row.replace("CODE", &code.to_string()) + "\n");
        files.get_mut(file).unwrap().extend(rows.flat_map(String::into_bytes));
    }
    office.install(2, files).await;
    // Nobody is good enough, so that everybody is weighed.
    let strict = Policy {
        name: "strict".to_owned(),
        gate_share: 0.0,
        green_gate_share: 0.0,
        ..Policy::boundary_free()
    };
    office.publish(publication(document::write(&strict), 1)).await.unwrap();
    until(async || office.decides_by().await.as_deref() == Some("strict@2")).await;
    let request = PreviewAssignmentRequest {
        procedure_code: province::COPY.to_owned(),
        received_at_code: "1".to_owned(),
        ..PreviewAssignmentRequest::default()
    };
    let preview = office.routing(operator()).preview_assignment(request).await.unwrap().into_inner();
    let decision = preview.decision.unwrap();
    // Home and five others are shown; one unit and the department have nobody.
    assert_eq!(
        (decision.candidates.len(), decision.filtered["not_competent"], decision.filtered["outweighed"]),
        (6, 2, 2)
    );
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn officers_read_policies_and_citizens_do_not() {
    let folder = tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let caller = |role| Caller { role, name: "x".to_owned(), unit: None, officer: None };
    let get = async |role| office.policies(caller(role)).get_policy(GetPolicyRequest { version: 1 }).await;
    assert!(get(Role::Supervisor).await.is_ok());
    assert_eq!(from_status(&get(Role::Citizen).await.unwrap_err()).kind, Kind::Forbidden);
    office.close().await;
}
