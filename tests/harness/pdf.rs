//! What poppler reads in a PDF. `tests/run` installs it (poppler-utils).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{fs, process::Command};

fn run(command: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(command).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{command} (Debian: poppler-utils): {error}"));
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The text of each page in the order in which it was written, every run of white space one space.
pub fn pages(pdf: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("form.pdf");
    fs::write(&path, pdf).unwrap();
    let text =
        String::from_utf8(run("pdftotext", &["-raw", "-enc", "UTF-8", path.to_str().unwrap(), "-"])).unwrap();
    let mut pages: Vec<_> = text.split('\u{c}').map(|page| words(page).join(" ")).collect();
    assert_eq!(pages.pop().as_deref(), Some(""), "each page ends with a form feed");
    pages
}

/// All of it.
pub fn text(pdf: &[u8]) -> String {
    pages(pdf).join(" ")
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// The first page as a picture of 150 dots an inch: width, height, and how bright each dot is.
pub fn picture(pdf: &[u8]) -> (usize, usize, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("form.pdf");
    fs::write(&path, pdf).unwrap();
    let picture = run("pdftoppm", &["-gray", "-r", "150", "-f", "1", "-l", "1", path.to_str().unwrap()]);
    // P5, width, height, 255, and then the dots.
    let head: Vec<_> = picture.splitn(4, |byte| byte.is_ascii_whitespace()).collect();
    let number = |at: usize| std::str::from_utf8(head[at]).unwrap().parse::<usize>().unwrap();
    assert_eq!(head[0], b"P5");
    let (width, height) = (number(1), number(2));
    (width, height, picture[picture.len() - width * height..].to_vec())
}

/// The fonts of a PDF, as `pdffonts` lists them, a line each.
pub fn fonts(pdf: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("form.pdf");
    fs::write(&path, pdf).unwrap();
    let listed = String::from_utf8(run("pdffonts", &[path.to_str().unwrap()])).unwrap();
    listed.lines().skip(2).map(str::to_owned).collect()
}
