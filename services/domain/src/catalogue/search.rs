//! Finding a procedure by the words of everyday, typed with diacritics or without.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::procedure::{Boundary, OnlineLevel, Procedure, Tier};

/// An everyday word, or several, and the words of the catalogue that are meant; none: it carries nothing, as *giấy* does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synonym {
    /// What people say.
    pub word: String,
    /// What the catalogue says; empty: nothing.
    pub means: String,
}

/// How well a procedure fits what is looked for, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It has this code.
    Code,
    /// Its code begins like this.
    CodeBegins,
    /// It has this name.
    Name,
    /// The words stand together in its name.
    Phrase,
    /// The words stand in its name.
    Words,
    /// What is meant by the words stands together in its name.
    MeantPhrase,
    /// What is meant by the words stands in its name.
    Meant,
    /// Some of the words stand in its field or result alone.
    Field,
}

/// A procedure that was found. Hits are in the order in which they are shown: the better fit first, then the shorter name, then the code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// How well it fits.
    pub fit: Fit,
    /// The words of its Vietnamese name.
    pub words: usize,
    /// Its code.
    pub code: String,
}

/// What procedures have to be, beside what is looked for; none: whatever.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Who decides them.
    pub tier: Option<Tier>,
    /// How far they go online.
    pub online: Option<OnlineLevel>,
    /// How free of boundaries they are.
    pub boundary: Option<Boundary>,
    /// Their field, in either language and without regard to diacritics; empty: any.
    pub field: String,
    /// The day on which they are in force.
    pub day: Option<jiff::civil::Date>,
}

impl Wanted {
    /// Whether a procedure is so.
    pub fn has(&self, procedure: &Procedure) -> bool {
        let field = fold(self.field.trim());
        self.tier.is_none_or(|tier| tier == procedure.tier)
            && self.online.is_none_or(|online| online == procedure.online)
            && self.boundary.is_none_or(|boundary| boundary == procedure.boundary)
            && (field.is_empty()
                || [&procedure.field.vi, &procedure.field.en].iter().any(|own| fold(own) == field))
            && self.day.is_none_or(|day| procedure.check_in_force(day).is_ok())
    }
}

/// The words of a catalogue, ready to be looked up.
#[derive(Clone, Debug)]
pub struct Index {
    entries: Vec<Words>,
    /// By what people say; each with all that may be meant.
    synonyms: BTreeMap<Vec<String>, Vec<Vec<String>>>,
    /// Words of the longest synonym.
    longest: usize,
}

#[derive(Clone, Debug)]
struct Words {
    code: String,
    vi: Vec<String>,
    en: Vec<String>,
    /// Of its field and result.
    others: Vec<String>,
}

/// One word that is looked for, or several that mean something together: any of these, each with all its words.
type Term = Vec<Vec<String>>;

