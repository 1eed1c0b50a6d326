use phidia_proto::types::v1::ReturnWay;
use phidia_words::Words;

/// How the applicant wants the result.
pub(super) fn return_way(words: Words, way: ReturnWay) -> &'static str {
    match way {
        ReturnWay::Unspecified | ReturnWay::Counter => words.web_work_wanted_at_counter(),
        ReturnWay::Post => words.web_work_by_post(),
        ReturnWay::Electronic => words.web_work_by_file(),
    }
}
