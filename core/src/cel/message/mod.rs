//! Protobuf messages as values: what a schema says of them, and the message itself, borrowed from an arena.
//!
//! A message holds CEL values, not protobuf's: a wrapper is its primitive or null, a `Struct` a map, an `Any` what it
//! contains. What becomes of what is the room `protobuf`'s.

mod schema;
mod value;

pub use schema::{Default, EnumType, Field, Kind, MessageType, Schema, Shape, WellKnown};
pub use value::{EnumValue, Message};
pub(crate) use value::{enumerated, zero};
