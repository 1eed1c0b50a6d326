//! What intake keeps of an application, in the words of the domain.

use jiff::Timestamp;
use phidia_domain::{
    application::{Channel, Charge, Entrance, HandedIn, Rating, ReturnWay, Status, Wanted},
    attachment::{FileType, State},
    case::HandOverWay,
    catalogue::compare::{Difference, Resolution},
    id::{ApplicationId, AttachmentId, DraftId, ObjectId, PersonId, UnitId},
    procedure::{DueLine, Text},
    work_item::WorkItem,
};
use serde::{Deserialize, Serialize};

/// An application without its applicant's data.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) id: ApplicationId,
    pub(crate) dossier_code: String,
    pub(crate) procedure_code: String,
    pub(crate) procedure_name: Text,
    pub(crate) province_version: i64,
    pub(crate) received_at_unit: UnitId,
    pub(crate) return_at_unit: UnitId,
    pub(crate) channel: Channel,
    /// Whether all its papers were there as digital files when it was accepted; none: it was accepted before that was asked.
    pub(crate) digitised: Option<bool>,
    /// Through what it came in online, where that was stated.
    pub(crate) entrance: Option<Entrance>,
    /// How the result is wanted.
    pub(crate) result_by: ReturnWay,
    pub(crate) submitted_at: Timestamp,
    pub(crate) progress: Progress,
    /// The new appointment that the applicant was given, as it is by now.
    pub(crate) appointment_at: Option<Timestamp>,
    /// What became of its result.
    pub(crate) outcome: Outcome,
    /// When the applicant's contact was corrected last.
    pub(crate) contact_corrected_at: Option<Timestamp>,
}

/// What became of a result. Nothing in it is personal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// It was issued as a file.
    pub(crate) issued: Option<Issued>,
    /// It was handed over.
    pub(crate) handed_over: Option<HandedOver>,
    /// What became of those before it, oldest first: each was withdrawn, for the case was opened again.
    #[serde(default)]
    pub(crate) withdrawn: Vec<Withdrawn>,
}

/// A result that was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Withdrawn {
    pub(crate) at: Timestamp,
    pub(crate) issued: Option<Issued>,
    pub(crate) handed_over: Option<HandedOver>,
}

impl Outcome {
    /// The same once the case is opened again: what there was is withdrawn.
    pub(crate) fn withdrawn(self, at: Timestamp) -> Self {
        let Self { issued, handed_over, mut withdrawn } = self;
        if issued.is_some() || handed_over.is_some() {
            withdrawn.push(Withdrawn { at, issued, handed_over });
        }
        Self { withdrawn, ..Self::default() }
    }
}

/// A result that was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Issued {
    pub(crate) at: Timestamp,
    /// Of the file, in hexadecimal digits.
    pub(crate) sha256: String,
    /// Bytes.
    pub(crate) size: u64,
    pub(crate) media_type: String,
}

/// A result that was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HandedOver {
    pub(crate) at: Timestamp,
    pub(crate) way: HandOverWay,
    pub(crate) unit_name: Text,
}

/// How far an application has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) status: Status,
    /// The unit that works on it now; of some that do together, the last that was found.
    pub(crate) working_unit: Option<WorkingUnit>,
    /// The units of steps that go on together; none where one goes on alone.
    pub(crate) beside: Vec<Beside>,
    /// When it was finished, and whether that was on time.
    pub(crate) finished: Option<Finish>,
    /// The promised instant: that of the receipt, unless the clock stood still.
    pub(crate) due_at: Option<Timestamp>,
    /// What was asked to be supplemented.
    pub(crate) supplement: Option<Wanted>,
    /// What was asked to be paid, oldest first.
    pub(crate) payments: Vec<Charge>,
    /// Whether it is to end without a decision.
    pub(crate) stopping: bool,
}

/// A unit that works on an application. Its name is that of the day on which it was assigned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WorkingUnit {
    pub(crate) id: UnitId,
    pub(crate) name: Text,
}

/// The unit that works on one of the steps that go on together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Beside {
    pub(crate) step: u32,
    pub(crate) unit: UnitId,
}

/// By what an application is done.
#[derive(Clone, Debug)]
pub(crate) struct Law {
    pub(crate) procedure_code: String,
    /// Version of the province's reference facts that it is pinned to.
    pub(crate) province_version: i64,
    pub(crate) submitted_at: Timestamp,
}

