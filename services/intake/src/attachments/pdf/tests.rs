use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};
use proptest::{collection::vec, prelude::*, sample::Index};

use super::*;

fn packed(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// A PDF being written.
struct Writer {
    file: Vec<u8>,
    places: Vec<(u32, usize)>,
}

impl Writer {
    fn new() -> Self {
        Self { file: b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n".to_vec(), places: Vec::new() }
    }

    fn object(&mut self, number: u32, body: &[u8]) {
        self.places.push((number, self.file.len()));
        self.file.extend(format!("{number} 0 obj\n").bytes());
        self.file.extend(body);
        self.file.extend(b"\nendobj\n");
    }

    fn stream(&mut self, number: u32, dictionary: &str, packed: &[u8]) {
        let mut body = format!("<< {dictionary} /Length {} >>\nstream\n", packed.len()).into_bytes();
        body.extend(packed);
        body.extend(b"\nendstream");
        self.object(number, &body);
    }

    /// The tree of so many pages, ten on a branch.
    fn tree(&mut self, pages: u32) {
        self.object(1, b"<< /Type /Catalog /Pages 2 0 R >>");
        let branches: Vec<_> = (0..pages.div_ceil(10)).map(|branch| 10 + branch).collect();
        let kids = |numbers: &[u32]| {
            numbers.iter().map(|number| format!("{number} 0 R")).collect::<Vec<_>>().join(" ")
        };
        self.object(2, format!("<</Type/Pages/Count {pages}/Kids[{}]>>", kids(&branches)).as_bytes());
        for (place, branch) in (0..).zip(&branches) {
            let leaves: Vec<_> = (place * 10..pages.min(place * 10 + 10)).map(|page| 1_000 + page).collect();
            let text = format!(
                "<< /Type /Pages /Parent 2 0 R /Count {} /Kids [ {} ] >>",
                leaves.len(),
                kids(&leaves)
            );
            self.object(*branch, text.as_bytes());
            for leaf in leaves {
                self.object(leaf, b"<< /Type /Page /Parent 2 0 R /Title (a \\) b (c) >> 3 0 R) /MediaBox [0 0 595.2 842] >>");
            }
        }
    }

    /// Ends it with a table and a trailer.
    fn table(mut self, trailer: &str) -> Vec<u8> {
        let at = self.file.len();
        self.file.extend(b"xref\n0 1\n0000000000 65535 f \n");
        for (number, place) in &self.places {
            self.file.extend(format!("{number} 1\n{place:010} 00000 n \n").bytes());
        }
        self.file.extend(format!("trailer\n<< /Size 9999 {trailer} >>\nstartxref\n{at}\n%%EOF\n").bytes());
        self.file
    }
}

fn with_table(pages: u32) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.tree(pages);
    writer.table("/Root 1 0 R")
}

/// The same with all objects in a stream, and the list of places in another, with PNG's predictor.
fn with_streams(pages: u32) -> Vec<u8> {
    let mut tree = Writer { file: Vec::new(), places: Vec::new() };
    tree.tree(pages);
    // Without their headers and ends.
    let bodies: Vec<(u32, Vec<u8>)> = tree
        .places
        .iter()
        .map(|(number, at)| {
            let text = &tree.file[*at..];
            let text = &text[find(text, b"obj\n").unwrap() + 4..];
            (*number, text[..find(text, b"\nendobj").unwrap()].to_vec())
        })
        .collect();
    let (mut header, mut body) = (String::new(), Vec::new());
    for (number, text) in &bodies {
        header.push_str(&format!("{number} {} ", body.len()));
        body.extend(text);
        body.push(b'\n');
    }
    let mut writer = Writer::new();
    let plain = [header.as_bytes(), &body].concat();
    let dictionary =
        format!("/Type /ObjStm /N {} /First {} /Filter /FlateDecode", bodies.len(), header.len());
    writer.stream(5_000, &dictionary, &packed(&plain));
    let at = writer.file.len();
    let mut rows = vec![(5_000_u32, [1_u8, 0, 0, 0])];
    let place = u16::try_from(writer.places[0].1).unwrap().to_be_bytes();
    rows[0].1 = [1, place[0], place[1], 0];
    rows.extend(bodies.iter().map(|(number, _)| (*number, [2, 0x13, 0x88, 0])));
    let index: Vec<_> = rows.iter().map(|(number, _)| format!("{number} 1")).collect();
    let (mut before, mut predicted) = ([0_u8; 4], Vec::new());
    for (_, row) in &rows {
        predicted.push(2);
        predicted.extend((0..4).map(|column| row[column].wrapping_sub(before[column])));
        before = *row;
    }
    let dictionary = format!(
        "/Type /XRef /Size 6000 /W [1 2 1] /Index [{}] /Root 1 0 R /Filter /FlateDecode \
         /DecodeParms << /Predictor 12 /Columns 4 >>",
        index.join(" ")
    );
    writer.stream(5_001, &dictionary, &packed(&predicted));
    writer.file.extend(format!("startxref\n{at}\n%%EOF").bytes());
    writer.file
}

#[test]
fn pages_are_counted_in_whatever_way_they_are_listed() {
    for count in [1, 9, 10, 11, 123] {
        assert_eq!(pages(&with_table(count), 500), Ok(count));
        assert_eq!(pages(&with_streams(count), 500), Ok(count), "{count}");
        assert_eq!(pages(&with_streams(count), count - 1), Err(Fault::TooMany));
    }
    // What a mail put before it moves all places.
    assert_eq!(pages(&[b"\r\n\r\n", &with_table(3)[..]].concat(), 500), Ok(3));
}

#[test]
fn objects_are_found_without_a_list_of_places() {
    let cut = |file: Vec<u8>| {
        let end = rfind(&file, b"startxref").unwrap();
        file[..end].to_vec()
    };
    assert_eq!(pages(&cut(with_table(12)), 500), Ok(12));
    assert_eq!(pages(&cut(with_streams(12)), 500), Ok(12));
    let mut wrong = with_table(4);
    let at = find(&wrong, b"1 0 obj").unwrap();
    wrong.splice(at..at, *b"%shifted by a program that did not know better\n");
    assert_eq!(pages(&wrong, 500), Ok(4));
}

#[test]
fn a_later_saving_counts() {
    let mut file = with_table(5);
    let before = rfind(&file, b"xref\n0 1").unwrap();
    let at = file.len();
    file.extend(b"2 0 obj\n<< /Type /Pages /Kids [1000 0 R 1001 0 R] /Count 2 >>\nendobj\n");
    let table = file.len();
    file.extend(format!("xref\n2 1\n{at:010} 00000 n \ntrailer\n<< /Root 1 0 R /Prev {before} >>\n").bytes());
    file.extend(format!("startxref\n{table}\n%%EOF\n").bytes());
    assert_eq!(pages(&file, 500), Ok(2));
}

#[test]
fn what_is_locked_says_so() {
    let mut writer = Writer::new();
    writer.tree(2);
    let file = writer.table("/Root 1 0 R /Encrypt 9 0 R");
    assert_eq!(pages(&file, 500), Err(Fault::Locked));
    let end = rfind(&file, b"startxref").unwrap();
    assert_eq!(pages(&file[..end], 500), Err(Fault::Locked));
}

#[test]
fn a_tree_without_an_end_is_refused() {
    let mut writer = Writer::new();
    writer.object(1, b"<< /Type /Catalog /Pages 2 0 R >>");
    writer.object(2, b"<< /Type /Pages /Kids [2 0 R] >>");
    assert_eq!(pages(&writer.table("/Root 1 0 R"), 500), Err(Fault::Unreadable));
    let mut writer = Writer::new();
    writer.object(1, b"<< /Type /Catalog /Pages 2 0 R >>");
    for number in 2..9_000 {
        writer.object(number, format!("<< /Type /Pages /Kids [{} 0 R] >>", number + 1).as_bytes());
    }
    assert_eq!(pages(&writer.table("/Root 1 0 R"), 500), Err(Fault::Unreadable));
    let deep = [b"<<".as_slice(), &b"/A ".repeat(3), &b"[".repeat(100_000)].concat();
    let mut writer = Writer::new();
    writer.object(1, &deep);
    assert_eq!(pages(&writer.table("/Root 1 0 R"), 500), Err(Fault::Unreadable));
}

/// More than may be unpacked, packed into a thousandth of it.
#[test]
fn what_is_made_to_fill_the_memory_does_not() {
    let bomb = packed(&vec![b' '; usize::try_from(MOST_UNPACKED).unwrap() + 1]);
    assert!(bomb.len() < 100_000);
    let mut writer = Writer::new();
    writer.stream(3, "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", &bomb);
    writer.object(1, b"<< /Type /Catalog /Pages 2 0 R >>");
    let at = writer.file.len();
    let place = |number: u32| {
        u32::try_from(writer.places.iter().find(|(known, _)| *known == number).unwrap().1).unwrap()
    };
    let mut rows = Vec::new();
    for (kind, field) in [(1_u8, place(1)), (2, 3), (1, place(3))] {
        rows.push(kind);
        rows.extend(field.to_be_bytes());
    }
    writer.stream(
        4,
        "/Type /XRef /Size 4 /W [1 4 0] /Index [1 3] /Root 1 0 R /Filter /FlateDecode",
        &packed(&rows),
    );
    writer.file.extend(format!("startxref\n{at}\n%%EOF").bytes());
    assert_eq!(pages(&writer.file, 500), Err(Fault::Unreadable));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever is sent, it is answered, and soon.
    #[test]
    fn rubbish_has_an_answer(
        streams in any::<bool>(),
        changes in vec((any::<Index>(), any::<u8>()), 0..40),
        end in any::<Index>(),
    ) {
        let mut file = if streams { with_streams(30) } else { with_table(30) };
        for (place, byte) in changes {
            let place = place.index(file.len());
            file[place] = byte;
        }
        file.truncate(end.index(file.len() + 1));
        let _ = pages(&file, 100);
    }
}
