//! Where in the text of a JSON document a part of it stands.

/// Line and column, in characters and from 1, of the part that a JSON pointer names; of the nearest part around it that is there, where
/// it is not.
pub(super) fn of(text: &str, pointer: &str) -> (usize, usize) {
    let mut cursor = Cursor { text, at: 0 };
    cursor.skip_blanks();
    let mut found = cursor.at;
    for segment in pointer.split('/').skip(1) {
        let segment = segment.replace("~1", "/").replace("~0", "~");
        if !cursor.enter(&segment) {
            break;
        }
        found = cursor.at;
    }
    let before = &text[..found];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// Goes through a document that is known to be JSON.
struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl Cursor<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Moves over one sign, if it comes next.
    fn takes(&mut self, sign: char) -> bool {
        self.skip_blanks();
        let next = self.rest().starts_with(sign);
        self.at += usize::from(next);
        next
    }

    /// From the beginning of a list or group to that of its part of this name or index; false where it has none.
    fn enter(&mut self, segment: &str) -> bool {
        if self.takes('{') {
            while !self.takes('}') && !self.rest().is_empty() {
                self.skip_blanks();
                let from = self.at;
                self.skip_text();
                let name = serde_json::from_str::<String>(&self.text[from..self.at]).unwrap_or_default();
                self.takes(':');
                self.skip_blanks();
                if name == segment {
                    return true;
                }
                self.skip_value();
                self.takes(',');
            }
        } else if self.takes('[') {
            let mut index = 0;
            while !self.takes(']') && !self.rest().is_empty() {
                self.skip_blanks();
                if segment == format!("{index}") {
                    return true;
                }
                self.skip_value();
                self.takes(',');
                index += 1;
            }
        }
        false
    }

    /// Moves over a text in quotes.
    fn skip_text(&mut self) {
        let mut escaped = false;
        let end = self.rest().char_indices().skip(1).find(|(_, sign)| {
            let ends = *sign == '"' && !escaped;
            escaped = *sign == '\\' && !escaped;
            ends
        });
        self.at = end.map_or(self.text.len(), |(end, _)| self.at + end + 1);
    }

    fn skip_value(&mut self) {
        let mut open = 0_usize;
        loop {
            self.skip_blanks();
            match self.rest().chars().next() {
                None => return,
                Some('"') => self.skip_text(),
                Some('{' | '[') => {
                    open += 1;
                    self.at += 1;
                }
                Some('}' | ']') => {
                    open = open.saturating_sub(1);
                    self.at += 1;
                }
                Some(',' | ':') => self.at += 1,
                Some(_) => {
                    let end = self.rest().find(|sign: char| sign.is_whitespace() || ",:]}".contains(sign));
                    self.at = end.map_or(self.text.len(), |end| self.at + end);
                }
            }
            if open == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_part_is_found_wherever_it_stands() {
        let text = "{\n  \"a\": [1, {\"b/c\": \"\\\"x\", \"đ\": true}],\n  \"e\": null\n}\n";
        for (pointer, place) in [
            ("", (1, 1)),
            ("/a", (2, 8)),
            ("/a/1", (2, 12)),
            ("/a/1/b~1c", (2, 20)),
            ("/a/1/đ", (2, 32)),
            ("/e", (3, 8)),
            // What is not there is looked for where it belongs.
            ("/a/7", (2, 8)),
            ("/x/y", (1, 1)),
        ] {
            assert_eq!(of(text, pointer), place, "{pointer}");
        }
    }
}
