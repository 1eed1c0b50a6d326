//! `phidia receipt …`

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use phidia_domain::{
    Rejection,
    caller::Role,
    conservation::CentreSum as Sum,
    receipt::{Checks, Closed, InTree, Local, Pins, Proven, PublicKey, Signed, base32, verify},
};
use phidia_proto::intake::v1::{
    CentreSum, GetCentreSumsRequest, GetInclusionProofRequest, GetReceiptRequest, ListDailyRootsRequest,
    ListReceiptKeysRequest, receipt_service_client::ReceiptServiceClient,
};
use phidia_proto::receipt;
use phidia_runtime::{digest, sign, status};
use phidia_words::Words;
use serde_json::json;

use super::document;
use crate::{client::Client, command::Receipt, ending::Ending, show};

/// How hashes are reckoned and signatures checked.
const CHECKS: Checks = Checks {
    sha256: digest::hash,
    ed25519: |key, bytes, signature| sign::verifies(&key.0, bytes, signature),
};

/// Stands for the standard input and output.
const STANDARD: &str = "-";

pub(crate) async fn run(client: &Client<'_>, verb: Receipt) -> anyhow::Result<ExitCode> {
    match verb {
        Receipt::Save { dossier_code, check_code, out } => {
            save(client, dossier_code, check_code, &out).await?
        }
        Receipt::Verify { file, text, keys, roots } => {
            return check(client, file, text, &keys, &roots).map(Into::into);
        }
        Receipt::Keys => keys(client).await?,
        Receipt::Days { day, limit } => days(client, day, limit).await?,
        Receipt::Conservation { day } => conservation(client, day).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn save(
    client: &Client<'_>,
    dossier_code: String,
    check_code: String,
    out: &str,
) -> anyhow::Result<()> {
    let speech = client.speech();
    let mut receipts = ReceiptServiceClient::new(client.peer(Role::Citizen).await?);
    let request = GetReceiptRequest { dossier_code: dossier_code.clone(), check_code: check_code.clone() };
    let receipt = receipts.get_receipt(request).await?.into_inner().receipt;
    let signed = receipt.context("the answer bears no receipt")?.signed;
    let (proof, closes_at) =
        match receipts.get_inclusion_proof(GetInclusionProofRequest { dossier_code, check_code }).await {
            Ok(answer) => (Some(receipt::proof(&answer.into_inner())?), None),
            Err(refused) => {
                let refusal = status::from_status(&refused);
                if refusal.reason != "NOT_CLOSED_YET" {
                    return Err(refused.into());
                }
                let at = refusal.metadata.iter().find(|(fact, _)| fact == "closes_at");
                (None, at.and_then(|(_, at)| at.parse::<jiff::Timestamp>().ok()))
            }
        };
    let known = receipts.list_receipt_keys(ListReceiptKeysRequest {}).await?.into_inner().keys;
    let text = receipt::file(&signed, proof.as_ref(), &known)?.write()?;
    // What does not hold is not kept.
    verify(&text, &Pins::default(), CHECKS)?;
    if out == STANDARD {
        return io::stdout().write_all(text.as_bytes()).context("the receipt cannot be written");
    }
    document::save(Path::new(out), text.as_bytes())?;
    show::line(&match proof {
        Some(_) => speech.receipt_saved_with_proof(out),
        None => speech.receipt_saved_without_proof(out),
    });
    if let Some(closes_at) = closes_at {
        let at = client.zone().await.instant(Some(&phidia_proto::convert::wire_timestamp(closes_at)));
        show::line(&speech.receipt_that_day_will_be_closed_after(&at));
    }
    Ok(())
}

fn check(
    client: &Client<'_>,
    file: Option<PathBuf>,
    text: Option<String>,
    keys: &[String],
    roots: &[String],
) -> anyhow::Result<Ending> {
    let text = match (text, file) {
        (Some(text), _) => text,
        (None, Some(file)) => read(&file)?,
        (None, None) => String::new(),
    };
    let expected = "expected 52 letters and digits, as `phidia receipt keys` and `days` show them";
    let malformed = |field: &str| Rejection::invalid("MALFORMED_PIN", field, expected);
    let keys = keys.iter().map(|key| PublicKey::parse(key).ok_or_else(|| malformed("--key")));
    let roots = roots.iter().map(|root| base32::read(root).ok_or_else(|| malformed("--root")));
    let pins = Pins { keys: keys.collect::<Result<_, _>>()?, roots: roots.collect::<Result<_, _>>()? };
    let proven = match verify(&text, &pins, CHECKS) {
        Ok(proven) => proven,
        Err(fault) => return Ending::of_check(Err(fault.into()), client.speech()),
    };
    if client.json() {
        show::object(&as_json(&proven))?;
    } else {
        show::line(&in_words(client.speech(), &proven));
        if !proven.is_pinned {
            show::line(client.speech().receipt_that_key_is_the_files_own_which());
        }
    }
    Ok(Ending::Done)
}

fn read(file: &Path) -> anyhow::Result<String> {
    if file == Path::new(STANDARD) {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).context("the standard input cannot be read")?;
        return Ok(text);
    }
    let bytes = fs::read(file).with_context(|| format!("{} can't be read", file.display()))?;
    // What is no text is no receipt, and is told like one that was changed.
    Ok(String::from_utf8(bytes).unwrap_or_default())
}

/// What is proven, in a sentence.
fn in_words(speech: Words, proven: &Proven) -> String {
    let Signed { statement: said, key, .. } = &proven.receipt;
    let (code, procedure, unit) = (&said.dossier_code, &said.procedure_code, &said.received_at_code);
    let (received, due) = (local(said.received_at), said.due_at.map(local));
    let pinned = match proven.is_pinned {
        true => speech.receipt_the_published_key(),
        false => speech.receipt_the_key(),
    };
    let mut sentence =
        speech.receipt_the_receipt_of_procedure_is_signed_by(code, key, pinned, procedure, &received, unit);
    if let Some(due) = due {
        sentence += &speech.receipt_and_promised_the_result_by(&due);
    }
    if let Some(InTree { closed, is_pinned }) = &proven.day {
        let Closed { day, count, .. } = &closed.statement;
        let (day, others) = (day.strftime("%d/%m/%Y"), count.saturating_sub(1));
        let root = match is_pinned {
            true => speech.receipt_under_the_published_root(),
            false => "",
        };
        sentence += &speech.receipt_it_is_in_the_tree_of_with(&day, others, root);
    }
    sentence + "."
}

fn local(Local { at, offset }: Local) -> String {
    offset.to_datetime(at).strftime("%d/%m/%Y %H:%M").to_string()
}

fn as_json(proven: &Proven) -> serde_json::Value {
    let Signed { statement: said, key, .. } = &proven.receipt;
    json!({
        "dossierCode": said.dossier_code,
        "procedureCode": said.procedure_code,
        "receivedAtCode": said.received_at_code,
        "returnAtCode": said.return_at_code,
        "receivedAt": said.received_at.at.to_string(),
        "dueAt": said.due_at.map(|due| due.at.to_string()),
        "keyId": key.to_string(),
        "isPinned": proven.is_pinned,
        "day": proven.day.as_ref().map(|in_tree| json!({
            "day": in_tree.closed.statement.day.to_string(),
            "count": in_tree.closed.statement.count,
            "root": base32::write(&in_tree.closed.statement.root),
            "isPinned": in_tree.is_pinned,
        })),
    })
}

async fn keys(client: &Client<'_>) -> anyhow::Result<()> {
    let mut receipts = ReceiptServiceClient::new(client.peer(Role::Citizen).await?);
    let answer = receipts.list_receipt_keys(ListReceiptKeysRequest {}).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ListReceiptKeysResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.keys.into_iter().map(|key| {
        let signs = if key.is_signing { speech.receipt_signs() } else { "" };
        vec![key.key_id, key.public_key, zone.instant(key.since.as_ref()), signs.to_owned()]
    });
    let headings = [speech.term_name(), speech.receipt_public_key(), speech.term_since(), ""];
    show::page(speech, &headings, rows.collect(), "");
    Ok(())
}

async fn days(client: &Client<'_>, day: String, limit: i32) -> anyhow::Result<()> {
    let mut receipts = ReceiptServiceClient::new(client.peer(Role::Citizen).await?);
    let request =
        ListDailyRootsRequest { page_size: limit, page_token: String::new(), day, with_sums: client.json() };
    let answer = receipts.list_daily_roots(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ListDailyRootsResponse", &answer);
    }
    let speech = client.speech();
    let rows = answer.roots.iter().map(|root| {
        let key = Signed::<Closed>::parse(&root.signed).map(|signed| signed.key.to_string());
        vec![show::day(&root.day), root.count.to_string(), root.root.clone(), key.unwrap_or_default()]
    });
    let headings = [
        speech.term_day(),
        speech.receipt_applications(),
        speech.receipt_root_of_the_tree(),
        speech.receipt_key(),
    ];
    show::page(speech, &headings, rows.collect(), &answer.next_page_token);
    Ok(())
}

async fn conservation(client: &Client<'_>, day: String) -> anyhow::Result<()> {
    let mut receipts = ReceiptServiceClient::new(client.peer(Role::Citizen).await?);
    let answer = receipts.get_centre_sums(GetCentreSumsRequest { day }).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.GetCentreSumsResponse", &answer);
    }
    let speech = client.speech();
    let mut total = Sum::default();
    let mut rows: Vec<_> = answer
        .sums
        .iter()
        .map(|sum| {
            total.add(&domain(sum));
            row(&sum.code, &domain(sum))
        })
        .collect();
    rows.push(row(speech.receipt_total(), &total));
    let headings = [
        speech.term_unit(),
        speech.receipt_accepted(),
        speech.receipt_open(),
        speech.receipt_finished(),
        speech.receipt_withdrawn(),
        speech.receipt_refused(),
        speech.receipt_lapsed(),
        "",
    ];
    show::table(&headings, rows);
    Ok(())
}

fn domain(sum: &CentreSum) -> Sum {
    Sum {
        accepted: sum.accepted,
        open: sum.open,
        finished: sum.finished,
        withdrawn: sum.withdrawn,
        refused: sum.refused,
        lapsed: sum.lapsed,
    }
}

fn row(code: &str, sum: &Sum) -> Vec<String> {
    let counts = [sum.accepted, sum.open, sum.finished, sum.withdrawn, sum.refused, sum.lapsed];
    let fits = if sum.holds() { "=" } else { "≠" };
    [code.to_owned()]
        .into_iter()
        .chain(counts.map(|count| count.to_string()))
        .chain([fits.to_owned()])
        .collect()
}
