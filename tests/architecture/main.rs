//! Who may import whom, held over `cargo metadata`. The rules are those of `services/README.md`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use harness::workspace::{self, Package};

/// Ours, and which of ours each may depend on.
const MAY: &[(&str, &[&str])] = &[
    ("phidia-domain", &[]),
    ("phidia-proto", &["phidia-domain"]),
    ("phidia-runtime", &["phidia-domain"]),
    ("phidia-board", &["phidia-domain"]),
    ("phidia-forms", &["phidia-domain"]),
    ("phidia-words", &["phidia-domain"]),
    ("phidia-outbox", &["phidia-domain", "phidia-proto", "phidia-runtime"]),
    ("phidia-intake", &["phidia-domain", "phidia-proto", "phidia-runtime", "phidia-outbox", "phidia-forms"]),
    ("phidia-routing", &["phidia-domain", "phidia-proto", "phidia-runtime", "phidia-outbox", "phidia-board"]),
    (
        "phidia-processing",
        &["phidia-domain", "phidia-proto", "phidia-runtime", "phidia-outbox", "phidia-forms"],
    ),
    ("phidia-notification", &["phidia-domain", "phidia-proto", "phidia-runtime", "phidia-outbox"]),
    ("phidia-portal", &["phidia-domain", "phidia-proto", "phidia-runtime", "phidia-words"]),
];

/// Crates of others that only some of ours may pull in, because each stands for one thing done in one place.
const ONLY: &[(&str, &[&str])] = &[
    ("redis", &["phidia-board"]),
    (
        "sea-orm",
        &[
            "phidia-runtime",
            "phidia-outbox",
            "phidia-intake",
            "phidia-routing",
            "phidia-processing",
            "phidia-notification",
        ],
    ),
    ("clap", &["phidia"]),
    ("jsonschema", &["phidia-domain"]),
    ("lettre", &["phidia-notification"]),
    ("fluent-syntax", &["phidia-words"]),
    ("krilla", &["phidia-forms"]),
    ("qrcode", &["phidia-forms", "phidia-portal"]),
    ("maud", &["phidia-portal"]),
    ("object_store", &["phidia-intake"]),
    ("infer", &["phidia-intake"]),
    ("ring", &["phidia-runtime", "phidia-intake", "phidia-routing"]),
    ("figment", &["phidia-runtime"]),
    ("opentelemetry", &["phidia-runtime"]),
    ("tracing-opentelemetry", &["phidia-runtime"]),
    ("axum", &["phidia-runtime", "phidia-portal"]),
];

/// What a crate without I/O must not see.
const IMPURE: &[&str] = &["tokio", "tonic", "prost", "sea-orm", "redis", "tracing", "rand", "async-trait"];

fn ours() -> BTreeMap<String, Package> {
    workspace::packages().into_iter().map(|package| (package.name.clone(), package)).collect()
}

fn depends(package: &Package) -> BTreeSet<&str> {
    package.dependencies.iter().filter(|dependency| !dependency.dev).map(|d| d.name.as_str()).collect()
}

#[test]
fn each_crate_imports_only_what_the_rules_allow() {
    let packages = ours();
    for (name, may) in MAY {
        let package = packages.get(*name).unwrap_or_else(|| panic!("{name} is not a member"));
        let own: BTreeSet<_> =
            depends(package).into_iter().filter(|name| name.starts_with("phidia")).collect();
        let wrong: Vec<_> = own.iter().filter(|other| !may.contains(other)).collect();
        assert!(wrong.is_empty(), "{name} must not import {wrong:?}");
    }
    let ruled: BTreeSet<_> = MAY.iter().map(|(name, _)| *name).chain(["phidia", "phidia-tests"]).collect();
    let members: BTreeSet<_> = packages.keys().map(String::as_str).collect();
    assert_eq!(members, ruled, "a member without a rule, or a rule without a member");
}

#[test]
fn nobody_imports_the_binary_and_only_tests_import_the_harness() {
    for package in ours().values() {
        for dependency in &package.dependencies {
            assert!(
                dependency.name != "phidia" && (dependency.name != "phidia-tests" || dependency.dev),
                "{} imports {}",
                package.name,
                dependency.name
            );
        }
    }
}

#[test]
fn what_stands_for_one_thing_is_pulled_in_by_one_place() {
    for package in ours().values().filter(|package| package.name != "phidia-tests") {
        for (crate_name, allowed) in ONLY {
            let pulls = depends(package).contains(crate_name);
            assert!(
                !pulls || allowed.contains(&package.name.as_str()),
                "{} pulls in {crate_name}",
                package.name
            );
        }
    }
}

#[test]
fn the_domain_the_forms_and_the_words_see_nothing_that_does_io() {
    let packages = ours();
    for name in ["phidia-domain", "phidia-forms", "phidia-words"] {
        let seen = depends(&packages[name]);
        let wrong: Vec<_> = IMPURE.iter().filter(|impure| seen.contains(**impure)).collect();
        assert!(wrong.is_empty(), "{name} must not import {wrong:?}");
    }
}

#[test]
fn every_member_is_under_the_workspace_lints() {
    for package in ours().values() {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{} is not", package.name);
    }
}

#[test]
fn the_tree_stays_lean() {
    let lock = std::fs::read_to_string(workspace::root().join("Cargo.lock")).unwrap();
    let packages = lock.lines().filter(|line| *line == "[[package]]").count();
    assert!(packages <= 528, "{packages} packages in Cargo.lock; 528 at most");
}

/// Files of the clients in which Vietnamese stands all the same, and why.
const SPEAK_FOR_THEMSELVES: &[(&str, &str)] = &[
    ("command/misread.rs", "clap speaks English by itself: there is nothing to say it in two languages"),
    ("demo/day/ending.rs", "what the officers of the demo write"),
    ("demo/day/mishap.rs", "what the officers of the demo write"),
    ("demo/demand.rs", "names of the citizens of the demo"),
    ("simulate/page.rs", "a page in both languages, to be taken home"),
    ("simulate/page/map.rs", "a page in both languages, to be taken home"),
];

#[test]
fn what_people_are_told_stands_in_the_catalogues() {
    let clients = ["services/phidia/src", "services/portal/src"].map(|path| workspace::root().join(path));
    let mut speak = BTreeSet::new();
    for (file, text) in clients.iter().flat_map(|client| sources(client)) {
        let code = text.split("#[cfg(test)]").next().unwrap();
        let code: String = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let is_vietnamese = |letter: char| {
            "ăâđêôơư".contains(letter.to_lowercase().next().unwrap()) || ('ạ'..='ỹ').contains(&letter)
        };
        let speaks = code.split('"').skip(1).step_by(2).any(|literal| literal.chars().any(is_vietnamese));
        let is_test = file.ends_with("tests.rs");
        if speaks && !is_test {
            speak.insert(file);
        }
    }
    let known: BTreeSet<_> = SPEAK_FOR_THEMSELVES.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(speak, known, "sentences belong to services/words/catalogue");
}

/// Files of a folder and what stands in them, by their path in it.
fn sources(folder: &std::path::Path) -> BTreeMap<String, String> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn nothing_else_stands_at_the_top() {
    const TOP: &[&str] = &[
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "README.md",
        "deploy",
        "docker-compose.yml",
        "helm",
        "proto",
        "services",
        "tests",
    ];
    let tracked = workspace::tracked_files();
    let odd: BTreeSet<_> = tracked
        .iter()
        .filter_map(|path| path.split('/').next())
        .filter(|name| !name.starts_with('.') && !TOP.contains(name))
        .collect();
    assert!(odd.is_empty(), "beyond the agreed layout: {odd:?}");
}
