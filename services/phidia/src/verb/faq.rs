//! `phidia faq …`

use std::process::ExitCode;

use phidia_domain::caller::Role;
use phidia_proto::{
    intake::v1::{
        AddFaqEntryRequest, FaqEntry, ListFaqEntriesRequest, MarkFaqUsefulRequest, ReviewFaqEntryRequest,
        SearchFaqRequest, faq_service_client::FaqServiceClient,
    },
    types::v1::Text,
};
use phidia_runtime::peer::Peer;
use phidia_words::Words;

use super::{feedback::more, moderator, staff};
use crate::{
    client::Client,
    command::{Faq, FaqText, PageOf},
    show,
};

pub(crate) async fn run(client: &Client<'_>, verb: Faq) -> anyhow::Result<ExitCode> {
    match verb {
        Faq::Search { query, procedure } => {
            let request =
                SearchFaqRequest { query, procedure_code: procedure, ..SearchFaqRequest::default() };
            let answer = service(client, Role::Citizen).await?.search_faq(request).await?.into_inner();
            if client.json() {
                return json("phidia.intake.v1.SearchFaqResponse", &answer);
            }
            print(client.speech(), &answer.entries);
            show::goes_on(client.speech(), &answer.next_page_token);
        }
        Faq::Useful { number } => {
            let request = MarkFaqUsefulRequest { number };
            let answer = service(client, Role::Citizen).await?.mark_faq_useful(request).await?.into_inner();
            if client.json() {
                return json("phidia.intake.v1.MarkFaqUsefulResponse", &answer);
            }
            show::line(&client.speech().faq_thank_you_this_entry_has_helped_times(answer.useful));
        }
        Faq::Add(text) => return add(client, String::new(), text).await,
        Faq::Promote { feedback, text } => return add(client, feedback, text).await,
        Faq::List { outdated, page: PageOf { limit, after } } => {
            let request = ListFaqEntriesRequest { page_size: limit, page_token: after, outdated };
            let answer = service(client, staff(client)).await?.list_faq_entries(request).await?.into_inner();
            if client.json() {
                return json("phidia.intake.v1.ListFaqEntriesResponse", &answer);
            }
            print(client.speech(), &answer.entries);
            more(client.speech(), &answer.next_page_token);
        }
        Faq::Review { number, question, question_en, answer, answer_en, review_from, retire } => {
            let text = |vi: String, en| (!vi.is_empty()).then_some(Text { vi, en });
            let request = ReviewFaqEntryRequest {
                number,
                question: text(question, question_en),
                answer: text(answer, answer_en),
                review_from,
                retired: retire,
            };
            let answer =
                service(client, moderator(client)).await?.review_faq_entry(request).await?.into_inner();
            if client.json() {
                return json("phidia.intake.v1.ReviewFaqEntryResponse", &answer);
            }
            print(client.speech(), answer.entry.as_slice());
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn service(client: &Client<'_>, role: Role) -> anyhow::Result<FaqServiceClient<Peer>> {
    Ok(FaqServiceClient::new(client.peer(role).await?))
}

async fn add(client: &Client<'_>, feedback_number: String, text: FaqText) -> anyhow::Result<ExitCode> {
    let FaqText { question, question_en, answer, answer_en, procedure, field, review_from } = text;
    let request = AddFaqEntryRequest {
        question: Some(Text { vi: question, en: question_en }),
        answer: Some(Text { vi: answer, en: answer_en }),
        procedure_code: procedure,
        field,
        feedback_number,
        review_from,
    };
    let answer = service(client, moderator(client)).await?.add_faq_entry(request).await?.into_inner();
    if client.json() {
        return json("phidia.intake.v1.AddFaqEntryResponse", &answer);
    }
    print(client.speech(), answer.entry.as_slice());
    Ok(ExitCode::SUCCESS)
}

fn json(name: &str, message: &impl prost::Message) -> anyhow::Result<ExitCode> {
    show::json(name, message)?;
    Ok(ExitCode::SUCCESS)
}

fn print(speech: Words, entries: &[FaqEntry]) {
    let row = |entry: &FaqEntry| {
        let note = match (entry.retired, entry.outdated) {
            (true, _) => speech.faq_holds_no_longer(),
            (_, true) => speech.faq_to_be_looked_at_again(),
            _ => "",
        };
        let (question, answer) =
            (show::text(speech, entry.question.as_ref()), show::text(speech, entry.answer.as_ref()));
        vec![
            format!("{}{note}", entry.number),
            format!("{question}\n→ {answer}"),
            show::day(&entry.review_from),
            entry.useful.to_string(),
        ]
    };
    let headings =
        [speech.term_no(), speech.faq_question_answer(), speech.faq_review_from(), speech.faq_useful()];
    show::page(speech, &headings, entries.iter().map(row).collect(), "");
}
