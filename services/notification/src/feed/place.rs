//! Where a reader of the feed is.

use phidia_domain::Rejection;
use uuid::Uuid;

/// A place in a feed: its reader has been told everything up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Which feed: when a backup is brought back, positions are given again to other events.
    pub(crate) epoch: Uuid,
    pub(crate) position: i64,
}

impl Place {
    /// As it is given to a reader, who gives it back.
    pub(crate) fn token(self) -> String {
        let text = format!("{}{:x}", self.epoch.simple(), self.position);
        format!("{text}{:08x}", checksum(&text))
    }

    /// The place that a token stands for.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` where it was not given.
    pub(crate) fn of(token: &str) -> Result<Self, Rejection> {
        read(token).ok_or_else(|| {
            Rejection::invalid("MALFORMED_RESUME_TOKEN", "resume_token", "not one that was given")
        })
    }
}

fn read(token: &str) -> Option<Place> {
    let (text, _) = token.split_at_checked(token.len().checked_sub(8)?)?;
    let (epoch, position) = text.split_at_checked(32)?;
    let place = Place {
        epoch: Uuid::try_parse(epoch).ok()?,
        position: i64::from_str_radix(position, 16).ok().filter(|position| *position >= 0)?,
    };
    // Written anew it must be the same: there is one token for each place.
    (place.token() == token).then_some(place)
}

/// FNV-1a: it keeps mistakes out, not attackers; a place tells nothing that the feed does not.
fn checksum(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_there_and_back_and_rubbish_is_refused() {
        for position in [0, 17, i64::MAX] {
            let place = Place { epoch: Uuid::from_u128(7), position };
            assert_eq!(Place::of(&place.token()).unwrap(), place);
        }
        let token = Place { epoch: Uuid::from_u128(7), position: 255 }.token();
        let other = token.replacen("ff", "fe", 1);
        for rubbish in ["", "x", "17", &token.to_uppercase(), &token[1..], &other, &"é".repeat(30)] {
            assert_eq!(Place::of(rubbish).unwrap_err().reason, "MALFORMED_RESUME_TOKEN", "{rubbish}");
        }
    }
}
