//! The faults, by name, and in which form of a house each can happen.

use std::fmt;

use harness::house::{Form, Part};

/// What is done to a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bad {
    Reset,
    Slow,
    BlackHole,
}

/// Which links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Links {
    /// Those of all clients.
    Clients,
    /// One between two services.
    Services,
    /// One from a service to PostgreSQL.
    Postgres,
    /// Routing's to Redis.
    Redis,
}

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// SIGKILL, and started again at once.
    Kill(Part),
    /// SIGSTOP, and SIGCONT after a while.
    Stop(Part),
    /// One of two replicas stands still for longer than any lease, and wakes.
    Oversleep(Part),
    /// Links go bad for a while.
    Link(Bad, Links),
    KillPostgres,
    StopPostgres,
    KillRedis,
    StopRedis,
    /// Redis forgets everything.
    FlushRedis,
    /// A replica of Redis takes over that does not know the last writes.
    FailOverRedis,
    /// Redis comes back with an old dump.
    RollBackRedis,
    /// Notification refuses events of some applications for good.
    Refuse,
    /// Notification is told every batch of events twice.
    Repeat,
}

/// All of them, in the order of the table.
pub(crate) const ALL: &[Fault] = &[
    Fault::Kill(Part::Whole),
    Fault::Kill(Part::Intake),
    Fault::Kill(Part::Routing),
    Fault::Kill(Part::Processing),
    Fault::Kill(Part::Notification),
    Fault::KillPostgres,
    Fault::KillRedis,
    Fault::Stop(Part::Whole),
    Fault::Stop(Part::Intake),
    Fault::Stop(Part::Routing),
    Fault::Stop(Part::Processing),
    Fault::Stop(Part::Notification),
    Fault::StopPostgres,
    Fault::StopRedis,
    Fault::Oversleep(Part::Intake),
    Fault::Oversleep(Part::Routing),
    Fault::Oversleep(Part::Processing),
    Fault::Oversleep(Part::Notification),
    Fault::FlushRedis,
    Fault::FailOverRedis,
    Fault::RollBackRedis,
    Fault::Link(Bad::Reset, Links::Clients),
    Fault::Link(Bad::Slow, Links::Clients),
    Fault::Link(Bad::BlackHole, Links::Clients),
    Fault::Link(Bad::Reset, Links::Services),
    Fault::Link(Bad::Slow, Links::Services),
    Fault::Link(Bad::BlackHole, Links::Services),
    Fault::Link(Bad::Reset, Links::Postgres),
    Fault::Link(Bad::Slow, Links::Postgres),
    Fault::Link(Bad::BlackHole, Links::Postgres),
    Fault::Link(Bad::Reset, Links::Redis),
    Fault::Link(Bad::Slow, Links::Redis),
    Fault::Link(Bad::BlackHole, Links::Redis),
    Fault::Refuse,
    Fault::Repeat,
];

impl Fault {
    /// The fault of this name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        ALL.iter().copied().find(|fault| fault.to_string() == name)
    }

    /// Whether it can happen to a house of this form.
    pub(crate) fn strikes(self, form: Form) -> bool {
        let whole = form == Form::Embedded;
        match self {
            Self::Kill(Part::Whole) | Self::Stop(Part::Whole) => whole,
            Self::Link(_, Links::Clients) => true,
            Self::Kill(_) | Self::Stop(_) | Self::Link(_, Links::Services) | Self::Refuse | Self::Repeat => {
                !whole
            }
            Self::Oversleep(_)
            | Self::KillPostgres
            | Self::StopPostgres
            | Self::KillRedis
            | Self::StopRedis
            | Self::FlushRedis
            | Self::FailOverRedis
            | Self::RollBackRedis
            | Self::Link(_, Links::Postgres | Links::Redis) => form == Form::Cluster,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(part) => write!(f, "kill-{}", part.name()),
            Self::Stop(part) => write!(f, "stop-{}", part.name()),
            Self::Oversleep(part) => write!(f, "oversleep-{}", part.name()),
            Self::Link(bad, links) => {
                let bad = match bad {
                    Bad::Reset => "reset",
                    Bad::Slow => "slow",
                    Bad::BlackHole => "black-hole",
                };
                write!(f, "{bad}-{}", format!("{links:?}").to_lowercase())
            }
            Self::KillPostgres => f.write_str("kill-postgres"),
            Self::StopPostgres => f.write_str("stop-postgres"),
            Self::KillRedis => f.write_str("kill-redis"),
            Self::StopRedis => f.write_str("stop-redis"),
            Self::FlushRedis => f.write_str("flush-redis"),
            Self::FailOverRedis => f.write_str("fail-over-redis"),
            Self::RollBackRedis => f.write_str("roll-back-redis"),
            Self::Refuse => f.write_str("refuse"),
            Self::Repeat => f.write_str("repeat"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_a_name_of_its_own_and_a_form_that_it_strikes() {
        for fault in ALL {
            assert_eq!(Fault::parse(&fault.to_string()), Some(*fault));
            assert!(fault.strikes(Form::Embedded) || fault.strikes(Form::Cluster), "{fault}");
        }
    }
}
