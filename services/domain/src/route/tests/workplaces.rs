//! Fewer can work at once than are there, for want of PCs.

use super::*;

fn limit(world: &mut World, at: UnitId, most: Option<u32>) {
    world.registry.workplaces.insert(at, Workplaces { most, told: 0 });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn fewer_workplaces_never_make_anything_sooner(mut world in worlds(), at in 0..CODES.len(), hired in 0..6_usize) {
        let at = unit(at);
        prop_assume!(world.province.capacity.contains_key(&at));
        world.registry.workplaces.clear();
        let asked = FIELDS.iter().position(|own| *own == world.request.field).unwrap();
        for level in 0..hired {
            world.hire(at, &[(asked, u8::try_from(level % 5).unwrap() + 1)]);
        }
        let mut finish = predicted(&world, at);
        for most in (0..9).rev() {
            limit(&mut world, at, Some(most));
            let later = predicted(&world, at);
            prop_assert!(later >= finish, "{} places: {} before {}", most, later, finish);
            finish = later;
        }
    }

    #[test]
    fn as_many_workplaces_as_officers_are_no_limit_bit_by_bit(mut world in worlds()) {
        world.registry.workplaces.clear();
        let decided = world.decide();
        for at in 0..CODES.len() {
            let at = unit(at);
            let officers = u32::try_from(world.province.officers_of(at).count()).unwrap();
            limit(&mut world, at, Some(officers));
        }
        prop_assert_eq!(format!("{:?}", world.decide()), format!("{decided:?}"));
    }
}

#[test]
fn three_officers_at_one_pc_take_three_times_as_long_until_their_turn() {
    let mut world = two_units(300);
    world.hire(unit(0), &[(1, 3)]);
    world.hire(unit(0), &[(1, 3)]);
    let finish =
        |world: &World| world.keep(unit(0)).unwrap().explanation.candidate(unit(0)).unwrap().terms["finish"];
    assert_eq!(finish(&world), 100.0 + 40.0);
    limit(&mut world, unit(0), Some(2));
    assert_eq!(finish(&world), 150.0 + 40.0);
    limit(&mut world, unit(0), Some(1));
    assert_eq!(finish(&world), 300.0 + 40.0);
    // Without any, as with one: whether the centre takes work then is for its supervisor to say.
    limit(&mut world, unit(0), Some(0));
    assert_eq!(finish(&world), 300.0 + 40.0);
}
