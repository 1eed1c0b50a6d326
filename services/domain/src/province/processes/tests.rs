//! Internal processes as a province states them: read, refused at their place, compared and counted.

use jiff::civil::date;

use crate::{
    procedure::{Aspect, Next, StepRole, TimeLimit, changes},
    province::{Documents, Province, tests::small},
    report::simplified::{Simplification, simplified},
};

const STEPS: &str = "procedure,step,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes,role,share,forms,next\n\
     1.1,1,work,Tiếp nhận,Reception,home,fixed,D,3,10,reception,5,01 02,2 3\n\
     1.1,2,work,Thẩm định,Appraisal,province,fixed,D,3,90,appraisal,75,,\n\
     1.1,3,sign,Ký,Signature,home,fixed,D,5,8,approval,20,,end\n\
     1.2,1,work,Thẩm tra,Examination,home,register,,2,12,,,,\n";

const PROCESSES: &str = "procedure,decision,decided_on,effective_from,effective_to,steps_before,time_value_before,time_unit_before\n\
     1.1,15/QĐ-UBND,2025-07-01,,2026-01-01,,,\n\
     1.1,2816/QĐ-UBND,2025-12-20,2026-01-01,,5,7,working_day\n";

fn documents(steps: &str, processes: &str) -> Documents {
    let mut documents = small();
    documents.0.insert("steps.csv".to_owned(), steps.as_bytes().to_vec());
    documents.0.insert("processes.csv".to_owned(), processes.as_bytes().to_vec());
    documents
}

/// The one error of a text with one place of it changed.
#[track_caller]
fn refused(text: &str, right: &str, wrong: &str) -> String {
    assert_eq!(text.matches(right).count(), 1, "{right} does not name one place");
    let changed = text.replace(right, wrong);
    let documents = if text == STEPS { documents(&changed, PROCESSES) } else { documents(STEPS, &changed) };
    let errors: Vec<_> = Province::parse(&documents).unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    errors[0].clone()
}

#[test]
fn a_process_says_who_does_what_in_which_part_of_the_time_and_what_follows() {
    let province = Province::parse(&documents(STEPS, PROCESSES)).unwrap();
    let land = province.procedure("1.1").unwrap();
    let process = land.process_on(date(2026, 11, 24));
    let [reception, appraisal, signature] = process.steps() else { panic!("{process:?}") };
    assert_eq!((reception.role, reception.share), (Some(StepRole::Reception), Some(5)));
    assert_eq!((&reception.forms[..], &reception.next), (&[1, 2][..], &Next::OneOf(vec![2, 3])));
    let next = [reception, appraisal, signature].map(|step| process.next(step));
    assert_eq!(next, [vec![2, 3], vec![3], vec![]]);
    // The signature comes at the end of the time, whether or not there was an appraisal.
    assert_eq!([1, 2, 3].map(|step| process.share_until(step)), [Some(5), Some(80), Some(100)]);
    assert_eq!(process.usual_way().map(|step| step.number).collect::<Vec<_>>(), [1, 2, 3]);
    // What states nothing is as it always was.
    let copy = province.procedure("1.2").unwrap();
    let process = copy.process_on(date(2026, 11, 24));
    assert_eq!((process.next(process.steps()[0]), process.share_until(1)), (vec![], None));
    assert_eq!(copy.published_on(date(2026, 11, 24)), None);

    let decision = |day| land.published_on(day).map(|publication| publication.decision.as_str());
    assert_eq!(decision(date(2025, 12, 31)), Some("15/QĐ-UBND"));
    assert_eq!(decision(date(2026, 1, 1)), Some("2816/QĐ-UBND"));
}

#[test]
fn a_way_that_leads_back_or_nowhere_is_refused_at_its_place() {
    let back = refused(STEPS, "20,,end", "20,,1");
    assert!(back.starts_with("steps.csv:4:") && back.contains("end: no step comes after"), "{back}");
    let itself = refused(STEPS, "75,,", "75,,2");
    assert!(itself.starts_with("steps.csv:3:68: expected later steps (3 to 3)"), "{itself}");
    let gone = refused(STEPS, "01 02,2 3", "01 02,2 4");
    assert!(gone.starts_with("steps.csv:2:68: expected later steps (2 to 3)"), "{gone}");
    let lost = refused(STEPS, "01 02,2 3", "01 02,3");
    assert!(lost.starts_with("steps.csv:3:5: expected a step that an earlier one leads to"), "{lost}");
    for wrong in ["2 2", "2 end", "two", "0", " "] {
        let refusal = refused(STEPS, "01 02,2 3", &format!("01 02,{wrong}"));
        assert!(refusal.contains("numbers of later steps") && refusal.contains("or end"), "{refusal}");
    }
}

