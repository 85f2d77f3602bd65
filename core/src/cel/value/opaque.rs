//! The opaque types that Kubernetes' libraries add: plain data without heap memory, so that an arena can hold it.

use crate::authorization;
use crate::cel::message::{EnumValue, Message};
use crate::cel::regex::Regex;
use crate::document::NodeRef;
use crate::quantity::Quantity;
use std::fmt;
use std::net::IpAddr;

/// A value of a Kubernetes library type.
#[derive(Clone, Copy, Debug)]
pub enum Opaque<'a> {
    Url(&'a Url<'a>),
    Ip(&'a Ip),
    Cidr(&'a Cidr),
    Quantity(&'a Quantity<'a>),
    Semver(&'a Semver<'a>),
    NamedFormat(&'static NamedFormat),
    Authorizer(&'a Authorizer<'a>),
    PathCheck(&'a PathCheck<'a>),
    GroupCheck(&'a GroupCheck<'a>),
    ResourceCheck(&'a ResourceCheck<'a>),
    Decision(&'a Decision<'a>),
    /// A value of a protobuf enum that is a type of its own.
    Enum(&'a EnumValue<'a>),
    /// A protobuf message.
    Message(&'a Message<'a>),
    /// A value of a document that has no schema where the rest has one.
    Preserved(&'a NodeRef<'a>),
    /// A pattern compiled when the program was; stands where a constant string argument stood.
    Regex(&'a Regex),
}

/// A URL as Go's net/url splits it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Url<'a> {
    /// The URL written out again, what equality compares.
    pub text: &'a str,
    pub scheme: &'a str,
    /// Host and port, unescaped, IPv6 in brackets.
    pub host: &'a str,
    pub escaped_path: &'a str,
    pub raw_query: &'a str,
}

/// An IP address without a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ip(pub IpAddr);

/// An address with a prefix length; host bits are kept as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    pub ip: IpAddr,
    pub prefix: u8,
}

/// A semantic version, semver.org 2.0.
#[derive(Clone, Copy, Debug)]
pub struct Semver<'a> {
    pub major: u64,
    pub minor: u64,
    pub patch: u64,
    /// Without its `-`.
    pub pre_release: &'a str,
    /// Without its `+`; no part of the order.
    pub build: &'a str,
}

/// A format of `format.named`, and how a string is checked against it.
#[derive(Debug)]
pub struct NamedFormat {
    pub name: &'static str,
    /// Complaints about a string, none when it has the format.
    pub validate: fn(&str) -> Vec<String>,
    /// Size of the regular expression that the cost of a check is counted for.
    pub max_regex_size: u64,
}

/// Who asks, and whom.
#[derive(Clone, Copy, Debug)]
pub struct Authorizer<'a> {
    pub user: authorization::User<'a>,
    pub authorizer: &'a dyn authorization::Authorizer,
}

/// A check of a non-resource path.
#[derive(Clone, Copy, Debug)]
pub struct PathCheck<'a> {
    pub authorizer: Authorizer<'a>,
    pub path: &'a str,
}

/// An API group to pick a resource from.
#[derive(Clone, Copy, Debug)]
pub struct GroupCheck<'a> {
    pub authorizer: Authorizer<'a>,
    pub group: &'a str,
}

/// A check of a resource.
#[derive(Clone, Copy, Debug)]
pub struct ResourceCheck<'a> {
    pub authorizer: Authorizer<'a>,
    pub group: &'a str,
    pub resource: &'a str,
    pub subresource: &'a str,
    pub namespace: &'a str,
    pub name: &'a str,
    pub field_selector: &'a str,
    pub label_selector: &'a str,
}

/// What the authorizer said.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    pub allowed: bool,
    pub reason: &'a str,
    pub error: &'a str,
}

impl fmt::Display for Semver<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.pre_release.is_empty() {
            write!(f, "-{}", self.pre_release)?;
        }
        if !self.build.is_empty() {
            write!(f, "+{}", self.build)?;
        }
        Ok(())
    }
}

