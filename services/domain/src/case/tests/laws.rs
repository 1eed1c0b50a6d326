//! Laws of the state machine, under random commands.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Command {
    Claim { officer: usize, fence: u64 },
    Complete { officer: usize, fence: u64, outcome: Outcome },
}

#[derive(Clone, Debug)]
enum Deed {
    Claim { attempt: usize, officer: usize, fence: u64 },
    End { attempt: usize, officer: usize, fence: u64 },
    Return { attempt: usize, officer: usize, fence: u64 },
    Pause { attempt: usize, officer: usize, fence: u64 },
    Resume,
    Arrive { ahead: u32, believed: u64 },
    Move { attempt: usize, fence: u64, ahead: u32, to_b: bool },
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        1 => (0..6_usize, 0..3_usize, 0..3_u64)
            .prop_map(|(attempt, officer, fence)| Deed::Claim { attempt, officer, fence }),
        1 => (0..6_usize, 0..3_usize, 0..3_u64)
            .prop_map(|(attempt, officer, fence)| Deed::End { attempt, officer, fence }),
        1 => (0..6_usize, 0..3_usize, 0..4_u64)
            .prop_map(|(attempt, officer, fence)| Deed::Return { attempt, officer, fence }),
        1 => (0..6_usize, 0..3_usize, 0..4_u64)
            .prop_map(|(attempt, officer, fence)| Deed::Pause { attempt, officer, fence }),
        1 => Just(Deed::Resume),
        1 => (0..3_u32, 0..4_u64).prop_map(|(ahead, believed)| Deed::Arrive { ahead, believed }),
        4 => (0..6_usize, 0..4_u64, 0..3_u32, any::<bool>())
            .prop_map(|(attempt, fence, ahead, to_b)| Deed::Move { attempt, fence, ahead, to_b }),
    ]
}

fn commands() -> impl Strategy<Value = Vec<Command>> {
    let outcome = prop_oneof![Just(Outcome::Approved), Just(Outcome::Refused)];
    let command = prop_oneof![
        (0..3_usize, 0..3_u64).prop_map(|(officer, fence)| Command::Claim { officer, fence }),
        (0..3_usize, 0..3_u64, outcome).prop_map(|(officer, fence, outcome)| Command::Complete {
            officer,
            fence,
            outcome
        }),
    ];
    prop::collection::vec(command, 0..40)
}