#[test]
fn a_budget_of_time_has_to_add_up_and_to_suffice() {
    let less = refused(STEPS, "appraisal,75", "appraisal,70");
    let expected = "steps.csv:4:51: expected shares that add up to 100 along the longest way, which is 1 – 2 – 3 with 95";
    assert_eq!(less, expected);
    let more = refused(STEPS, "appraisal,75", "appraisal,76");
    assert!(more.contains("1 – 2 – 3 with 101"), "{more}");
    let one_without = refused(STEPS, "appraisal,75", "appraisal,");
    assert!(
        one_without.starts_with("steps.csv:3:") && one_without.contains("in every step"),
        "{one_without}"
    );
    // A step without any time would be late as soon as it is reached.
    let none = refused(STEPS, "appraisal,75", "appraisal,0");
    assert!(none.starts_with("steps.csv:3:") && none.contains("from 1 to 100"), "{none}");
    // Three working days have 1440 minutes, of which 5 in the hundred are 72.
    let long = refused(STEPS, "D,3,10,", "D,3,73,");
    assert!(long.starts_with("steps.csv:2:47: ") && long.ends_with("72 minutes at most"), "{long}");
    assert!(Province::parse(&documents(&STEPS.replace("D,3,10,", "D,3,72,"), PROCESSES)).is_ok());
    assert!(refused(STEPS, "01 02", "01 08").contains("01 to 07"));
    assert!(refused(STEPS, "appraisal,75", "boss,75").contains("one of reception, examination"));
    // Without shares the efforts of the way that takes the most fit into all of the time: 10, 8, and what is left of 1440.
    let unshared = STEPS.replace("reception,5,", "reception,,").replace("appraisal,75", "appraisal,");
    let unshared = unshared.replace("approval,20", "approval,");
    let with = |effort: &str| Province::parse(&documents(&unshared.replace("D,3,90", effort), PROCESSES));
    assert!(with("D,3,1422").is_ok());
    let [long] = &with("D,3,1423").unwrap_err()[..] else { panic!() };
    let expected =
        "efforts that fit into the statutory time of 1440 minutes, along the way 1 – 2 – 3 they are 1441";
    assert!(
        long.to_string().starts_with("steps.csv:4:40: ") && long.to_string().ends_with(expected),
        "{long}"
    );
}

#[test]
fn a_decision_that_publishes_is_refused_at_its_place() {
    let unknown = refused(PROCESSES, "1.1,15/", "1.9,15/");
    assert!(unknown.starts_with("processes.csv:2:1: expected the code of a procedure"), "{unknown}");
    let both = refused(PROCESSES, "2026-01-01,,5", "2025-12-31,,5");
    assert!(
        both.starts_with("processes.csv:3:29: expected a day from which no other decision holds"),
        "{both}"
    );
    assert!(
        refused(PROCESSES, "5,7,working_day", "5,7,week").starts_with("processes.csv:3:45: expected one of")
    );
    assert!(refused(PROCESSES, "5,7,", "100,7,").contains("1 to 99"));
    assert!(refused(PROCESSES, "2025-07-01", "1/7/2025").contains("a date"));
}

#[test]
fn what_a_process_changed_is_told_step_by_step() {
    let before = Province::parse(&small()).unwrap();
    let after = Province::parse(&documents(STEPS, PROCESSES)).unwrap();
    let day = date(2026, 11, 24);
    let [was, is] = [&before, &after].map(|province| province.procedure("1.1").unwrap());
    let told = |changes: Vec<crate::procedure::Change>| -> Vec<_> {
        changes
            .into_iter()
            .map(|change| (change.step, change.aspect, change.before.en, change.after.en))
            .collect()
    };
    let all = told(changes(Some((was, day)), (is, day)));
    let change =
        |step, aspect, before: &str, after: &str| (step, aspect, before.to_owned(), after.to_owned());
    for expected in [
        change(0, Aspect::Decision, "", "2816/QĐ-UBND of 20/12/2025"),
        change(1, Aspect::Step, "Examination", "Reception"),
        change(1, Aspect::Next, "2", "2 or 3"),
        change(1, Aspect::Forms, "", "01, 02"),
        change(2, Aspect::Next, "end", "3"),
        change(2, Aspect::Share, "", "75 %"),
        change(3, Aspect::Step, "", "Signature"),
    ] {
        assert!(all.contains(&expected), "{expected:?} is not in {all:#?}");
    }
    assert!(all.iter().all(|(.., aspect, before, after)| *aspect != Aspect::Time && before != after));
    // The same process has changed nothing; between two days it is the decision alone.
    assert!(changes(Some((is, day)), (is, day)).is_empty());
    let then = date(2025, 12, 31);
    let decided = change(0, Aspect::Decision, "15/QĐ-UBND of 01/07/2025", "2816/QĐ-UBND of 20/12/2025");
    assert_eq!(told(changes(Some((is, then)), (is, day))), [decided]);
    // What there was not before is new as a whole.
    assert!(told(changes(None, (is, day))).iter().all(|(.., before, _)| before.is_empty()));
}

