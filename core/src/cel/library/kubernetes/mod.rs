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
use crate::cel::value::Opaque;

/// Cost of parsing the string that comes first.
pub(crate) const PARSE: CallCost = BY_FIRST;

/// The text of a value of these libraries' types; the authorizer's have none.
pub(crate) fn opaque_text(opaque: &Opaque<'_>) -> String {
    match opaque {
        Opaque::Url(url) => url.text.to_owned(),
        Opaque::Ip(ip) => ip_text(ip.0),
        Opaque::Cidr(cidr) => format!("{}/{}", ip_text(cidr.ip), cidr.prefix),
        Opaque::Quantity(quantity) => quantity.text(),
        Opaque::Semver(semver) => semver.to_string(),
        Opaque::NamedFormat(format) => format.name.to_owned(),
        Opaque::Regex(regex) => regex.pattern.to_string(),
        Opaque::Enum(value) => value.number().to_string(),
        Opaque::Authorizer(_)
        | Opaque::Message(_)
        | Opaque::PathCheck(_)
        | Opaque::GroupCheck(_)
        | Opaque::ResourceCheck(_)
        | Opaque::Decision(_) => String::new(),
    }
}
