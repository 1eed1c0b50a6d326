//! Files that belong to applications: which are taken, what they claim to be, and when they can be attached.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    application::check_text,
    id::ApplicationId,
    rejection::{Kind, Rejection},
};

/// So many characters at most a file's name has.
const LONGEST_NAME: usize = 255;

/// A type of file that can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileType {
    /// Portable Document Format (ISO 32000).
    Pdf,
    /// A photograph.
    Jpeg,
    /// A picture without loss.
    Png,
    /// What scanners write.
    Tiff,
    /// A text of Office Open XML (ISO/IEC 29500).
    Docx,
    /// A spreadsheet of Office Open XML.
    Xlsx,
    /// A text of OpenDocument (ISO/IEC 26300).
    Odt,
}

impl FileType {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Pdf, Self::Jpeg, Self::Png, Self::Tiff, Self::Docx, Self::Xlsx, Self::Odt];

    /// Its media type, as IANA has registered it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Tiff => "image/tiff",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Odt => "application/vnd.oasis.opendocument.text",
        }
    }

    /// What the names of such files end with, the usual ending first.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Tiff => &["tif", "tiff"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Odt => &["odt"],
        }
    }

    /// The type with this media type.
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.media_type() == media_type)
    }

    /// The type whose files are named so.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        Self::ALL
            .into_iter()
            .find(|kind| kind.endings().iter().any(|known| ending.eq_ignore_ascii_case(known)))
    }
}

impl fmt::Display for FileType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.media_type())
    }
}

/// What is taken.
#[derive(Clone, Copy, Debug)]
pub struct Taken<'t> {
    /// Files of these types …
    pub types: &'t [FileType],
    /// … of so many bytes at most.
    pub most_bytes: u64,
}

/// A file as it is announced. No `Debug`: its name may be somebody's.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Announced {
    /// Its name, without folders.
    pub file_name: String,
    /// What it claims to be.
    pub file_type: FileType,
    /// How long it is, in bytes.
    pub size: u64,
    /// Its SHA-256 in lower-case hexadecimal, where it is told.
    pub sha256: Option<String>,
}

impl Announced {
    /// A file as it is announced, if files such as this are taken.
    ///
    /// # Errors
    /// Violations of `file_name`, `media_type`, `size_bytes` and `sha256`.
    pub fn check(
        file_name: &str,
        media_type: &str,
        size: i64,
        sha256: &str,
        taken: Taken<'_>,
    ) -> Result<Self, Rejection> {
        check_text("file_name", file_name, 1, LONGEST_NAME)?;
        if file_name.contains(['/', '\\']) {
            return Err(Rejection::invalid("MALFORMED_FILE_NAME", "file_name", "a name without its folders"));
        }
        let file_type = FileType::of_media_type(media_type).filter(|known| taken.types.contains(known));
        let Some(file_type) = file_type else {
            let types: Vec<_> = taken.types.iter().map(|known| known.media_type()).collect();
            let types = types.join(", ");
            let expected = format!("one of {types}");
            return Err(
                Rejection::invalid("MEDIA_TYPE_NOT_TAKEN", "media_type", expected).with("taken", types)
            );
        };
        if FileType::of_name(file_name) != Some(file_type) {
            let expected = format!("a name that ends in .{}", file_type.endings().join(" or ."));
            return Err(Rejection::invalid("NAME_OF_ANOTHER_TYPE", "file_name", expected));
        }
        let size = match u64::try_from(size) {
            Ok(0) | Err(_) => {
                return Err(Rejection::invalid(
                    "MISSING_FIELD",
                    "size_bytes",
                    "is required, and more than 0",
                ));
            }
            Ok(size) if size > taken.most_bytes => {
                let most = taken.most_bytes;
                let expected = format!("at most {most} bytes");
                return Err(Rejection::invalid("TOO_LARGE", "size_bytes", expected).with("most", most));
            }
            Ok(size) => size,
        };
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let sha256 = Some(sha256).filter(|digest| !digest.is_empty());
        if sha256.is_some_and(|digest| digest.len() != 64 || !digest.bytes().all(is_digit)) {
            let expected = "64 lower-case hexadecimal digits, or nothing";
            return Err(Rejection::invalid("MALFORMED_DIGEST", "sha256", expected));
        }
        let sha256 = sha256.map(str::to_owned);
        Ok(Self { file_name: file_name.to_owned(), file_type, size, sha256 })
    }

    /// Refuses a file that is something else than it claims. `found`: the media type that its bytes tell; none: nothing that is known.
    ///
    /// # Errors
    /// `NOT_WHAT_IT_CLAIMS`, naming both.
    pub fn check_found(&self, found: Option<&str>) -> Result<(), Rejection> {
        let claimed = self.file_type.media_type();
        if found == Some(claimed) {
            return Ok(());
        }
        let found = found.unwrap_or("application/octet-stream");
        let message = format!("the file claims to be {claimed}, and is {found}");
        let refusal = Rejection::new(Kind::Invalid, "NOT_WHAT_IT_CLAIMS", message);
        let expected = format!("a file that is {claimed}");
        Err(refusal.violating("media_type", expected).with("claimed", claimed).with("found", found))
    }
}

/// How far an attachment has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not all of it is there.
    Uploading,
    /// All of it is there, and was not looked at by the scanner yet.
    Scanning,
    /// It may be given out.
    Clean,
    /// The scanner found something.
    Quarantined,
}

