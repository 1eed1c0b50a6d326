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
    ("phidia-outbox", &["phidia-domain", "phidia-proto", "phidia-runtime"]),
    ("phidia-intake", &["phidia-domain", "phidia-proto", "phidia-runtime", "phidia-outbox", "phidia-forms"]),
    ("phidia-routing", &["phidia-domain", "phidia-proto", "phidia-runtime", "phidia-outbox", "phidia-board"]),
    (
        "phidia-processing",
        &["phidia-domain", "phidia-proto", "phidia-runtime", "phidia-outbox", "phidia-forms"],
    ),
    ("phidia-notification", &["phidia-domain", "phidia-proto", "phidia-runtime", "phidia-outbox"]),
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
    ("krilla", &["phidia-forms"]),
    ("qrcode", &["phidia-forms"]),
    ("object_store", &["phidia-intake"]),
    ("infer", &["phidia-intake"]),
    ("ring", &["phidia-runtime", "phidia-intake", "phidia-routing"]),
    ("figment", &["phidia-runtime"]),
    ("opentelemetry", &["phidia-runtime"]),
    ("tracing-opentelemetry", &["phidia-runtime"]),
    ("axum", &["phidia-runtime"]),
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
fn the_domain_and_the_forms_see_nothing_that_does_io() {
    let packages = ours();
    for name in ["phidia-domain", "phidia-forms"] {
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
    assert!(packages <= 522, "{packages} packages in Cargo.lock; 522 at most");
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
