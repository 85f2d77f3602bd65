//! Kubernetes' own libraries. Source: apiserver `pkg/cel/library`.

pub mod authz;
pub mod cidr;
pub mod format;
pub mod ip;
pub mod lists;
pub mod quantity;
pub mod regex;
pub mod semver;
pub mod url;

mod net;

pub(crate) use net::ip_text;

use super::CallCost;
use super::standard::BY_FIRST;

/// Cost of parsing the string that comes first.
pub(crate) const PARSE: CallCost = BY_FIRST;
