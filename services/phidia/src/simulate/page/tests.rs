use std::{collections::BTreeMap, num::NonZero};

use phidia_domain::{
    province::{Documents, Province},
    route::Policy,
};
use phidia_routing::simulate::{Conditions, Experiment, Report, Simulator};
use phidia_words::Words;

use super::written;
use crate::bundled;

fn report() -> Report {
    let (facts, demand) = bundled::province(None).unwrap();
    let province = Province::parse(&Documents(facts)).unwrap();
    let experiment = Experiment {
        quarter: "2025Q3".parse().unwrap(),
        days: Some(1),
        applications: 4_000,
        loads: vec![0.5, 1.5],
        first_seed: 1,
        seeds: 2,
        conditions: Conditions::default(),
        optimum_days: 0,
    };
    let simulator = Simulator::new(&province, &demand, experiment).unwrap();
    let against = Policy { name: "<b>\"own\" & home".to_owned(), ..Policy::home_only() };
    simulator.compare(&Policy::boundary_free(), &against, NonZero::<usize>::MIN, &|| true).unwrap()
}

#[test]
fn the_page_is_whole_and_needs_nothing_from_outside() {
    let page = written(&report(), Words::VI);
    for (opened, closed) in [("<svg", "</svg>"), ("<figure", "</figure>"), ("<table", "</table>")] {
        let count = |tag: &str| page.matches(tag).count();
        assert!(count(opened) > 1 && count(opened) == count(closed), "{opened}");
    }
    for outside in ["<script", "http:", "https:", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(!page.contains("NaN") && !page.contains("inf"));
    // Every sentence is there in both languages, and the names that others gave are only text.
    assert_eq!(page.matches("<span lang=\"vi\">").count(), page.matches("<span lang=\"en\">").count());
    assert!(page.contains("&lt;b>&quot;own&quot; &amp; home") && !page.contains("<b>"));
}

#[test]
fn a_report_is_one_json_object_with_every_figure() {
    let report = report();
    let read: serde_json::Value = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
    let figures: BTreeMap<String, serde_json::Value> =
        serde_json::from_value(read["loads"][1]["figures"].clone()).unwrap();
    assert_eq!(figures.len(), report.loads[1].figures.len());
    let on_time = &figures["on_time"];
    let of = |which: &str| on_time[which]["mean"].as_f64().unwrap();
    assert!((of("policy") - of("against") - of("difference")).abs() < 1e-9);
    assert!(on_time["difference"]["half_width"].is_number());
}
