//! Nothing is said by nobody.

use std::{fs, path::Path};

#[test]
fn every_message_is_said_somewhere() {
    let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut code = String::new();
    for folder in ["phidia/src", "portal/src", "words/src"] {
        read(&services.join(folder), &mut code);
    }
    let said = include_str!(concat!(env!("OUT_DIR"), "/messages.rs"));
    let names = said
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub fn ")?.split_once('('))
        .map(|(name, _)| name);
    let is_said =
        |name: &&str| code.contains(&format!(".{name}(")) || code.contains(&format!("Words::{name},"));
    let unsaid: Vec<_> = names.filter(|name| !is_said(name)).collect();
    assert!(unsaid.is_empty(), "{unsaid:?}");
}

fn read(folder: &Path, code: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => read(&path, code),
            false => code.push_str(&fs::read_to_string(path).unwrap()),
        }
    }
}
