//! Who may call what: one row for every RPC of the contract, and nothing is open that is not named here.
//! `tests/contract` holds the table against the descriptors.

use phidia_domain::caller::Role::{self, Citizen, Officer, Operator, Service, Supervisor, System};

/// Officers and those above them.
const STAFF: &[Role] = &[Officer, Supervisor, Operator];
/// Everybody who is known.
const ANYBODY: &[Role] = &Role::ALL;

/// One row: the RPC's path, who may call it, and whether it is a long stream (which has no deadline).
pub struct Row {
    /// `/package.Service/Method`.
    pub path: &'static str,
    /// Who may.
    pub roles: &'static [Role],
    /// Whether it streams.
    pub streaming: bool,
}

const fn row(path: &'static str, roles: &'static [Role]) -> Row {
    Row { path, roles, streaming: false }
}

/// The table.
pub const TABLE: &[Row] = &[
    row("/phidia.intake.v1.ApplicationService/SubmitApplication", &[Citizen, Officer, Supervisor, System]),
    row("/phidia.intake.v1.ApplicationService/GetApplication", &[Officer, Supervisor, Operator, System]),
    row("/phidia.intake.v1.ApplicationService/ListApplications", &[Officer, Supervisor, Operator, System]),
    row("/phidia.intake.v1.ApplicationService/TrackApplication", ANYBODY),
    row(
        "/phidia.intake.v1.ApplicationService/SupplementApplication",
        &[Citizen, Officer, Supervisor, System],
    ),
    row("/phidia.intake.v1.ApplicationService/WithdrawApplication", &[Citizen, Officer, Supervisor, System]),
    row("/phidia.intake.v1.ApplicationService/RecordPayment", &[Officer, Supervisor, System]),
    row("/phidia.intake.v1.ApplicationService/RenderForm", STAFF),
    row("/phidia.intake.v1.ApplicationService/RenderFormOfReceipt", ANYBODY),
    row("/phidia.intake.v1.ApplicationService/RenderRegister", STAFF),
    // Officers have receipts before them, and rate nobody's work.
    row("/phidia.intake.v1.FeedbackService/RateApplication", &[Citizen, System]),
    row("/phidia.intake.v1.FeedbackService/ListRatings", STAFF),
    row("/phidia.intake.v1.CatalogueService/ListProcedures", ANYBODY),
    row("/phidia.intake.v1.CatalogueService/GetProcess", ANYBODY),
    row("/phidia.intake.v1.CatalogueService/GetProcedure", ANYBODY),
    Row { path: "/phidia.intake.v1.CatalogueService/ExportCatalogue", roles: ANYBODY, streaming: true },
    row("/phidia.intake.v1.CatalogueService/CheckCatalogue", ANYBODY),
    row("/phidia.intake.v1.CatalogueService/DiffCatalogue", ANYBODY),
    row("/phidia.intake.v1.CatalogueService/ImportCatalogue", &[Operator]),
    row("/phidia.intake.v1.CatalogueService/CompareCatalogue", &[Operator]),
    row("/phidia.intake.v1.CatalogueService/ListCatalogueDifferences", STAFF),
    row("/phidia.intake.v1.CatalogueService/ResolveCatalogueDifference", &[Operator]),
    row("/phidia.intake.v1.CatalogueService/ImportProvince", &[Operator]),
    row("/phidia.intake.v1.CatalogueService/AmendProvince", &[Operator]),
    row("/phidia.intake.v1.CatalogueService/GetProvince", ANYBODY),
    row("/phidia.intake.v1.CatalogueService/ListProvinceVersions", STAFF),
    row("/phidia.routing.v1.RegistryService/InstallProvince", &[Service]),
    row("/phidia.routing.v1.RegistryService/ListUnits", ANYBODY),
    Row { path: "/phidia.routing.v1.RegistryService/WatchLoad", roles: ANYBODY, streaming: true },
    row("/phidia.routing.v1.RegistryService/GetUnit", STAFF),
    row("/phidia.routing.v1.RegistryService/ListOfficers", STAFF),
    row("/phidia.routing.v1.RegistryService/ListRegistryChanges", STAFF),
    row("/phidia.routing.v1.RegistryService/SetUnitStanding", &[Supervisor, Operator]),
    row("/phidia.routing.v1.RegistryService/SetUnitHours", &[Supervisor, Operator]),
    row("/phidia.routing.v1.RegistryService/ClearUnitHours", &[Supervisor, Operator]),
    row("/phidia.routing.v1.RegistryService/SetAbsence", &[Supervisor, Operator]),
    row("/phidia.routing.v1.RegistryService/ClearAbsence", &[Supervisor, Operator]),
    row("/phidia.routing.v1.RegistryService/SetOfficerHours", &[Supervisor, Operator]),
    row("/phidia.routing.v1.RegistryService/ClearOfficerHours", &[Supervisor, Operator]),
    row("/phidia.routing.v1.RegistryService/ListOvertime", STAFF),
    row("/phidia.routing.v1.RoutingService/AssignWork", &[Supervisor, Operator]),
    row("/phidia.routing.v1.RoutingService/BatchAssignWork", &[Supervisor, Operator]),
    row(
        "/phidia.routing.v1.RoutingService/PreviewAssignment",
        &[Officer, Supervisor, Operator, System, Service],
    ),
    row("/phidia.routing.v1.RoutingService/ExplainAssignment", &[Officer, Supervisor, Operator, System]),
    row("/phidia.routing.v1.RoutingService/ReleaseWork", &[Supervisor, Operator]),
    row("/phidia.routing.v1.RoutingService/ReassignWork", &[Supervisor, Operator]),
    row("/phidia.routing.v1.RoutingService/ListWork", &[Supervisor, Operator]),
    Row { path: "/phidia.routing.v1.RoutingService/Simulate", roles: &[Operator], streaming: true },
    row("/phidia.routing.v1.RoutingService/ReplayDecision", &[Operator]),
    row("/phidia.routing.v1.RoutingService/ListDecisions", &[Operator]),
    row("/phidia.routing.v1.RoutingService/VerifyDecisions", &[Operator]),
    row("/phidia.routing.v1.PolicyService/PublishPolicy", &[Operator]),
    row("/phidia.routing.v1.PolicyService/GetPolicy", &[Officer, Supervisor, Operator, System]),
    row("/phidia.routing.v1.PolicyService/ListPolicies", &[Officer, Supervisor, Operator, System]),
    row("/phidia.routing.v1.PolicyService/CheckPolicy", &[Supervisor, Operator]),
    row("/phidia.routing.v1.PolicyService/ListTakers", &[Officer, Supervisor, Operator, System]),
    row("/phidia.processing.v1.CaseService/InstallProvince", &[Service]),
    row("/phidia.processing.v1.CaseService/GetCase", STAFF),
    row("/phidia.processing.v1.CaseService/RenderControlSlip", STAFF),
    row("/phidia.processing.v1.CaseService/ExplainDeadline", STAFF),
    row("/phidia.processing.v1.CaseService/ReckonDeadline", &[Officer, Supervisor, Operator, System]),
    row("/phidia.processing.v1.CaseService/ListWorklist", STAFF),
    row("/phidia.processing.v1.CaseService/ClaimWorkItem", &[Officer]),
    row("/phidia.processing.v1.CaseService/ClaimNextWorkItem", &[Officer]),
    row("/phidia.processing.v1.CaseService/ReturnWorkItem", &[Officer, Supervisor]),
    row("/phidia.processing.v1.CaseService/HandOverWorkItem", &[Supervisor]),
    row("/phidia.processing.v1.CaseService/RenewClaim", &[Officer]),
    row("/phidia.processing.v1.CaseService/CompleteStep", &[Officer]),
    row("/phidia.processing.v1.CaseService/BatchClaimWorkItems", &[Officer]),
    row("/phidia.processing.v1.CaseService/BatchCompleteSteps", &[Officer]),
    row("/phidia.processing.v1.CaseService/SendBackStep", &[Officer]),
    row("/phidia.processing.v1.CaseService/RequestSupplement", &[Officer]),
    row("/phidia.processing.v1.CaseService/RequestPayment", &[Officer]),
    Row {
        path: "/phidia.processing.v1.CaseService/WatchCases",
        roles: &[Officer, Supervisor, Operator, System],
        streaming: true,
    },
    row("/phidia.processing.v1.CaseService/PostponeAppointment", &[Officer, Supervisor]),
    row("/phidia.processing.v1.CaseService/ReplanDeadlines", &[Operator]),
    row("/phidia.processing.v1.CaseService/ReopenCase", &[Supervisor, Operator]),
    row("/phidia.processing.v1.CaseService/TransferWorkItem", &[Service]),
    row("/phidia.processing.v1.ReferralService/ReferCase", &[Officer]),
    row("/phidia.processing.v1.ReferralService/ListReferrals", &[Officer, Supervisor, System]),
    row("/phidia.processing.v1.ReferralService/AcknowledgeReferral", &[Officer, Supervisor, System]),
    row("/phidia.processing.v1.ReferralService/AnswerReferral", &[Officer, Supervisor, System]),
    row("/phidia.processing.v1.ReferralService/RecallReferral", &[Officer, Supervisor]),
    row("/phidia.processing.v1.ResultService/IssueResult", &[Officer]),
    row("/phidia.processing.v1.ResultService/SignResult", &[Officer]),
    row("/phidia.processing.v1.ResultService/GetResult", &[Officer, Supervisor]),
    row("/phidia.processing.v1.ResultService/HandOverResult", &[Officer]),
    row("/phidia.processing.v1.ResultService/ListResults", STAFF),
    row("/phidia.processing.v1.ReportService/GetReport", STAFF),
    row("/phidia.processing.v1.ReportService/GetExchange", STAFF),
    row("/phidia.processing.v1.ReportService/GetServiceIndex", STAFF),
    row("/phidia.processing.v1.ReportService/ListReportCases", STAFF),
    row("/phidia.processing.v1.ReportService/GetOnlineServices", STAFF),
    row("/phidia.processing.v1.ReportService/GetSimplifiedProcesses", STAFF),
    row("/phidia.processing.v1.PlanService/ImportPlan", &[Operator]),
    row("/phidia.processing.v1.PlanService/ListPlanTasks", STAFF),
    row("/phidia.processing.v1.PlanService/SetPlanTaskState", &[Operator]),
    row("/phidia.processing.v1.PlanService/ListPlanTaskChanges", STAFF),
    row("/phidia.notification.v1.NotificationService/ListMessages", &[Officer, Supervisor, Operator, System]),
    row("/phidia.notification.v1.NotificationService/ListUnitMessages", STAFF),
    Row { path: "/phidia.events.v1.EventSinkService/DeliverEvents", roles: &[Service], streaming: true },
    row("/phidia.events.v1.ConservationService/GetPositions", &[Operator, Service]),
    row("/phidia.events.v1.ConservationService/SumHoldings", &[Operator, Service]),
    row("/phidia.events.v1.ConservationService/ListHoldings", &[Operator, Service]),
    row("/phidia.events.v1.ConservationService/GetBoardBalance", &[Operator, Service]),
    row("/phidia.events.v1.OutboxService/ListParkedEvents", &[Operator]),
    row("/phidia.events.v1.OutboxService/ReplayParkedEvents", &[Operator]),
    row("/phidia.events.v1.OutboxService/GetRest", &[Operator]),
];

/// The row of an RPC.
pub fn find(path: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.path == path)
}
