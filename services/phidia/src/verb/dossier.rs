//! What is handed in: from the command line into a request, and what the server says of it.

use std::{fs, io::Read as _};

use anyhow::Context as _;
use phidia_domain::Rejection;
use phidia_proto::{
    convert,
    intake::v1::{
        Applicant, ApplicantKind, Authorisation, Channel, CheckApplicationResponse, DocumentForm, Entrance,
        FeeLine, HandedInDocument, Proxy, Receipt, Residence, SubmitApplicationRequest,
        SubmitApplicationResponse,
    },
    types::v1::{ReturnWay, Text},
};
use phidia_words::Words;
use serde_json::Value;

use super::places;
use crate::{
    command::{ApplicantOptions, ChannelName, Dossier, EntranceName, ProxyByName, ResultByName},
    show::{self, Zone},
};

impl Dossier {
    /// Says all that is named here in a request; the rest of it stays.
    pub(super) fn say_in(self, request: &mut SubmitApplicationRequest) -> anyhow::Result<()> {
        set(&mut request.procedure_code, self.procedure);
        set(&mut request.received_at_code, self.received_at);
        set(&mut request.return_at_code, self.return_at);
        if let Some(way) = self.result_by {
            request.set_result_by(match way {
                ResultByName::Counter => ReturnWay::Counter,
                ResultByName::Post => ReturnWay::Post,
                ResultByName::Electronic => ReturnWay::Electronic,
            });
        }
        if !self.places.is_empty() {
            request.places = places(&self.places)?;
        }
        if !self.not_at.is_empty() {
            request.conflicted_unit_codes = self.not_at;
        }
        if let Some(channel) = self.channel {
            request.set_channel(match channel {
                ChannelName::Direct => Channel::Direct,
                ChannelName::Online => Channel::Online,
                ChannelName::Post => Channel::Post,
            });
        }
        if let Some(entrance) = self.entrance {
            request.set_entrance(match entrance {
                EntranceName::NationalPortal => Entrance::NationalPortal,
                EntranceName::Vneid => Entrance::Vneid,
            });
        }
        request.digitised |= self.digitised;
        if let Some(at) = self.handed_in_at {
            request.handed_in_at = Some(convert::wire_timestamp(at));
        }
        if let Some(file) = &self.answers {
            request.answers = read(file)?;
        }
        for answer in &self.answer {
            request.answers = with_answer(&request.answers, answer)?;
        }
        if !self.documents.is_empty() {
            let documents = self.documents.iter().map(|text| document(text));
            request.documents = documents.collect::<Result<_, _>>()?;
        }
        self.applicant.say_in(request.applicant.get_or_insert_default());
        Ok(())
    }
}

impl ApplicantOptions {
    fn say_in(self, applicant: &mut Applicant) {
        set(&mut applicant.name, self.name);
        set(&mut applicant.identity_number, self.identity_number);
        set(&mut applicant.email, self.email);
        set(&mut applicant.telephone, self.telephone);
        if self.organisation.is_some() {
            applicant.set_kind(ApplicantKind::Organisation);
        }
        if self.household.is_some() {
            applicant.set_kind(ApplicantKind::HouseholdBusiness);
        }
        set(&mut applicant.registration_number, self.organisation.or(self.household));
        set(&mut applicant.representative, self.representative);
        set(&mut applicant.postal_address, self.postal_address);
        if self.address.is_some() || self.permanent.is_some() || self.temporary.is_some() {
            let Residence { address, permanent_commune_code, temporary_commune_code } =
                applicant.residence.get_or_insert_default();
            set(address, self.address);
            set(permanent_commune_code, self.permanent);
            set(temporary_commune_code, self.temporary);
        }
        let of_a_proxy = [&self.proxy, &self.proxy_identity_number, &self.proxy_email, &self.proxy_telephone];
        if self.proxy_by.is_some() || of_a_proxy.into_iter().any(Option::is_some) {
            let fresh = || Proxy { authorisation: Authorisation::Written.into(), ..Proxy::default() };
            let proxy = applicant.proxy.get_or_insert_with(fresh);
            set(&mut proxy.name, self.proxy);
            set(&mut proxy.identity_number, self.proxy_identity_number);
            set(&mut proxy.email, self.proxy_email);
            set(&mut proxy.telephone, self.proxy_telephone);
            if let Some(ground) = self.proxy_by {
                proxy.set_authorisation(match ground {
                    ProxyByName::Written => Authorisation::Written,
                    ProxyByName::ByLaw => Authorisation::ByLaw,
                    ProxyByName::PublicPost => Authorisation::PublicPost,
                });
            }
        }
    }
}

