//! From a plain text to what an HTML letter lays out: the words stay the same, so that whoever reads the one part of a
//! letter reads what the other says.

use minijinja::{Value, context};

/// A piece of a text. One of its lists is filled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Block {
    /// Lines of a paragraph.
    lines: Vec<String>,
    /// Lines that each begin with a dash.
    items: Vec<String>,
    /// Lines that each are `Label: value`; at least two.
    facts: Vec<Fact>,
}

/// One line of those that say what an application is called, when it is due, and so on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    label: String,
    value: String,
}

impl From<Block> for Value {
    fn from(Block { lines, items, facts }: Block) -> Self {
        context! { lines, items, facts }
    }
}

impl From<Fact> for Value {
    fn from(Fact { label, value }: Fact) -> Self {
        context! { label, value }
    }
}

/// The pieces of a text, in order. What is no list and no table is a paragraph.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut run: Vec<&str> = Vec::new();
    for line in text.lines().chain([""]) {
        let goes_on = run.first().is_none_or(|first| item(first).is_some() == item(line).is_some());
        if (line.trim().is_empty() || !goes_on) && !run.is_empty() {
            blocks.push(block(&run));
            run.clear();
        }
        if !line.trim().is_empty() {
            run.push(line);
        }
    }
    blocks
}

fn block(lines: &[&str]) -> Block {
    if let Some(items) = lines.iter().map(|line| item(line).map(str::to_owned)).collect() {
        return Block { items, ..Block::default() };
    }
    match lines.iter().map(|line| fact(line)).collect::<Option<Vec<_>>>() {
        Some(facts) if facts.len() > 1 => Block { facts, ..Block::default() },
        _ => Block { lines: lines.iter().map(|line| (*line).to_owned()).collect(), ..Block::default() },
    }
}

fn item(line: &str) -> Option<&str> {
    line.strip_prefix("- ")
}

fn fact(line: &str) -> Option<Fact> {
    let (label, value) = line.split_once(": ")?;
    Some(Fact { label: label.to_owned(), value: value.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_falls_into_paragraphs_facts_and_lists() {
        let text = "Hồ sơ cần được bổ sung.\n\nMã số: 7\nNơi trả: Phủ Lý: tầng 1\n\nCần bổ sung:\n- A\n- B: C\nHết.\n";
        let [first, facts, before, list, last] = &blocks(text)[..] else { panic!("{:?}", blocks(text)) };
        assert_eq!(first.lines, ["Hồ sơ cần được bổ sung."]);
        let told: Vec<_> = facts.facts.iter().map(|fact| (&*fact.label, &*fact.value)).collect();
        assert_eq!(told, [("Mã số", "7"), ("Nơi trả", "Phủ Lý: tầng 1")]);
        assert_eq!(before.lines, ["Cần bổ sung:"]);
        assert_eq!(list.items, ["A", "B: C"]);
        assert_eq!(last.lines, ["Hết."]);
        assert!(blocks(" \n\n").is_empty());
    }

    proptest::proptest! {
        /// Whatever an officer writes: no word is lost, and none is moved.
        #[test]
        fn every_word_of_a_text_is_laid_out(text in "([-a:ộ<] ?|\n){0,60}") {
            let laid_out = blocks(&text).into_iter().flat_map(|Block { lines, items, facts }| {
                let facts = facts.into_iter().map(|Fact { label, value }| format!("{label}: {value}"));
                lines.into_iter().chain(items.into_iter().map(|item| format!("- {item}"))).chain(facts).collect::<Vec<_>>()
            });
            let written = text.lines().filter(|line| !line.trim().is_empty());
            proptest::prop_assert_eq!(laid_out.collect::<Vec<_>>(), written.collect::<Vec<_>>());
        }
    }
}
