//! Scalars, and the types that read and write JSON in their own way, in canonical form.

use super::complete::zero_of;
use super::decode::{Decoded, Decoder, Outcome, Wrong, described};
use super::path::At;
use super::time;
use crate::document::{DraftValue, NodeRef, NodeValue, Origin, Place};
use crate::quantity;
use crate::schema::{Scalar, TypeId};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

impl<'o> Decoder<'_, 'o> {
    pub(super) fn scalar(
        &mut self,
        scalar: Scalar,
        id: TypeId,
        node: NodeRef<'o>,
        at: &At<'_>,
    ) -> Outcome<Decoded> {
        use NodeValue::{Bool, Double, Int, List, Null, String};
        let kept = |this: &mut Self, empty| Ok(Decoded { place: this.draft.written(node), empty });
        match (scalar, node.value()) {
            (Scalar::String | Scalar::Duration, String(text)) => kept(self, text.is_empty()),
            (Scalar::Bool, Bool(value)) => kept(self, !value),
            (Scalar::Int64, Int(value)) => kept(self, value == 0),
            (Scalar::Int32, Int(value)) if i32::try_from(value).is_ok() => kept(self, value == 0),
            (Scalar::Int32 | Scalar::Int64, Int(_) | Double(_)) => {
                if self.wrong.is_none() {
                    let found = format!("number {}", number_text(node));
                    let wanted = self.scheme.type_text(id);
                    self.wrong = Some(self.mismatch(&found, &wanted, node, at));
                }
                Ok(self.unset(scalar, node))
            }
            (Scalar::Float64, Int(value)) => {
                let place = self.draft.written(node);
                self.draft.replace(place, DraftValue::Double(value as f64));
                Ok(Decoded { place, empty: value == 0 })
            }
            (Scalar::Float64, Double(value)) => kept(self, value == 0.0),
            (Scalar::Bytes, String(text)) => self.bytes(text, node, at),
            (Scalar::Bytes, List(list)) => {
                let mut bytes = Vec::new();
                for item in list.iter() {
                    let byte = item.as_int().and_then(|value| u8::try_from(value).ok());
                    bytes.push(byte.unwrap_or(0));
                    if byte.is_none() && !item.is_null() && self.wrong.is_none() {
                        let found = match item.value() {
                            Int(_) | Double(_) => format!("number {}", number_text(item)),
                            _ => described(item).to_owned(),
                        };
                        self.wrong = Some(self.mismatch(&found, "uint8", item, at));
                    }
                }
                Ok(self.text(&STANDARD.encode(&bytes), bytes.is_empty(), node))
            }
            (Scalar::IntOrString, value) => {
                let wanted = match value {
                    String(_) => return kept(self, false),
                    Null => return Ok(self.unset(scalar, node)),
                    Int(value) if i32::try_from(value).is_ok() => return kept(self, false),
                    Int(_) | Double(_) => format!("number {}", number_text(node)),
                    _ => described(node).to_owned(),
                };
                Err(Box::new(self.mismatch(&wanted, "int32", node, at)))
            }
            (Scalar::Quantity | Scalar::Time | Scalar::MicroTime, Null) => Ok(self.unset(scalar, node)),
            (Scalar::Quantity, value) => {
                let text = match value {
                    String(text) => text.trim().to_owned(),
                    Int(_) | Double(_) => number_text(node),
                    // Go reads the bytes of whatever was written.
                    Bool(value) => value.to_string(),
                    _ => "{".to_owned(),
                };
                self.quantity(&text, node, at)
            }
            (Scalar::Time | Scalar::MicroTime, String(text)) => {
                let layout = if scalar == Scalar::Time { time::RFC3339 } else { time::RFC3339_MICRO };
                match time::parse(text, layout) {
                    Ok(moment) => match moment.text(layout) {
                        Some(canonical) => Ok(self.text(&canonical, false, node)),
                        None => Ok(self.unset(scalar, node)),
                    },
                    Err(message) => Err(Box::new(Wrong { path: at.text(), message, span: node.span() })),
                }
            }
            (Scalar::Time | Scalar::MicroTime, _) => {
                Err(Box::new(self.mismatch(described(node), "string", node, at)))
            }
            (Scalar::RawExtension | Scalar::FieldsV1 | Scalar::Json, _) => {
                let empty = node.is_null();
                Ok(Decoded { place: self.draft.copied(node), empty })
            }
            (Scalar::SchemaOrBool, Bool(_)) => kept(self, false),
            (Scalar::SchemaOrBool | Scalar::SchemaOrArray | Scalar::SchemaOrStrings, _) => {
                self.schema_or(scalar, node, at)
            }
            (_, Null) => Ok(self.unset(scalar, node)),
            _ => {
                self.wrong_type(id, node, at);
                Ok(self.unset(scalar, node))
            }
        }
    }

    /// A value that counts as never set.
    fn unset(&mut self, scalar: Scalar, node: NodeRef<'o>) -> Decoded {
        let place = self.draft.written(node);
        self.draft.replace(place, zero_of(scalar));
        self.draft.mark(place, Origin::Empty);
        Decoded { place, empty: true }
    }

    /// A text that may be the one that was written.
    fn text(&mut self, text: &str, empty: bool, node: NodeRef<'o>) -> Decoded {
        let place = self.draft.written(node);
        if node.as_str() != Some(text) {
            self.draft.replace(place, DraftValue::String(text));
        }
        Decoded { place, empty }
    }

    fn quantity(&mut self, text: &str, node: NodeRef<'o>, at: &At<'_>) -> Outcome<Decoded> {
        match quantity::written(text) {
            Ok(written) => Ok(self.text(&written, false, node)),
            Err(message) => {
                Err(Box::new(Wrong { path: at.text(), message: message.to_owned(), span: node.span() }))
            }
        }
    }

    /// Quantities of a resource list are whole thousandths. Source: kubernetes `SetDefaults_ResourceList`.
    pub(super) fn round_up(&mut self, list: Place) {
        let mut at = self.draft.first(list);
        while let Some(entry) = at {
            at = self.draft.next(entry);
            let DraftValue::String(text) = self.draft.value(entry) else { continue };
            // Only these can be finer than thousandths.
            if !text.ends_with(['n', 'u']) && !text.contains(['e', 'E', '.']) {
                continue;
            }
            let rounded = quantity::read(text).ok().and_then(quantity::Read::rounded_up_to_milli);
            if let Some(rounded) = rounded.filter(|rounded| rounded != text) {
                self.draft.replace(entry, DraftValue::String(&rounded));
            }
        }
    }

    fn bytes(&mut self, text: &str, node: NodeRef<'o>, at: &At<'_>) -> Outcome<Decoded> {
        // Go's decoder steps over line breaks.
        let packed: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
        match STANDARD.decode(&packed) {
            Ok(bytes) if packed.len() == text.len() => {
                Ok(Decoded { place: self.draft.written(node), empty: bytes.is_empty() })
            }
            Ok(bytes) => Ok(self.text(&STANDARD.encode(&bytes), bytes.is_empty(), node)),
            Err(_) => {
                let message = format!("illegal base64 data at input byte {}", first_illegal(text));
                if self.wrong.is_none() {
                    self.wrong = Some(Wrong { path: at.text(), message, span: node.span() });
                }
                Ok(self.unset(Scalar::Bytes, node))
            }
        }
    }

    /// A JSON schema, or what may stand in its place. Source: apiextensions `pkg/apis/apiextensions/v1/marshal.go`.
    fn schema_or(&mut self, scalar: Scalar, node: NodeRef<'o>, at: &At<'_>) -> Outcome<Decoded> {
        let Some(schema) = self.scheme.names.json_schema else { return Ok(self.nil(node)) };
        let outer = self.within.clone();
        let before = self.wrong.take();
        self.within.get_or_insert_with(|| at.owner().to_owned());
        let place = self.draft.written(node);
        match (scalar, node.value()) {
            (_, NodeValue::Map(map)) => self.structure(schema, place, Some(map), Some(at))?,
            (Scalar::SchemaOrArray, NodeValue::List(list)) if !list.is_empty() => {
                for (number, item) in list.iter().enumerate() {
                    let at = At { up: Some(at), step: super::path::Step::Index(number) };
                    let decoded = self.draft.written(item);
                    if item.as_map().is_none() {
                        self.draft.replace(decoded, DraftValue::Map);
                        if !item.is_null() && self.wrong.is_none() {
                            let wanted = "v1.JSONSchemaProps";
                            self.wrong = Some(self.mismatch(described(item), wanted, item, &at));
                        }
                    }
                    self.structure(schema, decoded, item.as_map(), Some(&at))?;
                    self.draft.push(place, decoded);
                }
            }
            (Scalar::SchemaOrStrings, NodeValue::List(list)) if !list.is_empty() => {
                for item in list.iter() {
                    let decoded = self.draft.written(item);
                    if item.as_str().is_none() {
                        self.draft.replace(decoded, DraftValue::String(""));
                        if !item.is_null() && self.wrong.is_none() {
                            self.wrong = Some(self.mismatch(described(item), "string", item, at));
                        }
                    }
                    self.draft.push(place, decoded);
                }
            }
            (Scalar::SchemaOrBool, _) => {
                let message = "boolean or JSON schema expected".to_owned();
                return Err(Box::new(Wrong { path: at.text(), message, span: node.span() }));
            }
            _ => self.draft.replace(place, DraftValue::Null),
        }
        self.within = outer;
        match self.wrong.take() {
            Some(wrong) => Err(Box::new(wrong)),
            None => {
                self.wrong = before;
                Ok(Decoded { place, empty: false })
            }
        }
    }
}