/// The end of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Finish {
    pub(crate) at: Timestamp,
    pub(crate) on_time: bool,
}

/// One line of what has happened to an application.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) at: Timestamp,
    pub(crate) status: Status,
    pub(crate) unit_name: Option<Text>,
    /// Why it is there, where a unit was found for it.
    pub(crate) why: Option<Why>,
    /// The decision by which it was opened again, where that is what has happened.
    pub(crate) reopened_by: Option<String>,
}

/// What routing has decided of an application that was finished here: either it came to nothing, or the application was opened again,
/// which is still to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ahead {
    /// Of what; none: a version that did not keep it wrote this, and nobody knows of which life it is.
    #[serde(default)]
    pub(crate) work_item: Option<WorkItem>,
    pub(crate) at: Timestamp,
    /// The unit that was found; none: there is none at present.
    pub(crate) unit: Option<WorkingUnit>,
    pub(crate) why: Option<Why>,
}

/// That an application was opened again, the last time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reopening {
    pub(crate) at: Timestamp,
    /// The last work item of each step that it had come to before.
    pub(crate) reached_before: Vec<WorkItem>,
}

/// Why a unit was found for an application, as things stood then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Why {
    /// Where, by when, and why there, in two sentences.
    pub(crate) sentences: Text,
    /// What would have brought it elsewhere.
    pub(crate) what_if: Option<Text>,
}

/// What was said of an end of an application. Its comment opens with the applicant's key only.
#[derive(Clone, Debug)]
pub(crate) struct RatingRecord {
    pub(crate) application: ApplicationId,
    /// From 1.
    pub(crate) number: i32,
    pub(crate) received_at_unit: UnitId,
    pub(crate) rating: Rating,
    pub(crate) comment: Option<Vec<u8>>,
    pub(crate) at: Timestamp,
    /// When the application had ended of which it is.
    pub(crate) ended_at: Timestamp,
    /// When the case was opened again after that: it counts no more.
    pub(crate) reopened_at: Option<Timestamp>,
}

/// A rating with what a list shows of its application.
#[derive(Clone, Debug)]
pub(crate) struct Rated {
    pub(crate) dossier_code: String,
    pub(crate) procedure_code: String,
    pub(crate) procedure_name: Text,
    /// None once the person was erased.
    pub(crate) wrapped_key: Option<Vec<u8>>,
    pub(crate) rating: RatingRecord,
}

/// The receipt. It is kept as it was issued: what a citizen was promised is never reckoned anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Receipt {
    pub(crate) application: ApplicationId,
    pub(crate) dossier_code: String,
    pub(crate) check_code: String,
    pub(crate) procedure_name: Text,
    pub(crate) received_at_name: Text,
    pub(crate) return_at_name: Text,
    pub(crate) received_at: Timestamp,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) arithmetic: Vec<Text>,
    /// What is to be paid, in đồng; none: that is not known yet.
    pub(crate) fee_vnd: Option<i64>,
    /// Line by line, as far as the procedure stated it.
    #[serde(default)]
    pub(crate) fees: Vec<FeeLine>,
    /// What of it was signed, with its signature; none: it was issued before receipts were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) signed: Option<String>,
}

/// A line of what is to be paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FeeLine {
    pub(crate) name: Text,
    /// Đồng for one.
    pub(crate) unit_vnd: i64,
    /// What it is counted by.
    pub(crate) per: Text,
    /// How many; none: that is not known yet.
    pub(crate) quantity: Option<u32>,
    /// Đồng; none: it depends on that.
    pub(crate) amount_vnd: Option<i64>,
}

impl From<DueLine> for FeeLine {
    fn from(line: DueLine) -> Self {
        let DueLine { name, per, quantity, unit_vnd, amount_vnd, .. } = line;
        Self { name, unit_vnd, per: per.in_words(), quantity, amount_vnd }
    }
}

/// An applicant as stored: of no use to anybody without the person's key.
#[derive(Clone, Debug)]
pub(crate) struct SealedApplicant {
    pub(crate) person: PersonId,
    /// None once the person was erased.
    pub(crate) wrapped_key: Option<Vec<u8>>,
    pub(crate) sealed: Vec<u8>,
}

