//! Makes a function of each message.
#![allow(clippy::print_stdout, reason = "how a build script speaks")]

mod compiler;

use std::{env, error::Error, fs, path::Path};

use compiler::{
    catalogue::{self, Fault, Source},
    rust,
};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=catalogue");
    println!("cargo::rerun-if-changed=compiler");
    let sources = |language: &str| -> Result<Vec<Source>, Box<dyn Error>> {
        let mut sources = Vec::new();
        for entry in fs::read_dir(Path::new("catalogue").join(language))? {
            let path = entry?.path();
            let area = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a file without a name")?;
            sources.push(Source { area: area.to_owned(), text: fs::read_to_string(&path)? });
        }
        sources.sort_by(|one, other| one.area.cmp(&other.area));
        Ok(sources)
    };
    let catalogue = catalogue::read(&sources("vi")?, &sources("en")?).map_err(tell)?;
    let reasons = Source { area: "reasons".into(), text: fs::read_to_string("catalogue/reasons.ftl")? };
    let reasons = catalogue::sentences(&reasons).map_err(tell)?;
    let written = rust::write(&catalogue) + &rust::table("REASONS", &reasons);
    fs::write(Path::new(&env::var("OUT_DIR")?).join("messages.rs"), written)?;
    Ok(())
}

fn tell(faults: Vec<Fault>) -> String {
    for fault in &faults {
        println!("cargo::error={fault}");
    }
    format!("{} things in the catalogues are wrong", faults.len())
}
