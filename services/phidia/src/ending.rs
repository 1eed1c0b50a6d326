//! How the process ends, for whoever called it: a script tells by the code what to do next, without reading a sentence.

use std::process::ExitCode;

use anyhow::Error;
use phidia_domain::Kind;
use phidia_words::Words;

use crate::refusal;

/// How a verb ended. Its number is the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Ending {
    /// It is done, and what was asked for holds.
    Done = 0,
    /// A fault of ours, or of this machine: a file, the terminal.
    Fault = 1,
    /// The command line was not understood. clap's own code.
    Misunderstood = 2,
    /// Refused: what was said is wrong, whatever the state.
    Wrong = 3,
    /// The caller is not known, or may not.
    NotAllowed = 4,
    /// There is no such thing.
    NotFound = 5,
    /// Refused by how things stand: whoever looks again may find another way.
    StandsAgainst = 6,
    /// Nobody is there, or there is too much to do: the same command may be given again later.
    Away = 7,
    /// It was answered, and the answer is no: the sum does not add up, a check found faults, some of many were refused, something is left.
    DoesNotHold = 8,
}

impl Ending {
    const ALL: [Self; 9] = [
        Self::Done,
        Self::Fault,
        Self::Misunderstood,
        Self::Wrong,
        Self::NotAllowed,
        Self::NotFound,
        Self::StandsAgainst,
        Self::Away,
        Self::DoesNotHold,
    ];

    /// Of whoever asks whether something holds.
    pub(crate) fn of(holds: bool) -> Self {
        if holds { Self::Done } else { Self::DoesNotHold }
    }

    /// Of a check: what it finds wrong is told as a refusal would be, and is an answer.
    ///
    /// # Errors
    /// Where nothing was found out.
    pub(crate) fn of_check(checked: Result<(), Error>, speech: Words) -> Result<Self, Error> {
        match checked {
            Err(fault) if matches!(Self::of_error(&fault), Self::Wrong | Self::StandsAgainst) => {
                refusal::tell(&fault, speech);
                Ok(Self::DoesNotHold)
            }
            checked => checked.map(|()| Self::Done),
        }
    }

    /// Of what failed.
    pub(crate) fn of_error(error: &Error) -> Self {
        let Some(refusal) = error.chain().find_map(refusal::of) else { return Self::Fault };
        match refusal.kind {
            Kind::Invalid | Kind::OutOfRange => Self::Wrong,
            Kind::Unauthenticated | Kind::Forbidden => Self::NotAllowed,
            Kind::NotFound => Self::NotFound,
            Kind::Precondition | Kind::Conflict | Kind::AlreadyExists => Self::StandsAgainst,
            Kind::Unavailable | Kind::Exhausted | Kind::Deadline => Self::Away,
            Kind::Internal => Self::Fault,
        }
    }

    fn meaning(self, speech: Words) -> &'static str {
        match self {
            Self::Done => speech.ending_done(),
            Self::Fault => speech.ending_fault(),
            Self::Misunderstood => speech.ending_misunderstood(),
            Self::Wrong => speech.ending_wrong(),
            Self::NotAllowed => speech.ending_not_allowed(),
            Self::NotFound => speech.ending_not_found(),
            Self::StandsAgainst => speech.ending_stands_against(),
            Self::Away => speech.ending_away(),
            Self::DoesNotHold => speech.ending_does_not_hold(),
        }
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(ending as u8)
    }
}

/// Each code and what it means, a line each.
pub(crate) fn table(speech: Words) -> String {
    let own = Ending::ALL.map(|ending| (ending as u8, ending.meaning(speech)));
    // Of the shell: 128 and the number of the signal.
    let all = own.into_iter().chain([(130, speech.ending_interrupted())]);
    all.map(|(code, meaning)| format!("{code:>3}  {meaning}\n")).collect()
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;
    use phidia_domain::Rejection;
    use phidia_runtime::status;

    use super::*;

    #[test]
    fn each_code_is_told_once_and_readme_says_the_same() {
        assert!(Ending::ALL.iter().enumerate().all(|(code, ending)| *ending as usize == code));
        let readme = include_str!("../../../README.md");
        for line in table(Words::EN).lines() {
            let (code, meaning) = line.trim().split_once("  ").unwrap();
            assert!(
                readme.contains(&format!("| {code} | {meaning} |")),
                "README lacks: | {code} | {meaning} |"
            );
        }
    }

    #[test]
    fn what_a_server_and_what_this_machine_refuses_ends_alike_however_deep_it_lies() {
        let here = Error::from(Rejection::new(Kind::NotFound, "UNKNOWN_UNIT", "no such unit"));
        let there =
            Error::from(status::to_status(&Rejection::new(Kind::NotFound, "UNKNOWN_UNIT", "no such unit")));
        for error in [here, there] {
            assert_eq!(Ending::of_error(&error), Ending::NotFound);
            assert_eq!(Ending::of_error(&error.context("units.csv")), Ending::NotFound);
        }
        let away = Rejection::new(Kind::Unavailable, "AWAY", "away");
        assert_eq!(Ending::of_error(&Error::from(status::to_status(&away))), Ending::Away);
        let file = std::fs::read("/nowhere").context("it can't be read").unwrap_err();
        assert_eq!(Ending::of_error(&file), Ending::Fault);
    }
}
