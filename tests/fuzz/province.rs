//! Files of a province that somebody saved with the wrong program, cut, mixed up, or made up: whatever they hold,
//! reading them ends, and says where each fault is.

use std::{
    collections::BTreeMap,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use harness::{process::Phidia, province::files};
use phidia_domain::province::{Documents, FileError, Province};
use rand::{
    RngExt as _, SeedableRng as _,
    seq::{IndexedRandom as _, SliceRandom as _},
};
use rand_chacha::ChaCha8Rng;

use crate::variable;

/// The time of a call: while files are read, whoever reads them does nothing else.
const LONGEST: Duration = Duration::from_secs(10);

/// What may stand in a cell, and should not.
const CELLS: &[&str] = &[
    "",
    " ",
    "0",
    "-1",
    "NaN",
    "inf",
    "1e999",
    "99999999999999999999999999",
    "0x10",
    "1,5",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "-9999-01-01",
    "2026-11-24T00:00:00Z",
    "24:00",
    "25:61",
    "00:00",
    "90001 90001",
    "90001",
    "9.000001",
    "9.000001 9.000001",
    "A-1",
    "sun",
    "home",
    "listed",
    "hills",
    "originals",
    "2025-03-01",
    "fixed",
    "\"",
    "\"\"",
    "\"a\nb\"",
    "a\"b",
    "\0",
    "\u{feff}",
    "\u{2028}",
    "=1+1",
    "Etc/Nowhere",
    "👩‍👩‍👧‍👦",
];

/// What is handed in, paid and filled in for a copy.
const DOSSIER: &[(&str, &str)] = &[
    (
        "documents.csv",
        "procedure,part,name_vi,name_en,originals,copies,required,condition_vi,condition_en,template,from_data,basis\n\
         9.000001,1,Bản chính,Original,1,0,yes,,,,,test\n9.000001,2,Căn cước,Card,0,1,if,đến quầy,in person,,CSDL,test\n",
    ),
    (
        "fees.csv",
        "procedure,fee,kind,name_vi,name_en,amount_vnd,per,online_amount_vnd,exemption,basis\n\
         9.000001,page,fee,Phí,Fee,2000,page,0,merit child,test\n",
    ),
    ("synonyms.csv", "word,means\nsao y,chứng thực\ngiấy,\n"),
    (
        "figures.csv",
        "figure,name_vi,name_en,count,share_percent,base_vi,base_en,source\nonline,Trực tuyến,Online,5,90.3,không nêu,not stated,test\n",
    ),
    (
        "form_copy.json",
        "{\n\"type\": \"object\",\n\"required\": [\"copies\"],\n\"properties\": {\n\"copies\": {\"title\": \"Số bản\",\n\
         \"x-title-en\": \"Copies\",\n\"$ref\": \"#/$defs/few\"}},\n\"$defs\": {\"few\": {\"type\": \"integer\",\n\"maximum\": 9}}\n}\n",
    ),
];

/// The tiny province with every file and column that it could do without.
fn whole() -> BTreeMap<String, String> {
    let mut files = files();
    let steps = files["steps.csv"].lines().flat_map(|row| match row.split(',').next() {
        Some("procedure") => vec![format!("{row},list,papers,effective_from,effective_to")],
        Some("9.000003") => vec![format!("{},hills,originals,,", row.replace("province", "listed"))],
        Some("9.000004") => vec![format!("{row},,,,2025-03-01"), format!("{row},,copies,2025-03-01,")],
        _ => vec![format!("{row},,,,")],
    });
    let steps = steps.map(|row| row + "\n").collect();
    files.insert("steps.csv".to_owned(), steps);
    files.insert("lists.csv".to_owned(), "list,unit\nhills,90001\nhills,90003\n".to_owned());
    let procedures = files["procedures.csv"].lines().map(|row| match row.split(',').next() {
        Some("code") => format!("{row},form,decision,decided_on,boundary_list\n"),
        Some("9.000001") => format!("{row},copy,12/QĐ,2026-01-02,34/QĐ\n"),
        _ => format!("{row},,,,\n"),
    });
    let procedures = procedures.collect();
    files.insert("procedures.csv".to_owned(), procedures);
    for (name, content) in DOSSIER {
        files.insert((*name).to_owned(), (*content).to_owned());
    }
    files
}

/// A province of so many faults; with none it is the whole one.
pub(crate) fn documents(chance: &mut ChaCha8Rng, faults: usize) -> Documents {
    let files = whole().into_iter().map(|(name, content)| (name, content.into_bytes()));
    let mut documents = Documents(files.collect());
    for _ in 0..faults {
        spoil(chance, &mut documents);
    }
    documents
}

/// Reads as many provinces as `count` says, or the one of `FUZZ_CASE`.
///
/// # Panics
/// When reading one panics, or tells a fault without its place.
pub(crate) fn play(seed: u64, count: u64) {
    let cases = variable("FUZZ_CASE").map_or(0..count, |number: u64| number..number + 1);
    let (mut good, mut bad) = (0, 0);
    for number in cases.clone() {
        let documents = numbered(seed, number);
        let since = Instant::now();
        let Ok(read) = catch_unwind(AssertUnwindSafe(|| Province::parse(&documents))) else {
            panic!("FUZZ_SEED={seed} FUZZ_CASE={number}: reading panics at {}", shown(&documents));
        };
        let took = since.elapsed();
        assert!(took < LONGEST, "FUZZ_SEED={seed} FUZZ_CASE={number}: reading takes {took:.1?}");
        match read {
            Ok(_) => good += 1,
            Err(faults) => {
                bad += 1;
                assert!(
                    !faults.is_empty() && faults.iter().all(|fault| has_a_place(fault, &documents)),
                    "FUZZ_SEED={seed} FUZZ_CASE={number}: {faults:#?} in {}",
                    shown(&documents)
                );
            }
        }
    }
    // Both are worth something only if both happen.
    assert!(cases.end - cases.start < 100 || (good > 0 && bad > good), "{good} good ones, {bad} bad ones");
}

/// `phidia province check` says of a few of them what reading them says.
pub(crate) fn check(seed: u64, count: u64) {
    let folder = tempfile::tempdir().unwrap();
    let phidia = Phidia::up(&folder.path().join("data"), &["--empty"]);
    for number in 0..count {
        let documents = numbered(seed, number);
        let files = folder.path().join(format!("province-{number}"));
        fs::create_dir(&files).unwrap();
        for (name, content) in documents.in_order() {
            fs::write(files.join(name), content).unwrap();
        }
        let output = phidia.cli(&["province", "check", files.to_str().unwrap(), "--allow-uncovered"]);
        let told = String::from_utf8_lossy(&output.stderr);
        let faults = Province::parse(&documents).err().unwrap_or_default();
        assert_eq!(
            output.status.code(),
            Some(if faults.is_empty() { 0 } else { 8 }),
            "{seed} {number}: {told}"
        );
        for FileError { file, line, column, .. } in faults {
            assert!(
                told.contains(&format!("{file}:{line}:{column}")),
                "{seed} {number}: {file}:{line}: {told}"
            );
        }
    }
}

/// The province of this number.
fn numbered(seed: u64, number: u64) -> Documents {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    chance.set_stream(number);
    let faults = chance.random_range(1..4);
    documents(&mut chance, faults)
}

fn has_a_place(fault: &FileError, documents: &Documents) -> bool {
    let content = documents.0.get(&fault.file).map_or(&[][..], Vec::as_slice);
    let lines = content.split(|byte| *byte == b'\n').count();
    Province::reads(&fault.file)
        && (1..=lines).contains(&usize::try_from(fault.line).unwrap())
        && !fault.expected.is_empty()
}

fn shown(documents: &Documents) -> String {
    let sound = documents_without_faults();
    let changed =
        documents.in_order().filter(|(name, content)| sound.0.get(*name).map(Vec::as_slice) != Some(content));
    changed.map(|(name, content)| format!("{name}: {:.2000?}\n", String::from_utf8_lossy(content))).collect()
}

fn documents_without_faults() -> Documents {
    documents(&mut ChaCha8Rng::seed_from_u64(0), 0)
}

/// Does one thing to one file.
fn spoil(chance: &mut ChaCha8Rng, documents: &mut Documents) {
    let names: Vec<String> = documents.0.keys().cloned().collect();
    let Some(name) = names.choose(chance).cloned() else { return };
    let other = names.choose(chance).and_then(|name| documents.0.get(name)).cloned().unwrap_or_default();
    let file = documents.0.get_mut(&name).expect("it is one of them");
    let at = chance.random_range(0..=file.len());
    match chance.random_range(0..16) {
        0 => drop(documents.0.remove(&name)),
        1 => file.clear(),
        2 => file.truncate(at),
        3 => drop(file.splice(..0, *b"\xef\xbb\xbf")),
        4 => drop(file.splice(at..at, [0xff, 0xfe])),
        5 => file.insert(at, *b"\0\"\n\r\t,;\x80".choose(chance).unwrap()),
        6 => {
            if let Some(byte) = file.get_mut(at) {
                *byte ^= 1_u8 << chance.random_range(0..8);
            }
        }
        7 => file.extend(other),
        8 => *file = other,
        9 => *file = replaced(file, "\n", ["\r\n", "\r", "\n\n"].choose(chance).unwrap()),
        10 => *file = replaced(file, ",", [";", "\t", ", "].choose(chance).unwrap()),
        _ => rows(chance, file),
    }
}

fn replaced(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    String::from_utf8_lossy(file).replace(from, to).into_bytes()
}

/// Does one thing to the rows, columns or cells of a file; no file of the tiny province has a quoted cell.
fn rows(chance: &mut ChaCha8Rng, file: &mut Vec<u8>) {
    let Ok(text) = str::from_utf8(file) else { return };
    let mut rows: Vec<Vec<String>> =
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    let width = rows.first().map_or(0, Vec::len);
    if width == 0 {
        return;
    }
    let (row, column) = (chance.random_range(0..rows.len()), chance.random_range(0..width));
    match chance.random_range(0..9) {
        0 => {
            rows.iter_mut().filter(|cells| column < cells.len()).for_each(|cells| drop(cells.remove(column)))
        }
        1 => rows.iter_mut().for_each(|cells| cells.extend(cells.get(column).cloned())),
        2 => drop(rows.remove(row)),
        3 => rows.insert(row, rows[row].clone()),
        4 => {
            // As many as a message holds, now and then.
            let many = if chance.random_bool(0.1) { 20_000 } else { 300 };
            rows.extend(vec![rows[row].clone(); many]);
        }
        5 => rows[1..].shuffle(chance),
        6 => {
            // What another row has in this column.
            let other = rows.choose(chance).and_then(|cells| cells.get(column)).cloned();
            put(&mut rows[row], column, other.unwrap_or_default());
        }
        7 => put(&mut rows[row], column, "x".repeat(100_000)),
        _ => {
            let cell = *CELLS.choose(chance).unwrap();
            put(&mut rows[row], column, cell.to_owned());
        }
    }
    let lines: Vec<String> = rows.iter().map(|cells| cells.join(",")).collect();
    *file = (lines.join("\n") + "\n").into_bytes();
}

fn put(cells: &mut [String], column: usize, text: String) {
    if let Some(cell) = cells.get_mut(column) {
        *cell = text;
    }
}
