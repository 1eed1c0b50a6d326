use std::{collections::BTreeSet, time::Instant};

use super::*;
use crate::{
    procedure::{OnlineLevel, Tier},
    province::{Province, tests::ninh_binh},
};

#[test]
#[expect(clippy::print_stdout, reason = "for whoever wants to know what a search takes")]
fn a_catalogue_of_full_size_has_the_published_figures_and_is_searched_at_once() {
    let mut files = ninh_binh();
    let theirs = Catalogue::of(&files).unwrap();
    let made = synthetic(&theirs, 7).unwrap();
    assert_eq!(made, synthetic(&theirs, 7).unwrap());
    assert_ne!(made, synthetic(&theirs, 8).unwrap());
    assert_eq!((made.procedures.len(), made.synthetic()), (2_032, 2_032));
    files.0.extend(made.documents().0);
    let province = Province::parse(&files).unwrap_or_else(|errors| panic!("{errors:#?}"));
    for (tier, figures) in [Tier::Province, Tier::Commune].into_iter().zip(PUBLISHED) {
        let of_level: Vec<_> = province.procedures.values().filter(|one| one.tier == tier).collect();
        let online = of_level.iter().filter(|one| one.online != OnlineLevel::None).count();
        let full = of_level.iter().filter(|one| one.online == OnlineLevel::Full).count();
        assert_eq!([of_level.len(), online, full], figures);
    }
    let names: BTreeSet<_> = province.procedures.values().map(|one| &one.name.vi).collect();
    assert_eq!(names.len(), 2_032);
    assert!(!province.search("cap lai giay phep").is_empty());
    let since = Instant::now();
    for query in ["cap lai giay phep", "khai sinh", "dat dai", "professional card", "9.001", "gia hạn thẻ"]
    {
        province.search(query);
    }
    let each = since.elapsed() / 6;
    assert!(each.as_millis() < 100, "{each:?}");
    println!("a search over 2,032 procedures takes {each:?}");
}
