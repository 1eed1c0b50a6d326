//! What can be wrong with bytes: in the message, and in the frame around it.

use prost::encoding::{WireType, encode_key, encode_varint};
use prost_reflect::MessageDescriptor;
use rand::{RngExt as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;

/// A field that no message has.
const NOBODYS: u32 = 536_870_911;

/// Spoils an encoded message. It may still be one: whoever decodes it finds out.
pub(crate) fn spoil(chance: &mut ChaCha8Rng, message: &mut Vec<u8>, descriptor: &MessageDescriptor) {
    let numbers: Vec<u32> = descriptor.fields().map(|field| field.number()).collect();
    let number = numbers.choose(chance).copied().unwrap_or(1);
    let at = chance.random_range(0..=message.len());
    match chance.random_range(0..12) {
        0 => message.truncate(at),
        1 => {
            // A text or a message that is no UTF-8.
            encode_key(number, WireType::LengthDelimited, message);
            message.extend([2, 0xff, 0xfe]);
        }
        2 => {
            encode_key(number, WireType::SixtyFourBit, message);
            message.extend([0xff; 8]);
        }
        3 => {
            encode_key(number, WireType::Varint, message);
            message.extend([0xff; 11]);
        }
        4 => {
            encode_key(number, WireType::LengthDelimited, message);
            encode_varint(u64::MAX, message);
        }
        5 => {
            encode_key(NOBODYS, WireType::LengthDelimited, message);
            message.extend([3, 1, 2, 3]);
        }
        6 => {
            // Deeper than any stack.
            for _ in 0..100_000 {
                encode_key(NOBODYS, WireType::StartGroup, message);
            }
        }
        7 => encode_key(number, WireType::EndGroup, message),
        8 => message.insert(at, 0),
        9 => message.extend_from_within(..),
        10 => (0..chance.random_range(1..64)).for_each(|_| message.push(chance.random_range(0..=255))),
        _ => {
            if let Some(byte) = message.get_mut(at) {
                *byte ^= 1_u8 << chance.random_range(0..8);
            }
        }
    }
}

/// How a message is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// As it should be.
    Whole,
    /// No message can be read from it.
    Broken,
    /// Compressed in a way that nobody agreed on.
    Compressed(&'static str),
    /// A whole one, and something after it that has no place in a unary call.
    More,
}

/// Frames a message, mostly as it should be.
pub(crate) fn frame(chance: &mut ChaCha8Rng, message: &[u8]) -> (Vec<u8>, Frame) {
    let framed = |flag: u8, length: u32| {
        let mut body = vec![flag];
        body.extend(length.to_be_bytes());
        body.extend(message);
        body
    };
    let length = u32::try_from(message.len()).expect("some megabytes at most");
    let whole = framed(0, length);
    if chance.random_bool(0.9) {
        return (whole, Frame::Whole);
    }
    match chance.random_range(0..9) {
        0 => (framed(1, length), Frame::Broken),
        1 => (framed(chance.random_range(2..=255), length), Frame::Broken),
        2 => (framed(0, length + chance.random_range(1..100)), Frame::Broken),
        3 => (framed(0, u32::MAX), Frame::Broken),
        4 => (whole[..chance.random_range(0..5)].to_vec(), Frame::Broken),
        5 => (framed(1, length), Frame::Compressed("gzip")),
        6 => (framed(1, length), Frame::Compressed("nonsense")),
        7 => ([whole.clone(), whole].concat(), Frame::More),
        _ => ([whole, vec![0, 0, 0]].concat(), Frame::More),
    }
}
