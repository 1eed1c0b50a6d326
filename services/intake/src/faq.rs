//! What is asked often: searched by everybody ([`search`]), written and looked at again by those who moderate ([`write`]). An entry may come from
//! feedback that was answered; then it stands for the unit that answered.

pub(crate) mod search;
pub(crate) mod write;

use phidia_domain::Rejection;

fn unknown() -> Rejection {
    Rejection::not_found("UNKNOWN_FAQ_ENTRY", "no entry has this number")
}
