//! Writes the catalogue as Rust: one function for each message, with its variables as arguments.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::compiler::catalogue::{Catalogue, Kind, Message, Piece};

/// The source of an `impl Words`.
pub(crate) fn write(catalogue: &Catalogue) -> String {
    let mut source = String::from("impl Words {\n");
    for (id, message) in catalogue {
        function(&mut source, &id.replace('-', "_"), message);
    }
    source.push_str("}\n");
    source
}

/// The source of a table of sentences by their key, in the order of the keys.
pub(crate) fn table(name: &str, sentences: &BTreeMap<String, String>) -> String {
    let rows: String =
        sentences.iter().map(|(key, sentence)| format!("    ({key:?}, {sentence:?}),\n")).collect();
    format!("pub(crate) static {name}: [(&str, &str); {}] = [\n{rows}];\n", sentences.len())
}

fn function(source: &mut String, name: &str, message: &Message) {
    let doc = shown(&message.en).replace('"', "'");
    let _ = writeln!(source, "    #[doc = {doc:?}]");
    if message.variables.is_empty() {
        let said = |pieces: &[Piece]| match pieces {
            [Piece::Words(words)] => words.clone(),
            _ => String::new(),
        };
        let (vi, en) = (said(&message.vi), said(&message.en));
        let _ = writeln!(source, "    pub fn {name}(self) -> &'static str {{ self.either({vi:?}, {en:?}) }}");
        return;
    }
    let arguments: String = message
        .variables
        .iter()
        .map(|(name, kind)| {
            let argument = argument(name);
            match kind {
                Kind::Text => format!(", {argument}: impl Display"),
                Kind::Number => format!(", {argument}: impl Into<Number>"),
            }
        })
        .collect();
    let _ = writeln!(source, "    pub fn {name}(self{arguments}) -> String {{");
    for name in message.variables.iter().filter(|(_, kind)| **kind == Kind::Number).map(|(name, _)| name) {
        let argument = argument(name);
        let _ = writeln!(source, "        let {argument} = {argument}.into();");
    }
    source.push_str("        let mut said = String::new();\n        match self.language {\n");
    for (language, pieces) in [("Vi", &message.vi), ("En", &message.en)] {
        let _ = write!(source, "            Language::{language} => {{");
        say(source, pieces, message);
        source.push_str("}\n");
    }
    source.push_str("        }\n        said\n    }\n");
}

fn say(source: &mut String, pieces: &[Piece], message: &Message) {
    for piece in pieces {
        match piece {
            Piece::Words(words) => {
                let _ = write!(source, " said.push_str({words:?});");
            }
            Piece::Variable(name) => {
                let argument = argument(name);
                let _ = match message.variables.get(name) {
                    Some(Kind::Number) => write!(source, " {argument}.say(self.language, &mut said);"),
                    Some(Kind::Text) | None => write!(source, " let _ = write!(said, \"{{{argument}}}\");"),
                };
            }
            Piece::Choice { number, exactly, one, other } => {
                let _ = write!(source, " match {}.0 {{", argument(number));
                let one = one.iter().map(|said| (1, said));
                // What is meant exactly goes before what is meant by a form.
                for (number, said) in exactly.iter().map(|(number, said)| (*number, said)).chain(one) {
                    let _ = write!(source, " {number} => {{");
                    say(source, said, message);
                    source.push('}');
                }
                source.push_str(" _ => {");
                say(source, other, message);
                source.push_str("}}");
            }
        }
    }
}

/// As it is shown where a function is described.
fn shown(pieces: &[Piece]) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Words(words) => words.clone(),
        Piece::Variable(name) => format!("`{name}`"),
        Piece::Choice { other, .. } => shown(other),
    };
    pieces.iter().map(piece).collect()
}

fn argument(name: &str) -> String {
    format!("v_{}", name.replace('-', "_"))
}
