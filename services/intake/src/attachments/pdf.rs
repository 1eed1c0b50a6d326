//! How many pages a PDF has, by its structure (ISO 32000-1, 7.5 and 7.7.3): no page is drawn, and no more is unpacked than leads to the tree of
//! its pages. What is read here was sent by anybody: everything that it could make large, long or endless has a bound.

use std::{
    collections::{HashMap, HashSet},
    io::Read as _,
};

use flate2::read::ZlibDecoder;
use memchr::memmem::{find, rfind};

/// So much is unpacked of one file, in all.
const MOST_UNPACKED: u64 = 32 * 1024 * 1024;
/// So many objects a file may name.
const MOST_OBJECTS: usize = 1_000_000;
/// So many values one object may have …
const MOST_VALUES: usize = 300_000;
/// … and so deep they may stand in each other.
const DEEPEST: usize = 64;
/// So often a file may have been saved anew.
const MOST_SECTIONS: usize = 1_000;
/// So far an object is read: objects may be made to lie in each other, and each would be read to the end of the file.
const LONGEST: usize = 256 * 1024;
/// So far, where objects are looked for …
const LONGEST_FOUND: usize = 16 * 1024;
/// … and so much of that is read in all.
const MOST_FOUND: usize = 256 * 1024 * 1024;

/// Why the pages of a file cannot be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is broken, or made to be endless.
    Unreadable,
    /// It opens with a password only.
    Locked,
    /// It has more than were allowed.
    TooMany,
}

/// How many pages it has, `most` at most.
pub(super) fn pages(file: &[u8], most: u32) -> Result<u32, Fault> {
    // Places are counted from where it says what it is.
    let start = find(&file[..file.len().min(1024)], b"%PDF-").ok_or(Fault::Unreadable)?;
    let file = &file[start..];
    let counted = Document::read(file).and_then(|mut document| document.count(most));
    match counted {
        // Many programs write a list of places that is wrong, and readers find the objects without it.
        Err(Fault::Unreadable) => Document::found(file)?.count(most),
        counted => counted,
    }
}

/// A value. Of what is not needed here only is known that it is there.
#[derive(Clone, Debug, PartialEq)]
enum Value<'f> {
    Other,
    Integer(i64),
    Name(&'f [u8]),
    Reference(u32),
    Array(Vec<Value<'f>>),
    Dictionary(Dictionary<'f>),
}

type Dictionary<'f> = Vec<(&'f [u8], Value<'f>)>;

fn get<'v, 'f>(dictionary: &'v Dictionary<'f>, key: &[u8]) -> Option<&'v Value<'f>> {
    dictionary.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
}

fn is_named(dictionary: &Dictionary<'_>, key: &[u8], name: &[u8]) -> bool {
    matches!(get(dictionary, key), Some(Value::Name(known)) if *known == name)
}

fn integer(dictionary: &Dictionary<'_>, key: &[u8]) -> Option<usize> {
    match get(dictionary, key)? {
        Value::Integer(integer) => usize::try_from(*integer).ok(),
        _ => None,
    }
}

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At this byte.
    At(usize),
    /// In this stream of objects.
    In(u32),
}

struct Document<'f> {
    file: &'f [u8],
    places: HashMap<u32, Place>,
    root: u32,
    /// Streams of objects, unpacked, with where in them each object is.
    unpacked: HashMap<u32, Unpacked>,
    /// So much may still be unpacked.
    left: u64,
}

struct Unpacked {
    bytes: Vec<u8>,
    places: HashMap<u32, usize>,
}

impl<'f> Document<'f> {
    fn empty(file: &'f [u8]) -> Self {
        Self { file, places: HashMap::new(), root: 0, unpacked: HashMap::new(), left: MOST_UNPACKED }
    }

