//! Takes the faces that the forms are set in out of the crate that brings them: the others are not built in.

use std::{env, error::Error, fs, path::Path};

use skrifa::{FontRef, MetadataProvider as _, string::StringId};

/// Libertinus Serif (SIL Open Font License 1.1; its name table bears the licence).
const FACES: [&str; 3] = ["LibertinusSerif-Regular", "LibertinusSerif-Bold", "LibertinusSerif-Italic"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR")?;
    for wanted in FACES {
        let face = typst_assets::fonts().find(|data| name(data).as_deref() == Some(wanted));
        let face = face.ok_or_else(|| format!("the typeface {wanted} is missing"))?;
        fs::write(Path::new(&out).join(wanted), face)?;
    }
    Ok(())
}

fn name(data: &[u8]) -> Option<String> {
    let font = FontRef::new(data).ok()?;
    font.localized_strings(StringId::POSTSCRIPT_NAME).next().map(|name| name.to_string())
}
