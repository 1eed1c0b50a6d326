//! Base 32 of RFC 4648 without its padding: upper case letters and digits, which a QR code packs more densely than others. Bytes are
//! written in one way only, and what is written in another is not read.

const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Bytes in letters.
pub fn write(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

fn letter(value: u32) -> char {
    char::from(LETTERS[(value & 31) as usize])
}

/// So many bytes from letters; none for anything that [`write`] would not have written.
pub fn read<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = Vec::with_capacity(N);
    let (mut held, mut bits) = (0_u32, 0_u32);
    if text.len() != (N * 8).div_ceil(5) {
        return None;
    }
    for sign in text.bytes() {
        let value = LETTERS.iter().position(|letter| *letter == sign)?;
        held = held << 5 | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 255).ok()?);
        }
    }
    // What is left over says nothing, and has to.
    let is_over = held & ((1 << bits) - 1) == 0;
    bytes.try_into().ok().filter(|_| is_over)
}
