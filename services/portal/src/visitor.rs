//! Who is before the browser.

use std::{convert::Infallible, sync::Arc};

use axum::extract::FromRequestParts;
use http::request::Parts;
use jiff::{Timestamp, tz::TimeZone};
use phidia_domain::{
    application::Language,
    caller::{Caller, Role},
    id::{OfficerId, UnitId},
};
use phidia_proto::types::v1::Text;
use phidia_words::Words;
use serde::{Deserialize, Serialize};

use crate::{Portal, services::Province, trouble::Trouble};

/// Somebody, and how they want to read.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) words: Words,
    pub(crate) theme: Theme,
    pub(crate) who: Who,
    /// The province, where its services answer.
    pub(crate) province: Option<Arc<Province>>,
    /// What they look at: path and query.
    pub(crate) at: String,
}

#[derive(Clone, Debug)]
pub(crate) enum Who {
    /// Anybody; known again by this name, which is made by chance.
    Citizen { name: String },
    /// Who has signed in.
    Staff(Staff),
}

/// Somebody who has signed in, as the browser keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Staff {
    /// Of this session, and no other.
    pub(crate) session: String,
    pub(crate) duty: Duty,
    /// The province's code.
    pub(crate) province: String,
    /// The code of their unit; empty: they are of the province.
    pub(crate) unit: String,
    pub(crate) unit_vi: String,
    pub(crate) unit_en: String,
    /// The code of an officer; what they are called, where they are of the province.
    pub(crate) code: String,
    /// Whole.
    pub(crate) name: String,
    /// When they were last seen, in seconds since 1970.
    pub(crate) seen: i64,
}

impl Staff {
    /// What their unit is called; empty: they are of the province.
    pub(crate) fn unit_name(&self, words: Words) -> &str {
        match words.language() {
            Language::En if !self.unit_en.is_empty() => &self.unit_en,
            Language::En | Language::Vi => &self.unit_vi,
        }
    }
}

/// As what somebody has signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Duty {
    /// At a desk or at a counter.
    Officer,
    /// Who answers for a centre.
    Supervisor,
    /// Who looks after the province.
    Operator,
    /// The screen of a hall, which gives numbers.
    Device,
}

impl Duty {
    pub(crate) const ALL: [Self; 4] = [Self::Officer, Self::Supervisor, Self::Operator, Self::Device];

    /// Its name in forms.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Officer => "officer",
            Self::Supervisor => "supervisor",
            Self::Operator => "operator",
            Self::Device => "device",
        }
    }

    pub(crate) fn role(self) -> Role {
        match self {
            Self::Officer => Role::Officer,
            Self::Supervisor => Role::Supervisor,
            Self::Operator => Role::Operator,
            Self::Device => Role::System,
        }
    }
}

/// Light, dark, or as the system has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// Its name in cookies and in `data-theme`; none: the system's.
    pub(crate) fn key(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }
}

impl Visitor {
    /// Whoever asks in the name of nobody.
    pub(crate) fn nobody() -> Self {
        Self {
            words: Words::VI,
            theme: Theme::System,
            who: Who::Citizen { name: "portal".to_owned() },
            province: None,
            at: String::new(),
        }
    }

    /// As whom the services are called.
    pub(crate) fn caller(&self) -> Caller {
        match &self.who {
            Who::Citizen { name } => {
                Caller { role: Role::Citizen, name: name.clone(), unit: None, officer: None }
            }
            Who::Staff(staff) => {
                let is_of_unit = !staff.unit.is_empty();
                Caller {
                    role: staff.duty.role(),
                    name: staff.code.clone(),
                    unit: is_of_unit.then(|| UnitId::of(&staff.province, &staff.unit)),
                    officer: (is_of_unit && staff.duty != Duty::Device)
                        .then(|| OfficerId::of(&staff.province, &staff.code)),
                }
            }
        }
    }

    /// To whom forms are given: nobody else can send them.
    pub(crate) fn session(&self) -> &str {
        match &self.who {
            Who::Citizen { name } => name,
            Who::Staff(staff) => &staff.session,
        }
    }

