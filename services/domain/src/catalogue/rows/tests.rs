use proptest::prelude::*;

use super::*;
use crate::province::tests::{ninh_binh, small};

fn row<const N: usize>(cells: [(&str, &str); N]) -> Row {
    cells.map(|(column, cell)| (column.to_owned(), cell.to_owned())).into()
}

fn entry<const N: usize>(cells: [(&str, &str); N]) -> Entry {
    Entry { procedure: row(cells), ..Entry::default() }
}

fn of(entry: Entry) -> Catalogue {
    Catalogue { procedures: vec![entry], ..Catalogue::default() }
}

#[test]
fn what_is_so_already_changes_nothing() {
    for documents in [small(), ninh_binh()] {
        let catalogue = Catalogue::of(&documents).unwrap();
        assert_eq!(catalogue.put_into(&documents, None).unwrap(), documents);
        let again = Catalogue::of(&catalogue.documents()).unwrap();
        assert_eq!(again.procedures.len(), catalogue.procedures.len());
        assert_eq!(again, catalogue);
    }
}

#[test]
fn cells_that_are_stated_change_and_all_others_stay() {
    let before = small();
    let renamed = of(entry([
        ("code", "1.2"),
        ("name_vi", "Sao, chép"),
        ("decision", "1/QĐ"),
        ("decided_on", "2026-01-02"),
    ]));
    let after = renamed.put_into(&before, None).unwrap();
    let province = Province::parse(&after).unwrap();
    let (was, is) = (Province::parse(&before).unwrap(), province.procedure("1.2").unwrap().clone());
    assert_eq!((is.name.vi.as_str(), is.name.en.as_str()), ("Sao, chép", "Copy"));
    assert_eq!(is.decision.unwrap().number, "1/QĐ");
    assert_eq!(province.procedure("1.1").unwrap(), was.procedure("1.1").unwrap());
    assert_eq!(is.steps, was.procedure("1.2").unwrap().steps);
}

#[test]
fn documents_that_are_stated_are_all_there_are() {
    let part = |part: &str, name: &str| {
        row([
            ("part", part),
            ("name_vi", name),
            ("name_en", name),
            ("originals", "1"),
            ("copies", "0"),
            ("required", "yes"),
            ("basis", "test"),
        ])
    };
    let with = |parts: Vec<Row>| of(Entry { documents: Some(parts), ..entry([("code", "1.1")]) });
    let two = with(vec![part("1", "A"), part("2", "B")]).put_into(&small(), None).unwrap();
    let names = |documents: &Documents| -> Vec<String> {
        let province = Province::parse(documents).unwrap();
        province.procedure("1.1").unwrap().documents.iter().map(|document| document.name.vi.clone()).collect()
    };
    assert_eq!(names(&two), ["A", "B"]);
    // Of the second only the name changes, and the first goes.
    let one = with(vec![row([("part", "2"), ("name_vi", "C")])]).put_into(&two, None).unwrap();
    assert_eq!(names(&one), ["C"]);
    // What is not said stays; what is said to be nothing goes.
    assert_eq!(names(&of(entry([("code", "1.1"), ("name_vi", "Đất")])).put_into(&one, None).unwrap()), ["C"]);
    assert_eq!(names(&with(vec![]).put_into(&one, None).unwrap()), Vec::<String>::new());
}

#[test]
fn a_procedure_that_is_new_has_steps_or_takes_them_over() {
    let mut new = Catalogue::of(&small()).unwrap().procedures.remove(0);
    new.procedure.insert("code".to_owned(), "1.7".to_owned());
    let stated = of(new.clone()).put_into(&small(), None).unwrap();
    assert_eq!(Province::parse(&stated).unwrap().procedure("1.7").unwrap().steps.len(), 2);
    new.steps = None;
    let refusal = of(new.clone()).put_into(&small(), None).unwrap_err();
    assert_eq!(
        (refusal.reason.as_str(), refusal.violations[0].field.as_str()),
        ("NO_STEPS", "procedures[0].steps")
    );
    let taken = of(new.clone()).put_into(&small(), Some("1.2")).unwrap();
    assert_eq!(Province::parse(&taken).unwrap().procedure("1.7").unwrap().steps.len(), 1);
    assert_eq!(of(new).put_into(&small(), Some("9.9")).unwrap_err().violations[0].field, "steps_as");
}

