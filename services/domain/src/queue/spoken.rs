//! What the loudspeaker says when a number is called: as text for whatever speaks it.

use crate::procedure::Text;

/// `A012` at counter 3: "Mời số A không một hai đến quầy số ba".
pub fn call(label: &str, counter: u32) -> Text {
    let (vi, en): (Vec<_>, Vec<_>) = label.chars().map(|sign| (sign_vi(sign), sign_en(sign))).unzip();
    Text {
        vi: format!("Mời số {} đến quầy số {}", vi.join(" "), number_vi(counter)),
        en: format!("Number {}, please go to counter {}", en.join(" "), number_en(counter)),
    }
}

const DIGITS_VI: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];
const DIGITS_EN: [&str; 10] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

fn digit<'d>(names: &'d [&'d str; 10], digit: u32) -> &'d str {
    usize::try_from(digit).ok().and_then(|digit| names.get(digit)).copied().unwrap_or_default()
}

/// A letter by its Vietnamese name, a digit by its word.
fn sign_vi(sign: char) -> String {
    let name = match sign {
        'B' => "bê",
        'C' => "xê",
        'D' => "đê",
        'F' => "ép",
        'G' => "giê",
        'H' => "hát",
        'J' => "gi",
        'K' => "ca",
        'L' => "e-lờ",
        'M' => "em-mờ",
        'N' => "en-nờ",
        'P' => "pê",
        'Q' => "quy",
        'R' => "e-rờ",
        'S' => "ét-sì",
        'T' => "tê",
        'V' => "vê",
        'W' => "vê kép",
        'X' => "ích-xì",
        'Y' => "i dài",
        'Z' => "dét",
        other => return other.to_digit(10).map_or(other.to_string(), |of| digit(&DIGITS_VI, of).to_owned()),
    };
    name.to_owned()
}

fn sign_en(sign: char) -> String {
    sign.to_digit(10).map_or(sign.to_string(), |of| digit(&DIGITS_EN, of).to_owned())
}

/// A number below 100 in Vietnamese words.
fn number_vi(number: u32) -> String {
    let (tens, ones) = (number / 10 % 10, number % 10);
    let last = match (tens, ones) {
        (2.., 1) => "mốt",
        (2.., 4) => "tư",
        (1.., 5) => "lăm",
        (_, ones) => digit(&DIGITS_VI, ones),
    };
    match (tens, ones) {
        (0, _) => last.to_owned(),
        (1, 0) => "mười".to_owned(),
        (1, _) => format!("mười {last}"),
        (_, 0) => format!("{} mươi", digit(&DIGITS_VI, tens)),
        _ => format!("{} mươi {last}", digit(&DIGITS_VI, tens)),
    }
}

/// A number below 100 in English words.
fn number_en(number: u32) -> String {
    const TEENS: [&str; 10] = [
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 10] =
        ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let (tens, ones) = (number / 10 % 10, number % 10);
    match (tens, ones) {
        (0, _) => digit(&DIGITS_EN, ones).to_owned(),
        (1, _) => digit(&TEENS, ones).to_owned(),
        (_, 0) => digit(&TENS, tens).to_owned(),
        _ => format!("{}-{}", digit(&TENS, tens), digit(&DIGITS_EN, ones)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_called_as_people_say_it() {
        let said = call("A012", 3);
        assert_eq!(said.vi, "Mời số A không một hai đến quầy số ba");
        assert_eq!(said.en, "Number A zero one two, please go to counter three");
        assert_eq!(call("B105", 15).vi, "Mời số bê một không năm đến quầy số mười lăm");
    }

    #[test]
    fn counters_have_the_words_that_people_use() {
        let words = |number| (number_vi(number), number_en(number));
        for (number, vi, en) in [
            (1, "một", "one"),
            (5, "năm", "five"),
            (10, "mười", "ten"),
            (11, "mười một", "eleven"),
            (14, "mười bốn", "fourteen"),
            (20, "hai mươi", "twenty"),
            (21, "hai mươi mốt", "twenty-one"),
            (24, "hai mươi tư", "twenty-four"),
            (35, "ba mươi lăm", "thirty-five"),
            (99, "chín mươi chín", "ninety-nine"),
        ] {
            assert_eq!(words(number), (vi.to_owned(), en.to_owned()));
        }
    }
}
