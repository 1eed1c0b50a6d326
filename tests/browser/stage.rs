//! A house with its portal, and people in front of it.

use harness::{
    browser::{Colours, Manner, Person, Screen},
    process::Phidia,
    province,
};
use phidia_words::Words;
use tempfile::TempDir;

/// What pages say in Vietnamese: people look for it by these words, so that a sentence may be put better and no story breaks.
pub(crate) const VI: Words = Words::VI;

pub(crate) struct Stage {
    phidia: Phidia,
    /// `http://127.0.0.1:…`
    pub(crate) portal: String,
    folder: TempDir,
}

impl Stage {
    /// With the tiny province.
    pub(crate) fn tiny() -> Self {
        let stage = Self::up(&["--empty"]);
        let folder = stage.folder.path().join("province");
        province::write(&folder, &province::files());
        let arguments = ["province", "import", "--allow-uncovered", folder.to_str().unwrap()];
        let output = stage.phidia.cli(&arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        stage
    }

    /// With the province that comes with the binary: 129 centres, 2,200 procedures as they are.
    pub(crate) fn whole() -> Self {
        Self::up(&[])
    }

    fn up(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let phidia = Phidia::up(&folder.path().join("data"), arguments);
        Self { portal: phidia.portal(), phidia, folder }
    }

    /// Where its services are.
    pub(crate) fn endpoint(&self) -> &str {
        &self.phidia.endpoint
    }

    /// Somebody of the staff, signed in: `duty` and `centre` as they read them.
    pub(crate) async fn staff(&self, manner: Manner, duty: &str, centre: Option<&str>, code: &str) -> Person {
        let mut person = Person::comes(&self.portal, manner).await;
        person.opens("/dang-nhap").await;
        person.clicks(duty).await;
        if let Some(centre) = centre {
            person.picks(VI.web_your_centre(), centre).await;
        }
        person.fills(VI.web_your_code(), code).await;
        person.clicks(VI.web_sign_in()).await;
        person.sees(VI.web_sign_out()).await;
        person
    }

    /// Somebody in front of the first page.
    pub(crate) async fn visitor(&self, manner: Manner) -> Person {
        let mut person = Person::comes(&self.portal, manner).await;
        person.opens("/").await;
        person
    }
}

/// With script and without.
pub(crate) const BOTH: [Manner; 2] = [
    Manner { script: true, screen: Screen::Desk, colours: Colours::Light },
    Manner { script: false, screen: Screen::Desk, colours: Colours::Light },
];
