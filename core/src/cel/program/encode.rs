//! Values for readers outside: `{"type", "value"}`, with nothing lost.
//!
//! | type | value |
//! |---|---|
//! | int, uint | decimal text, as JSON readers lose digits beyond 2^53 |
//! | double | a number, or `"NaN"`, `"Infinity"`, `"-Infinity"` |
//! | bytes | base64 |
//! | timestamp, duration, Kubernetes types | the text that `string()` gives |
//! | list | encoded elements |
//! | map | pairs of encoded key and value, sorted by the key's type and text |
//! | optional_type | the encoded value, or null |

use crate::cel::library::kubernetes::opaque_text;
use crate::cel::library::standard::{duration_text, timestamp_text};
use crate::cel::value::{Map, Opaque, Val, plain};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Serialize, SerializeSeq, SerializeStruct, Serializer};
use std::cell::Cell;

/// A value that serialises with its type. Nesting is as deep as the value's, which the limits of documents and of
/// expressions bound.
#[derive(Clone, Copy, Debug)]
pub struct Encoded<'v, 'a>(pub &'v Val<'a>);

/// Values that are written at most: lists that share their parts can be longer than any memory.
const MAX_VALUES: usize = 4 << 20;

impl Serialize for Encoded<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Counted(self.0, &Cell::new(MAX_VALUES)).serialize(serializer)
    }
}

/// A value, and how many more may be written.
struct Counted<'v, 'a>(&'v Val<'a>, &'v Cell<usize>);

impl Serialize for Counted<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut encoded = serializer.serialize_struct("Value", 2)?;
        encoded.serialize_field("type", self.0.type_name())?;
        encoded.serialize_field("value", &Inner(self.0, self.1))?;
        encoded.end()
    }
}

/// The value without its type.
struct Inner<'v, 'a>(&'v Val<'a>, &'v Cell<usize>);

impl Serialize for Inner<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Val::Null | Val::Optional(None) => serializer.serialize_unit(),
            Val::Bool(value) => serializer.serialize_bool(*value),
            Val::Int(value) => serializer.collect_str(value),
            Val::Uint(value) => serializer.collect_str(value),
            Val::Double(value) if value.is_nan() => serializer.serialize_str("NaN"),
            Val::Double(f64::INFINITY) => serializer.serialize_str("Infinity"),
            Val::Double(f64::NEG_INFINITY) => serializer.serialize_str("-Infinity"),
            Val::Double(value) => double(*value, serializer),
            Val::String(value) | Val::Type(value) => serializer.serialize_str(value),
            Val::Bytes(value) => serializer.serialize_str(&STANDARD.encode(value)),
            Val::Timestamp(value) => serializer.serialize_str(&timestamp_text(*value)),
            Val::Duration(value) => serializer.serialize_str(&duration_text(*value)),
            Val::Optional(Some(value)) => Counted(value, self.1).serialize(serializer),
            Val::List(list) => {
                take(list.len(), self.1)?;
                let mut elements = serializer.serialize_seq(Some(list.len()))?;
                for element in list.iter() {
                    elements.serialize_element(&Counted(&element, self.1))?;
                }
                elements.end()
            }
            Val::Map(map) => pairs(*map, self.1, serializer),
            Val::Opaque(opaque) => serializer.serialize_str(&Encoded::text(opaque)),
            Val::Error(error) => serializer.collect_str(error),
        }
    }
}

/// A whole double is written without a fraction, with the shortest digits that name it, as Go writes it.
fn double<S: Serializer>(value: f64, serializer: S) -> Result<S::Ok, S::Error> {
    let shortest = format!("{:e}", value.abs());
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let fraction = mantissa.split_once('.').map_or(0, |(_, digits)| digits.len());
    let exponent = exponent.parse::<usize>().ok().filter(|exponent| (fraction..20).contains(exponent));
    if let (Some(exponent), true) = (exponent, value != 0.0) {
        let digits = mantissa.replace('.', "") + &"0".repeat(exponent - fraction);
        if let Ok(whole) = digits.parse::<u64>() {
            return match i64::try_from(whole) {
                Ok(whole) => serializer.serialize_i64(if value < 0.0 { -whole } else { whole }),
                Err(_) if value > 0.0 => serializer.serialize_u64(whole),
                Err(_) => serializer.serialize_f64(value),
            };
        }
    }
    if value == 0.0 { serializer.serialize_i64(0) } else { serializer.serialize_f64(value) }
}

fn take<E: serde::ser::Error>(count: usize, left: &Cell<usize>) -> Result<(), E> {
    let rest =
        left.get().checked_sub(count).ok_or_else(|| E::custom("the value is too large to be written"))?;
    left.set(rest);
    Ok(())
}

fn pairs<S: Serializer>(map: Map<'_>, left: &Cell<usize>, serializer: S) -> Result<S::Ok, S::Error> {
    take(map.len() * 2, left)?;
    let mut entries: Vec<_> =
        map.iter().map(|(key, value)| (key.type_name(), plain(&key), key, value)).collect();
    entries.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let mut pairs = serializer.serialize_seq(Some(entries.len()))?;
    for (_, _, key, value) in &entries {
        pairs.serialize_element(&(Counted(key, left), Counted(value, left)))?;
    }
    pairs.end()
}

impl Encoded<'_, '_> {
    /// The text of a Kubernetes value.
    pub(crate) fn text(opaque: &Opaque<'_>) -> String {
        opaque_text(opaque)
    }
}
