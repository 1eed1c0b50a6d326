//! How contents rest: in frames of one length, each sealed for itself, so that a download opens one after the other and holds no more than
//! that. Which frame it is, and whether it is the last, is part of the seal: none can be left out, moved or taken from another file.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream::BoxStream};
use phidia_domain::id::{AttachmentId, ObjectId};
use phidia_runtime::{failure::Failure, seal::FileKey};

/// So many bytes of plain text are in a frame; fewer in the last.
const FRAME: usize = 256 * 1024;

/// The frames of a content, sealed.
pub(super) fn seal(key: &FileKey, content: ObjectId, plain: &[u8]) -> Result<Vec<Bytes>, Failure> {
    let frames = plain.chunks(FRAME).enumerate().map(|(index, frame)| {
        let sealed = key.seal(&frame_context(content, index, frames(plain.len())), frame.to_vec())?;
        Ok(Bytes::from(sealed))
    });
    frames.collect()
}

/// A part of an upload, sealed.
pub(super) fn seal_part(
    key: &FileKey,
    attachment: AttachmentId,
    part: ObjectId,
    plain: Vec<u8>,
) -> Result<Bytes, Failure> {
    Ok(key.seal(&part_context(attachment, part), plain)?.into())
}

/// A part of an upload from under its seal.
pub(super) fn open_part(
    key: &FileKey,
    attachment: AttachmentId,
    part: ObjectId,
    sealed: &[u8],
) -> Result<Vec<u8>, Failure> {
    key.open(&part_context(attachment, part), sealed)
}

fn part_context(attachment: AttachmentId, part: ObjectId) -> String {
    format!("intake.part/{attachment}/{part}")
}

fn frame_context(content: ObjectId, index: usize, of: usize) -> String {
    format!("intake.content/{content}/{index}/{of}")
}

fn frames(size: usize) -> usize {
    size.div_ceil(FRAME)
}

/// The plain text of a content, frame by frame.
pub(crate) struct Opened {
    sealed: BoxStream<'static, Result<Bytes, Failure>>,
    key: FileKey,
    content: ObjectId,
    size: usize,
    next: usize,
    /// What came of the next frame.
    buffer: Vec<u8>,
}

impl Opened {
    /// Opens what comes; the whole is `size` bytes of plain text.
    pub(super) fn new(
        sealed: BoxStream<'static, Result<Bytes, Failure>>,
        key: FileKey,
        content: ObjectId,
        size: usize,
    ) -> Self {
        Self { sealed, key, content, size, next: 0, buffer: Vec::new() }
    }

    /// How long the next frame is under its seal; none: there is no other.
    fn awaited(&self) -> Option<usize> {
        let left = self.size.checked_sub(self.next * FRAME).filter(|left| *left > 0)?;
        Some(left.min(FRAME) + FileKey::OVERHEAD)
    }

    fn open(&mut self, length: usize) -> Result<Vec<u8>, Failure> {
        let rest = self.buffer.split_off(length);
        let frame = std::mem::replace(&mut self.buffer, rest);
        let context = frame_context(self.content, self.next, frames(self.size));
        self.next += 1;
        self.key.open(&context, &frame)
    }
}

impl Stream for Opened {
    type Item = Result<Vec<u8>, Failure>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            let Some(length) = this.awaited() else { return Poll::Ready(None) };
            if this.buffer.len() >= length {
                return Poll::Ready(Some(this.open(length)));
            }
            match std::task::ready!(this.sealed.poll_next_unpin(cx)) {
                Some(Ok(more)) => this.buffer.extend_from_slice(&more),
                Some(Err(failure)) => return Poll::Ready(Some(Err(failure))),
                None => {
                    // Nothing comes after this.
                    this.size = 0;
                    let fault = format!("{} is shorter than its row says", this.content);
                    return Poll::Ready(Some(Err(Failure::broken(fault))));
                }
            }
        }
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("content", &self.content).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures::{TryStreamExt as _, executor::block_on, stream};
    use phidia_domain::id::Id as _;
    use proptest::{collection::vec, prelude::*, sample::Index};
    use uuid::Uuid;

    use super::*;

    fn content(number: u128) -> ObjectId {
        ObjectId::from_uuid(Uuid::from_u128(number))
    }

    fn opened(sealed: Vec<Bytes>, key: FileKey, id: ObjectId, size: usize) -> Result<Vec<u8>, Failure> {
        let sealed = stream::iter(sealed.into_iter().map(Ok)).boxed();
        let frames: Vec<_> = block_on(Opened::new(sealed, key, id, size).try_collect())?;
        Ok(frames.concat())
    }

    fn plain(size: usize) -> Vec<u8> {
        (0..size).map(|place| u8::try_from(place * 31 % 251).unwrap()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// However it comes, in pieces of any length, it is the same again.
        #[test]
        fn what_was_sealed_comes_back_however_it_is_cut(size in 0..3 * FRAME, cuts in vec(any::<Index>(), 0..5)) {
            let (key, plain) = (FileKey::generate(), plain(size));
            let sealed = seal(&key, content(1), &plain).unwrap().concat();
            prop_assert_eq!(sealed.len(), size + frames(size) * FileKey::OVERHEAD);
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(sealed.len() + 1)).collect();
            cuts.sort_unstable();
            let ends = cuts.iter().copied().chain([sealed.len()]);
            let starts = [0].into_iter().chain(cuts.iter().copied());
            let pieces = starts.zip(ends).map(|(start, end)| Bytes::copy_from_slice(&sealed[start..end]));
            prop_assert!(opened(pieces.collect(), key, content(1), size).unwrap() == plain);
        }
    }

    #[test]
    fn no_frame_is_left_out_moved_changed_or_anothers() {
        let plain = plain(2 * FRAME + 5);
        let of = |key: &FileKey| seal(key, content(1), &plain).unwrap();
        let key = FileKey::generate();
        let frames = of(&key);
        let again = || FileKey::unwrap(&master(), &key.wrap(&master()).unwrap()).unwrap();
        let is_refused = |frames: Vec<Bytes>, id, size| opened(frames, again(), content(id), size).is_err();
        assert!(!is_refused(frames.clone(), 1, plain.len()));
        assert!(is_refused(frames.clone(), 2, plain.len()));
        assert!(is_refused(frames[..2].to_vec(), 1, plain.len()));
        // A row that was made to say less does not make it end sooner.
        assert!(is_refused(frames[..2].to_vec(), 1, 2 * FRAME));
        assert!(is_refused([&frames[1..2], &frames[..1], &frames[2..]].concat(), 1, plain.len()));
        let mut changed = frames.clone();
        let mut first = changed[0].to_vec();
        first[100] ^= 1;
        changed[0] = first.into();
        assert!(is_refused(changed, 1, plain.len()));
        assert!(opened(frames, FileKey::generate(), content(1), plain.len()).is_err());
    }

    fn master() -> phidia_runtime::seal::MasterKey {
        phidia_runtime::seal::MasterKey::from_hex(&"07".repeat(32).into()).unwrap()
    }
}
