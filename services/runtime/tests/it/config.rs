//! The layers of configuration, and what is refused.

use std::{fs, path::PathBuf};

use phidia_runtime::{config, database::DatabaseConfig, failure::Failure, telemetry::LogConfig};
use serde::{Deserialize, Serialize};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    port: u16,
    log: LogConfig,
    database: DatabaseConfig,
}

#[derive(Serialize, Default)]
struct Overrides {
    port: Option<u16>,
}

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("phidia.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn load(text: &str, overrides: &Overrides) -> Result<Config, Failure> {
    let (_folder, path) = file(text);
    config::load(Some(&path), "PHIDIA_TEST_NOTHING", overrides)
}

#[test]
fn later_layers_win_and_none_overrides_nothing() {
    let text = "port = 7\n[log]\nformat = \"json\"\n[database]\nurl = \"sqlite:x\"";
    let config = load(text, &Overrides::default()).unwrap();
    assert_eq!((config.port, config.log.filter.as_str()), (7, "info"));
    assert_eq!(load(text, &Overrides { port: Some(8) }).unwrap().port, 8);
    assert!(!format!("{config:?}").contains("sqlite:x"));
    let defaults: Config = config::load(None, "PHIDIA_TEST_NOTHING", ()).unwrap();
    assert_eq!((defaults.port, defaults.database.max_connections), (0, 8));
}

#[test]
fn an_unknown_key_of_the_file_is_refused_by_name_and_source() {
    for (text, key) in [("prot = 7", "prot"), ("[log]\nfromat = \"json\"", "log.fromat")] {
        let refused = load(text, &Overrides::default()).unwrap_err().to_string();
        assert!(refused.contains(key) && refused.contains("phidia.toml"), "{refused}");
    }
    let refused = load("port = \"hunter2\"", &Overrides::default()).unwrap_err().to_string();
    assert!(refused.contains("port") && !refused.contains("hunter2"), "{refused}");
    assert!(config::load::<Config>(Some("/does/not/exist".as_ref()), "X", ()).is_err());
}

#[test]
fn what_is_no_toml_is_refused_on_one_line_that_does_not_quote_it() {
    let refused = load("port = 7\n[log]\ntoken = \"hunter2", &Overrides::default()).unwrap_err().to_string();
    assert!(refused.contains("line 3, column") && refused.contains("phidia.toml"), "{refused}");
    assert!(
        !refused.contains("hunter2") && !refused.contains('\n') && !refused.starts_with(':'),
        "{refused}"
    );
}

/// Run again in a process of its own, which has the variables: changing those of a process that has
/// threads is unsound.
#[test]
fn the_environment_is_a_layer_and_its_unknown_keys_are_refused() {
    if std::env::var_os("PHIDIA_TEST_ENV_CHILD").is_some() {
        let (_folder, path) = file("port = 7");
        match config::load::<Config>(Some(&path), "PHIDIA_TEST_LAYER", ()) {
            Ok(config) => assert_eq!((config.port, config.log.filter.as_str()), (9, "debug")),
            Err(refused) => panic!("refused {refused}"),
        }
        return;
    }
    let name = "config::the_environment_is_a_layer_and_its_unknown_keys_are_refused";
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args([name, "--exact", "--nocapture"]).env("PHIDIA_TEST_ENV_CHILD", "1");
    child.env("PHIDIA_TEST_LAYER_PORT", "9").env("PHIDIA_TEST_LAYER_LOG__FILTER", "debug");
    assert!(child.output().unwrap().status.success());
    let output = child.env("PHIDIA_TEST_LAYER_LOG__FROMAT", "x").output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(text.contains("log.fromat") && text.contains("environment variable"), "{text}");
}
