//! Reads the catalogues and finds what is wrong with them: every message says the same in both languages, with the same variables.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Variant, VariantKey},
    parser,
    unicode::unescape_unicode_to_string,
};

/// One file of a language.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// Its name without folder and ending.
    pub(crate) area: String,
    /// What stands in it.
    pub(crate) text: String,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// `vi/work.ftl`.
    pub(crate) file: String,
    /// The message; empty: the file.
    pub(crate) message: String,
    /// What, in a sentence.
    pub(crate) what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "services/words/catalogue/{}: {}: {}", self.file, self.message, self.what)
    }
}

/// The type of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// As it is.
    Text,
    /// A count, by which words may be chosen.
    Number,
}

/// A piece of what is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// These words.
    Words(String),
    /// What a variable holds.
    Variable(String),
    /// By a number: exactly these, `one` (of English), and otherwise.
    Choice { number: String, exactly: Vec<(i64, Vec<Piece>)>, one: Option<Vec<Piece>>, other: Vec<Piece> },
}

/// A message in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// In Vietnamese.
    pub(crate) vi: Vec<Piece>,
    /// In English.
    pub(crate) en: Vec<Piece>,
    /// By name.
    pub(crate) variables: BTreeMap<String, Kind>,
}

/// All that is said, by id.
pub(crate) type Catalogue = BTreeMap<String, Message>;

/// One language: what is said by id, with the area that it stands in.
type Said = BTreeMap<String, (String, Vec<Piece>, BTreeMap<String, Kind>)>;

/// The catalogue of both languages.
///
/// # Errors
/// All that is wrong.
pub(crate) fn read(vi: &[Source], en: &[Source]) -> Result<Catalogue, Vec<Fault>> {
    let mut faults = Vec::new();
    let (vi, en) = (language("vi", vi, &mut faults), language("en", en, &mut faults));
    let mut catalogue = Catalogue::new();
    for (id, (area, ..)) in &vi {
        if !en.contains_key(id) {
            faults.push(Fault::new("vi", area, id, "it is said in Vietnamese only"));
        }
    }
    for (id, (area, english, kinds)) in en {
        let mut fault = |what: &str| faults.push(Fault::new("en", &area, &id, what));
        let Some((its_area, vietnamese, its_kinds)) = vi.get(&id) else {
            fault("it is said in English only");
            continue;
        };
        if *its_area != area {
            fault("it stands in another file in Vietnamese");
        }
        if names(&english) != names(vietnamese) {
            fault("it has other variables than in Vietnamese");
        }
        if kinds != *its_kinds {
            fault("its comment gives variables other types than in Vietnamese");
        }
        let variables = names(&english).into_iter().map(|name| {
            let kind = kinds.get(&name).copied().unwrap_or(Kind::Text);
            (name, kind)
        });
        let message = Message { vi: vietnamese.clone(), en: english.clone(), variables: variables.collect() };
        for number in numbers(&message.vi).union(&numbers(&message.en)) {
            if message.variables.get(number) != Some(&Kind::Number) {
                fault(&format!(
                    "words are chosen by ${number}, which its comment does not say to be a (Number)"
                ));
            }
        }
        for name in kinds.keys().filter(|name| !message.variables.contains_key(*name)) {
            fault(&format!("its comment speaks of ${name}, and it does not"));
        }
        catalogue.insert(id.clone(), message);
    }
    if faults.is_empty() { Ok(catalogue) } else { Err(faults) }
}

/// Sentences by their key, of one language alone: what services say in English by themselves.
///
/// # Errors
/// All that is wrong.
pub(crate) fn sentences(source: &Source) -> Result<BTreeMap<String, String>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut sentences = BTreeMap::new();
    for (id, (area, pieces, _)) in language("", std::slice::from_ref(source), &mut faults) {
        match &*pieces {
            [Piece::Words(words)] => drop(sentences.insert(id, words.clone())),
            _ => faults.push(Fault::new("", &area, &id, "it is looked up by its key, and has no variables")),
        }
    }
    if faults.is_empty() { Ok(sentences) } else { Err(faults) }
}

impl Fault {
    fn new(language: &str, area: &str, message: &str, what: &str) -> Self {
        Self {
            file: format!("{language}/{area}.ftl").trim_start_matches('/').to_owned(),
            message: message.to_owned(),
            what: what.to_owned(),
        }
    }
}

fn language(language: &str, sources: &[Source], faults: &mut Vec<Fault>) -> Said {
    let mut said = Said::new();
    for Source { area, text } in sources {
        let mut fault = |id: &str, what: &str| faults.push(Fault::new(language, area, id, what));
        let entries = match parser::parse(text.as_str()) {
            Ok(resource) => resource.body,
            Err((resource, errors)) => {
                for error in errors {
                    let line = text[..error.pos.start].lines().count();
                    fault("", &format!("line {line}: {}", error.kind));
                }
                resource.body
            }
        };
        let terms: BTreeMap<_, _> = entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Term(term) => Some((term.id.name, &term.value)),
                _ => None,
            })
            .collect();
        for entry in &entries {
            let Entry::Message(message) = entry else { continue };
            let id = message.id.name;
            if !message.attributes.is_empty() {
                fault(id, "messages have no attributes here");
            }
            let pieces = match &message.value {
                Some(value) => pieces(value, &terms),
                None => Err("it says nothing".to_owned()),
            };
            let kinds =
                message.comment.as_ref().map_or(Ok(BTreeMap::new()), |comment| kinds(&comment.content));
            match pieces.and_then(|pieces| Ok((pieces, kinds?))) {
                Err(what) => fault(id, &what),
                Ok((pieces, kinds)) => {
                    if said.insert(id.to_owned(), (area.clone(), pieces, kinds)).is_some() {
                        fault(id, "it is said twice");
                    }
                }
            }
        }
    }
    said
}

