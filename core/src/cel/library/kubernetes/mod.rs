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
mod net_url;

pub(crate) use net::{ip_text, parse_address};

use super::CallCost;
use super::standard::traversal;
use crate::cel::estimate::{Call, CallEstimate, CostEstimate, EstimateCall};
use crate::cel::types::Type;
use crate::cel::value::Opaque;

/// Cost of parsing the string that comes first.
pub(crate) const PARSE: CallCost =
    |args, _| traversal(args.first().map_or(1, crate::cel::value::Val::actual_size));

/// The same, before it is known.
pub(crate) const PARSING: EstimateCall = |call| Some(CallEstimate::costs(call.arg_size(0)?.at(0.1)));

/// The longest name of a format that cost is counted by. Source: apiserver `pkg/cel/limits.go`.
const MAX_FORMAT_SIZE: u64 = 64;

/// What `a == b` may cost for the types of these libraries; `None` for others.
pub(crate) fn equality(call: &Call<'_>) -> Option<CallEstimate> {
    let [left, right] = call.args else { return None };
    if left.kind.name() != right.kind.name() {
        return None;
    }
    let longest = match left.kind {
        Type::Opaque(name, _) if matches!(&**name, "net.IP" | "net.CIDR") => {
            return Some(CallEstimate::fixed(1));
        }
        Type::Struct(name) => match &**name {
            "kubernetes.Quantity"
            | "kubernetes.Semver"
            | "kubernetes.authorization.Authorizer"
            | "kubernetes.authorization.PathCheck"
            | "kubernetes.authorization.GroupCheck"
            | "kubernetes.authorization.ResourceCheck"
            | "kubernetes.authorization.Decision" => return Some(CallEstimate::fixed(1)),
            "kubernetes.NamedFormat" => MAX_FORMAT_SIZE,
            // The left one's size is not looked at.
            "kubernetes.URL" => right.computed.map_or(1, |size| size.max),
            _ => return None,
        },
        _ => return None,
    };
    Some(CallEstimate::costs(CostEstimate::new(1, longest).times(0.1)))
}

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
        | Opaque::Preserved(_)
        | Opaque::PathCheck(_)
        | Opaque::GroupCheck(_)
        | Opaque::ResourceCheck(_)
        | Opaque::Decision(_) => String::new(),
    }
}