impl Index {
    /// The index of these procedures.
    pub fn of<'p>(procedures: impl Iterator<Item = &'p Procedure>, synonyms: &[Synonym]) -> Self {
        let entries = procedures.map(|procedure| Words {
            code: procedure.code.clone(),
            vi: words(&procedure.name.vi),
            en: words(&procedure.name.en),
            others: [&procedure.field.vi, &procedure.field.en, &procedure.result_vi]
                .into_iter()
                .flat_map(|text| words(text))
                .collect(),
        });
        let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for synonym in synonyms {
            let word = words(&synonym.word);
            let means = Some(words(&synonym.means)).filter(|means| !means.is_empty());
            if !word.is_empty() {
                all.entry(word).or_default().extend(means);
            }
        }
        let longest = all.keys().map(Vec::len).max().unwrap_or_default();
        Self { entries: entries.collect(), synonyms: all, longest }
    }

    /// The procedures in which all words of `query` occur, each at least as the beginning of a word, wherever and in whichever order; the
    /// best first. Without words: all.
    pub fn search(&self, query: &str) -> Vec<Hit> {
        let own = words(query);
        let terms = self.terms(&own);
        let code = query.trim().to_lowercase();
        // What is meant, where every term means something else than it says.
        let meant: Vec<String> =
            terms.iter().flat_map(|term| term.last().into_iter().flatten().cloned()).collect();
        let said: Vec<String> =
            terms.iter().flat_map(|term| term.first().into_iter().flatten().cloned()).collect();
        let mut hits: Vec<_> = self
            .entries
            .iter()
            .filter_map(|entry| {
                let fit = entry.fit(&code, &terms, &said, &meant)?;
                Some(Hit { fit, words: entry.vi.len(), code: entry.code.clone() })
            })
            .collect();
        hits.sort();
        // By the names of other days it is found, too, and once.
        let mut found = BTreeSet::new();
        hits.retain(|hit| found.insert(hit.code.clone()));
        hits
    }

    /// The terms of a query, from left to right, each as long as a synonym may be; those that carry nothing left out, unless nothing else
    /// is there.
    fn terms(&self, own: &[String]) -> Vec<Term> {
        let mut terms = Vec::new();
        let mut rest = own;
        while !rest.is_empty() {
            let lengths = (1..=self.longest.min(rest.len())).rev();
            let known = lengths.filter_map(|length| rest.split_at_checked(length));
            let known =
                known.filter_map(|(said, after)| Some((said, after, self.synonyms.get(said)?))).next();
            match (known, rest.split_first()) {
                (Some((said, after, means)), _) => {
                    if !means.is_empty() {
                        terms.push([&[said.to_vec()][..], means].concat());
                    }
                    rest = after;
                }
                (None, Some((word, after))) => {
                    terms.push(vec![vec![word.clone()]]);
                    rest = after;
                }
                (None, None) => break,
            }
        }
        if terms.is_empty() { own.iter().map(|word| vec![vec![word.clone()]]).collect() } else { terms }
    }
}

impl Words {
    fn fit(&self, code: &str, terms: &[Term], said: &[String], meant: &[String]) -> Option<Fit> {
        let own = self.code.to_lowercase();
        if !code.is_empty() && own.starts_with(code) {
            return Some(if own == code { Fit::Code } else { Fit::CodeBegins });
        }
        let in_name = |word: &String| begins_one(&self.vi, word) || begins_one(&self.en, word);
        let anywhere = |word: &String| in_name(word) || begins_one(&self.others, word);
        let has =
            |term: &Term, within: &dyn Fn(&String) -> bool| term.iter().any(|words| words.iter().all(within));
        let says = |term: &Term| term.first().is_some_and(|words| words.iter().all(in_name));
        if terms.iter().all(says) {
            let name = [&self.vi, &self.en];
            return Some(if name.iter().any(|own| own.as_slice() == said) {
                Fit::Name
            } else if name.iter().any(|own| together(own, said)) {
                Fit::Phrase
            } else {
                Fit::Words
            });
        }
        if terms.iter().all(|term| has(term, &in_name)) {
            let phrase = together(&self.vi, meant) || together(&self.en, meant);
            return Some(if phrase { Fit::MeantPhrase } else { Fit::Meant });
        }
        terms.iter().all(|term| has(term, &anywhere)).then_some(Fit::Field)
    }
}

fn begins_one(words: &[String], wanted: &str) -> bool {
    words.iter().any(|word| word.starts_with(wanted))
}

/// Whether the words stand next to each other in this order, the last one at least as a beginning.
fn together(words: &[String], wanted: &[String]) -> bool {
    let Some((last, first)) = wanted.split_last() else { return true };
    words.windows(wanted.len()).any(|window| {
        window.split_last().is_some_and(|(own, before)| before == first && own.starts_with(last.as_str()))
    })
}

/// The words of a text, folded.
fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    folded
        .split(|sign: char| !sign.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A text without diacritics and case. The bar of `đ` is no combining mark, so Unicode does not take it off.
pub fn fold(text: &str) -> String {
    text.nfd()
        .filter(|sign| !is_combining_mark(*sign))
        .flat_map(char::to_lowercase)
        .map(|sign| if sign == 'đ' { 'd' } else { sign })
        .collect()
}

#[cfg(test)]
mod tests;
