//! People in front of a browser: a real Chromium, driven by the W3C's WebDriver protocol (`chromium` and `chromium-driver`, which `tests/run`
//! installs). They find things by what they see, and what is wrong with a page in front of them is said in words.
//!
//! ```text
//!   Person --page.rs, what people do--+
//!          --look.rs, what is judged--+--> driver.rs --HTTP--> chromedriver --> chromium
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

mod driver;
mod look;
mod page;

use std::sync::Arc;

use serde_json::json;
use tokio::sync::{Semaphore, SemaphorePermit};

pub use self::{
    look::{Reader, Traffic},
    page::{Paper, lay_out_gallery},
};

use self::{driver::Driver, look::Heard};

/// So many browsers run at once in a process of tests: one takes a core and 300 MB.
const SEATS: u32 = 2;
static FREE_SEATS: Semaphore = Semaphore::const_new(SEATS as usize);

/// What somebody looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// 1366 × 768, as on the desks of a commune.
    #[default]
    Desk,
    /// 360 × 740, touched.
    Phone,
    /// 1366 × 768, and everything twice as large.
    Enlarged,
}

impl Screen {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Desk, Self::Phone, Self::Enlarged];

    /// Its name in names of files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Phone => "phone",
            Self::Enlarged => "enlarged",
        }
    }
}

/// How somebody has set their system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colours {
    /// As most do.
    #[default]
    Light,
    /// Light on dark.
    Dark,
    /// A few strong colours of their own in the place of the page's.
    Forced,
}

impl Colours {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Light, Self::Dark, Self::Forced];

    /// Its name in names of files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Forced => "forced",
        }
    }
}

/// How somebody comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// Whether the pages' own script runs.
    pub script: bool,
    /// What they look at.
    pub screen: Screen,
    /// How their system is set.
    pub colours: Colours,
}

impl Default for Manner {
    fn default() -> Self {
        Self { script: true, screen: Screen::default(), colours: Colours::default() }
    }
}

/// Somebody with a browser of their own, that nobody has used before. It is gone when they are dropped.
pub struct Person {
    driver: Driver,
    /// Where they are: `http://127.0.0.1:…`.
    home: String,
    manner: Manner,
    heard: Heard,
    // Last: the browser is gone when its seat is free.
    _seat: Arc<SemaphorePermit<'static>>,
}

impl Person {
    /// Somebody who will look at what is served at `home` (`http://127.0.0.1:…`); they look at nothing yet. They wait where all seats
    /// are taken.
    pub async fn comes(home: &str, manner: Manner) -> Self {
        let [person] = Self::come(home, [manner]).await;
        person
    }

    /// Several at once. Who needs more than one has to call them together: one who waits for another's seat may wait for ever.
    pub async fn come<const N: usize>(home: &str, manners: [Manner; N]) -> [Self; N] {
        let wanted = u32::try_from(N).unwrap().min(SEATS);
        let seat = Arc::new(FREE_SEATS.acquire_many(wanted).await.unwrap());
        let mut people = Vec::new();
        for manner in manners {
            let driver = Driver::start().await;
            let (home, heard) = (home.to_owned(), Heard::default());
            let person = Self { driver, home, manner, heard, _seat: Arc::clone(&seat) };
            people.push(person.set_up().await);
        }
        people.try_into().unwrap_or_else(|_| unreachable!("as many as were called"))
    }

    /// How they are there now.
    pub fn manner(&self) -> Manner {
        self.manner
    }

    /// They go on at another screen.
    pub async fn takes(&mut self, screen: Screen) {
        self.manner.screen = screen;
        let (width, height, scale) = match screen {
            Screen::Desk => (1366, 768, 1),
            Screen::Phone => (360, 740, 2),
            Screen::Enlarged => (683, 384, 2),
        };
        let is_phone = screen == Screen::Phone;
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": is_phone });
        self.driver.cdp("Emulation.setDeviceMetricsOverride", metrics).await;
        self.driver.cdp("Emulation.setTouchEmulationEnabled", json!({ "enabled": is_phone })).await;
    }

    /// They set their system otherwise.
    pub async fn prefers(&mut self, colours: Colours) {
        self.manner.colours = colours;
        let scheme = if colours == Colours::Dark { "dark" } else { "light" };
        let forced = if colours == Colours::Forced { "active" } else { "none" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "forced-colors", "value": forced },
            // What moves is nowhere twice the same.
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.driver.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    async fn set_up(mut self) -> Self {
        let Manner { script, screen, colours } = self.manner;
        self.takes(screen).await;
        self.prefers(colours).await;
        let switched = json!({ "value": !script });
        self.driver.cdp("Emulation.setScriptExecutionDisabled", switched).await;
        self
    }
}