/// All that is kept of one application.
#[derive(Clone, Debug)]
pub(crate) struct Dossier {
    pub(crate) application: Application,
    pub(crate) receipt: Receipt,
    pub(crate) applicant: SealedApplicant,
    /// The answers to the form, sealed under the applicant's key.
    pub(crate) answers: Option<Vec<u8>>,
    /// The papers that were handed in.
    pub(crate) documents: Vec<HandedIn>,
}

/// What somebody has begun to write. What it says opens with its own key only.
#[derive(Clone, Debug)]
pub(crate) struct DraftRecord {
    pub(crate) id: DraftId,
    /// Whoever saved it last, as the actor of events is named.
    pub(crate) owner: String,
    /// The unit whose staff may take it over.
    pub(crate) unit: Option<UnitId>,
    /// From 1.
    pub(crate) revision: i64,
    pub(crate) procedure_code: String,
    /// None: it was handed in.
    pub(crate) wrapped_key: Option<Vec<u8>>,
    /// None: it was handed in.
    pub(crate) content: Option<Vec<u8>>,
    pub(crate) created_at: Timestamp,
    pub(crate) saved_at: Timestamp,
    /// What it has become.
    pub(crate) application: Option<ApplicationId>,
}

/// A file that was announced. Its name opens with its key only.
#[derive(Clone, Debug)]
pub(crate) struct AttachmentRecord {
    pub(crate) id: AttachmentId,
    /// Who uploads it (`role/name`).
    pub(crate) owner: String,
    pub(crate) file_type: FileType,
    /// Bytes.
    pub(crate) size: u64,
    /// How many of these are there.
    pub(crate) stored: u64,
    /// How often it was begun again.
    pub(crate) round: i32,
    pub(crate) wrapped_key: Vec<u8>,
    /// Sealed under its key.
    pub(crate) details: Vec<u8>,
    /// None until it is whole.
    pub(crate) content: Option<ContentRecord>,
    pub(crate) begun_at: Timestamp,
    /// None until it is attached.
    pub(crate) attached: Option<Attached>,
    /// Until when a draft wants it; none: none does.
    pub(crate) wanted_until: Option<Timestamp>,
}

/// To what an attachment belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attached {
    pub(crate) application: ApplicationId,
    pub(crate) at: Timestamp,
}

/// What is in one attachment or several.
#[derive(Clone, Debug)]
pub(crate) struct ContentRecord {
    pub(crate) id: ObjectId,
    /// Bytes.
    pub(crate) size: u64,
    pub(crate) wrapped_key: Vec<u8>,
    pub(crate) verdict: Verdict,
    pub(crate) stored_at: Timestamp,
    /// None: nothing, or it was not written down yet when it was found.
    pub(crate) found: Option<Found>,
}

/// What the virus scanner found in a content, also where that was a false alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The name of its signature.
    pub(crate) signature: String,
    pub(crate) at: Timestamp,
}

/// What the virus scanner says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing yet.
    Waiting,
    /// Nothing was found, or nobody looks.
    Clean,
    /// Something was found.
    Infected,
}

/// A piece of an upload that is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Which byte is its first.
    pub(crate) start: u64,
    /// Bytes.
    pub(crate) size: u64,
    pub(crate) object: ObjectId,
}

impl AttachmentRecord {
    /// How far it has come.
    pub(crate) fn state(&self) -> State {
        match self.content.as_ref().map(|content| content.verdict) {
            None => State::Uploading,
            Some(Verdict::Waiting) => State::Scanning,
            Some(Verdict::Clean) => State::Clean,
            Some(Verdict::Infected) => State::Quarantined,
        }
    }
}

/// Something that the province and the national database say otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DifferenceRecord {
    pub(crate) difference: Difference,
    /// When it was found as it is.
    pub(crate) found_at: Timestamp,
    /// When a comparison found it no more; none: it is there.
    pub(crate) gone_at: Option<Timestamp>,
    /// None: it is open.
    pub(crate) resolved: Option<Resolved>,
    /// How often it was open again.
    pub(crate) reopened: i32,
}

/// How a difference was resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    pub(crate) resolution: Resolution,
    /// `role/name`.
    pub(crate) by: String,
    /// Why.
    pub(crate) reason: String,
    pub(crate) at: Timestamp,
}
