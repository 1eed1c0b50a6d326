//! What a file that is whole really is. It is held against what it was announced as, before anybody may have it.

use imagesize::ImageSize;
use phidia_domain::{
    Kind, Rejection,
    attachment::{Announced, FileType},
};
use phidia_runtime::digest;

use super::{
    pdf::{self, Fault},
    tiff,
};

/// What is allowed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) most_pages: u32,
    pub(super) most_megapixels: u32,
}

/// What was seen of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// Its SHA-256 in lower-case hexadecimal.
    pub(super) sha256: String,
    /// 0: it has no pages, or nobody counted them.
    pub(super) pages: u32,
}

/// Looks at a file.
///
/// # Errors
/// `DIGEST_MISMATCH`, `NOT_WHAT_IT_CLAIMS`, `UNREADABLE_FILE`, `LOCKED_FILE`, `TOO_MANY_PAGES`, `PICTURE_TOO_LARGE`.
pub(super) fn examine(announced: &Announced, bytes: &[u8], limits: Limits) -> Result<Seen, Rejection> {
    let sha256 = digest::sha256(bytes);
    if announced.sha256.as_ref().is_some_and(|told| *told != sha256) {
        let message = "the file has another SHA-256 than was announced; it may be sent again";
        let refusal = Rejection::new(Kind::Invalid, "DIGEST_MISMATCH", message);
        return Err(refusal.violating("sha256", "that of the file").with("sha256", sha256));
    }
    announced.check_found(infer::get(bytes).map(|found| found.mime_type()))?;
    let pages = match announced.file_type {
        FileType::Pdf => pages(bytes, limits.most_pages)?,
        FileType::Jpeg | FileType::Png => {
            let size = imagesize::blob_size(bytes).map_err(|_| unreadable())?;
            check_picture(size, limits.most_megapixels)?;
            0
        }
        FileType::Tiff => tiff_pages(bytes, limits)?,
        FileType::Docx | FileType::Xlsx | FileType::Odt => 0,
    };
    Ok(Seen { sha256, pages })
}

fn pages(bytes: &[u8], most: u32) -> Result<u32, Rejection> {
    pdf::pages(bytes, most).map_err(|fault| match fault {
        Fault::Unreadable => unreadable(),
        Fault::Locked => {
            let message = "the file is locked by a password; send it without one";
            refused("LOCKED_FILE", message)
        }
        Fault::TooMany => too_many_pages(most),
    })
}

/// Each picture of a TIFF is a page, and each has its own size.
fn tiff_pages(bytes: &[u8], limits: Limits) -> Result<u32, Rejection> {
    let mut pages = 0;
    for page in tiff::pages(bytes) {
        check_picture(page.ok_or_else(unreadable)?, limits.most_megapixels)?;
        pages += 1;
        if pages > limits.most_pages {
            return Err(too_many_pages(limits.most_pages));
        }
    }
    if pages == 0 { Err(unreadable()) } else { Ok(pages) }
}

fn too_many_pages(most: u32) -> Rejection {
    let message = format!("the file has more than {most} pages");
    refused("TOO_MANY_PAGES", &message).with("most", most)
}

fn check_picture(ImageSize { width, height }: ImageSize, most: u32) -> Result<(), Rejection> {
    if width == 0 || height == 0 {
        return Err(unreadable());
    }
    let dots = u64::try_from(width).unwrap_or(u64::MAX).saturating_mul(height.try_into().unwrap_or(u64::MAX));
    if dots <= u64::from(most) * 1_000_000 {
        return Ok(());
    }
    let message = format!("the picture has more than {most} million dots");
    Err(refused("PICTURE_TOO_LARGE", &message).with("most", most))
}

fn unreadable() -> Rejection {
    refused("UNREADABLE_FILE", "the file is broken and cannot be read")
}

/// What came is at fault.
fn refused(reason: &str, message: &str) -> Rejection {
    Rejection::new(Kind::Invalid, reason, message).violating("chunk", message)
}

#[cfg(test)]
mod tests {
    use super::{super::tiff::tests::tiff, *};

    const LIMITS: Limits = Limits { most_pages: 3, most_megapixels: 1 };

    fn announced(file_type: FileType) -> Announced {
        Announced { file_name: "a".into(), file_type, size: 1, sha256: None }
    }

    fn reason(file_type: FileType, bytes: &[u8]) -> String {
        examine(&announced(file_type), bytes, LIMITS).unwrap_err().reason
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        png.extend(width.to_be_bytes());
        png.extend(height.to_be_bytes());
        png.extend([8, 2, 0, 0, 0]);
        png
    }

    #[test]
    fn a_file_is_what_its_bytes_say() {
        let exe = [b"MZ".as_slice(), &[0; 200]].concat();
        for (claimed, bytes) in [
            (FileType::Pdf, &exe[..]),
            (FileType::Pdf, &png(1, 1)),
            (FileType::Jpeg, &png(1, 1)),
            (FileType::Pdf, b""),
        ] {
            assert_eq!(reason(claimed, bytes), "NOT_WHAT_IT_CLAIMS");
        }
        let seen = examine(&announced(FileType::Png), &png(1_000, 1_000), LIMITS).unwrap();
        assert_eq!(seen, Seen { sha256: digest::sha256(&png(1_000, 1_000)), pages: 0 });
        assert_eq!(reason(FileType::Png, &png(1_001, 1_000)), "PICTURE_TOO_LARGE");
        assert_eq!(reason(FileType::Png, &png(0, 1_000)), "UNREADABLE_FILE");
        assert_eq!(reason(FileType::Png, &png(1, 1)[..9]), "UNREADABLE_FILE");
        assert_eq!(reason(FileType::Pdf, b"%PDF-1.7\nnothing else"), "UNREADABLE_FILE");
    }

    #[test]
    fn each_picture_of_a_tiff_is_a_page_and_none_is_too_large() {
        let seen = |sizes: &[(u16, u32)]| {
            examine(&announced(FileType::Tiff), &tiff(sizes, false), LIMITS).map(|seen| seen.pages)
        };
        assert_eq!(seen(&[(1_000, 1_000); 3]), Ok(3));
        assert_eq!(seen(&[(10, 10); 4]).unwrap_err().reason, "TOO_MANY_PAGES");
        assert_eq!(seen(&[(10, 10), (1_001, 1_000)]).unwrap_err().reason, "PICTURE_TOO_LARGE");
        assert_eq!(seen(&[(10, 10), (0, 10)]).unwrap_err().reason, "UNREADABLE_FILE");
    }

    #[test]
    fn another_sha256_than_was_announced_is_refused() {
        let announced = Announced { sha256: Some("0".repeat(64)), ..announced(FileType::Png) };
        assert_eq!(examine(&announced, &png(1, 1), LIMITS).unwrap_err().reason, "DIGEST_MISMATCH");
    }
}
