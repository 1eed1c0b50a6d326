//! How many pages a TIFF has, and how large each is: its directories are a chain, each with the place of the next (TIFF 6.0, section 2). No
//! picture is unpacked.

use imagesize::ImageSize;

/// Tags of a directory: width and height of its picture, in dots.
const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
/// Types of values: two bytes, and four.
const SHORT: u16 = 3;
const LONG: u16 = 4;
/// So long an entry of a directory is.
const ENTRY: usize = 12;

/// The pages of a file in their order; none in the place of one that cannot be read, after which nothing comes.
pub(super) fn pages(bytes: &[u8]) -> Pages<'_> {
    let big_endian = bytes.starts_with(b"MM\0*");
    let file = File { bytes, big_endian };
    let first = if big_endian || bytes.starts_with(b"II*\0") { file.long(4) } else { None };
    Pages { file, next: first.map_or(Next::Broken, Next::At), before: 0 }
}

/// The pages that come still.
pub(super) struct Pages<'f> {
    file: File<'f>,
    next: Next,
    /// How many there were: a chain that leads back to itself has more of them than fit into the file.
    before: usize,
}

enum Next {
    At(u32),
    Broken,
    Over,
}

#[derive(Clone, Copy)]
struct File<'f> {
    bytes: &'f [u8],
    big_endian: bool,
}

impl Iterator for Pages<'_> {
    type Item = Option<ImageSize>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = match std::mem::replace(&mut self.next, Next::Over) {
            Next::At(0) | Next::Over => return None,
            Next::Broken => return Some(None),
            Next::At(at) => at,
        };
        self.before += 1;
        let Some((size, next)) = self.file.directory(at).filter(|_| self.before <= self.file.most()) else {
            return Some(None);
        };
        self.next = Next::At(next);
        Some(Some(size))
    }
}

impl File<'_> {
    /// No more directories fit into the file.
    fn most(self) -> usize {
        self.bytes.len() / (2 + 2 * ENTRY + 4)
    }

    /// The picture of a directory, and where the next one is; 0: it is the last.
    fn directory(self, at: u32) -> Option<(ImageSize, u32)> {
        let at = usize::try_from(at).ok()?;
        let entries = usize::from(self.short(at)?);
        let (mut width, mut height) = (None, None);
        for entry in 0..entries {
            let entry = at.checked_add(2 + entry * ENTRY)?;
            match self.short(entry)? {
                WIDTH => width = Some(self.number(entry)?),
                HEIGHT => height = Some(self.number(entry)?),
                _ => {}
            }
        }
        let next = self.long(at.checked_add(2 + entries * ENTRY)?)?;
        Some((ImageSize { width: width?, height: height? }, next))
    }

    /// The one number of an entry.
    fn number(self, entry: usize) -> Option<usize> {
        match self.short(entry + 2)? {
            SHORT => self.short(entry + 8).map(usize::from),
            LONG => self.long(entry + 8).and_then(|long| long.try_into().ok()),
            _ => None,
        }
    }

    fn short(self, at: usize) -> Option<u16> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn long(self, at: usize) -> Option<u32> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// A file with pages of these sizes, as a scanner writes it.
    pub(crate) fn tiff(sizes: &[(u16, u32)], big_endian: bool) -> Vec<u8> {
        let short = |number: u16| if big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
        let long = |number: u32| if big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
        let mut file = if big_endian { b"MM\0*".to_vec() } else { b"II*\0".to_vec() };
        file.extend(long(if sizes.is_empty() { 0 } else { 8 }));
        for (page, (width, height)) in sizes.iter().enumerate() {
            file.extend(short(2));
            let width = [&short(WIDTH)[..], &short(SHORT), &long(1), &short(*width), &short(0)].concat();
            let height = [&short(HEIGHT)[..], &short(LONG), &long(1), &long(*height)].concat();
            file.extend([width, height].concat());
            let next = if page + 1 == sizes.len() { 0 } else { file.len() + 4 };
            file.extend(long(next.try_into().unwrap()));
        }
        file
    }

    fn seen(file: &[u8]) -> Vec<Option<(usize, usize)>> {
        pages(file).map(|page| page.map(|size| (size.width, size.height))).collect()
    }

    #[test]
    fn a_file_that_cannot_be_read_to_its_end_is_broken() {
        assert_eq!(seen(b"II*\0\x08\0\0"), [None]);
        assert_eq!(seen(b"II+\0\x08\0\0\0"), [None]);
        let two = tiff(&[(10, 20), (30, 40)], false);
        assert_eq!(seen(&two[..two.len() - 1]), [Some((10, 20)), None]);
        assert!(seen(&tiff(&[], false)).is_empty());
        // A chain that leads back to its beginning ends.
        let mut chain = two.clone();
        let last = chain.len() - 4;
        chain[last..].copy_from_slice(&8_u32.to_le_bytes());
        assert_eq!(seen(&chain), [Some((10, 20)), Some((30, 40)), None]);
    }

    proptest! {
        #[test]
        fn each_directory_is_a_page(sizes in vec((any::<u16>(), any::<u32>()), 0..40), big_endian: bool) {
            let told: Vec<_> =
                sizes.iter().map(|(width, height)| Some((usize::from(*width), *height as usize))).collect();
            prop_assert_eq!(seen(&tiff(&sizes, big_endian)), told);
        }

        #[test]
        fn rubbish_ends(rubbish in vec(any::<u8>(), 0..400)) {
            let file = [b"II*\0", rubbish.as_slice()].concat();
            prop_assert!(seen(&file).len() <= file.len());
        }
    }
}
