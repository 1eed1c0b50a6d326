//! JSON whose fields stand in the order in which they were written: in that order they are asked.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

const DEFINITIONS: &str = "#/$defs/";

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Fields(Vec<(String, Self)>),
    Items(Vec<Self>),
    /// Text, number, yes or no, nothing.
    Plain(Value),
}

impl Node {
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(super) fn fields(&self) -> &[(String, Self)] {
        match self {
            Self::Fields(fields) => fields,
            Self::Items(_) | Self::Plain(_) => &[],
        }
    }

    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::Items(items) => items,
            Self::Fields(_) | Self::Plain(_) => &[],
        }
    }

    pub(super) fn field(&self, key: &str) -> Option<&Self> {
        self.fields().iter().find(|(known, _)| known == key).map(|(_, node)| node)
    }

    /// What a field says; empty where it says nothing.
    pub(super) fn text(&self, key: &str) -> &str {
        match self.field(key) {
            Some(Self::Plain(Value::String(text))) => text,
            _ => "",
        }
    }

    pub(super) fn number(&self, key: &str) -> Option<u64> {
        match self.field(key)? {
            Self::Plain(value) => value.as_u64(),
            Self::Fields(_) | Self::Items(_) => None,
        }
    }

    /// The texts of a list.
    pub(super) fn texts(&self) -> Vec<&str> {
        let texts = self.items().iter().filter_map(|item| match item {
            Self::Plain(value) => value.as_str(),
            Self::Fields(_) | Self::Items(_) => None,
        });
        texts.collect()
    }

    /// With what it refers to; what it says itself goes before that. References lead in no circle: the province's check refuses those.
    pub(super) fn resolved(&self, root: &Self) -> Self {
        let mut fields = self.fields().to_vec();
        let mut target = self.text("$ref").to_owned();
        for _ in 0..super::DEEPEST {
            let definition =
                target.strip_prefix(DEFINITIONS).and_then(|name| root.field("$defs")?.field(name));
            let Some(definition) = definition else { break };
            for (key, node) in definition.fields() {
                if fields.iter().all(|(known, _)| known != key) {
                    fields.push((key.clone(), node.clone()));
                }
            }
            target = definition.text("$ref").to_owned();
        }
        Self::Fields(fields)
    }

    pub(super) fn value(&self) -> Value {
        match self {
            Self::Fields(fields) => fields.iter().map(|(key, node)| (key.clone(), node.value())).collect(),
            Self::Items(items) => items.iter().map(Self::value).collect(),
            Self::Plain(value) => value.clone(),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Nodes;

        impl<'de> Visitor<'de> for Nodes {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
                let mut fields = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    fields.push(entry);
                }
                Ok(Node::Fields(fields))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Node::Items(items))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
                Ok(Node::Plain(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
                Ok(Node::Plain(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
                Ok(Node::Plain(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
                Ok(Node::Plain(value.into()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Node, E> {
                Ok(Node::Plain(value.into()))
            }

            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Plain(Value::Null))
            }
        }

        deserializer.deserialize_any(Nodes)
    }
}
