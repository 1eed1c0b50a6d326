//! Lists messages: those to a citizen about one application, those to a unit, or, for those who run the installation,
//! those to all citizens and those to themselves.

use jiff::Timestamp;
use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    id::UnitId,
};
use phidia_runtime::{database::Database, failure::Failure};
use uuid::Uuid;

use crate::store::{
    Message,
    mailbox::{self, Cursor, Mailbox},
};

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) mailbox: Mailbox,
    pub(crate) limit: u64,
    /// From the page before; empty: the first page.
    pub(crate) page_token: String,
    /// What was told last comes first.
    pub(crate) newest_first: bool,
}

/// A page of messages.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) messages: Vec<Message>,
    /// Empty on the last page.
    pub(crate) next_page_token: String,
    pub(crate) total: u64,
}

/// Lists messages.
///
/// # Errors
/// `PERMISSION_DENIED` for those to all citizens, unless an operator or another system asks, for those to a unit that is not the
/// caller's, and for those to operators, unless one asks; `INVALID_ARGUMENT` for a page token that is none.
pub(crate) async fn list_messages(db: &Database, caller: &Caller, query: Query) -> Result<Page, Failure> {
    check(caller, query.mailbox)?;
    let place = match query.page_token.as_str() {
        "" => None,
        token => Some(read(token).ok_or_else(|| {
            Rejection::invalid("MALFORMED_PAGE_TOKEN", "page_token", "expected the token of the page before")
        })?),
    };
    // One more than asked for shows whether there is another page.
    let mut messages = match query.newest_first {
        false => mailbox::list(db.read(), query.mailbox, place, query.limit + 1).await?,
        true => mailbox::list_back(db.read(), query.mailbox, place, query.limit + 1).await?,
    };
    let total = mailbox::count(db.read(), query.mailbox).await?;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let more = messages.len() > limit;
    messages.truncate(limit);
    let next_page_token = messages.last().filter(|_| more).map(|last| write(Cursor::of(last)));
    Ok(Page { messages, next_page_token: next_page_token.unwrap_or_default(), total })
}

/// That somebody may read a mailbox.
///
/// # Errors
/// `PERMISSION_DENIED` as [`list_messages`].
pub(crate) fn check(caller: &Caller, mailbox: Mailbox) -> Result<(), Rejection> {
    match mailbox {
        Mailbox::Citizens if !matches!(caller.role, Role::Operator | Role::System) => {
            let message = "only operators list all messages; name an application";
            Err(Rejection::new(Kind::Forbidden, "APPLICATION_NEEDED", message))
        }
        Mailbox::Unit(unit) if !may_read(caller, unit) => Err(of_another_unit()),
        Mailbox::Operators if caller.role != Role::Operator => Err(for_operators()),
        Mailbox::Citizens | Mailbox::Application(_) | Mailbox::Unit(_) | Mailbox::Operators => Ok(()),
    }
}

/// What a unit is told is for that unit.
pub(crate) fn of_another_unit() -> Rejection {
    Rejection::new(Kind::Forbidden, "OTHER_UNIT", "the messages of another unit")
}

/// What those who run the installation are told is for them.
pub(crate) fn for_operators() -> Rejection {
    Rejection::new(Kind::Forbidden, "FOR_OPERATORS", "this is for those who run the installation")
}

/// Whoever belongs to a unit reads what that one is told; supervisors of the province and operators read all.
pub(crate) fn may_read(caller: &Caller, unit: UnitId) -> bool {
    match (caller.role, caller.unit) {
        (Role::Officer, own) => own == Some(unit),
        (Role::Supervisor, Some(own)) => own == unit,
        (_, _) => true,
    }
}

/// A cursor as a token: microseconds, stage and id, in hexadecimal digits.
fn write(cursor: Cursor) -> String {
    format!("{:016x}{:02x}{}", cursor.occurred_at.as_microsecond(), cursor.stage, cursor.id.simple())
}

fn read(token: &str) -> Option<Cursor> {
    if token.len() != 50 || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let micros = u64::from_str_radix(&token[..16], 16).ok()?.cast_signed();
    Some(Cursor {
        occurred_at: Timestamp::from_microsecond(micros).ok()?,
        stage: u8::from_str_radix(&token[16..18], 16).ok()?,
        id: Uuid::try_parse(&token[18..]).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_go_there_and_back_and_rubbish_is_none() {
        for at in ["2026-11-23T01:00:00.123456Z", "1955-01-01T00:00:00Z"] {
            let cursor = Cursor { occurred_at: at.parse().unwrap(), stage: 3, id: Uuid::from_u128(7) };
            assert_eq!(read(&write(cursor)), Some(cursor));
        }
        for rubbish in ["x", "msg_0", &"f".repeat(49), &"é".repeat(25), &"7".repeat(50)] {
            assert_eq!(read(rubbish), None, "{rubbish}");
        }
    }
}
