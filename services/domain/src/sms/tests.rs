use proptest::prelude::*;

use super::*;

/// Texts as they come: plain, Vietnamese, of the extension, beyond the basic plane, and all of it.
fn texts() -> impl Strategy<Value = String> {
    let letters = prop_oneof![
        4 => proptest::char::range(' ', '~'),
        2 => proptest::sample::select(EXTENSION.chars().collect::<Vec<_>>()),
        1 => proptest::sample::select("đĐăâêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉĩịọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹ".chars().collect::<Vec<_>>()),
        1 => proptest::sample::select("🙂𝔸🇻".chars().collect::<Vec<_>>()),
        1 => any::<char>(),
    ];
    proptest::collection::vec(letters, 0..500).prop_map(String::from_iter)
}

/// Texts of the GSM alphabet.
fn gsm7() -> impl Strategy<Value = String> {
    let letters = proptest::sample::select(BASIC.chars().chain(EXTENSION.chars()).collect::<Vec<_>>());
    proptest::collection::vec(letters, 0..700).prop_map(String::from_iter)
}

fn measured(encoding: Encoding, units: usize, parts: usize) -> Measure {
    Measure { encoding, units, parts }
}

#[test]
fn the_alphabet_has_what_the_specification_gives_it() {
    assert_eq!(BASIC.chars().count(), 127, "all but the escape");
    assert_eq!(EXTENSION.chars().count(), 10);
    assert!(EXTENSION.chars().all(|character| !BASIC.contains(character)));
}

#[test]
fn lengths_at_the_edges() {
    for (text, expected) in [
        (String::new(), measured(Encoding::Gsm7, 0, 1)),
        ("a".repeat(160), measured(Encoding::Gsm7, 160, 1)),
        ("a".repeat(161), measured(Encoding::Gsm7, 161, 2)),
        ("a".repeat(306), measured(Encoding::Gsm7, 306, 2)),
        ("a".repeat(307), measured(Encoding::Gsm7, 307, 3)),
        ("€".repeat(80), measured(Encoding::Gsm7, 160, 1)),
        // 153 is odd: an escape and its sign do not go over the edge, and a septet is left empty in each part.
        ("€".repeat(153), measured(Encoding::Gsm7, 306, 3)),
        ("ộ".repeat(70), measured(Encoding::Ucs2, 70, 1)),
        ("ộ".repeat(71), measured(Encoding::Ucs2, 71, 2)),
        ("ộ".repeat(135), measured(Encoding::Ucs2, 135, 3)),
        ("🙂".repeat(35), measured(Encoding::Ucs2, 70, 1)),
        // 67 is odd too.
        ("🙂".repeat(67), measured(Encoding::Ucs2, 134, 3)),
        // One letter takes all others with it.
        ("a".repeat(70) + "ộ", measured(Encoding::Ucs2, 71, 2)),
    ] {
        assert_eq!(measure(&text), expected, "{text}");
    }
}

#[test]
fn vietnamese_is_folded_into_the_alphabet() {
    let told = "“Hồ sơ” của Ông/Bà đã được tiếp nhận – Đăng ký khai sinh, lệ phí 8.000\u{a0}₫…";
    let folded = fold(told);
    assert_eq!(folded, "\"Ho so\" cua Ong/Ba da duoc tiep nhan - Dang ky khai sinh, le phi 8.000 d...");
    assert_eq!(measure(&folded).encoding, Encoding::Gsm7);
    assert_eq!(beyond_gsm7(told), Some(0));
    assert_eq!(beyond_gsm7(&folded), None);
}

#[test]
fn letters_with_marks_of_their_own_are_as_long_as_they_look() {
    let apart: String = "Đường Nguyễn Huệ".nfd().collect();
    assert!(measure(&apart).units > 16);
    assert_eq!(measure(&compose(&apart)).units, 16);
}

proptest! {
    #[test]
    fn parts_are_the_text_and_each_fits(text in texts()) {
        let Measure { encoding, units, parts: count } = measure(&text);
        let parts = parts(&text);
        prop_assert_eq!(parts.concat(), &*text);
        prop_assert_eq!(parts.len(), count);
        let most = if count == 1 { encoding.alone() } else { encoding.joined() };
        let mut sum = 0;
        for part in &parts {
            // As the network counts it, whatever else stands in the text.
            let of_part: usize = match encoding {
                Encoding::Gsm7 => part.chars().map(|character| encoding.units(character)).sum(),
                Encoding::Ucs2 => part.encode_utf16().count(),
            };
            prop_assert!(of_part <= most, "{of_part} > {most}");
            prop_assert!(!part.is_empty() || text.is_empty());
            sum += of_part;
        }
        prop_assert_eq!(sum, units);
    }

    /// No part ends within a pair: each by itself is sound UTF-16.
    #[test]
    fn no_pair_of_surrogates_is_split(text in "[🙂𝔸aộ]{0,300}") {
        for part in parts(&text) {
            let units: Vec<u16> = part.encode_utf16().collect();
            prop_assert!(String::from_utf16(&units).is_ok());
        }
    }

    /// One more character never makes it less, and a part is begun only where it has to be.
    #[test]
    fn longer_is_never_less_and_no_part_is_wasted(text in texts(), more in any::<char>()) {
        let before = measure(&text);
        let after = measure(&(text.clone() + &String::from(more)));
        prop_assert!(before.parts <= after.parts);
        let lost = if before.parts == 1 { 0 } else { before.parts };
        let room = before.encoding.joined() * (before.parts.max(2) - 1);
        // At most one unit is lost at each edge.
        prop_assert!(before.parts == 1 || before.units + lost > room, "{before:?}");
    }

    #[test]
    fn what_is_of_the_alphabet_stays_in_it_and_what_is_not_leaves(text in gsm7(), at in any::<proptest::sample::Index>()) {
        prop_assert_eq!(measure(&text).encoding, Encoding::Gsm7);
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let at = *at.get(&places);
        let with = format!("{}ộ{}", &text[..at], &text[at..]);
        prop_assert_eq!(measure(&with).encoding, Encoding::Ucs2);
        prop_assert_eq!(beyond_gsm7(&with), Some(at));
    }

    #[test]
    fn folding_twice_is_folding_once(text in texts()) {
        let folded = fold(&text);
        prop_assert_eq!(fold(&folded), folded.clone());
    }

    #[test]
    fn whatever_vietnamese_says_can_be_folded(
        text in "[a-zA-Z0-9 .,:;()/đĐ₫ăâêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵĂÂÊÔƠƯ“”‘’–…]{0,300}"
    ) {
        let folded = fold(&text);
        prop_assert!(folded.is_ascii());
        prop_assert_eq!(measure(&folded).encoding, Encoding::Gsm7);
        // Letters and digits are neither lost nor won.
        let count = |text: &str| text.chars().filter(|character| character.is_alphanumeric() || *character == '₫').count();
        prop_assert_eq!(count(&folded), count(&text));
    }

    #[test]
    fn plain_text_is_left_alone(text in "[ -~]{0,300}") {
        prop_assert_eq!(fold(&text), &*text);
        prop_assert_eq!(compose(&text), &*text);
    }
}
