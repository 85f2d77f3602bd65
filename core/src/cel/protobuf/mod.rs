//! Protobuf: the well-known types, which are part of the language, and how messages are made, read and written.
//!
//! Source: cel-go `common/types/pb`, `common/types/provider.go`, and the `ConvertToNative` of its value types.

mod assign;
mod decode;
#[cfg(feature = "protobuf")]
mod descriptors;
mod json;
mod make;
#[cfg(test)]
mod tests;
mod well_known;

pub use decode::DecodeError;
#[cfg(feature = "protobuf")]
pub use descriptors::DescriptorError;
pub(crate) use make::{enum_number, make, readable, to_enum};
pub(crate) use well_known::schema as well_known_schema;
