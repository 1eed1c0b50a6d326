use proptest::prelude::*;

use super::*;
use crate::province::{Province, tests::ninh_binh};

fn ninh_binh_index() -> (Province, Index) {
    let province = Province::parse(&ninh_binh()).unwrap();
    let index = Index::of(province.procedures.values(), &province.synonyms);
    (province, index)
}

fn codes(index: &Index, query: &str) -> Vec<String> {
    index.search(query).into_iter().map(|hit| hit.code).collect()
}

#[test]
fn diacritics_and_case_do_not_count() {
    assert_eq!(fold("ĐĂNG KÝ khai sinh"), "dang ky khai sinh");
    assert_eq!(fold("Hộ tịch – Quyền sử dụng đất"), "ho tich – quyen su dung dat");
    // Composed or not, it is the same word.
    assert_eq!(fold("Ho\u{302}\u{323}"), fold("Hộ"));
}

#[test]
fn what_people_say_finds_what_the_catalogue_calls_it() {
    let (_, index) = ninh_binh_index();
    let by_name = codes(&index, "khai sinh");
    assert_eq!(by_name[0], "1.001193", "{by_name:?}");
    for said in
        ["khai sanh", "giay khai sinh", "KHAI SINH", "sinh khai", "giấy khai sanh", "xin giấy khai sinh"]
    {
        let found = codes(&index, said);
        let same: std::collections::BTreeSet<_> = found.iter().collect();
        assert_eq!(found[0], "1.001193", "{said}: {found:?}");
        assert_eq!(same, by_name.iter().collect(), "{said}");
    }
    // In English some are found besides whose English name says it.
    let birth = codes(&index, "birth");
    assert_eq!(birth[0], "1.001193");
    let by_vietnamese_name =
        index.search("khai sinh").into_iter().filter(|hit| hit.fit != Fit::Field).map(|hit| hit.code);
    for code in by_vietnamese_name {
        assert!(birth.contains(&code), "{code}");
    }
    for (said, code) in [
        ("cưới", "1.000894"),
        ("wedding", "1.000894"),
        ("chet", "1.000656"),
        ("độc thân", "1.004873"),
        ("hộ khẩu", "1.004222"),
        ("mo quan", "1.001612"),
        ("sao y", "2.000815"),
    ] {
        assert!(codes(&index, said).iter().any(|found| found == code), "{said} does not find {code}");
    }
}

#[test]
fn the_better_fit_comes_first() {
    let (province, index) = ninh_binh_index();
    let first = |query: &str| index.search(query).into_iter().next().map(|hit| (hit.fit, hit.code));
    let is = |fit, code: &str| Some((fit, code.to_owned()));
    assert_eq!(first("1.001193"), is(Fit::Code, "1.001193"));
    // A code of the province's own has letters.
    let local = Index::of(
        [Procedure { code: "1.000001.H42".to_owned(), ..province.procedure("1.001193").unwrap().clone() }]
            .iter(),
        &[],
    );
    assert_eq!(
        local.search("1.000001.h42")[0],
        Hit { fit: Fit::Code, words: 4, code: "1.000001.H42".to_owned() }
    );
    assert_eq!(local.search("khai sinh")[0].code, "1.000001.H42");
    assert_eq!(first("1.0011").map(|(fit, _)| fit), Some(Fit::CodeBegins));
    assert_eq!(first("dang ky khai sinh"), is(Fit::Name, "1.001193"));
    assert_eq!(first("tinh trang hon nhan"), is(Fit::Phrase, "1.004873"));
    assert_eq!(first("nhan hon trang tinh"), is(Fit::Words, "1.004873"));
    assert_eq!(first("khai sanh"), is(Fit::MeantPhrase, "1.001193"));
    assert_eq!(first("civil status").map(|(fit, _)| fit <= Fit::Field), Some(true));
    assert_eq!(first("xyzzy"), None);
    assert_eq!(first("khai sinh xyzzy"), None);
    // Nothing is looked for: all are found.
    assert_eq!(index.search("").len(), province.procedures.len());
    // A word that carries nothing is one all the same where it stands alone.
    assert!(!index.search("giấy").is_empty());
}

#[test]
fn wishes_narrow_what_is_found() {
    let (province, _) = ninh_binh_index();
    let birth = province.procedure("1.001193").unwrap();
    let has = |wanted: Wanted| wanted.has(birth);
    assert!(has(Wanted::default()));
    assert!(has(Wanted { tier: Some(Tier::Commune), online: Some(OnlineLevel::Full), ..Wanted::default() }));
    assert!(!has(Wanted { tier: Some(Tier::Province), ..Wanted::default() }));
    assert!(has(Wanted { boundary: Some(Boundary::OnlineAssist), ..Wanted::default() }));
    assert!(has(Wanted { field: "ho tich".to_owned(), ..Wanted::default() }));
    assert!(has(Wanted { field: "civil status".to_owned(), ..Wanted::default() }));
    assert!(!has(Wanted { field: "tich".to_owned(), ..Wanted::default() }));
    assert!(has(Wanted { day: Some("2026-11-29".parse().unwrap()), ..Wanted::default() }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Words without a synonym find the same in any order, with or without diacritics, in any case; and all that is found has them.
    #[test]
    fn neither_order_nor_diacritics_nor_case_matter(picked: prop::sample::Index, words in prop::collection::vec(any::<prop::sample::Index>(), 1..4)) {
        let (province, _) = ninh_binh_index();
        let index = Index::of(province.procedures.values(), &[]);
        let all: Vec<_> = province.procedures.values().collect();
        let procedure = all[picked.index(all.len())];
        let of_name: Vec<&str> = procedure.name.vi.split_whitespace().collect();
        let mut query: Vec<&str> = words.iter().map(|word| of_name[word.index(of_name.len())]).collect();
        let found = |query: &str| index.search(query).into_iter().map(|hit| hit.code).collect::<std::collections::BTreeSet<_>>();
        let forward = query.join(" ");
        query.reverse();
        let backward = found(&query.join(" "));
        prop_assert!(backward.contains(&procedure.code));
        prop_assert_eq!(&found(&forward), &backward);
        prop_assert_eq!(index.search(&fold(&forward)), index.search(&forward));
        prop_assert_eq!(index.search(&forward.to_uppercase()), index.search(&forward));
        for code in backward {
            let hit = province.procedure(&code).unwrap();
            let text = fold(&format!("{} {} {} {} {}", hit.name.vi, hit.name.en, hit.field.vi, hit.field.en, hit.result_vi));
            for word in fold(&forward).split(|sign: char| !sign.is_alphanumeric()) {
                prop_assert!(text.contains(word), "{} in {}", word, text);
            }
        }
    }
}
