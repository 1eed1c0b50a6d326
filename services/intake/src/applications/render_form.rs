//! The forms of Circular 03/2025/TT-VPCP about one application, with whoever applied: intake alone knows who that is.

use jiff::{Timestamp, civil::DateTime};
use phidia_domain::{
    Kind, Rejection,
    application::{Applicant, HandedIn, ReturnWay, Status},
    caller::Caller,
    id::ApplicationId,
    procedure::Procedure,
    province::Province,
};
use phidia_forms::{
    self as forms, Fault, Form, Ground, Listed, Office, Receipt, Refusal, StopNotice, SupplementRequest,
};
use phidia_runtime::{failure::Failure, seal::PersonKey};

use crate::{
    Intake,
    applications::words,
    record::{Application, Dossier, Entry},
    store::{reading, words as store},
};

/// A form as it is printed.
#[derive(Debug)]
pub(crate) struct Printed {
    pub(crate) application: ApplicationId,
    pub(crate) pdf: Vec<u8>,
    pub(crate) file_name: String,
}

impl Intake {
    /// A form of an application that the caller may open.
    ///
    /// # Errors
    /// `NOT_FOUND`; `FAILED_PRECONDITION` where there is no such form of it.
    pub(crate) async fn render_form(
        &self,
        caller: &Caller,
        id: ApplicationId,
        form: Form,
    ) -> Result<Printed, Failure> {
        let dossier = self.dossier(caller, id).await?;
        self.print(dossier, form).await
    }

    /// A form of an application, for anybody who has its receipt.
    ///
    /// # Errors
    /// As [`Intake::by_receipt`]; `FAILED_PRECONDITION` where there is no such form of it.
    pub(crate) async fn render_form_of_receipt(
        &self,
        caller: &Caller,
        dossier_code: &str,
        check_code: &str,
        form: Form,
    ) -> Result<Printed, Failure> {
        let id = self.by_receipt(caller, dossier_code, check_code).await?;
        let province = self.versions.active().await?;
        let dossier = reading::dossier(self.outbox.database().read(), &province.value.code, id).await?;
        let dossier = dossier.ok_or_else(|| Failure::broken(format!("{id} was here and is no more")))?;
        self.print(dossier, form).await
    }

    async fn print(&self, dossier: Dossier, form: Form) -> Result<Printed, Failure> {
        let pinned = self.versions.at(dossier.application.province_version).await?;
        let known = self.known(dossier, &pinned.value).await?;
        let issued = known.issued();
        if !issued.contains(&form) {
            return Err(not_issued(form, &issued).into());
        }
        let (application, file_name) =
            (known.application.id, form.file_name(&known.application.dossier_code));
        // Setting and packing it takes a processor some milliseconds.
        let printing = tokio::task::spawn_blocking(move || known.print(form, &pinned.value));
        let pdf = printing.await.map_err(Failure::broken)??;
        Ok(Printed { application, pdf, file_name })
    }

    /// All that a form may say.
    async fn known(&self, dossier: Dossier, province: &Province) -> Result<Known, Failure> {
        let (conn, id) = (self.outbox.database().read(), dossier.application.id);
        let entries = reading::entries(conn, &province.code, id).await?;
        let written = store::written(conn, &province.code, id).await?;
        let key = dossier.applicant.wrapped_key.as_deref();
        let key = key.map(|wrapped| PersonKey::unwrap(&self.master_key, wrapped)).transpose()?;
        let applicant = dossier.applicant.open(&self.master_key, id)?;
        let Dossier { application, receipt, documents, .. } = dossier;
        let mut known = Known {
            application,
            receipt,
            applicant,
            documents,
            entries,
            reasons: Vec::new(),
            refusal: None,
            apology: None,
            stop_asked_at: None,
        };
        if let Some(written) = written {
            known.stop_asked_at = written.stop_asked_at;
            if let Some((key, sealed)) = key.as_ref().zip(written.supplement) {
                known.reasons = words::open_supplement(key, id, sealed)?;
            }
            if let Some((key, sealed)) = key.as_ref().zip(written.refusal) {
                known.refusal = Some(words::open_refusal(key, id, sealed)?);
            }
            if let Some((key, sealed)) = key.as_ref().zip(written.apology) {
                known.apology = Some(words::open_apology(key, id, sealed)?);
            }
        }
        Ok(known)
    }
}

