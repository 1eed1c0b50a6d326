//! What is not played, and what is told then.

use super::*;

#[test]
fn what_cannot_be_played_is_refused_with_a_sentence() {
    for text in ["2025Q5", "2025", "2025q3", "x", "1999Q1", "2036Q1", "2025Q0", "+025Q3", "2025Q33"] {
        let refusal = text.parse::<QuarterName>().unwrap_err();
        assert_eq!(refusal.reason, "UNKNOWN_QUARTER", "{text}");
        assert!(refusal.message.contains("2025Q3"));
    }
    let (province, files) = &*NINH_BINH;
    let refused = |experiment: Experiment, files: &Files| {
        Simulator::new(province, files, experiment).unwrap_err().violations[0].field.clone()
    };
    for (field, experiment) in [
        ("loads", Experiment { loads: vec![], ..small() }),
        ("loads", Experiment { loads: vec![0.0], ..small() }),
        ("loads", Experiment { loads: vec![f64::NAN], ..small() }),
        ("seeds", Experiment { seeds: 0, ..small() }),
        ("days", Experiment { days: Some(0), ..small() }),
        ("applications", Experiment { applications: 0, ..small() }),
        (
            "shock_share",
            Experiment { conditions: Conditions { shock_share: 1.1, ..Conditions::default() }, ..small() },
        ),
    ] {
        assert_eq!(refused(experiment, files), field);
    }
    for (file, content) in [
        ("demand_units.csv", "unit,weight\n99999,1\n"),
        ("demand_procedures.csv", "procedure,weight\n9.9,1\n"),
        ("demand_hours.csv", "hour,weight\n24,1\n"),
        ("demand_hours.csv", "hour,weight\n8,-1\n"),
        ("demand_hours.csv", "hour,weight\n8,x\n"),
    ] {
        let mut files = files.clone();
        files.insert(file.to_owned(), content.as_bytes().to_vec());
        assert_eq!(refused(small(), &files), file);
    }
    assert_eq!(refused(small(), &Files::new()), "demand_units.csv");
    let wrong = Policy { gate_share: 2.0, ..Policy::boundary_free() };
    let simulator = Simulator::new(province, files, small()).unwrap();
    let refusal =
        simulator.compare(&wrong, &Policy::home_only(), NonZero::<usize>::MIN, &|| true).unwrap_err();
    let Interrupted::Refused(refusal) = refusal else { panic!("{refusal}") };
    assert_eq!(refusal.violations[0].field, "policy.gate_share");
}
