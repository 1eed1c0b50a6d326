//! How much of a whole.

use maud::{Markup, html};

use crate::part::Tone;

/// A bar of so many of the most that any bar beside it shows. The number stands beside it.
pub(crate) fn bar(count: i64, most: i64, tone: Tone) -> Markup {
    let class = match tone {
        Tone::Well => "well",
        Tone::Soon => "soon",
        Tone::Late => "late",
        Tone::Calm => "calm",
    };
    html! {
        svg.bar viewBox="0 0 100 8" width="100" height="8" aria-hidden="true" focusable="false" {
            rect.ground width="100" height="8" rx="2" {}
            rect class=(class) width=(percent(count, most)) height="8" rx="2" {}
        }
    }
}

/// In whole percent, of which there are at most 100.
fn percent(count: i64, most: i64) -> i64 {
    match most {
        ..=0 => 0,
        most => (count.clamp(0, most) * 100 + most / 2) / most,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_never_longer_than_its_ground() {
        assert_eq!((percent(0, 0), percent(1, 0), percent(-3, 7)), (0, 0, 0));
        assert_eq!((percent(1, 3), percent(2, 3), percent(3, 3), percent(9, 3)), (33, 67, 100, 100));
    }
}
