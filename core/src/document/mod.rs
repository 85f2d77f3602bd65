//! Documents: JSON bytes, YAML text or any `serde::Serialize` become one indexed, compact [`Object`].
//!
//! No policy and no CEL here. Reading is strict about limits and lenient about content, as the API server is.

mod builder;
mod copy;
mod cursor;
mod draft;
mod equal;
mod error;
mod json;
mod key;
mod limits;
mod node;
mod object;
mod projection;
mod reader;
mod write;
mod yaml;

pub use builder::{ObjectBuilder, Str};
pub(crate) use cursor::{Cursor, Elements};
pub(crate) use draft::{Draft, DraftValue, Place};
pub use error::{DocumentError, ErrorKind};
pub(crate) use key::Key;
pub use limits::Limits;
pub use node::{FieldName, ListRef, MapRef, NodeRef, NodeValue};
pub(crate) use object::same_key;
pub use object::{Object, Origin};
pub use projection::Projection;
pub use reader::{Document, Part, documents};
pub use yaml::{Piece, Splitter, yaml_documents};
