//! The workspace as `cargo metadata` and `git` see it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use serde_json::Value;

/// A member.
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its manifest.
    pub manifest_path: PathBuf,
    /// What its manifest names.
    pub dependencies: Vec<Dependency>,
}

/// A dependency that a manifest names.
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// Whether it is for tests only.
    pub dev: bool,
}

/// The root of the checkout.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Where cargo builds to.
pub fn target() -> PathBuf {
    PathBuf::from(metadata()["target_directory"].as_str().unwrap())
}

/// All members.
pub fn packages() -> Vec<Package> {
    let packages = metadata()["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| Package {
            name: package["name"].as_str().unwrap().to_owned(),
            manifest_path: package["manifest_path"].as_str().unwrap().into(),
            dependencies: package["dependencies"]
                .as_array()
                .unwrap()
                .iter()
                .map(|dependency| Dependency {
                    name: dependency["name"].as_str().unwrap().to_owned(),
                    dev: dependency["kind"].as_str() == Some("dev"),
                })
                .collect(),
        })
        .collect()
}

/// Files that git tracks.
pub fn tracked_files() -> Vec<String> {
    let output = Command::new("git").arg("ls-files").current_dir(root()).output().unwrap();
    assert!(output.status.success(), "git ls-files failed");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn metadata() -> &'static Value {
    static METADATA: OnceLock<Value> = OnceLock::new();
    METADATA.get_or_init(|| {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
            .current_dir(root())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    })
}
