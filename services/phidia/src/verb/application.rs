//! `phidia application …`

pub(super) mod rating;

use std::process::ExitCode;

use phidia_domain::{application::Language, caller::Role, id::EventId};
use phidia_proto::{
    convert,
    events::v1::PaymentWay,
    intake::v1::{
        Applicant, Channel, Form, GetApplicationRequest, ListApplicationsRequest, Receipt,
        RecordPaymentRequest, RenderFormOfReceiptRequest, RenderFormRequest, RenderRegisterRequest,
        SubmitApplicationRequest, SupplementApplicationRequest, TrackApplicationRequest, TrackedResult,
        WithdrawApplicationRequest, application_service_client::ApplicationServiceClient,
    },
    types::v1::ApplicationStatus,
};
use phidia_runtime::{clock::RealClock, ids::Ids};

use super::attachment;
use crate::{
    client::Client,
    command::{Application, ChannelName, FormName, List, PaymentWayName, Submit},
    show::{self, Zone, say},
};

pub(crate) async fn run(client: &Client<'_>, verb: Application) -> anyhow::Result<ExitCode> {
    match verb {
        Application::Submit(options) => submit(client, *options).await?,
        Application::Track { dossier_code, check_code } => track(client, dossier_code, check_code).await?,
        Application::Supplement { dossier_code, check_code, attachments } => {
            supplement(client, dossier_code, check_code, &attachments).await?;
        }
        Application::Pay { dossier_code, amount_dong, reference, way } => {
            let way = match way {
                PaymentWayName::Cash => PaymentWay::Cash,
                PaymentWayName::Transfer => PaymentWay::Transfer,
                PaymentWayName::Online => PaymentWay::Online,
            };
            let way = way.into();
            pay(client, RecordPaymentRequest { dossier_code, amount_dong, reference, way }).await?;
        }
        Application::Withdraw { dossier_code, check_code } => {
            withdraw(client, dossier_code, check_code).await?;
        }
        Application::Rate { dossier_code, check_code, rating, comment } => {
            rating::rate(client, dossier_code, check_code, rating, comment).await?;
        }
        Application::Ratings(options) => rating::list(client, options).await?,
        Application::Form { application, check_code, form, out } => {
            print_form(client, application, check_code, form, &out).await?;
        }
        Application::Register { received_at, from, to, out } => {
            register(client, received_at, from, to, &out).await?;
        }
        Application::List(options) => list(client, options).await?,
        Application::Show { application_id } => show_one(client, application_id).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn submit(client: &Client<'_>, options: Submit) -> anyhow::Result<()> {
    let speech = client.speech();
    let places = super::places(&options.places)?;
    let key = options.key.unwrap_or_else(|| Ids::random().mint::<EventId>(RealClock.now()).to_string());
    // Told before anything is sent: whoever loses the line has it and may ask again with it.
    show::aside(&format!("{}: {key}", say(speech, "khóa chống trùng", "idempotency key")));
    let channel = match options.channel {
        ChannelName::Direct => Channel::Direct,
        ChannelName::Online => Channel::Online,
        ChannelName::Post => Channel::Post,
    };
    let request = SubmitApplicationRequest {
        idempotency_key: key,
        procedure_code: options.procedure,
        received_at_code: options.received_at,
        return_at_code: options.return_at,
        places,
        applicant: Some(Applicant {
            name: options.applicant,
            identity_number: options.identity_number,
            email: options.email,
            telephone: options.telephone,
            language: convert::wire_language(speech).into(),
        }),
        channel: channel.into(),
        handed_in_at: options.handed_in_at.map(convert::wire_timestamp),
        conflicted_unit_codes: options.not_at,
        digitised: options.digitised,
    };
    let mut applications = ApplicationServiceClient::new(client.peer(Role::Citizen).await?);
    let answer = applications.submit_application(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.SubmitApplicationResponse", &answer);
    }
    if let Some(receipt) = &answer.receipt {
        print_receipt(speech, &client.zone().await, receipt);
    }
    if let Some(outlook) = &answer.outlook {
        show::line(&show::text(speech, outlook.sentence.as_ref()));
    } else if !answer.unassignable_reason.is_empty() {
        show::line(&format!(
            "{}: {}",
            say(
                speech,
                "Hiện chưa nơi nào làm được một bước của hồ sơ",
                "No unit can take one of its steps at present",
            ),
            super::route::words(speech, &answer.unassignable_reason)
        ));
    }
    Ok(())
}

fn print_receipt(speech: Language, zone: &Zone, receipt: &Receipt) {
    show::line(say(
        speech,
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        "RECEIPT AND APPOINTMENT FOR THE RESULT (form 01, Circular 03/2025/TT-VPCP)",
    ));
    let mut rows = vec![
        (say(speech, "Mã hồ sơ", "Dossier code"), receipt.dossier_code.clone()),
        (say(speech, "Mã tra cứu", "Check code"), receipt.check_code.clone()),
        (say(speech, "Thủ tục", "Procedure"), show::text(speech, receipt.procedure_name.as_ref())),
        (say(speech, "Nơi tiếp nhận", "Received at"), show::text(speech, receipt.received_at_name.as_ref())),
        (say(speech, "Nơi trả kết quả", "Result at"), show::text(speech, receipt.return_at_name.as_ref())),
        (say(speech, "Tiếp nhận lúc", "Received"), zone.instant(receipt.received_at.as_ref())),
        (say(speech, "Hẹn trả", "Promised"), zone.instant(receipt.due_at.as_ref())),
    ];
    if let Some(fee) = receipt.fee_vnd {
        rows.push((say(speech, "Lệ phí", "Fee"), format!("{fee} đồng")));
    }
    rows.push((say(speech, "Mã nội bộ", "Id"), receipt.application_id.clone()));
    show::facts(rows);
    show::line(say(speech, "Cách tính ngày hẹn:", "How the appointment was reckoned:"));
    for step in &receipt.arithmetic {
        show::line(&format!("  {}", show::text(speech, Some(step))));
    }
}

async fn track(client: &Client<'_>, dossier_code: String, check_code: String) -> anyhow::Result<()> {
    let mut applications = ApplicationServiceClient::new(client.peer(Role::Citizen).await?);
    let request = TrackApplicationRequest { dossier_code, check_code };
    let answer = applications.track_application(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.TrackApplicationResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    show::line(&format!(
        "{}: {} ({} {})",
        show::text(speech, answer.procedure_name.as_ref()),
        show::status(speech, answer.status),
        say(speech, "hẹn trả", "promised"),
        zone.instant(answer.due_at.as_ref()),
    ));
    let rows = answer.entries.iter().map(|entry| {
        vec![
            zone.instant(entry.at.as_ref()),
            match entry.reopened_by.as_str() {
                "" => show::status(speech, entry.status).to_owned(),
                decision => format!("{} {decision}", say(speech, "mở lại theo", "opened again by")),
            },
            show::text(speech, entry.unit_name.as_ref()),
        ]
    });
    let headings =
        [say(speech, "Lúc", "When"), say(speech, "Trạng thái", "Status"), say(speech, "Nơi", "Where")];
    show::page(speech, &headings, rows.collect(), "");
    if let Some(until) = &answer.supplement_until {
        let until = zone.instant(Some(until));
        show::line(&match speech {
            Language::Vi => {
                format!("Cần bổ sung hồ sơ chậm nhất {until}; nội dung ở trong thông báo đã gửi.")
            }
            Language::En => format!(
                "To be supplemented no later than {until}; the message that you were sent says what is missing."
            ),
        });
    }
    if answer.payment_due_dong > 0 {
        let amount = answer.payment_due_dong;
        show::line(&match speech {
            Language::Vi => format!("Cần nộp {amount} đồng; nội dung ở trong thông báo đã gửi."),
            Language::En => {
                format!("To be paid: {amount} đồng; the message that you were sent says what for.")
            }
        });
    }
    if let Some(appointment_at) = &answer.appointment_at {
        let apology = show::text(speech, answer.apology.as_ref());
        let at = zone.instant(Some(appointment_at));
        show::line(&format!("{apology} {}: {at}.", say(speech, "Hẹn lại", "New appointment")));
    }
    for result in answer.withdrawn_results.iter().chain(&answer.result) {
        print_result(speech, &zone, result);
    }
    // Of the last unit that was found: that is where it is, or was finished. What it says of the finish is of no use to whoever
    // has to answer first, or has ended it.
    let stands = matches!(
        answer.status(),
        ApplicationStatus::AwaitingSupplement
            | ApplicationStatus::AwaitingPayment
            | ApplicationStatus::Withdrawn
            | ApplicationStatus::Lapsed
    );
    if let Some(entry) = answer.entries.iter().rfind(|entry| entry.why.is_some() && !stands) {
        for words in [&entry.why, &entry.what_if].into_iter().flatten() {
            show::line(&show::text(speech, Some(words)));
        }
    }
    Ok(())
}

/// What became of a result.
fn print_result(speech: Language, zone: &Zone, result: &TrackedResult) {
    if let Some(issued_at) = &result.issued_at {
        let at = zone.instant(Some(issued_at));
        let (kind, hash) = (&result.media_type, &result.sha256);
        show::line(&match speech {
            Language::Vi => format!("Kết quả phát hành lúc {at} ({kind}), SHA-256 {hash}."),
            Language::En => format!("The result was issued {at} ({kind}), SHA-256 {hash}."),
        });
    }
    if let Some(handed_over_at) = &result.handed_over_at {
        let (at, way) = (zone.instant(Some(handed_over_at)), super::case::result::way(speech, result.way()));
        let place = show::text(speech, result.handed_over_at_name.as_ref());
        show::line(&match speech {
            Language::Vi => format!("Đã trả kết quả lúc {at}, {way}: {place}."),
            Language::En => format!("The result was handed over {at}, {way}: {place}."),
        });
    }
    if let Some(withdrawn_at) = &result.withdrawn_at {
        let at = zone.instant(Some(withdrawn_at));
        show::line(&match speech {
            Language::Vi => {
                format!("Kết quả này được thu hồi lúc {at}: hồ sơ được mở lại để giải quyết lại.")
            }
            Language::En => format!("This result was withdrawn {at}: the application was opened again."),
        });
    }
}

async fn supplement(
    client: &Client<'_>,
    dossier_code: String,
    check_code: String,
    attachments: &[String],
) -> anyhow::Result<()> {
    let attachment_ids = attachment::ids(client, attachments, &dossier_code).await?;
    // What is handed in with it is the uploader's own.
    let usual = if attachment_ids.is_empty() { Role::Citizen } else { attachment::uploader(client) };
    let mut applications = ApplicationServiceClient::new(client.peer(usual).await?);
    let request = SupplementApplicationRequest { dossier_code, check_code, attachment_ids };
    let answer = applications.supplement_application(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.SupplementApplicationResponse", &answer);
    }
    let received_at = client.zone().await.instant(answer.received_at.as_ref());
    show::line(&match client.speech() {
        Language::Vi => format!("Đã nhận bổ sung lúc {received_at}."),
        Language::En => format!("The supplement was received {received_at}."),
    });
    Ok(())
}

async fn pay(client: &Client<'_>, request: RecordPaymentRequest) -> anyhow::Result<()> {
    let usual = if client.is_officer() { Role::Officer } else { Role::Supervisor };
    let mut applications = ApplicationServiceClient::new(client.peer(usual).await?);
    let answer = applications.record_payment(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.RecordPaymentResponse", &answer);
    }
    let paid_at = client.zone().await.instant(answer.paid_at.as_ref());
    show::line(&match client.speech() {
        Language::Vi => format!("Đã ghi nhận nộp tiền lúc {paid_at}."),
        Language::En => format!("The payment was written down {paid_at}."),
    });
    Ok(())
}

async fn withdraw(client: &Client<'_>, dossier_code: String, check_code: String) -> anyhow::Result<()> {
    let mut applications = ApplicationServiceClient::new(client.peer(Role::Citizen).await?);
    let request = WithdrawApplicationRequest { dossier_code, check_code };
    let answer = applications.withdraw_application(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.WithdrawApplicationResponse", &answer);
    }
    let received_at = client.zone().await.instant(answer.received_at.as_ref());
    show::line(&match client.speech() {
        Language::Vi => format!(
            "Đã nhận yêu cầu rút hồ sơ lúc {received_at}. Nếu khi đó đã có quyết định thì quyết định có hiệu lực."
        ),
        Language::En => {
            format!("The withdrawal was received {received_at}. A decision that was made before that stands.")
        }
    });
    Ok(())
}

/// By its id, or by the codes of its receipt.
async fn print_form(
    client: &Client<'_>,
    application: String,
    check_code: Option<String>,
    form: FormName,
    out: &str,
) -> anyhow::Result<()> {
    let form = match form {
        FormName::Receipt => Form::Receipt,
        FormName::Supplement => Form::Supplement,
        FormName::Refusal => Form::Refusal,
        FormName::Apology => Form::Apology,
        FormName::Stop => Form::Stop,
    };
    let by_id = application.starts_with("app_") && check_code.is_none();
    let usual = match (by_id, client.is_officer()) {
        (true, true) => Role::Officer,
        (true, false) => Role::Operator,
        (false, _) => Role::Citizen,
    };
    let mut applications = ApplicationServiceClient::new(client.peer(usual).await?);
    let document = if by_id {
        let request = RenderFormRequest { application_id: application, form: form.into() };
        applications.render_form(request).await?.into_inner().document
    } else {
        let request = RenderFormOfReceiptRequest {
            dossier_code: application,
            check_code: check_code.unwrap_or_default(),
            form: form.into(),
        };
        applications.render_form_of_receipt(request).await?.into_inner().document
    };
    super::document::write(client, document, out)
}

async fn register(
    client: &Client<'_>,
    received_at: String,
    from: String,
    to: String,
    out: &str,
) -> anyhow::Result<()> {
    let usual = if client.is_officer() { Role::Officer } else { Role::Operator };
    let mut applications = ApplicationServiceClient::new(client.peer(usual).await?);
    // Theirs is named too: by its code the server knows whether there is such a unit.
    let received_at_code = if received_at.is_empty() { client.own_unit() } else { received_at };
    let request = RenderRegisterRequest { received_at_code, from, to };
    let document = applications.render_register(request).await?.into_inner().document;
    super::document::write(client, document, out)
}

async fn list(client: &Client<'_>, options: List) -> anyhow::Result<()> {
    let mut applications = ApplicationServiceClient::new(client.peer(Role::Operator).await?);
    // Theirs is named too: by its code the server knows whether there is such a unit.
    let received_at_code = match client.role(Role::Operator) {
        Role::Officer | Role::Supervisor if options.received_at.is_empty() => client.own_unit(),
        _ => options.received_at,
    };
    let request = ListApplicationsRequest {
        page_size: options.limit,
        received_at_code,
        ..ListApplicationsRequest::default()
    };
    let answer = applications.list_applications(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ListApplicationsResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.applications.iter().map(|application| {
        vec![
            format!("{}\n{}", application.dossier_code, application.application_id),
            format!(
                "{}, {} {}\n{}\n{}",
                show::status(speech, application.status),
                say(speech, "hẹn trả", "promised"),
                zone.instant(application.due_at.as_ref()),
                show::brief(&show::text(speech, application.procedure_name.as_ref())),
                show::text(speech, application.working_unit_name.as_ref()),
            )
            .trim_end()
            .to_owned(),
        ]
    });
    let headings = [
        say(speech, "Mã hồ sơ, mã nội bộ", "Dossier code, id"),
        say(speech, "Trạng thái, thủ tục, nơi xử lý", "Status, procedure, worked at"),
    ];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

async fn show_one(client: &Client<'_>, application_id: String) -> anyhow::Result<()> {
    let mut applications = ApplicationServiceClient::new(client.peer(Role::Operator).await?);
    let answer = applications.get_application(GetApplicationRequest { application_id }).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.GetApplicationResponse", &answer);
    }
    let speech = client.speech();
    if let Some(receipt) = &answer.receipt {
        print_receipt(speech, &client.zone().await, receipt);
    }
    if let Some(application) = &answer.application {
        show::line(&format!(
            "{}: {}",
            say(speech, "Trạng thái", "Status"),
            show::status(speech, application.status)
        ));
    }
    if let Some(applicant) = &answer.applicant {
        show::line(&format!("{}: {}", say(speech, "Người nộp", "Applicant"), applicant.name));
    }
    Ok(())
}