/// What is known of an application.
struct Known {
    application: Application,
    receipt: crate::record::Receipt,
    /// None once the person was erased.
    applicant: Option<Applicant>,
    documents: Vec<HandedIn>,
    entries: Vec<Entry>,
    /// What it was asked to be supplemented by; empty: nothing.
    reasons: Vec<String>,
    refusal: Option<String>,
    apology: Option<words::Apology>,
    stop_asked_at: Option<Timestamp>,
}

impl Known {
    /// The forms that there are of it.
    fn issued(&self) -> Vec<Form> {
        let status = self.application.progress.status;
        let ended = self.application.progress.finished.is_some();
        let issued = [
            (Form::Receipt, true),
            (Form::Supplement, !self.reasons.is_empty() && self.application.progress.supplement.is_some()),
            (Form::Refusal, ended && status == Status::Refused && self.refusal.is_some()),
            (Form::Apology, self.apology.is_some()),
            (Form::Stop, ended && matches!(status, Status::Withdrawn | Status::Lapsed)),
        ];
        issued.into_iter().filter(|(_, is)| *is).map(|(form, _)| form).collect()
    }

    fn print(&self, form: Form, province: &Province) -> Result<Vec<u8>, Failure> {
        let local = |at: Timestamp| province.clock.time_zone().to_datetime(at);
        let unit = province.units.get(&self.application.received_at_unit);
        let unit = unit.ok_or_else(|| Failure::broken("the unit that received an application is unknown"))?;
        let setting = Setting {
            office: Office::of(unit, province),
            dossier: self.dossier(),
            received_at: local(self.receipt.received_at),
        };
        let pdf = match form {
            Form::Receipt => self.receipt(setting, province, local),
            Form::Supplement => self.supplement(setting, local),
            Form::Refusal => self.refusal(setting, local),
            Form::Apology => match &self.apology {
                Some(told) => apology(setting, told.clone(), local),
                None => return Err(not_issued(form, &self.issued()).into()),
            },
            Form::Stop => self.stop(setting, local),
            Form::Control | Form::Register => {
                return Err(not_issued(form, &self.issued()).into());
            }
        };
        pdf.map_err(Failure::broken)
    }

    fn dossier(&self) -> forms::Dossier {
        printed_dossier(&self.application, self.applicant.as_ref())
    }

    fn receipt(
        &self,
        Setting { office, dossier, received_at }: Setting,
        province: &Province,
        local: impl Fn(Timestamp) -> DateTime,
    ) -> Result<Vec<u8>, Fault> {
        let day = province.clock.local_date(self.application.submitted_at);
        let procedure = province.procedures.on(&self.application.procedure_code, day);
        let limit = procedure.and_then(|procedure| procedure.limit).map(|limit| limit.in_words().vi);
        Receipt {
            office,
            dossier,
            check_code: self.receipt.check_code.clone(),
            signed: self.receipt.signed.clone(),
            time_limit: limit.unwrap_or_default(),
            received_at,
            // As it was promised then.
            due_at: self.receipt.due_at.map(local),
            return_at: self.return_at(),
            papers: self.papers(procedure),
            fee_vnd: self.receipt.fee_vnd,
        }
        .pdf()
    }

    /// Where the result is collected, or how else it reaches the applicant.
    fn return_at(&self) -> String {
        let applicant = self.applicant.as_ref();
        let of = |part: fn(&Applicant) -> &String| applicant.map(part).map_or("", |part| part.trim());
        let way = self.application.result_by;
        let to = match way {
            ReturnWay::Counter => return self.receipt.return_at_name.vi.clone(),
            ReturnWay::Post => of(|applicant| &applicant.postal_address),
            ReturnWay::Electronic => of(|applicant| &applicant.email),
        };
        let way = way.in_words().vi;
        if to.is_empty() { way } else { format!("{way}, {to}") }
    }

    fn papers(&self, procedure: Option<&Procedure>) -> Vec<Listed> {
        let known = procedure.map_or(&[][..], |procedure| &procedure.documents);
        let listed = self.documents.iter().map(|document| {
            let known = known.iter().find(|known| known.part == document.part);
            let name = known.map_or_else(|| document.part.clone(), |known| known.name.vi.clone());
            Listed { name, form: document.form, copies: document.copies }
        });
        listed.collect()
    }

