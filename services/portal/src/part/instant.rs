//! Instants as services tell them.

use phidia_proto::convert;

use crate::visitor::Visitor;

/// As in lists; a dash where there is none.
pub(crate) fn instant(visitor: &Visitor, at: Option<&prost_types::Timestamp>) -> String {
    match at.and_then(|at| convert::timestamp(*at, "").ok()) {
        Some(at) => visitor.words.instant(at, &visitor.zone()),
        None => "–".to_owned(),
    }
}
