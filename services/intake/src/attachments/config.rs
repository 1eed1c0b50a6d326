//! What an operator may set about attachments.

use std::{collections::BTreeMap, path::PathBuf};

use phidia_domain::{
    Rejection,
    attachment::{FileType, Taken},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// The most that a file may be allowed to have: each is held in memory once, while it is looked at.
const MOST_BYTES: u64 = 200_000_000;

/// The settings of attachments.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where contents are kept: a folder, or `s3://bucket/prefix`. Empty: `attachments` in the data folder. A folder is for one machine: the
    /// replicas of a cluster have to share the store.
    pub store: String,
    /// How the bucket is reached.
    pub s3: S3Config,
    /// Which types of files are taken: `pdf`, `jpeg`, `png`, `tiff`, `docx`, `xlsx`, `odt`.
    pub types: Vec<FileType>,
    /// So many bytes a file has at most.
    pub most_bytes: u64,
    /// So many pages a PDF has at most.
    pub most_pages: u32,
    /// So many millions of dots a picture has at most.
    pub most_megapixels: u32,
    /// The virus scanner, by ClamAV's protocol: `tcp://host:3310` or `unix:/run/clamav/clamd.ctl`; none: nothing is scanned.
    pub scanner: Option<String>,
    /// So many uploads that are not whole a caller has at most.
    pub most_unfinished: u32,
    /// So many files that belong to no application a caller has at most …
    pub most_unclaimed: u32,
    /// … and so many bytes.
    pub most_unclaimed_bytes: u64,
    /// So many streams send at once at most, to each replica …
    pub most_streams: u32,
    /// … and of these so many of one caller.
    pub most_streams_of_one: u32,
    /// A stream that sends nothing for so many seconds is ended.
    pub silence_seconds: u32,
    /// What is not whole is deleted so many hours after it was announced.
    pub unfinished_hours: u32,
    /// What belongs to no application is deleted so many days after it was announced.
    pub unclaimed_days: u32,
    /// When the attachments of an application are deleted.
    pub retention: Retention,
}

/// How a bucket is reached.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct S3Config {
    /// `https://host:port`, or `http://` where the network is trusted: what is sent is sealed, and the key is not sent. Empty: Amazon's.
    pub endpoint: String,
    /// Its region.
    pub region: String,
    /// Who we are.
    pub access_key_id: String,
    /// How we prove it.
    #[serde(skip_serializing)]
    pub secret_access_key: Option<SecretString>,
    /// The certificate of the authority that vouches for it, as PEM; none: those that browsers know.
    pub authority: Option<PathBuf>,
}

/// For how many days after the end of an application its attachments are kept. No law that we know of says it; by default they are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Of all others; none: for good.
    pub days: Option<u32>,
    /// By field of procedures, in Vietnamese.
    pub fields: BTreeMap<String, u32>,
    /// By code of the procedure; this goes before its field.
    pub procedures: BTreeMap<String, u32>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            store: String::new(),
            s3: S3Config::default(),
            types: vec![FileType::Pdf, FileType::Jpeg, FileType::Png, FileType::Tiff],
            most_bytes: 20_000_000,
            most_pages: 500,
            most_megapixels: 200,
            scanner: None,
            most_unfinished: 20,
            most_unclaimed: 1_000,
            most_unclaimed_bytes: 1_000_000_000,
            most_streams: 64,
            most_streams_of_one: 8,
            silence_seconds: 30,
            unfinished_hours: 24,
            unclaimed_days: 7,
            retention: Retention::default(),
        }
    }
}

impl Config {
    /// Refuses settings that cannot work.
    pub(crate) fn validate(&self) -> Result<(), Rejection> {
        let settings = [
            ("attachments.store", !self.store.is_empty(), "a folder, or s3://bucket/prefix"),
            ("attachments.types", !self.types.is_empty(), "at least one"),
            (
                "attachments.most_bytes",
                (1..=MOST_BYTES).contains(&self.most_bytes),
                "from 1 to 200000000: a file is held in memory while it is looked at",
            ),
            ("attachments.most_pages", self.most_pages > 0, "at least 1"),
            ("attachments.most_megapixels", self.most_megapixels > 0, "at least 1"),
            ("attachments.most_unfinished", self.most_unfinished > 0, "at least 1"),
            ("attachments.most_unclaimed", self.most_unclaimed > 0, "at least 1"),
            (
                "attachments.most_unclaimed_bytes",
                self.most_unclaimed_bytes >= self.most_bytes,
                "as much as one file may have, at least",
            ),
            ("attachments.most_streams", self.most_streams > 0, "at least 1"),
            ("attachments.most_streams_of_one", self.most_streams_of_one > 0, "at least 1"),
            ("attachments.silence_seconds", self.silence_seconds > 0, "at least 1"),
            ("attachments.unfinished_hours", (1..=8_760).contains(&self.unfinished_hours), "from 1 to 8760"),
            ("attachments.unclaimed_days", (1..=3_650).contains(&self.unclaimed_days), "from 1 to 3650"),
        ];
        match settings.into_iter().find(|(_, valid, _)| !valid) {
            Some((setting, _, expected)) => Err(Rejection::invalid("MALFORMED_CONFIG", setting, expected)),
            None => Ok(()),
        }
    }

    /// What is taken.
    pub(super) fn taken(&self) -> Taken<'_> {
        Taken { types: &self.types, most_bytes: self.most_bytes }
    }
}

impl Retention {
    /// For how many days the attachments of such an application are kept after its end; none: for good.
    pub(super) fn days_of(&self, procedure_code: &str, field: Option<&str>) -> Option<u32> {
        let by_field = || field.and_then(|field| self.fields.get(field));
        self.procedures.get(procedure_code).or_else(by_field).copied().or(self.days)
    }

    /// The shortest of all rules; none: there is none.
    pub(super) fn shortest(&self) -> Option<u32> {
        self.procedures.values().chain(self.fields.values()).copied().chain(self.days).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_rule_says_how_long_attachments_are_kept() {
        let rules = Retention {
            days: None,
            fields: [("Đất đai".to_owned(), 3_650)].into(),
            procedures: [("1.1".to_owned(), 30)].into(),
        };
        assert_eq!(rules.days_of("1.1", Some("Đất đai")), Some(30));
        assert_eq!(rules.days_of("1.2", Some("Đất đai")), Some(3_650));
        assert_eq!(rules.days_of("1.2", Some("Hộ tịch")), None);
        assert_eq!(Retention { days: Some(7), ..rules.clone() }.days_of("1.2", None), Some(7));
        assert_eq!((rules.shortest(), Retention::default().shortest()), (Some(30), None));
    }

    #[test]
    fn defaults_work_once_there_is_a_place() {
        let config = Config { store: "x".into(), ..Config::default() };
        assert_eq!(config.validate(), Ok(()));
        let refused = Config { most_bytes: 0, ..config }.validate().unwrap_err();
        assert_eq!(refused.violations[0].field, "attachments.most_bytes");
        assert_eq!(Config::default().validate().unwrap_err().violations[0].field, "attachments.store");
    }
}