/// What is not named stays as it is.
fn set(field: &mut String, named: Option<String>) {
    if let Some(named) = named {
        *field = named;
    }
}

fn read(file: &str) -> anyhow::Result<String> {
    if file == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("the standard input can't be read")?;
        return Ok(text);
    }
    fs::read_to_string(file).with_context(|| format!("{file} can't be read"))
}

/// The answers with one more, or another in its place.
fn with_answer(answers: &str, answer: &str) -> Result<String, Rejection> {
    let malformed = |expected: &str| Rejection::invalid("MALFORMED_ANSWER", "--answer", expected);
    let (path, value) =
        answer.split_once('=').ok_or_else(|| malformed("expected PATH=TEXT or PATH:=JSON"))?;
    let (path, value) = match path.strip_suffix(':') {
        Some(path) => (path, serde_json::from_str(value).map_err(|_| malformed("expected JSON after `:=`"))?),
        None => (path, Value::String(value.to_owned())),
    };
    let answers = if answers.is_empty() { "{}" } else { answers };
    let mut all: Value =
        serde_json::from_str(answers).map_err(|_| malformed("the answers of before are no JSON"))?;
    let mut place = &mut all;
    for name in path.split('.') {
        if name.is_empty() {
            return Err(malformed("expected names with a dot between two of them before `=`"));
        }
        if !place.is_object() {
            *place = Value::Object(serde_json::Map::new());
        }
        place = &mut place[name];
    }
    *place = value;
    Ok(all.to_string())
}

/// `2=3 copies`.
fn document(text: &str) -> Result<HandedInDocument, Rejection> {
    let malformed = || {
        let expected = "expected PART[=[COUNT] original|copy|electronic[:FILE,att_…]]";
        Rejection::invalid("MALFORMED_DOCUMENT", "--document", expected)
    };
    let (part, rest) = text.split_once('=').unwrap_or((text, ""));
    let (what, files) = rest.split_once(':').unwrap_or((rest, ""));
    let words: Vec<_> = what.split_whitespace().collect();
    let (count, form) = match *words.as_slice() {
        [] => ("1", "original"),
        [word] if word.bytes().all(|byte| byte.is_ascii_digit()) => (word, "original"),
        [form] => ("1", form),
        [count, form] => (count, form),
        _ => return Err(malformed()),
    };
    let form = match form {
        "original" | "originals" => DocumentForm::Original,
        "copy" | "copies" => DocumentForm::Copy,
        "electronic" => DocumentForm::Electronic,
        _ => return Err(malformed()),
    };
    Ok(HandedInDocument {
        part: part.trim().to_owned(),
        form: form.into(),
        copies: count.parse().ok().filter(|count| *count > 0).ok_or_else(malformed)?,
        attachment_ids: files.split(',').filter(|id| !id.is_empty()).map(|id| id.trim().to_owned()).collect(),
    })
}

/// Says what whoever handed something in has got.
pub(super) fn print_submitted(speech: Words, zone: &Zone, answer: &SubmitApplicationResponse) {
    if let Some(receipt) = &answer.receipt {
        print_receipt(speech, zone, receipt);
    }
    if let Some(outlook) = &answer.outlook {
        show::line(&show::text(speech, outlook.sentence.as_ref()));
    } else if !answer.unassignable_reason.is_empty() {
        show::line(&format!(
            "{}: {}",
            speech.dossier_no_unit_can_take_one_of_its(),
            speech.why(&answer.unassignable_reason)
        ));
    }
    print_advice(speech, &answer.advice);
}

fn print_advice(speech: Words, advice: &[Text]) {
    for sentence in advice {
        show::line(&show::text(speech, Some(sentence)));
    }
}

