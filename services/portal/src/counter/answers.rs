//! The form of the procedure.

use maud::{Markup, html};
use phidia_domain::Rejection;
use phidia_proto::intake::v1::ApplicationFault;
use phidia_words::Words;
use serde_json::Value;

use super::draft::{Opened, Sheet, Step};
use crate::{
    Portal,
    form::{Faults, Fields, schema::Form},
    trouble::Trouble,
    visitor::Visitor,
};

pub(super) struct Answers;

impl Sheet for Answers {
    const STEP: Step = Step::Answers;

    fn fill(opened: &Opened) -> Fields {
        form(opened).fill(&serde_json::from_str(&opened.application.answers).unwrap_or(Value::Null))
    }

    fn say(opened: &mut Opened, fields: &Fields) -> Result<(), Rejection> {
        let answers = form(opened).read(fields);
        // Nothing is filled in: it is handed in on paper.
        opened.application.answers = answers.map(|answers| answers.to_string()).unwrap_or_default();
        Ok(())
    }

    fn control(opened: &Opened, path: &str) -> Option<String> {
        form(opened).control(path)
    }

    fn reworded(words: Words, opened: &Opened, control: &str, fault: &ApplicationFault) -> Option<String> {
        // Asked for in three numbers: whoever fills them in has seen no other way of writing a day.
        let day = form(opened).day(words, control)?;
        (fault.reason == "ANSWER_DOES_NOT_FIT").then(|| words.web_counter_no_such_day(day))
    }

    fn pressed(opened: &Opened, fields: &Fields) -> Option<(Fields, String)> {
        form(opened).pressed(fields)
    }

    async fn draw(
        _: &Portal,
        visitor: &Visitor,
        opened: &Opened,
        fields: &Fields,
        faults: &Faults,
    ) -> Result<Markup, Trouble> {
        let words = visitor.words;
        let form = form(opened);
        Ok(html! {
            h2 { (form.title(words)) }
            p.soft { (words.web_counter_form_or_paper()) }
            div.asked { (form.draw(words, fields, faults)) }
        })
    }
}

fn form(opened: &Opened) -> Form {
    Form::of(&opened.procedure.form_schema)
}