/// A number as it stands in the JSON that the API server reads; YAML numbers become JSON as Go writes them.
fn number_text(node: NodeRef<'_>) -> String {
    match node.value() {
        NodeValue::Int(value) => value.to_string(),
        NodeValue::Double(value) => {
            let text = node.object().text();
            let span = node.span();
            let written = text.get(span.start as usize..span.end as usize).unwrap_or_default();
            let is_json = text.trim_start().starts_with(['{', '[']);
            if is_json && written.parse::<f64>().is_ok_and(|other| other == value) {
                return written.to_owned();
            }
            crate::go::json_float(value)
        }
        _ => String::new(),
    }
}

/// Where Go's decoder gives up. Source: Go `encoding/base64` `decodeQuantum`.
fn first_illegal(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    let skip = |mut at: usize| {
        while matches!(bytes.get(at), Some(b'\r' | b'\n')) {
            at += 1;
        }
        at
    };
    let mut at = 0;
    loop {
        let mut inside = 0;
        while inside < 4 {
            at = skip(at);
            let Some(&byte) = bytes.get(at) else {
                // A quantum that is cut short: the place where it begins.
                return at - inside;
            };
            at += 1;
            if is_digit(byte) {
                inside += 1;
                continue;
            }
            if byte != b'=' || inside < 2 {
                return at - 1;
            }
            if inside == 2 {
                at = skip(at);
                match bytes.get(at) {
                    None => return text.len(),
                    Some(b'=') => at += 1,
                    Some(_) => return at - 1,
                }
            }
            // Nothing may follow the padding.
            return skip(at);
        }
    }
}