impl State {
    /// Whether it may be given out.
    ///
    /// # Errors
    /// `NOT_UPLOADED_YET`, `NOT_SCANNED_YET`, `QUARANTINED`.
    pub fn check_download(self) -> Result<(), Rejection> {
        match self {
            Self::Clean => Ok(()),
            Self::Scanning => {
                let message = "the file was not looked at for viruses yet; try again in a while";
                Err(Rejection::new(Kind::Precondition, "NOT_SCANNED_YET", message))
            }
            Self::Uploading => Err(not_uploaded()),
            Self::Quarantined => Err(quarantined()),
        }
    }

    /// Whether it can be attached to an application, being attached to `attached_to` by now. What waits for the scanner can: a citizen
    /// does not miss a deadline because it is away. Attached again to the same application, nothing changes, whatever was found since.
    ///
    /// # Errors
    /// `ATTACHED_ELSEWHERE`, `NOT_UPLOADED_YET`, `QUARANTINED`.
    pub fn check_attach(
        self,
        attached_to: Option<ApplicationId>,
        application: ApplicationId,
    ) -> Result<(), Rejection> {
        match attached_to {
            Some(known) if known == application => return Ok(()),
            Some(_) => {
                let message = "the file is attached to another application";
                return Err(Rejection::new(Kind::Precondition, "ATTACHED_ELSEWHERE", message));
            }
            None => {}
        }
        match self {
            Self::Scanning | Self::Clean => Ok(()),
            Self::Uploading => Err(not_uploaded()),
            Self::Quarantined => Err(quarantined()),
        }
    }
}

fn not_uploaded() -> Rejection {
    Rejection::new(Kind::Precondition, "NOT_UPLOADED_YET", "not all of the file was uploaded yet")
}

fn quarantined() -> Rejection {
    Rejection::new(Kind::Precondition, "QUARANTINED", "the virus scanner found something in the file")
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;
    use crate::id::Id as _;

    const TAKEN: Taken<'_> = Taken { types: &[FileType::Pdf, FileType::Jpeg], most_bytes: 1_000 };

    fn refused(name: &str, media_type: &str, size: i64, sha256: &str) -> (String, String) {
        let refusal = Announced::check(name, media_type, size, sha256, TAKEN).err().unwrap();
        (refusal.violations[0].field.clone(), refusal.reason)
    }

    #[test]
    fn what_is_announced_is_checked_before_any_of_it_is_sent() {
        let taken = Announced::check("Giấy khai sinh.PDF", "application/pdf", 1_000, "", TAKEN).ok().unwrap();
        assert_eq!((taken.file_type, taken.size, taken.sha256), (FileType::Pdf, 1_000, None));
        let pdf = "application/pdf";
        for (name, media_type, size, sha256, field, reason) in [
            ("", pdf, 1, "", "file_name", "MISSING_FIELD"),
            ("a/b.pdf", pdf, 1, "", "file_name", "MALFORMED_FILE_NAME"),
            ("a.exe", pdf, 1, "", "file_name", "NAME_OF_ANOTHER_TYPE"),
            ("pdf", pdf, 1, "", "file_name", "NAME_OF_ANOTHER_TYPE"),
            ("a.jpg", pdf, 1, "", "file_name", "NAME_OF_ANOTHER_TYPE"),
            ("a.png", "image/png", 1, "", "media_type", "MEDIA_TYPE_NOT_TAKEN"),
            ("a.pdf", pdf, 0, "", "size_bytes", "MISSING_FIELD"),
            ("a.pdf", pdf, -1, "", "size_bytes", "MISSING_FIELD"),
            ("a.pdf", pdf, 1_001, "", "size_bytes", "TOO_LARGE"),
            ("a.pdf", pdf, 1, "AB", "sha256", "MALFORMED_DIGEST"),
            ("a.pdf", pdf, 1, &"A".repeat(64), "sha256", "MALFORMED_DIGEST"),
        ] {
            assert_eq!(
                refused(name, media_type, size, sha256),
                (field.to_owned(), reason.to_owned()),
                "{name}"
            );
        }
    }

    #[test]
    fn a_file_is_what_it_claims_or_both_are_named() {
        let pdf = Announced::check("a.pdf", "application/pdf", 5, "", TAKEN).ok().unwrap();
        assert_eq!(pdf.check_found(Some("application/pdf")), Ok(()));
        let exe = pdf.check_found(Some("application/vnd.microsoft.portable-executable")).unwrap_err();
        let told = |key: &str| exe.metadata.iter().find(|(known, _)| known == key).unwrap().1.as_str();
        assert_eq!(told("claimed"), "application/pdf");
        assert_eq!(told("found"), "application/vnd.microsoft.portable-executable");
        assert!(pdf.check_found(None).is_err());
    }

    proptest! {
        /// An attachment goes to one application, and to it as often as one likes; nothing that is unfinished or infected is attached.
        #[test]
        fn it_is_attached_to_one_application(
            state in select(vec![State::Uploading, State::Scanning, State::Clean, State::Quarantined]),
            known in proptest::option::of(0..2u128),
            wanted in 0..2u128,
        ) {
            let id = |number| ApplicationId::from_uuid(uuid::Uuid::from_u128(number));
            let answer = state.check_attach(known.map(id), id(wanted));
            let free = known.is_none() && matches!(state, State::Scanning | State::Clean);
            prop_assert_eq!(answer.is_ok(), known == Some(wanted) || free);
            // Nothing is given out that was not found clean.
            prop_assert_eq!(state.check_download().is_ok(), state == State::Clean);
        }
    }
}
