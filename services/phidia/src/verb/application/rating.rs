//! `phidia application rate`, `ratings`: what applicants think of how their applications were dealt with.

use phidia_domain::caller::Role;
use phidia_proto::{
    events::v1::Rating,
    intake::v1::{
        GivenRating, ListRatingsRequest, RateApplicationRequest,
        feedback_service_client::FeedbackServiceClient,
    },
};
use phidia_words::Words;

use crate::{
    client::Client,
    command::{RatingName, Ratings},
    show::{self, Zone},
};

pub(super) async fn rate(
    client: &Client<'_>,
    dossier_code: String,
    check_code: String,
    rating: RatingName,
    comment: String,
) -> anyhow::Result<()> {
    let mut feedback = FeedbackServiceClient::new(client.peer(Role::Citizen).await?);
    let request = RateApplicationRequest { dossier_code, check_code, rating: wire(rating).into(), comment };
    let answer = feedback.rate_application(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.RateApplicationResponse", &answer);
    }
    let rated_at = client.zone().await.instant(answer.rated_at.as_ref());
    show::line(&client.speech().application_your_rating_was_received_thank_you(&rated_at));
    Ok(())
}

pub(super) async fn list(client: &Client<'_>, options: Ratings) -> anyhow::Result<()> {
    let Ratings { rating, received_at, limit, after } = options;
    let usual = if client.is_officer() { Role::Officer } else { Role::Operator };
    let mut feedback = FeedbackServiceClient::new(client.peer(usual).await?);
    // Theirs is named too: by its code the server knows whether there is such a unit.
    let received_at_code = if received_at.is_empty() { client.own_unit() } else { received_at };
    let request = ListRatingsRequest {
        page_size: limit,
        page_token: after,
        rating: rating.map_or(Rating::Unspecified, wire).into(),
        received_at_code,
    };
    let answer = feedback.list_ratings(request).await?.into_inner();
    if client.json() {
        return show::json("phidia.intake.v1.ListRatingsResponse", &answer);
    }
    let (speech, zone) = (client.speech(), client.zone().await);
    let rows = answer.ratings.iter().map(|rating| row(speech, &zone, rating)).collect();
    let headings = [
        speech.term_when(),
        speech.application_dossier_procedure(),
        speech.application_rating(),
        speech.application_comment(),
    ];
    show::page(speech, &headings, rows, "");
    if !answer.next_page_token.is_empty() {
        let more = speech.term_the_list_goes_on();
        show::aside(&format!("{more}: --after {}", answer.next_page_token));
    }
    Ok(())
}

fn row(speech: Words, zone: &Zone, rating: &GivenRating) -> Vec<String> {
    let said = match rating.reopened_at {
        None => words(speech, rating.rating()).to_owned(),
        Some(_) => format!(
            "{}\n{}",
            words(speech, rating.rating()),
            speech.application_does_not_count_it_was_opened_again()
        ),
    };
    vec![
        zone.instant(rating.rated_at.as_ref()),
        format!(
            "{}\n{}",
            rating.dossier_code,
            show::brief(&show::text(speech, rating.procedure_name.as_ref()))
        ),
        said,
        rating.comment.clone(),
    ]
}

/// A rating in words; a dash where nobody has given one.
pub(crate) fn words(speech: Words, rating: Rating) -> &'static str {
    match rating {
        Rating::Unspecified => "–",
        Rating::Satisfied => speech.application_satisfied(),
        Rating::Neither => speech.application_neither(),
        Rating::Dissatisfied => speech.application_dissatisfied(),
    }
}

pub(crate) fn wire(rating: RatingName) -> Rating {
    match rating {
        RatingName::Satisfied => Rating::Satisfied,
        RatingName::Neither => Rating::Neither,
        RatingName::Dissatisfied => Rating::Dissatisfied,
    }
}