/// Says what would come of an application.
pub(super) fn print_checked(speech: Words, zone: &Zone, answer: &CheckApplicationResponse) {
    for fault in &answer.faults {
        show::line(&format!("{}: {}", fault.field, show::text(speech, fault.sentence.as_ref())));
    }
    if answer.faults.is_empty() {
        let due_at = zone.instant(answer.due_at.as_ref());
        show::line(&format!("{}: {due_at}", speech.dossier_complete_promised()));
    }
    for line in fee_lines(speech, answer.fee_vnd, &answer.fees) {
        show::line(&line);
    }
    print_advice(speech, &answer.advice);
    for similar in &answer.similar {
        show::line(&speech.dossier_similar(
            zone.instant(similar.received_at.as_ref()),
            &similar.dossier_code,
            show::status(speech, similar.status),
            show::text(speech, similar.received_at_name.as_ref()),
        ));
    }
}

/// What is to be paid, in words.
fn fee_lines(speech: Words, total: Option<i64>, fees: &[FeeLine]) -> Vec<String> {
    let lines = fees.iter().map(|line| {
        let name = show::text(speech, line.name.as_ref());
        match line.amount_vnd {
            Some(amount) => speech.dossier_fee(amount, name),
            None => speech.dossier_fee_per(line.unit_vnd, name, show::text(speech, line.per.as_ref())),
        }
    });
    let sum = total.filter(|_| fees.len() != 1);
    let sum = sum.map(|total| speech.dossier_fee(total, speech.dossier_fees()));
    lines.chain(sum).collect()
}

pub(super) fn print_receipt(speech: Words, zone: &Zone, receipt: &Receipt) {
    show::line(speech.dossier_receipt_and_appointment_for_the_result_form());
    let mut rows = vec![
        (speech.term_dossier_code(), receipt.dossier_code.clone()),
        (speech.term_check_code(), receipt.check_code.clone()),
        (speech.term_procedure(), show::text(speech, receipt.procedure_name.as_ref())),
        (speech.term_received_at(), show::text(speech, receipt.received_at_name.as_ref())),
        (speech.dossier_result_at(), show::text(speech, receipt.return_at_name.as_ref())),
        (speech.dossier_received(), zone.instant(receipt.received_at.as_ref())),
        (speech.term_promised(), zone.instant(receipt.due_at.as_ref())),
    ];
    for line in fee_lines(speech, receipt.fee_vnd, &receipt.fees) {
        rows.push((speech.term_fee(), line));
    }
    rows.push((speech.dossier_id(), receipt.application_id.clone()));
    show::facts(rows);
    show::line(speech.dossier_how_the_appointment_was_reckoned());
    for step in &receipt.arithmetic {
        show::line(&format!("  {}", show::text(speech, Some(step))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paper_is_read_as_it_is_meant() {
        let read = |text: &str| {
            let document = document(text).unwrap();
            (document.part.clone(), document.form(), document.copies, document.attachment_ids)
        };
        use DocumentForm::{Copy, Electronic, Original};
        assert_eq!(read("1"), ("1".into(), Original, 1, vec![]));
        assert_eq!(read("2=3 copies"), ("2".into(), Copy, 3, vec![]));
        assert_eq!(read("2=3"), ("2".into(), Original, 3, vec![]));
        let files = vec!["att_1".to_owned(), "att_2".to_owned()];
        assert_eq!(read("a.1=electronic:att_1,att_2"), ("a.1".into(), Electronic, 1, files));
        for wrong in ["1=paper", "1=0 copies", "1=-1 copy", "1=two copies", "1=1 2 copies"] {
            assert_eq!(document(wrong).unwrap_err().reason, "MALFORMED_DOCUMENT", "{wrong}");
        }
    }

    #[test]
    fn an_answer_finds_its_place() {
        let one = with_answer("", "child.full_name=Nguyễn An = B").unwrap();
        assert_eq!(one, r#"{"child":{"full_name":"Nguyễn An = B"}}"#);
        let two = with_answer(&one, "child.weight:=3200").unwrap();
        assert_eq!(two, r#"{"child":{"full_name":"Nguyễn An = B","weight":3200}}"#);
        assert_eq!(with_answer(&two, "child=x").unwrap(), r#"{"child":"x"}"#);
        for wrong in ["child", "child..name=x", "=x", "child:={"] {
            assert_eq!(with_answer("{}", wrong).unwrap_err().reason, "MALFORMED_ANSWER", "{wrong}");
        }
    }
}