#[test]
fn what_was_made_simpler_is_counted_with_its_base() {
    let province = Province::parse(&documents(STEPS, PROCESSES)).unwrap();
    let (sum, all) = simplified(&province, date(2026, 11, 24));
    let expected = Simplification {
        procedures: 2,
        published: 1,
        simplified: 1,
        steps_before: 5,
        steps_after: 3,
        minutes_before: 7 * 480,
        minutes_after: 3 * 480,
    };
    assert_eq!(sum, expected);
    let [land] = &all[..] else { panic!("{all:?}") };
    assert_eq!((land.code.as_str(), land.decision.as_str()), ("1.1", "2816/QĐ-UBND"));
    assert_eq!(
        (land.time_before, land.time_after),
        (Some(TimeLimit::WorkingDays(7)), Some(TimeLimit::WorkingDays(3)))
    );
    // The decision before that one made nothing simpler, and 1.2 was not in force yet.
    let (sum, all) = simplified(&province, date(2025, 12, 31));
    assert_eq!((sum.procedures, sum.published, sum.simplified, all.len()), (1, 1, 0, 0));
}

/// 1, then 2 and 3 together, then 4.
const TOGETHER: &str = "procedure,step,together_with,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes,share,next\n\
     1.1,1,,work,Tiếp nhận,Reception,home,fixed,D,3,10,10,\n\
     1.1,2,,work,Thẩm tra,Examination,home,fixed,D,3,90,50,\n\
     1.1,3,2,work,Xác minh,Verification,home,fixed,1,3,90,70,\n\
     1.1,4,,sign,Ký,Signature,home,fixed,D,5,8,20,\n\
     1.2,1,,work,Thẩm tra,Examination,home,register,,2,12,,\n";

#[test]
fn steps_that_go_on_together_share_what_comes_before_and_after() {
    let province = Province::parse(&documents(TOGETHER, PROCESSES)).unwrap();
    let day = date(2026, 11, 24);
    let procedure = province.procedure("1.1").unwrap();
    let process = procedure.process_on(day);
    assert_eq!([1, 2, 3, 4].map(|step| process.share_until(step)), [Some(10), Some(60), Some(80), Some(100)]);
    let next: Vec<_> = process.steps().iter().map(|step| process.next(step)).collect();
    assert_eq!(next, [vec![2], vec![4], vec![4], vec![]]);
    let stages: Vec<Vec<u32>> =
        process.usual_stages().map(|stage| stage.iter().map(|step| step.number).collect()).collect();
    assert_eq!(stages, [vec![1], vec![2, 3], vec![4]]);
    // One after another before, and together since.
    let apart = TOGETHER.replace("1.1,3,2,work", "1.1,3,,work").replace("D,3,90,50", "D,3,90,20");
    let apart = Province::parse(&documents(&apart.replace("1,3,90,70", "1,3,90,50"), PROCESSES)).unwrap();
    let told = changes(Some((apart.procedure("1.1").unwrap(), day)), (procedure, day));
    let together = told.iter().find(|change| change.aspect == Aspect::Together).unwrap();
    assert_eq!((together.step, together.before.en.as_str(), together.after.en.as_str()), (3, "", "2"));
}

#[test]
fn what_cannot_go_on_together_is_refused_at_its_place() {
    let refused = |right: &str, wrong: &str| {
        assert_eq!(TOGETHER.matches(right).count(), 1, "{right} does not name one place");
        let refusal = Province::parse(&documents(&TOGETHER.replace(right, wrong), PROCESSES)).unwrap_err();
        refusal[0].to_string()
    };
    for (right, wrong, place, expected) in [
        ("1.1,2,,work", "1.1,2,1,work", "3:7", "the first step goes on alone"),
        ("1.1,1,,work", "1.1,1,1,work", "2:7", "no step begins before the first"),
        ("1.1,3,2,work", "1.1,3,1,work", "4:7", "2: the step before it"),
        ("1.1,3,2,work", "1.1,3,3,work", "4:7", "2: the step before it"),
        ("1.1,4,,sign", "1.1,4,2,sign", "5:7", "somebody decides by what all have found"),
        ("D,3,90,50,", "D,3,90,50,4", "3:", "what follows steps that go on together is the step after them"),
        (
            "1,3,90,70,",
            "1,3,90,70,end",
            "4:",
            "what follows steps that go on together is the step after them",
        ),
        ("D,3,10,10,", "D,3,10,10,2 3", "2:", "2: the first of the steps that go on together"),
        ("1,3,90,70,", "1,3,90,71,", "5:", "1 – 3 – 4 with 101"),
        ("1.1,3,2,work", "1.1,3,x,work", "4:7", "1 to 99"),
    ] {
        let refusal = refused(right, wrong);
        assert!(
            refusal.starts_with(&format!("steps.csv:{place}")) && refusal.contains(expected),
            "{refusal}"
        );
    }
}
