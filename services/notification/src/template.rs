//! Templates: the words of messages, as sets of files. One set came with the binary ([`bundled`]), others were brought in
//! ([`sets`]), each after it was looked through ([`check`]) with [`samples`] of what it may have to tell.
//!
//! A file is for one language and one purpose ([`Purpose`]). The first line of a message is its subject, for itself: what a
//! template is told cannot flow from one into the other. A name that it uses and nobody gives is a fault, never a gap.

pub(crate) mod bundled;
pub(crate) mod check;
pub(crate) mod layout;
pub(crate) mod preview;
pub(crate) mod samples;
pub(crate) mod sets;
pub(crate) mod variables;

use std::collections::BTreeMap;

use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value, context};
use phidia_domain::{
    application::Language,
    notice::Notice,
    sms::{self, Measure},
};

/// What one template may do for one message: instructions, and 64 bytes of text each. Ours take a hundredth.
const FUEL: u64 = 50_000;

/// Files of a set: content by name.
pub(crate) type Files = BTreeMap<String, String>;

/// Both languages.
pub(crate) const LANGUAGES: [Language; 2] = [Language::Vi, Language::En];

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A notice in the mailbox, and within a letter: `<notice>.txt`.
    Message(Notice),
    /// A notice as a text message (SMS): `<notice>.sms.txt`.
    TextMessage(Notice),
    /// What stands around a notice in a plain letter: `letter.txt`.
    Letter,
    /// The same in HTML: `letter.html`.
    HtmlLetter,
}

impl Purpose {
    /// All files that a set has for each language.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let messages = Notice::ALL.into_iter().map(Self::Message);
        let text_messages = Notice::ALL.into_iter().filter(|notice| has_text_message(*notice));
        messages.chain(text_messages.map(Self::TextMessage)).chain([Self::Letter, Self::HtmlLetter])
    }

    /// The name of its file.
    pub(crate) fn file(self, language: Language) -> String {
        let folder = folder(language);
        match self {
            Self::Message(notice) => format!("{folder}/{}.txt", notice.template()),
            Self::TextMessage(notice) => format!("{folder}/{}.sms.txt", notice.template()),
            Self::Letter => format!("{folder}/letter.txt"),
            Self::HtmlLetter => format!("{folder}/letter.html"),
        }
    }

    /// What the file with this name is for; none: no set has it.
    pub(crate) fn parse(file: &str) -> Option<(Language, Self)> {
        let mut all =
            LANGUAGES.into_iter().flat_map(|language| Self::all().map(move |purpose| (language, purpose)));
        all.find(|(language, purpose)| purpose.file(*language) == file)
    }
}

/// Whether a notice is told in a text message: units have their mailbox, and those who run the installation theirs.
pub(crate) fn has_text_message(notice: Notice) -> bool {
    !matches!(
        notice,
        Notice::WorkLost
            | Notice::WorkGained
            | Notice::DeadlineNear
            | Notice::DeadlineEscalated
            | Notice::ReferralAsked
            | Notice::ReferralEnded
            | Notice::SubscriptionDisabled
            | Notice::OfficeDigest
    )
}

pub(crate) fn folder(language: Language) -> &'static str {
    match language {
        Language::Vi => "vi",
        Language::En => "en",
    }
}

/// Whom a letter greets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Greeted<'n> {
    pub(crate) name: &'n str,
    /// Whether it is a unit, and not a person.
    pub(crate) is_office: bool,
}

impl<'n> Greeted<'n> {
    /// A person.
    pub(crate) fn person(name: &'n str) -> Self {
        Self { name, is_office: false }
    }
}

/// A file that is no template.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) file: String,
    pub(crate) source: String,
    /// In the first line, which stands by itself, though the whole file could be read.
    pub(crate) in_subject: bool,
    pub(crate) error: Error,
}

/// A set that was read.
#[derive(Debug)]
pub(crate) struct Set {
    /// Its number.
    pub(crate) version: u16,
    environment: Environment<'static>,
}

impl Set {
    /// Reads files; those that are no templates are left out, and told. `checking` makes errors say at which column.
    pub(crate) fn read(version: u16, files: &Files, checking: bool) -> (Self, Vec<Unreadable>) {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_debug(checking);
        let mut set = Self { version, environment };
        let unreadable = files.iter().filter_map(|(file, source)| set.add(file, source).err());
        let unreadable = unreadable.collect();
        (set, unreadable)
    }

    /// Whether it has this file, and it could be read.
    pub(crate) fn has(&self, file: &str) -> bool {
        self.environment.get_template(file).is_ok()
    }

    /// Names that a file uses and does not make itself; those that are there for all are left out.
    pub(crate) fn names(&self, file: &str) -> Vec<String> {
        let Ok(template) = self.environment.get_template(file) else { return Vec::new() };
        let everywhere: Vec<&str> = self.environment.globals().map(|(name, _)| name).collect();
        let mut names: Vec<String> = template.undeclared_variables(false).into_iter().collect();
        names.retain(|name| !everywhere.contains(&name.as_str()));
        names.sort_unstable();
        names
    }