    fn supplement(
        &self,
        Setting { office, dossier, .. }: Setting,
        local: impl Fn(Timestamp) -> DateTime,
    ) -> Result<Vec<u8>, Fault> {
        let (asked_at, asked_by) = self.last(Status::AwaitingSupplement);
        let until = self.application.progress.supplement.map_or(asked_at, |wanted| wanted.until);
        let (asked_at, until, reasons) = (local(asked_at), local(until), self.reasons.clone());
        SupplementRequest { office, dossier, asked_by, reasons, asked_at, until }.pdf()
    }

    fn refusal(
        &self,
        Setting { office, dossier, .. }: Setting,
        local: impl Fn(Timestamp) -> DateTime,
    ) -> Result<Vec<u8>, Fault> {
        let (refused_at, refused_by) = self.last(Status::Refused);
        let reason = self.refusal.clone().unwrap_or_default();
        Refusal { office, dossier, refused_by, reason, refused_at: local(refused_at) }.pdf()
    }

    fn stop(
        &self,
        Setting { office, dossier, received_at }: Setting,
        local: impl Fn(Timestamp) -> DateTime,
    ) -> Result<Vec<u8>, Fault> {
        let progress = &self.application.progress;
        let ground = match progress.status {
            Status::Lapsed => Ground::Lapsed { until: progress.supplement.map(|wanted| local(wanted.until)) },
            _ => Ground::Withdrawn { asked_at: self.stop_asked_at.map(&local) },
        };
        let stopped_at = progress.finished.map_or(received_at, |finished| local(finished.at));
        StopNotice { office, dossier, received_at, ground, stopped_at }.pdf()
    }

    /// When it last became so, and the name of the unit where it was then; else of that which received it.
    fn last(&self, status: Status) -> (Timestamp, String) {
        let entry = self.entries.iter().rfind(|entry| entry.status == status);
        let at = entry.map_or(self.receipt.received_at, |entry| entry.at);
        let unit = entry.and_then(|entry| entry.unit_name.as_ref());
        (at, unit.unwrap_or(&self.receipt.received_at_name).vi.clone())
    }
}

fn apology(
    Setting { office, dossier, received_at }: Setting,
    told: words::Apology,
    local: impl Fn(Timestamp) -> DateTime,
) -> Result<Vec<u8>, Fault> {
    forms::Apology {
        office,
        dossier,
        working_unit: told.unit.vi,
        received_at,
        promised: local(told.promised),
        reason: told.reason,
        due_at: local(told.appointment_at),
        written_at: local(told.written_at),
    }
    .pdf()
}

/// What all forms say.
struct Setting {
    office: Office,
    dossier: forms::Dossier,
    received_at: DateTime,
}

/// An application as forms name it.
pub(crate) fn printed_dossier(application: &Application, applicant: Option<&Applicant>) -> forms::Dossier {
    let of = |part: fn(&Applicant) -> &String| applicant.map(part).cloned().unwrap_or_default();
    forms::Dossier {
        code: application.dossier_code.clone(),
        procedure_code: application.procedure_code.clone(),
        procedure: application.procedure_name.vi.clone(),
        applicant: forms::Applicant {
            name: of(|applicant| &applicant.name),
            telephone: of(|applicant| &applicant.telephone),
            email: of(|applicant| &applicant.email),
            representative: of(|applicant| &applicant.representative),
            address: applicant.map(Applicant::address).unwrap_or_default().to_owned(),
            proxy: applicant
                .and_then(|applicant| applicant.proxy.as_ref())
                .map(|proxy| proxy.name.clone())
                .unwrap_or_default(),
        },
    }
}

fn not_issued(form: Form, issued: &[Form]) -> Rejection {
    let numbers: Vec<_> = issued.iter().map(|form| format!("{:02}", form.number())).collect();
    let numbers = numbers.join(", ");
    let message = format!("there is no form {:02} of this application; there are: {numbers}", form.number());
    Rejection::new(Kind::Precondition, "FORM_NOT_ISSUED", message).with("forms", numbers)
}
