//! How far an application has come, in the codes of the national portal (`status_codes.csv` of the domain's facts: found in
//! several independent integrations). What has no code there is mapped onto the nearest one: our reading.

use super::Status;

/// The national code. `begun`: whether a unit has begun with it; `handed_over`: whether its result is with the citizen.
///
/// Never 1 (newly registered): what is kept was accepted. Nor 3 (reception refused): a refusal after reception is a result, 9, and
/// its paper is handed over, 10.
pub fn national_code(status: Status, begun: bool, handed_over: bool) -> u32 {
    match status {
        Status::Accepted | Status::Assigned | Status::AwaitingDispatch if !begun => 2,
        Status::Accepted
        | Status::Assigned
        | Status::AwaitingDispatch
        | Status::InProcess
        | Status::Referred => 4,
        Status::AwaitingSupplement => 5,
        Status::AwaitingPayment => 6,
        Status::Withdrawn => 7,
        Status::Lapsed => 8,
        Status::Granted | Status::Refused if !handed_over => 9,
        Status::Granted | Status::Refused => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::{Status::*, *};

    #[test]
    fn what_is_decided_is_processed_and_then_returned() {
        for status in [Granted, Refused] {
            assert_eq!(national_code(status, true, false), 9);
            assert_eq!(national_code(status, true, true), 10);
        }
    }

    #[test]
    fn what_was_begun_is_in_processing_also_between_two_units() {
        for status in [Accepted, Assigned, AwaitingDispatch] {
            assert_eq!((national_code(status, false, false), national_code(status, true, false)), (2, 4));
        }
        assert_eq!(national_code(InProcess, true, false), 4);
        assert_eq!(
            [Referred, AwaitingSupplement, AwaitingPayment, Withdrawn, Lapsed]
                .map(|status| national_code(status, true, false)),
            [4, 5, 6, 7, 8]
        );
    }
}
