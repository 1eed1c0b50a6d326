//! What every form of the hand-over must do. Written against an [`Engine`](crate::harness::Engine), so
//! that PostgreSQL runs the very same cases: `conformance::suite!(postgres, Postgres)`.

pub mod chaos;
pub mod commit;
pub mod faces;
pub mod leases;
pub mod parking;
pub mod stream;

/// Makes a test of every case, for one engine.
macro_rules! suite {
    ($module:ident, $engine:ty) => {
        mod $module {
            $crate::conformance::cases! { $engine =>
                commit::state_and_event_commit_or_vanish_together,
                commit::sequences_have_no_gaps_under_many_writers,
                commit::order_is_kept_per_application,
                commit::cause_and_trace_are_handed_on,
                commit::what_is_gathered_goes_out_together,
                commit::pruning_spares_what_is_needed,
                parking::a_refusal_parks_its_application_alone_and_replay_keeps_the_order,
                parking::what_is_refused_again_stays_parked,
                parking::an_unknown_fact_is_parked_as_unsupported,
                parking::what_is_refused_within_a_batch_stops_the_rest_of_its_application,
                faces::an_operator_sees_what_is_parked_and_has_it_delivered_again,
                faces::whoever_noted_a_position_learns_whether_it_was_passed,
                faces::whoever_is_at_rest_has_handed_everything_over,
                faces::holdings_are_summed_by_day_and_listed_with_what_is_parked,
                stream::a_sink_that_dies_before_its_answer_has_its_effect_once,
                stream::a_sink_that_is_unwell_is_asked_again,
                stream::what_is_of_no_concern_passes_without_effect,
                stream::a_stopping_sink_ends_its_streams,
                leases::only_the_holder_delivers_and_another_takes_over,
                leases::a_restart_goes_on_without_loss_or_doubling,
                leases::a_name_goes_on_with_its_lanes_and_others_wait,
                leases::two_of_one_name_do_not_take_turns,
                leases::lanes_are_shared,
                leases::lanes_may_stand_apart,
                chaos::whatever_happens_each_event_is_applied_once_and_in_order,
            }
        }
    };
}

macro_rules! cases {
    ($engine:ty => $($file:ident::$case:ident,)*) => {$(
        #[test]
        fn $case() {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            let engine = <$engine as $crate::harness::Engine>::new();
            runtime.unwrap().block_on($crate::conformance::$file::$case(engine));
        }
    )*};
}

pub(crate) use {cases, suite};
