//! What one version of the documents changed from another.

use std::collections::{BTreeMap, BTreeSet};

use super::Documents;

/// How a file differs from what it was: by whole lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Its name.
    pub name: String,
    /// Lines that were not there before.
    pub added: usize,
    /// Lines that are there no more; one that was changed is one of either.
    pub removed: usize,
}

impl Documents {
    /// The files that differ from those of `before`, wherever in them a line stands.
    pub fn changes_since(&self, before: &Self) -> Vec<FileChange> {
        let names: BTreeSet<_> = self.0.keys().chain(before.0.keys()).collect();
        let changes = names.into_iter().map(|name| {
            let (now, then) = (lines(self.0.get(name)), lines(before.0.get(name)));
            let more = |these: &BTreeMap<&[u8], usize>, those: &BTreeMap<&[u8], usize>| {
                let more = |(line, count): (&&[u8], &usize)| {
                    count.saturating_sub(those.get(line).copied().unwrap_or_default())
                };
                these.iter().map(more).sum()
            };
            FileChange { name: name.clone(), added: more(&now, &then), removed: more(&then, &now) }
        });
        changes.filter(|change| change.added + change.removed > 0).collect()
    }
}

/// How often each line is there; empty ones are none.
fn lines(content: Option<&Vec<u8>>) -> BTreeMap<&[u8], usize> {
    let mut counted = BTreeMap::new();
    let lines = content.into_iter().flat_map(|content| content.split(|byte| *byte == b'\n'));
    for line in lines.map(<[u8]>::trim_ascii_end).filter(|line| !line.is_empty()) {
        *counted.entry(line).or_default() += 1;
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents<const N: usize>(files: [(&str, &str); N]) -> Documents {
        Documents(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into())
    }

    #[test]
    fn what_differs_is_counted_by_lines_wherever_they_stand() {
        let before = documents([("a.csv", "k,v\n1,x\n2,y\n2,y\n"), ("b.csv", "k\n1\n"), ("c.csv", "k\n")]);
        let after = documents([("a.csv", "k,v\r\n2,y\n\n1,z\n"), ("b.csv", "k\n1"), ("d.csv", "k\n7\n")]);
        let change = |name: &str, added, removed| FileChange { name: name.to_owned(), added, removed };
        let expected = [change("a.csv", 1, 2), change("c.csv", 0, 1), change("d.csv", 2, 0)];
        assert_eq!(after.changes_since(&before), expected);
        assert_eq!(before.changes_since(&before), []);
        assert_eq!(before.changes_since(&documents([])).len(), 3);
    }
}
