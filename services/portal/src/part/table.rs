//! Tables, which scroll inside a box of their own where they are wider than the screen.

use maud::{Markup, html};

/// A column.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column<'c> {
    /// Of words.
    Words(&'c str),
    /// Of numbers, which stand below each other.
    Numbers(&'c str),
}

pub(crate) fn table(label: &str, columns: &[Column<'_>], rows: &Markup) -> Markup {
    html! {
        div.scroll role="region" aria-label=(label) tabindex="0" {
            table {
                thead {
                    tr {
                        @for column in columns {
                            @match column {
                                Column::Words(said) => th scope="col" { (said) },
                                Column::Numbers(said) => th.number scope="col" { (said) },
                            }
                        }
                    }
                }
                tbody { (rows) }
            }
        }
    }
}
