//! Applications: taken in, told of, printed, and what is handed in for them later.

pub(crate) mod check;
pub(crate) mod correct_contact;
pub(crate) mod drawn_up;
pub(crate) mod expect;
pub(crate) mod get;
pub(crate) mod guesses;
pub(crate) mod hand_in_later;
pub(crate) mod list;
mod record_payment;
pub(crate) mod render_form;
pub(crate) mod render_register;
pub(crate) mod similar;
pub(crate) mod state_preferences;
pub(crate) mod submit;
pub(crate) mod track;
pub(crate) mod watch;
pub(crate) mod words;