/// Types of variables, as a comment gives them: `$count (Number): how many`.
fn kinds(comment: &[&str]) -> Result<BTreeMap<String, Kind>, String> {
    let mut kinds = BTreeMap::new();
    for line in comment.iter().filter_map(|line| line.trim().strip_prefix('$')) {
        let (name, rest) = line.split_once(" (").ok_or("a variable's line is `$name (Type): what`")?;
        let kind = match rest.split_once(')').map(|(kind, _)| kind) {
            Some("Text") => Kind::Text,
            Some("Number") => Kind::Number,
            _ => return Err(format!("${name} is of no type that there is: Text, Number")),
        };
        kinds.insert(name.to_owned(), kind);
    }
    Ok(kinds)
}

fn pieces<'s>(
    pattern: &'s Pattern<&'s str>,
    terms: &BTreeMap<&str, &'s Pattern<&'s str>>,
) -> Result<Vec<Piece>, String> {
    let mut all = Vec::new();
    for element in &pattern.elements {
        let found = match element {
            PatternElement::TextElement { value } => vec![Piece::Words((*value).to_owned())],
            PatternElement::Placeable { expression } => placed(expression, terms)?,
        };
        for piece in found {
            match (all.last_mut(), piece) {
                (Some(Piece::Words(before)), Piece::Words(words)) => before.push_str(&words),
                (_, piece) => all.push(piece),
            }
        }
    }
    Ok(all)
}

fn placed<'s>(
    expression: &'s Expression<&'s str>,
    terms: &BTreeMap<&str, &'s Pattern<&'s str>>,
) -> Result<Vec<Piece>, String> {
    match expression {
        Expression::Select { selector: InlineExpression::VariableReference { id }, variants } => {
            choice(id.name, variants, terms).map(|choice| vec![choice])
        }
        Expression::Select { .. } => Err("words are chosen by a variable only".to_owned()),
        Expression::Inline(InlineExpression::VariableReference { id }) => {
            Ok(vec![Piece::Variable(id.name.to_owned())])
        }
        Expression::Inline(InlineExpression::StringLiteral { value }) => {
            Ok(vec![Piece::Words(unescape_unicode_to_string(value).into_owned())])
        }
        Expression::Inline(InlineExpression::TermReference { id, attribute: None, arguments: None }) => {
            // Terms stand for themselves: what a term may hold has no end else.
            let term =
                terms.get(id.name).ok_or_else(|| format!("there is no term -{} in this file", id.name))?;
            pieces(term, &BTreeMap::new())
        }
        Expression::Inline(_) => Err("only variables, texts and terms are placed here".to_owned()),
    }
}

fn choice<'s>(
    number: &str,
    variants: &'s [Variant<&'s str>],
    terms: &BTreeMap<&str, &'s Pattern<&'s str>>,
) -> Result<Piece, String> {
    let (mut exactly, mut one, mut other) = (Vec::new(), None, None);
    for variant in variants {
        let said = pieces(&variant.value, terms)?;
        match &variant.key {
            VariantKey::NumberLiteral { value } => {
                let number = value.parse().map_err(|_| format!("{value} is no whole number"))?;
                exactly.push((number, said));
            }
            VariantKey::Identifier { name: "one" } => one = Some(said),
            VariantKey::Identifier { name: "other" } if variant.default => other = Some(said),
            VariantKey::Identifier { name } => return Err(format!("[{name}] is no form of a number here")),
        }
    }
    let other = other.ok_or("the words for all other numbers are *[other]")?;
    Ok(Piece::Choice { number: number.to_owned(), exactly, one, other })
}

/// The variables that are said or chosen by.
fn names(pieces: &[Piece]) -> BTreeSet<String> {
    let mut names = numbers(pieces);
    walk(pieces, &mut |piece| {
        if let Piece::Variable(name) = piece {
            names.insert(name.clone());
        }
    });
    names
}

/// The variables that words are chosen by.
fn numbers(pieces: &[Piece]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    walk(pieces, &mut |piece| {
        if let Piece::Choice { number, .. } = piece {
            names.insert(number.clone());
        }
    });
    names
}

fn walk(pieces: &[Piece], look: &mut impl FnMut(&Piece)) {
    for piece in pieces {
        look(piece);
        if let Piece::Choice { exactly, one, other, .. } = piece {
            let all = exactly.iter().map(|(_, said)| said).chain(one).chain([other]);
            all.for_each(|said| walk(said, look));
        }
    }
}