#[test]
fn what_no_catalogue_has_is_refused_at_its_place() {
    let refused = |catalogue: Catalogue| {
        let refusal = catalogue.put_into(&small(), None).unwrap_err();
        (refusal.reason.clone(), refusal.violations[0].field.clone())
    };
    let is = |reason: &str, field: &str| (reason.to_owned(), field.to_owned());
    assert_eq!(refused(of(entry([("name_vi", "A")]))), is("MISSING_FIELD", "procedures[0].procedure.code"));
    assert_eq!(
        refused(of(entry([("code", "1.1"), ("colour", "red")]))),
        is("UNKNOWN_COLUMN", "procedures.csv:colour")
    );
    let twice = Catalogue {
        procedures: vec![entry([("code", "1.1")]), entry([("code", "1.1")])],
        ..Catalogue::default()
    };
    assert_eq!(refused(twice), is("DUPLICATE", "procedures[1].procedure.code"));
    // Not a table at all.
    let broken = Documents([("procedures.csv".to_owned(), b"code,colour\n1.1,red\n".to_vec())].into());
    assert_eq!(
        (Catalogue::of(&broken).unwrap_err()[0].line, Catalogue::of(&broken).unwrap_err()[0].column),
        (1, 6)
    );
}

fn cell() -> impl Strategy<Value = String> {
    "[a-z,\"; đĐơ0-9.]{0,8}"
}

fn rows(table: CatalogueTable) -> impl Strategy<Value = Option<Vec<Row>>> {
    let columns: Vec<&str> = table.columns().filter(|column| *column != "procedure").collect();
    let row = prop::collection::vec(cell(), columns.len())
        .prop_map(move |cells| columns.iter().map(|column| (*column).to_owned()).zip(cells).collect::<Row>());
    prop::option::of(prop::collection::vec(row, 1..4))
}

fn catalogues() -> impl Strategy<Value = Catalogue> {
    let columns: Vec<&str> = CatalogueTable::Procedures.columns().collect();
    let entry = (
        prop::collection::vec(cell(), columns.len()),
        rows(CatalogueTable::Documents),
        rows(CatalogueTable::Fees),
        rows(CatalogueTable::Steps),
    );
    let entries = prop::collection::vec(entry, 1..5).prop_map(move |entries| {
        let entries = entries.into_iter().enumerate().map(|(number, (cells, documents, fees, steps))| {
            let mut procedure: Row = columns.iter().map(|column| (*column).to_owned()).zip(cells).collect();
            procedure.insert("code".to_owned(), format!("1.{number}"));
            Entry { procedure, later: Vec::new(), documents, fees, steps, processes: None }
        });
        entries.collect()
    });
    (entries, rows(CatalogueTable::Synonyms)).prop_map(|(procedures, synonyms)| {
        let forms = BTreeMap::from([("a".to_owned(), "{\"type\": \"object\"}\n".to_owned())]);
        Catalogue { procedures, forms, synonyms, figures: None }
    })
}

proptest! {
    /// Nothing is lost on the way to the files and back.
    #[test]
    fn files_say_what_the_catalogue_does(catalogue in catalogues()) {
        prop_assert_eq!(Catalogue::of(&catalogue.documents()).unwrap(), catalogue);
    }
}

proptest! {
    /// Nor on the way to the published document and back.
    #[test]
    fn the_published_document_says_what_the_catalogue_does(catalogue in catalogues()) {
        let province = Province::parse(&small()).unwrap();
        let published = super::super::published::Published::of(&province, 3, catalogue.clone());
        let text = published.write().unwrap();
        prop_assert_eq!(super::super::published::Published::read("a.json", &text).unwrap().catalogue, catalogue);
    }
}

#[test]
fn a_form_that_is_no_text_is_refused_and_not_left_out() {
    let files = Documents([("form_land.json".to_owned(), vec![0xff, 0xfe])].into());
    let errors = Catalogue::of(&files).unwrap_err();
    assert_eq!((errors[0].file.as_str(), errors[0].expected.as_str()), ("form_land.json", "UTF-8"));
}

#[test]
fn a_row_that_is_there_twice_is_refused() {
    let files = Documents([("procedures.csv".to_owned(), b"code,fee_vnd\n1.1,5\n1.1,6\n".to_vec())].into());
    let refusal = Catalogue::of(&files).unwrap().put_into(&small(), None).unwrap_err();
    assert_eq!((refusal.reason.as_str(), refusal.metadata[0].1.as_str()), ("DUPLICATE", "1.1"));
}

/// Whoever stated two columns of one row has no 92nd sign in a line of theirs.
#[test]
fn what_is_wrong_names_the_row_and_the_column_that_it_is_about() {
    let wrong = of(entry([("code", "1.1"), ("fee_vnd", "-5")]));
    let after = wrong.put_into(&small(), None).unwrap();
    let errors = crate::province::about_rows(&after, Province::parse(&after).unwrap_err());
    let [error] = &errors[..] else { panic!("{errors:?}") };
    assert_eq!(error.expected, "a number from 0 to 1000000000000 (1.1, fee_vnd)");
}
