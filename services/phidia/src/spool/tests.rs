use phidia_proto::intake::v1::{Applicant, CodeRange, NumberSpan};

use super::*;

const NAME: &str = "Nguyễn Thị Bí Mật";

fn spool() -> (tempfile::TempDir, Spool) {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(&folder.path().join("spool")).unwrap();
    (folder, spool)
}

fn request() -> SubmitApplicationRequest {
    SubmitApplicationRequest {
        procedure_code: "1.1".into(),
        received_at_code: "14701".into(),
        applicant: Some(Applicant { name: NAME.into(), ..Default::default() }),
        ..Default::default()
    }
}

fn range(id: &str, day: &str, (first, last): (u32, u32), reserved_at: Timestamp) -> CodeRange {
    CodeRange {
        range_id: format!("rng_{id}"),
        day: day.into(),
        series: "H42.14701-261124".into(),
        numbers: Some(NumberSpan { first, last }),
        reserved_at: Some(phidia_proto::convert::wire_timestamp(reserved_at)),
        ..Default::default()
    }
}

#[test]
fn what_is_kept_is_there_in_its_order_after_the_process_was_gone() {
    let (folder, spool) = spool();
    let kept: Vec<_> = (0..3)
        .map(|_| {
            // Ids of one millisecond are in no order.
            std::thread::sleep(std::time::Duration::from_millis(2));
            spool.keep(request(), Vec::new()).unwrap()
        })
        .collect();
    drop(spool);
    let spool = Spool::open(&folder.path().join("spool")).unwrap();
    assert_eq!(spool.items().unwrap(), kept);
    let asked = spool.request(&kept[0]).unwrap();
    assert_eq!(asked, SubmitApplicationRequest { idempotency_key: kept[0].id.clone(), ..request() });
    spool.discard(&kept[1].id).unwrap();
    assert_eq!(spool.items().unwrap(), [kept[0].clone(), kept[2].clone()]);
    assert_eq!(spool.item(&kept[2].id).unwrap(), kept[2]);
    assert!(spool.item(&kept[1].id).is_err());
}

#[test]
fn nothing_personal_can_be_read_in_the_folder_nor_anything_by_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, spool) = spool();
    let item = spool.keep(request(), Vec::new()).unwrap();
    let bytes = fs::read(spool.path_of(&item.id)).unwrap();
    assert!(!bytes.windows(NAME.len()).any(|part| part == NAME.as_bytes()));
    for path in [folder.path().join("spool"), spool.path_of(&item.id), folder.path().join("spool/key")] {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "{}", path.display());
    }
    // Moved to another place, or under another key, it does not open.
    let moved = Item { id: "evt_0".into(), ..item };
    assert!(spool.request(&moved).is_err());
}

#[test]
fn files_go_with_their_item_and_rest_sealed() {
    let (folder, spool) = spool();
    let scans = || {
        let scan = |document, bytes: &[u8]| Scan { document, name: NAME.into(), bytes: bytes.to_vec() };
        vec![scan(0, b"%PDF one"), scan(1, NAME.as_bytes())]
    };
    let item = spool.keep(request(), scans()).unwrap();
    let files = folder.path().join("spool/files");
    let count = || fs::read_dir(&files).unwrap().count();
    assert_eq!(count(), 2);
    for entry in fs::read_dir(&files).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(NAME.len()).any(|part| part == NAME.as_bytes()));
    }
    let kept: Vec<_> = (0..2).map(|number| spool.scan(&item, number).unwrap()).collect();
    let told = |scans: &[Scan]| -> Vec<_> {
        scans.iter().map(|scan| (scan.document, scan.name.clone(), scan.bytes.clone())).collect()
    };
    assert_eq!(told(&kept), told(&scans()));
    // Killed between the two: the files of what is not there go when it is looked after.
    fs::remove_file(spool.path_of(&item.id)).unwrap();
    let other = spool.keep(request(), scans()).unwrap();
    spool.clean().unwrap();
    assert_eq!(count(), 2);
    assert_eq!(spool.scan(&other, 1).unwrap().bytes, NAME.as_bytes());
    spool.discard(&other.id).unwrap();
    assert_eq!(count(), 0);
}