impl<'a> Opaque<'a> {
    pub fn type_name(&self) -> &'a str {
        match self {
            Opaque::Enum(value) => value.type_name(),
            Opaque::Message(message) => message.type_name(),
            Opaque::Url(_) => "kubernetes.URL",
            Opaque::Ip(_) => "net.IP",
            Opaque::Cidr(_) => "net.CIDR",
            Opaque::Quantity(_) => "kubernetes.Quantity",
            Opaque::Semver(_) => "kubernetes.Semver",
            Opaque::NamedFormat(_) => "kubernetes.NamedFormat",
            Opaque::Authorizer(_) => "kubernetes.authorization.Authorizer",
            Opaque::PathCheck(_) => "kubernetes.authorization.PathCheck",
            Opaque::GroupCheck(_) => "kubernetes.authorization.GroupCheck",
            Opaque::ResourceCheck(_) => "kubernetes.authorization.ResourceCheck",
            Opaque::Decision(_) => "kubernetes.authorization.Decision",
            Opaque::Regex(_) => "string",
            Opaque::Preserved(_) => "unknown",
        }
    }

    /// Whether the value is of a type of Kubernetes' own; these refuse to be compared with any other.
    pub(crate) fn is_kubernetes(&self) -> bool {
        !matches!(self, Opaque::Enum(_) | Opaque::Message(_) | Opaque::Preserved(_) | Opaque::Regex(_))
    }

    /// Equality as each Go type defines it; authorizer values cannot even be compared with each other.
    ///
    /// Source: apiserver `pkg/cel/quantity.go` and its siblings, `library/authz.go`.
    pub fn equality(&self, other: &Opaque<'_>) -> Option<bool> {
        Some(match (self, other) {
            (Opaque::Url(a), Opaque::Url(b)) => a.text == b.text,
            (Opaque::Ip(a), Opaque::Ip(b)) => a == b,
            (Opaque::Cidr(a), Opaque::Cidr(b)) => a == b,
            (Opaque::Quantity(a), Opaque::Quantity(b)) => return a.equality(b),
            (Opaque::Semver(a), Opaque::Semver(b)) => {
                (a.major, a.minor, a.patch, a.pre_release) == (b.major, b.minor, b.patch, b.pre_release)
            }
            (Opaque::NamedFormat(a), Opaque::NamedFormat(b)) => a.name == b.name,
            (Opaque::Enum(a), Opaque::Enum(b)) => a.number() == b.number() && a.type_name() == b.type_name(),
            (Opaque::Message(a), Opaque::Message(b)) => a.equal(b),
            _ if self.is_kubernetes() => return None,
            _ => false,
        })
    }

    /// The name of the Go type that holds the value, which some errors show.
    pub(crate) fn go_type(&self) -> Option<&'static str> {
        Some(match self {
            Opaque::Url(_) => "cel.URL",
            Opaque::Ip(_) => "cel.IP",
            Opaque::Cidr(_) => "cel.CIDR",
            Opaque::Quantity(quantity) if quantity.computed => "*cel.Quantity",
            Opaque::Quantity(_) => "cel.Quantity",
            Opaque::Semver(_) => "cel.Semver",
            Opaque::NamedFormat(_) => "cel.Format",
            Opaque::Authorizer(_) => "library.authorizerVal",
            Opaque::PathCheck(_) => "library.pathCheckVal",
            Opaque::GroupCheck(_) => "library.groupCheckVal",
            Opaque::ResourceCheck(_) => "library.resourceCheckVal",
            Opaque::Decision(_) => "library.decisionVal",
            Opaque::Preserved(_) => "*common.unknownPreserved",
            Opaque::Regex(_) => "types.String",
            Opaque::Enum(_) | Opaque::Message(_) => return None,
        })
    }
}
