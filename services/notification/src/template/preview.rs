//! What a notice would say, by any set, with files that are not brought in yet, with a sample or with what a real application
//! was told with. Whoever that belongs to is not named: the letter goes to nobody.

use minijinja::Value;
use phidia_domain::{
    Rejection, application::Language, caller::Caller, id::ApplicationId, notice::Notice, sms::Measure,
};
use phidia_runtime::failure::Failure;

use super::{
    Greeted, Set,
    check::{self, Given},
    has_text_message, samples,
    sets::Templates,
    variables, written,
};
use crate::{
    list_messages::{may_read, of_another_unit},
    store::templates as store,
};

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) notice: Notice,
    pub(crate) language: Language,
    pub(crate) with: With,
    /// None: the one that holds.
    pub(crate) version: Option<u16>,
    /// In place of those of the version.
    pub(crate) given: Given,
}

/// What the templates are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum With {
    /// A sample, from 1.
    Sample(usize),
    /// What this application was last told the notice with.
    Application(ApplicationId),
}

/// What a notice would say.
#[derive(Clone, Debug)]
pub(crate) struct Preview {
    pub(crate) version: u16,
    pub(crate) language: Language,
    pub(crate) subject: String,
    pub(crate) body: String,
    pub(crate) letter: String,
    pub(crate) html: String,
    /// None: it goes to a unit.
    pub(crate) text_message: Option<(String, Measure)>,
    pub(crate) samples: usize,
    pub(crate) variables: Vec<String>,
}

impl Templates {
    /// Shows what a notice would say.
    ///
    /// # Errors
    /// `NOT_FOUND` for an unknown version or sample, and for an application that was not told the notice;
    /// `PERMISSION_DENIED` for what a unit was told that is not the caller's;
    /// `INVALID_ARGUMENT` with the places of what is wrong with a file.
    pub(crate) async fn preview(&self, caller: &Caller, wanted: Wanted) -> Result<Preview, Failure> {
        let Wanted { notice, language, with, version, given } = wanted;
        let version = match version {
            Some(version) => version,
            None => self.active().await?,
        };
        let (_, mut files) = self.kept(version).await?;
        files.extend(check::single(given, &self.renderer, self.most_parts)?);
        let samples = samples::of(notice, language);
        let (language, told) = match with {
            With::Sample(number) => {
                let sample = number.checked_sub(1).and_then(|index| samples.get(index));
                let sample = sample.ok_or_else(|| {
                    let message = format!("this notice has {} samples", samples.len());
                    Rejection::not_found("UNKNOWN_SAMPLE", message)
                })?;
                (language, self.renderer.variables(language, sample))
            }
            With::Application(application) => {
                let told = store::told_with(self.db.read(), application, notice).await?;
                let store::ToldWith { unit, language, variables } = told.ok_or_else(|| {
                    Rejection::not_found("NEVER_TOLD", "this application was not told this notice")
                })?;
                if unit.is_some_and(|unit| !may_read(caller, unit)) {
                    return Err(of_another_unit().into());
                }
                (language, serde_json::from_value::<Value>(variables).map_err(Failure::broken)?)
            }
        };
        let variables = variables::names(&told);
        let (set, _) = Set::read(version, &files, true);
        let preview = || {
            let (subject, body) = set.message(notice, language, &told)?;
            let to = Greeted { name: samples::NAME, is_office: !has_text_message(notice) };
            let text_message = match has_text_message(notice) {
                true => Some(set.text_message(notice, language, &told)?),
                false => None,
            };
            Ok::<_, minijinja::Error>(Preview {
                version,
                language,
                letter: set.letter(language, to, &body)?,
                html: set.html(language, to, &subject, &body)?,
                text_message: text_message.map(|text| written(&text, self.renderer.is_without_marks())),
                subject,
                body,
                samples: samples.len(),
                variables,
            })
        };
        Ok(preview().map_err(|error| check::failed(&error))?)
    }
}