    /// The subject of a notice, as its template makes it.
    pub(crate) fn subject(&self, notice: Notice, language: Language, told: &Value) -> Result<String, Error> {
        let subject = self.render(&subject_of(&Purpose::Message(notice).file(language)), told)?;
        match subject.trim() {
            "" => Err(Error::new(ErrorKind::InvalidOperation, "it has no subject")),
            subject => Ok(subject.to_owned()),
        }
    }

    /// Subject and body of a notice. What an officer wrote in two lines is one in a subject.
    pub(crate) fn message(
        &self,
        notice: Notice,
        language: Language,
        told: &Value,
    ) -> Result<(String, String), Error> {
        let subject = self.subject(notice, language, told)?.replace(char::is_control, " ");
        let body = self.render(&body_of(&Purpose::Message(notice).file(language)), told)?;
        match body.trim() {
            "" => Err(Error::new(ErrorKind::InvalidOperation, "it has a subject only")),
            body => Ok((subject, body.to_owned())),
        }
    }

    /// A notice as a text message.
    pub(crate) fn text_message(
        &self,
        notice: Notice,
        language: Language,
        told: &Value,
    ) -> Result<String, Error> {
        let text = self.render(&Purpose::TextMessage(notice).file(language), told)?;
        match text.trim() {
            "" => Err(Error::new(ErrorKind::InvalidOperation, "it has no text")),
            text => Ok(text.to_owned()),
        }
    }

    /// The text of a letter.
    pub(crate) fn letter(&self, language: Language, to: Greeted<'_>, body: &str) -> Result<String, Error> {
        let Greeted { name, is_office } = to;
        self.render(&Purpose::Letter.file(language), &context! { name, to_office => is_office, body })
    }

    /// The same in HTML.
    pub(crate) fn html(
        &self,
        language: Language,
        to: Greeted<'_>,
        subject: &str,
        body: &str,
    ) -> Result<String, Error> {
        let Greeted { name, is_office } = to;
        let told = context! { name, to_office => is_office, subject, blocks => layout::blocks(body) };
        self.render(&Purpose::HtmlLetter.file(language), &told)
    }

    fn render(&self, template: &str, told: &Value) -> Result<String, Error> {
        self.environment.get_template(template)?.render(told)
    }

    fn add(&mut self, file: &str, source: &str) -> Result<(), Unreadable> {
        let unreadable = |in_subject| {
            move |error| Unreadable { file: file.to_owned(), source: source.to_owned(), in_subject, error }
        };
        self.environment.add_template_owned(file.to_owned(), source.to_owned()).map_err(unreadable(false))?;
        if !matches!(Purpose::parse(file), Some((_, Purpose::Message(_)))) {
            return Ok(());
        }
        let (subject, body) = source.split_once('\n').unwrap_or((source, ""));
        // Each line keeps its number.
        for (part, source) in [(subject_of(file), subject.to_owned()), (body_of(file), format!("\n{body}"))] {
            if let Err(error) = self.environment.add_template_owned(part, source) {
                self.environment.remove_template(file);
                return Err(unreadable(true)(error));
            }
        }
        Ok(())
    }
}

fn subject_of(file: &str) -> String {
    format!("{file}#subject")
}

fn body_of(file: &str) -> String {
    format!("{file}#body")
}

/// A text message as it goes out, and what it takes.
pub(crate) fn written(text: &str, without_marks: bool) -> (String, Measure) {
    let text = if without_marks { sms::fold(text) } else { sms::compose(text) };
    let measure = sms::measure(&text);
    (text, measure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_for_one_purpose() {
        for language in LANGUAGES {
            for purpose in Purpose::all() {
                assert_eq!(Purpose::parse(&purpose.file(language)), Some((language, purpose)));
            }
        }
        for stray in
            ["case_opened.txt", "fr/case_opened.txt", "vi/case_closed.txt", "vi/work_lost.sms.txt", "vi/../x"]
        {
            assert_eq!(Purpose::parse(stray), None, "{stray}");
        }
    }

    #[test]
    fn a_template_that_never_ends_is_ended() {
        let endless = "{% for i in range(10000) %}{% for j in range(10000) %}x{% endfor %}{% endfor %}";
        let files = Files::from([("vi/letter.txt".to_owned(), endless.to_owned())]);
        let (set, unreadable) = Set::read(100, &files, false);
        assert!(unreadable.is_empty());
        let error = set.letter(Language::Vi, Greeted::person("Lan"), "…").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfFuel);
    }

    #[test]
    fn a_message_without_a_subject_or_without_a_body_is_none() {
        for source in ["\nNội dung.", "  \nNội dung.", "Tiêu đề", "Tiêu đề\n \n"] {
            let file = Purpose::Message(Notice::CaseOpened).file(Language::Vi);
            let (set, _) = Set::read(100, &Files::from([(file, source.to_owned())]), false);
            assert!(set.message(Notice::CaseOpened, Language::Vi, &context! {}).is_err(), "{source:?}");
        }
    }
}