    /// By its own list of places, from its end on.
    fn read(file: &'f [u8]) -> Result<Self, Fault> {
        let mut document = Self::empty(file);
        let tail = file.len().saturating_sub(2048);
        let marker = rfind(&file[tail..], b"startxref").ok_or(Fault::Unreadable)? + tail;
        let mut parser = Parser::at(file, marker + b"startxref".len());
        let mut next = vec![parser.place()?];
        let (mut seen, mut root) = (HashSet::new(), None);
        while let Some(place) = next.pop() {
            if !seen.insert(place) {
                continue;
            }
            if seen.len() > MOST_SECTIONS {
                return Err(Fault::Unreadable);
            }
            let trailer = document.section(place)?;
            if get(&trailer, b"Encrypt").is_some() {
                return Err(Fault::Locked);
            }
            if let (None, Some(Value::Reference(known))) = (root, get(&trailer, b"Root")) {
                root = Some(*known);
            }
            // What was saved earlier is looked at later; the newest place of an object stays.
            next.extend(integer(&trailer, b"Prev"));
            next.extend(integer(&trailer, b"XRefStm"));
        }
        document.root = root.ok_or(Fault::Unreadable)?;
        Ok(document)
    }

    /// One list of places, and what stands with it.
    fn section(&mut self, place: usize) -> Result<Dictionary<'f>, Fault> {
        let mut parser = Parser::at(self.file, place);
        if parser.word(b"xref") {
            return self.table(parser);
        }
        let mut parser = Parser::of_object(self.file, place, LONGEST);
        parser.header()?;
        let dictionary = parser.dictionary()?;
        let bytes = self.stream(&dictionary, parser)?;
        self.table_of_stream(&dictionary, &bytes)?;
        Ok(dictionary)
    }

    fn table(&mut self, mut parser: Parser<'f>) -> Result<Dictionary<'f>, Fault> {
        while !parser.word(b"trailer") {
            let (first, count) = (parser.place()?, parser.place()?);
            for number in first..first.saturating_add(count) {
                let (at, _) = (parser.place()?, parser.place()?);
                if parser.word(b"n") {
                    self.note(number, Place::At(at))?;
                } else if !parser.word(b"f") {
                    return Err(Fault::Unreadable);
                }
            }
        }
        parser.dictionary()
    }

    fn table_of_stream(&mut self, dictionary: &Dictionary<'_>, bytes: &[u8]) -> Result<(), Fault> {
        let integers = |key: &[u8]| match get(dictionary, key) {
            Some(Value::Array(values)) => values
                .iter()
                .map(|value| match value {
                    Value::Integer(value) => usize::try_from(*value).map_err(|_| Fault::Unreadable),
                    _ => Err(Fault::Unreadable),
                })
                .collect::<Result<Vec<_>, _>>()
                .map(Some),
            _ => Ok(None),
        };
        let widths = integers(b"W")?.ok_or(Fault::Unreadable)?;
        let [kind, second, third] = widths[..] else { return Err(Fault::Unreadable) };
        if widths.iter().any(|width| *width > 8) || kind + second + third == 0 {
            return Err(Fault::Unreadable);
        }
        let size = integer(dictionary, b"Size").ok_or(Fault::Unreadable)?;
        let index = integers(b"Index")?.unwrap_or_else(|| vec![0, size]);
        let mut rows = bytes.chunks_exact(kind + second + third);
        for pair in index.chunks_exact(2) {
            for number in pair[0]..pair[0].saturating_add(pair[1]) {
                let Some(row) = rows.next() else { return Ok(()) };
                let number_of =
                    |digits: &[u8]| digits.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
                let field = number_of(&row[kind..kind + second]);
                match if kind == 0 { 1 } else { number_of(&row[..kind]) } {
                    1 => self.note(number, Place::At(field))?,
                    2 => {
                        self.note(number, Place::In(u32::try_from(field).map_err(|_| Fault::Unreadable)?))?
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, number: usize, place: Place) -> Result<(), Fault> {
        if self.places.len() >= MOST_OBJECTS {
            return Err(Fault::Unreadable);
        }
        let number = u32::try_from(number).map_err(|_| Fault::Unreadable)?;
        self.places.entry(number).or_insert(place);
        Ok(())
    }

    /// By looking for its objects from its first byte to its last.
    fn found(file: &'f [u8]) -> Result<Self, Fault> {
        let mut document = Self::empty(file);
        let (mut root, mut streams, mut from, mut left) = (None, Vec::new(), 0, MOST_FOUND);
        while let Some(at) = find(&file[from..], b"obj").map(|at| at + from) {
            from = at + 3;
            let Some((number, place)) = header_before(file, at) else { continue };
            // Of several of one number the last counts.
            document.places.insert(number, Place::At(place));
            if document.places.len() >= MOST_OBJECTS {
                return Err(Fault::Unreadable);
            }
            let mut parser = Parser::of_object(file, from, LONGEST_FOUND);
            parser.skip_space();
            if !parser.rest().starts_with(b"<<") {
                continue;
            }
            let dictionary = parser.dictionary();
            let read = if dictionary.is_ok() { parser.at - from } else { LONGEST_FOUND };
            left = left.checked_sub(read).ok_or(Fault::Unreadable)?;
            let Ok(dictionary) = dictionary else { continue };
            if is_named(&dictionary, b"Type", b"Catalog") {
                root = Some(number);
            } else if is_named(&dictionary, b"Type", b"ObjStm") {
                streams.push(number);
            } else if is_named(&dictionary, b"Type", b"XRef") && get(&dictionary, b"Encrypt").is_some() {
                return Err(Fault::Locked);
            }
        }
        let mut from = 0;
        while let Some(at) = find(&file[from..], b"trailer").map(|at| at + from) {
            from = at + b"trailer".len();
            left = left.checked_sub(LONGEST_FOUND).ok_or(Fault::Unreadable)?;
            let Ok(trailer) = Parser::of_object(file, from, LONGEST_FOUND).dictionary() else { continue };
            if get(&trailer, b"Encrypt").is_some() {
                return Err(Fault::Locked);
            }
        }
        for stream in streams {
            if document.unpack(stream).is_err() {
                continue;
            }
            let numbers: Vec<_> = document.unpacked[&stream].places.keys().copied().collect();
            for number in numbers {
                document.places.entry(number).or_insert(Place::In(stream));
                let Ok(dictionary) = document.object(number) else { continue };
                if is_named(&dictionary, b"Type", b"Catalog") {
                    root = Some(number);
                }
            }
        }
        document.root = root.ok_or(Fault::Unreadable)?;
        Ok(document)
    }

    fn count(&mut self, most: u32) -> Result<u32, Fault> {
        let catalog = self.object(self.root)?;
        let Some(Value::Reference(pages)) = get(&catalog, b"Pages") else { return Err(Fault::Unreadable) };
        let (mut open, mut seen, mut pages) = (vec![*pages], HashSet::new(), 0);
        // Also a tree of no pages ends.
        let most_nodes = usize::try_from(most).unwrap_or(usize::MAX).saturating_mul(10).saturating_add(1_000);
        while let Some(number) = open.pop() {
            if !seen.insert(number) || seen.len() > most_nodes {
                return Err(Fault::Unreadable);
            }
            let node = self.object(number)?;
            match get(&node, b"Kids") {
                Some(Value::Array(kids)) if !is_named(&node, b"Type", b"Page") => {
                    for kid in kids {
                        let Value::Reference(kid) = kid else { return Err(Fault::Unreadable) };
                        open.push(*kid);
                    }
                }
                Some(_) | None if is_named(&node, b"Type", b"Page") => pages += 1,
                Some(_) | None => return Err(Fault::Unreadable),
            }
            if pages > most {
                return Err(Fault::TooMany);
            }
        }
        if pages == 0 { Err(Fault::Unreadable) } else { Ok(pages) }
    }

    /// The dictionary of an object.
    fn object(&mut self, number: u32) -> Result<Dictionary<'_>, Fault> {
        match self.places.get(&number).copied().ok_or(Fault::Unreadable)? {
            Place::At(at) => {
                let mut parser = Parser::of_object(self.file, at, LONGEST);
                if parser.header()? != number {
                    return Err(Fault::Unreadable);
                }
                parser.dictionary()
            }
            Place::In(stream) => {
                self.unpack(stream)?;
                let unpacked = &self.unpacked[&stream];
                let at = *unpacked.places.get(&number).ok_or(Fault::Unreadable)?;
                Parser::of_object(&unpacked.bytes, at, LONGEST).dictionary()
            }
        }
    }

    /// Unpacks a stream of objects, if it is not unpacked yet.
    fn unpack(&mut self, number: u32) -> Result<(), Fault> {
        if self.unpacked.contains_key(&number) {
            return Ok(());
        }
        // A stream of objects is never in another one.
        let Some(Place::At(at)) = self.places.get(&number).copied() else { return Err(Fault::Unreadable) };
        let mut parser = Parser::of_object(self.file, at, LONGEST);
        if parser.header()? != number {
            return Err(Fault::Unreadable);
        }
        let dictionary = parser.dictionary()?;
        let bytes = self.stream(&dictionary, parser)?;
        let count = integer(&dictionary, b"N").filter(|count| *count <= MOST_OBJECTS);
        let first = integer(&dictionary, b"First").ok_or(Fault::Unreadable)?;
        let mut parser = Parser::at(&bytes, 0);
        let mut places = HashMap::new();
        for _ in 0..count.ok_or(Fault::Unreadable)? {
            let (number, at) = (parser.place()?, parser.place()?);
            places.insert(u32::try_from(number).map_err(|_| Fault::Unreadable)?, first.saturating_add(at));
        }
        self.unpacked.insert(number, Unpacked { bytes, places });
        Ok(())
    }

    /// What is in a stream, of which the dictionary was read.
    fn stream(&mut self, dictionary: &Dictionary<'_>, mut parser: Parser<'f>) -> Result<Vec<u8>, Fault> {
        if !parser.word(b"stream") {
            return Err(Fault::Unreadable);
        }
        let rest = &self.file[parser.at..];
        let rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
        // Its length may stand elsewhere, or be wrong: what is packed knows its own end.
        let length = integer(dictionary, b"Length").filter(|length| *length <= rest.len());
        let length = length.or_else(|| find(rest, b"endstream")).ok_or(Fault::Unreadable)?;
        let packed = &rest[..length];
        let filter = match get(dictionary, b"Filter") {
            Some(Value::Array(filters)) if filters.len() == 1 => filters.first(),
            Some(Value::Array(_)) => return Err(Fault::Unreadable),
            filter => filter,
        };
        let bytes = match filter {
            None => packed.to_vec(),
            Some(Value::Name(b"FlateDecode" | b"Fl")) => {
                let mut bytes = Vec::new();
                let read = ZlibDecoder::new(packed).take(self.left + 1).read_to_end(&mut bytes);
                // What ends too soon may be enough.
                if read.is_err() && bytes.is_empty() {
                    return Err(Fault::Unreadable);
                }
                bytes
            }
            Some(_) => return Err(Fault::Unreadable),
        };
        let length = u64::try_from(bytes.len()).map_err(|_| Fault::Unreadable)?;
        self.left = self.left.checked_sub(length).ok_or(Fault::Unreadable)?;
        let parameters = match get(dictionary, b"DecodeParms") {
            Some(Value::Array(parameters)) => parameters.first(),
            parameters => parameters,
        };
        match parameters {
            Some(Value::Dictionary(parameters)) => unpredict(bytes, parameters),
            _ => Ok(bytes),
        }
    }
}

/// Undoes the predictors of PNG (ISO 32000-1, 7.4.4.4) for values of one byte.
fn unpredict(bytes: Vec<u8>, parameters: &Dictionary<'_>) -> Result<Vec<u8>, Fault> {
    match integer(parameters, b"Predictor") {
        None | Some(1) => return Ok(bytes),
        Some(10..=15) => {}
        Some(_) => return Err(Fault::Unreadable),
    }
    let columns = integer(parameters, b"Columns").unwrap_or(1);
    if !(1..=65_536).contains(&columns) {
        return Err(Fault::Unreadable);
    }
    let mut before = vec![0_u8; columns];
    let mut plain = Vec::with_capacity(bytes.len());
    for row in bytes.chunks_exact(columns + 1) {
        let (filter, mut row) = (row[0], row[1..].to_vec());
        for place in 0..columns {
            let left = if place == 0 { 0 } else { row[place - 1] };
            let (above, corner) = (before[place], if place == 0 { 0 } else { before[place - 1] });
            let guess = match filter {
                0 => 0,
                1 => left,
                2 => above,
                3 => u8::try_from(u16::midpoint(left.into(), above.into())).unwrap_or_default(),
                4 => paeth(left, above, corner),
                _ => return Err(Fault::Unreadable),
            };
            row[place] = row[place].wrapping_add(guess);
        }
        plain.extend_from_slice(&row);
        before = row;
    }
    Ok(plain)
}

fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(above) - i16::from(corner);
    let off = |value: u8| (guess - i16::from(value)).abs();
    if off(left) <= off(above) && off(left) <= off(corner) {
        left
    } else if off(above) <= off(corner) {
        above
    } else {
        corner
    }
}

/// Reads values from a place on.
struct Parser<'f> {
    bytes: &'f [u8],
    at: usize,
    /// So many values may still come.
    values: usize,
}

impl<'f> Parser<'f> {
    fn at(bytes: &'f [u8], at: usize) -> Self {
        Self { bytes, at: at.min(bytes.len()), values: MOST_VALUES }
    }

    /// One that reads no further than so many bytes.
    fn of_object(bytes: &'f [u8], at: usize, longest: usize) -> Self {
        Self::at(&bytes[..bytes.len().min(at.saturating_add(longest))], at)
    }

    fn rest(&self) -> &'f [u8] {
        &self.bytes[self.at..]
    }

    fn skip_space(&mut self) {
        loop {
            self.at += self.rest().iter().take_while(|byte| is_space(**byte)).count();
            if !self.rest().starts_with(b"%") {
                return;
            }
            self.at += self.rest().iter().take_while(|byte| !matches!(byte, b'\r' | b'\n')).count();
        }
    }

    /// Whether this word stands here; then it is read.
    fn word(&mut self, word: &[u8]) -> bool {
        self.skip_space();
        let is_here = self.rest().starts_with(word)
            && self.rest().get(word.len()).is_none_or(|byte| is_space(*byte) || is_delimiter(*byte));
        if is_here {
            self.at += word.len();
        }
        is_here
    }

    /// What neither white space nor a delimiter ends.
    fn regular(&mut self) -> &'f [u8] {
        let rest = self.rest();
        let length = rest.iter().take_while(|byte| !is_space(**byte) && !is_delimiter(**byte)).count();
        self.at += length;
        &rest[..length]
    }

    /// A number that is not negative.
    fn place(&mut self) -> Result<usize, Fault> {
        self.skip_space();
        number(self.regular()).and_then(|number| usize::try_from(number).ok()).ok_or(Fault::Unreadable)
    }

    /// `12 0 obj`: its number.
    fn header(&mut self) -> Result<u32, Fault> {
        let (number, _) = (self.place()?, self.place()?);
        // Its value may follow at once.
        self.skip_space();
        if !self.rest().starts_with(b"obj") {
            return Err(Fault::Unreadable);
        }
        self.at += 3;
        u32::try_from(number).map_err(|_| Fault::Unreadable)
    }

    fn dictionary(&mut self) -> Result<Dictionary<'f>, Fault> {
        match self.value(0)? {
            Value::Dictionary(dictionary) => Ok(dictionary),
            _ => Err(Fault::Unreadable),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value<'f>, Fault> {
        self.values = self.values.checked_sub(1).filter(|_| depth < DEEPEST).ok_or(Fault::Unreadable)?;
        self.skip_space();
        let rest = self.rest();
        match rest.first().ok_or(Fault::Unreadable)? {
            b'/' => {
                self.at += 1;
                Ok(Value::Name(self.regular()))
            }
            b'(' => self.text(),
            b'<' if rest.starts_with(b"<<") => {
                self.at += 2;
                let mut dictionary = Vec::new();
                while !self.closes(b">>")? {
                    let Value::Name(key) = self.value(depth + 1)? else { return Err(Fault::Unreadable) };
                    dictionary.push((key, self.value(depth + 1)?));
                }
                Ok(Value::Dictionary(dictionary))
            }
            b'<' => {
                self.at += find(rest, b">").ok_or(Fault::Unreadable)? + 1;
                Ok(Value::Other)
            }
            b'[' => {
                self.at += 1;
                let mut values = Vec::new();
                while !self.closes(b"]")? {
                    values.push(self.value(depth + 1)?);
                }
                Ok(Value::Array(values))
            }
            _ => self.number_or_reference(),
        }
    }

    fn number_or_reference(&mut self) -> Result<Value<'f>, Fault> {
        let word = self.regular();
        if word.is_empty() {
            return Err(Fault::Unreadable);
        }
        let Some(first) = number(word) else { return Ok(Value::Other) };
        let after = self.at;
        self.skip_space();
        if number(self.regular()).is_some_and(|generation| generation >= 0)
            && self.word(b"R")
            && let Ok(number) = u32::try_from(first)
        {
            return Ok(Value::Reference(number));
        }
        self.at = after;
        Ok(Value::Integer(first))
    }

    /// Whether something ends here; then that is read.
    fn closes(&mut self, end: &[u8]) -> Result<bool, Fault> {
        self.skip_space();
        if self.rest().is_empty() {
            return Err(Fault::Unreadable);
        }
        let ends = self.rest().starts_with(end);
        if ends {
            self.at += end.len();
        }
        Ok(ends)
    }

    /// `(…)`, in which parentheses are balanced or escaped.
    fn text(&mut self) -> Result<Value<'f>, Fault> {
        let (mut open, mut escaped) = (0_usize, false);
        for (place, byte) in self.rest().iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'(' => open += 1,
                b')' if open == 1 => {
                    self.at += place + 1;
                    return Ok(Value::Other);
                }
                b')' => open -= 1,
                _ => {}
            }
        }
        Err(Fault::Unreadable)
    }
}

/// The number before `obj`, and where its header begins.
fn header_before(file: &[u8], at: usize) -> Option<(u32, usize)> {
    let back = |mut end: usize, wanted: fn(u8) -> bool| {
        // No header is as long as that.
        let least = end.saturating_sub(24);
        while end > least && wanted(file[end - 1]) {
            end -= 1;
        }
        end
    };
    let is_digit = |byte: u8| byte.is_ascii_digit();
    let generation_end = back(at, is_space);
    let generation = back(generation_end, is_digit);
    let number_end = back(generation, is_space);
    let start = back(number_end, is_digit);
    if generation == generation_end || number_end == generation || start == number_end {
        return None;
    }
    Some((u32::try_from(number(&file[start..number_end])?).ok()?, start))
}

fn number(word: &[u8]) -> Option<i64> {
    str::from_utf8(word).ok()?.parse().ok()
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn is_delimiter(byte: u8) -> bool {
    b"()<>[]{}/%".contains(&byte)
}

#[cfg(test)]
mod tests;