proptest! {
    /// Whatever officers ask for, in whatever order and with whatever fences: of one fence comes one
    /// holder; an old fence is refused with the present holder; a step ends once and stays ended.
    #[test]
    fn one_holder_per_fence_and_one_end(commands in commands()) {
        let officers = [officer("1", "A", 3), officer("2", "A", 4), officer("3", "A", 5)];
        let (mut held, mut claims) = (held(), BTreeMap::new());
        for command in commands {
            let before = held.clone();
            match command {
                Command::Claim { officer, fence } => {
                    let officer = &officers[officer];
                    match held.claim(officer, fence) {
                        Ok(Claim::Taken { fence: new }) => {
                            prop_assert!(before.outcome().is_none() && new > before.fence);
                            prop_assert_eq!(claims.insert(fence, officer.id), None);
                            take(&mut held, officer, Claim::Taken { fence: new });
                        }
                        Ok(Claim::AlreadyHeld) => prop_assert_eq!(before.holder, Some(officer.id)),
                        Err(refusal) if refusal.kind == Kind::Conflict => {
                            let holder = before.holder.map(|holder| ("holder".to_owned(), holder.to_string()));
                            let told = refusal.metadata.into_iter().find(|(key, _)| key == "holder");
                            prop_assert_eq!(told, holder);
                        }
                        Err(_) => prop_assert!(before.outcome().is_some()),
                    }
                }
                Command::Complete { officer, fence, outcome } => {
                    let officer = officers[officer].id;
                    let answer = complete(&held, officer, fence, outcome);
                    let mine = before.holder == Some(officer) && before.fence == fence;
                    match answer {
                        Ok(Completion::AlreadyDone) => prop_assert!(mine && before.outcome() == Some(outcome)),
                        Ok(completion) => {
                            prop_assert!(mine && before.outcome().is_none());
                            held.stage = Stage::Done(outcome);
                            // Told twice, it changes nothing.
                            prop_assert_ne!(completion, Completion::AlreadyDone);
                            prop_assert_eq!(complete(&held, officer, fence, outcome), Ok(Completion::AlreadyDone));
                        }
                        Err(refusal) => prop_assert_eq!(refusal.kind == Kind::Conflict, !mine),
                    }
                }
            }
            prop_assert!(before.outcome().is_none() || before == held, "a step that is done stays as it is");
        }
    }

    /// Officers claim, give back, lay down and end, routing moves and takes back, in whatever order and with whatever fences, lost
    /// answers asked for again: one attempt is open, waits, or is done; none that is begun ever moves, and what was begun only
    /// under the fence that it has since; nobody takes up what has moved, and a transfer that was answered is answered alike
    /// for good, where it did not name a fence that was still to come.
    #[test]
    fn of_a_step_one_attempt_is_open_and_what_is_begun_stays(deeds in prop::collection::vec(deed(), 0..60)) {
        let officers = [officer("1", "A", 3), officer("2", "B", 4), officer("3", "A", 5)];
        let mut of_step = vec![held()];
        let mut answered: Vec<(Transfer, bool)> = Vec::new();
        let mut last = 1;
        for deed in deeds {
            let before = of_step.clone();
            match deed {
                Deed::Claim { attempt, officer, fence } => {
                    let index = attempt % of_step.len();
                    if let Ok(claim) = of_step[index].claim(&officers[officer], fence) {
                        prop_assert!(!(before[index].stage == Stage::Superseded));
                        take(&mut of_step[index], &officers[officer], claim);
                    }
                }
                Deed::End { attempt, officer, fence } => {
                    let index = attempt % of_step.len();
                    if complete(&of_step[index], officers[officer].id, fence, Outcome::Approved).is_ok() {
                        of_step[index].stage = Stage::Done(Outcome::Approved);
                    }
                }
                Deed::Return { attempt, officer, fence } => {
                    let index = attempt % of_step.len();
                    if let Ok(Return::Free { fence }) = of_step[index].give_back(Some(officers[officer].id), fence) {
                        prop_assert!(before[index].holder.is_some() && before[index].stage == Stage::Open);
                        (of_step[index].holder, of_step[index].fence) = (None, fence);
                    }
                }
                Deed::Pause { attempt, officer, fence } => {
                    let index = attempt % of_step.len();
                    let reasons = ["giấy tờ".to_owned()];
                    if of_step[index].pause(officers[officer].id, fence, &reasons, None) == Ok(Asking::Now) {
                        prop_assert!(before[index].holder.is_some() && before[index].stage == Stage::Open);
                        of_step[index].stage = Stage::Paused;
                    }
                }
                Deed::Resume => {
                    if let Some(held) = of_step.iter_mut().find(|held| held.stage == Stage::Paused) {
                        (held.stage, held.holder, held.fence) = (Stage::Open, None, held.fence + 1);
                    }
                }
                Deed::Arrive { ahead, believed } => {
                    last += 1 + ahead;
                    let item = WorkItem { attempt: last, ..of_step[0].work_item };
                    let present = of_step.iter().position(|held| held.stage != Stage::Superseded).unwrap();
                    let queued = Standing::at(State::Queued, item.step);
                    if let Ok(Arrival::Moved { from }) = queued.arrive(&of_step, item, unit("B"), Some(believed), false) {
                        let old = &mut of_step[present];
                        prop_assert!(old.work_item == from && !old.is_begun() && old.fence == believed);
                        (old.stage, old.fence) = (Stage::Superseded, old.fence + 1);
                        of_step.push(Held::queued(item, unit("B"), FIELD, 3));
                    }
                }
                // Routing gives no attempt twice.
                Deed::Move { attempt, fence, ahead, to_b } => {
                    last += 1 + ahead;
                    let from = of_step[attempt % of_step.len()].work_item;
                    let to = WorkItem { attempt: last, ..from };
                    let transfer =
                        Transfer { from, expected_fence: fence, to, unit: unit(if to_b { "B" } else { "A" }) };
                    match transfer.judge(&of_step) {
                        Ok(Transferred::Now) => {
                            let old = of_step.iter_mut().find(|held| held.work_item == from).unwrap();
                            prop_assert!(!old.is_begun() && old.stage == Stage::Open && old.fence == fence);
                            (old.stage, old.fence) = (Stage::Superseded, old.fence + 1);
                            of_step.push(Held::queued(to, transfer.unit, FIELD, 3));
                            answered.push((transfer, true));
                        }
                        Ok(Transferred::Before) => prop_assert!(false, "this attempt is new"),
                        Err(refusal) => {
                            prop_assert_eq!(refusal.reason, "OLD_FENCE");
                            let old = of_step.iter().find(|held| held.work_item == from).unwrap();
                            // One that is begun gets a later fence before anybody may have it again.
                            if fence < old.fence || (fence == old.fence && old.is_begun()) {
                                answered.push((transfer, false));
                            }
                        }
                    }
                }
            }
            for (transfer, moved) in &answered {
                match transfer.judge(&of_step) {
                    Ok(answer) => prop_assert!(*moved && answer == Transferred::Before),
                    Err(refusal) => prop_assert!(!moved && refusal.kind == Kind::Conflict, "{:?}", refusal),
                }
            }
            let open = of_step.iter().filter(|held| held.stage == Stage::Open).count();
            let waits = of_step.iter().filter(|held| held.stage == Stage::Paused).count();
            let done = of_step.iter().filter(|held| held.outcome().is_some()).count();
            prop_assert_eq!(open + waits + done, 1, "the step is open at one place, waits at one, or is done at one");
            prop_assert!(of_step.iter().all(|held| !(held.is_begun() && held.stage == Stage::Superseded)));
        }
    }

    /// Whatever happens to a case, nothing leads out of a final state.
    #[test]
    fn nothing_leads_out_of_a_final_state(moves in prop::collection::vec(0..6_u8, 0..30)) {
        let mut standing = Standing::PREPARED;
        for each in moves {
            let step = standing.step;
            let onward = |unit| {
                let work_item = WorkItem::first(application(), step + 1);
                Completion::Onward { next: vec![Ready { work_item, unit }] }
            };
            let finished = |state| Completion::Finished { state, on_time: true };
            let after = match each {
                0 => standing.queued(step),
                1 => standing.started(step),
                2 => standing.ended(step, &onward(Some(unit("A")))),
                3 => standing.ended(step, &onward(None)),
                4 => standing.ended(step, &finished(State::Granted)),
                _ => standing.ended(step, &finished(State::Refused)),
            };
            prop_assert!(!standing.state.is_final() || after.is_err());
            prop_assert!(after.as_ref().is_ok_and(|after| after.step >= standing.step) || after.is_err());
            standing = after.unwrap_or(standing);
        }
    }

    /// A step stays only within its scope: at its home, in its home's cluster, or anywhere.
    #[test]
    fn a_step_stays_only_within_its_scope(home in any::<prop::sample::Index>(), here in any::<prop::sample::Index>()) {
        let units: Vec<UnitId> = PROVINCE.units.keys().copied().collect();
        let (home, here) = (*home.get(&units), *here.get(&units));
        let places: BTreeMap<_, _> = [(CompetenceKey::Residence, home)].into();
        let procedure = PROVINCE.procedure("1.001193").unwrap();
        let received_at = PROVINCE.unit_by_code("14701").unwrap().id;
        let (nobody, somebody) = (BTreeSet::new(), BTreeSet::from([here]));
        let course = Course {
            province: &PROVINCE,
            today: &PROVINCE,
            procedure,
            accepted_on: DAY,
            received_at,
            places: &places,
            conflicts: &nobody,
            due_at: None,
            reached: &Reached::new(),
        };
        let cluster = |unit| &PROVINCE.units[unit].cluster;
        let mut step = procedure.steps[0].clone();
        step.level = 1;
        let staffed = PROVINCE.officers_of(here).any(|officer| officer.is_competent(&procedure.field.vi, 1));
        for (scope, in_scope) in [
            (Scope::Home, here == home),
            (Scope::Cluster, here == home || !cluster(&home).is_empty() && cluster(&here) == cluster(&home)),
            (Scope::Listed, here == home),
            (Scope::Province, true),
        ] {
            step.scope = scope;
            step.papers = None;
            prop_assert_eq!(course.may_stay(&step, here), in_scope && staffed);
            // Originals are nowhere but where they were handed in, or at home.
            step.papers = Some(Papers::Originals);
            let there = here == home || here == received_at;
            prop_assert_eq!(course.may_stay(&step, here), in_scope && staffed && there);
            let against = Course { conflicts: &somebody, ..course };
            prop_assert!(!against.may_stay(&step, here));
        }
        step.competence_key = CompetenceKey::Land;
        prop_assert!(!course.may_stay(&step, here), "its authority is not known");
    }
}