    pub(crate) fn staff(&self) -> Option<&Staff> {
        match &self.who {
            Who::Staff(staff) => Some(staff),
            Who::Citizen { .. } => None,
        }
    }

    /// Whether they have signed in as this.
    pub(crate) fn is(&self, duty: Duty) -> bool {
        self.staff().is_some_and(|staff| staff.duty == duty)
    }

    /// What a text says in their language.
    pub(crate) fn text<'t>(&self, text: Option<&'t Text>) -> &'t str {
        let Some(text) = text else { return "" };
        match self.words.language() {
            Language::En if !text.en.is_empty() => &text.en,
            Language::En | Language::Vi => &text.vi,
        }
    }

    /// An instant as in lists; a dash where there is none.
    pub(crate) fn instant(&self, at: Option<&prost_types::Timestamp>) -> String {
        moment(at).map_or_else(|| "–".to_owned(), |at| self.words.instant(at, &self.zone()))
    }

    /// An instant as it is said to somebody; a dash where there is none.
    pub(crate) fn appointment(&self, at: Option<&prost_types::Timestamp>) -> String {
        moment(at).map_or_else(|| "–".to_owned(), |at| self.words.appointment(at, &self.zone()))
    }

    /// In which zone instants are shown.
    pub(crate) fn zone(&self) -> TimeZone {
        self.province.as_ref().map_or(TimeZone::UTC, |province| province.zone.clone())
    }
}

fn moment(at: Option<&prost_types::Timestamp>) -> Option<Timestamp> {
    at.and_then(|at| Timestamp::new(at.seconds, at.nanos).ok())
}

impl FromRequestParts<Portal> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Portal) -> Result<Self, Infallible> {
        // `receive` has put it there.
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(Self::nobody))
    }
}

/// Whoever may come to a page.
pub(crate) trait Admitted: Sized + Send {
    /// The visitor as one of them.
    ///
    /// # Errors
    /// Where they have to sign in first, or signed in as somebody else.
    fn admit(visitor: Visitor) -> Result<Self, Trouble>;
    /// Who they are.
    fn visitor(&self) -> &Visitor;
}

impl Admitted for Visitor {
    fn admit(visitor: Visitor) -> Result<Self, Trouble> {
        Ok(visitor)
    }

    fn visitor(&self) -> &Visitor {
        self
    }
}

macro_rules! admitted {
    ($($(#[$doc:meta])* $name:ident: $($duty:ident)|+;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug)]
            pub(crate) struct $name(Visitor, Staff);

            impl $name {
                /// What they have signed in as.
                #[allow(dead_code, reason = "not every page asks")]
                pub(crate) fn staff(&self) -> &Staff {
                    &self.1
                }
            }

            impl Admitted for $name {
                fn admit(visitor: Visitor) -> Result<Self, Trouble> {
                    match visitor.staff() {
                        Some(staff) if matches!(staff.duty, $(Duty::$duty)|+) => {
                            let staff = staff.clone();
                            Ok(Self(visitor, staff))
                        }
                        Some(_) => Err(Trouble::AnothersPage),
                        None => Err(Trouble::SignIn(None)),
                    }
                }

                fn visitor(&self) -> &Visitor {
                    &self.0
                }
            }

            impl std::ops::Deref for $name {
                type Target = Visitor;

                fn deref(&self) -> &Visitor {
                    &self.0
                }
            }

            impl FromRequestParts<Portal> for $name {
                type Rejection = Trouble;

                async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Trouble> {
                    let Ok(visitor) =
                        <Visitor as FromRequestParts<Portal>>::from_request_parts(parts, portal).await;
                    Self::admit(visitor)
                }
            }
        )+
    };
}

admitted! {
    /// Whoever works at a centre.
    AtCentre: Officer | Supervisor;
    /// Who sits at a counter.
    AtDesk: Officer;
    /// The screen of a hall, and who works there.
    AtHall: Device | Officer | Supervisor;
    /// Whoever answers for a centre.
    Supervising: Supervisor;
    /// Whoever looks after the province.
    Operating: Operator;
    /// Whoever works at a centre, or for the province.
    AtWork: Officer | Supervisor | Operator;
    /// Whoever has signed in.
    SignedIn: Officer | Supervisor | Operator | Device;
}