#[test]
fn what_may_have_been_accepted_unseen_waits_for_a_person() {
    let now = RealClock.now();
    let ago = |hours| Some(phidia_proto::convert::wire_timestamp(now - SignedDuration::from_hours(hours)));
    let tried = |hours| Item { tried_at: ago(hours), tried_by: "officer/1".into(), ..Item::default() };
    assert!(!tried(7 * 24).is_ready(now, "officer/1"));
    assert!(tried(5 * 24).is_ready(now, "officer/1"));
    // The key of one is another's in the hand of another.
    assert!(!tried(1).is_ready(now, "system/cli"));
    assert!(Item::default().is_ready(now, "system/cli"), "nobody has sent it");
    let coded = Item { dossier_code: "H42.1-261124-0001".into(), ..tried(7 * 24) };
    assert!(coded.is_ready(now, "system/cli"), "its code is its key");
    assert!(!Item { refusal: Some(Default::default()), ..Item::default() }.is_ready(now, ""));
}

#[test]
fn what_is_damaged_keeps_none_of_the_others_and_can_be_thrown_away() {
    let (_folder, spool) = spool();
    let damaged = spool.keep(request(), Vec::new()).unwrap();
    fs::write(spool.path_of(&damaged.id), [0xff; 9]).unwrap();
    let whole = spool.keep(request(), Vec::new()).unwrap();
    assert_eq!(spool.items().unwrap(), [whole]);
    spool.discard(&damaged.id).unwrap();
    assert!(spool.discard(&damaged.id).is_err() && spool.discard("../key").is_err());
}

#[test]
fn each_code_is_given_out_once_on_its_day() {
    let (_folder, spool) = spool();
    let codes = spool.codes();
    let morning: Timestamp = "2026-11-24T01:00:00Z".parse().unwrap();
    let add = |range: CodeRange| codes.add(range, "14701", "Asia/Ho_Chi_Minh", morning).unwrap();
    add(range("2", "2026-11-24", (7, 7), morning));
    add(range("1", "2026-11-24", (3, 4), morning));
    add(range("3", "2026-11-25", (1, 9), morning));
    let issue = |unit: &str, at: Timestamp| {
        codes.issue(unit, at).unwrap().map(|issued| {
            assert_eq!(issued.accepted_at, Some(phidia_proto::convert::wire_timestamp(at)));
            assert_eq!(issued.check_code.len(), 6);
            issued.dossier_code
        })
    };
    let code = |number: u32| Some(format!("H42.14701-261124-{number:04}"));
    assert_eq!(issue("13285", morning), None);
    assert_eq!(issue("14701", morning), code(3));
    // Reserved again under the same key, it does not begin anew.
    add(range("1", "2026-11-24", (3, 4), morning));
    assert_eq!(codes.left().unwrap().iter().map(|(.., left)| left).sum::<u32>(), 1 + 1 + 9);
    assert_eq!(issue("14701", morning), code(4));
    assert_eq!(issue("14701", morning), code(7));
    assert_eq!(issue("14701", morning), None);
    assert!(codes.forget("rng_3").unwrap() && !codes.forget("rng_3").unwrap());
    assert_eq!(issue("14701", morning + SignedDuration::from_hours(24)), None);
}

/// Its clock is an hour fast: at 00:30 there it is still the day before in the province.
#[test]
fn a_clock_that_is_off_does_not_date_what_is_accepted() {
    let (_folder, spool) = spool();
    let codes = spool.codes();
    let there: Timestamp = "2026-11-24T16:30:00Z".parse().unwrap();
    let here = there + SignedDuration::from_hours(1);
    let range = range("1", "2026-11-24", (1, 9), there);
    codes.add(range, "14701", "Asia/Ho_Chi_Minh", here).unwrap();
    let issued = codes.issue("14701", here).unwrap().unwrap();
    assert_eq!(issued.accepted_at, Some(phidia_proto::convert::wire_timestamp(there)));
}
