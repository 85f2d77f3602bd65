//! The opaque types that Kubernetes' libraries add.

/// A value of a Kubernetes library type.
#[derive(Clone, Copy, Debug)]
pub enum Opaque<'a> {
    Url(&'a Url<'a>),
    Ip(&'a Ip),
    Cidr(&'a Cidr),
    Quantity(&'a Quantity),
    Semver(&'a Semver<'a>),
    NamedFormat(NamedFormat),
    Authorizer(&'a Authorizer<'a>),
    PathCheck(&'a PathCheck<'a>),
    GroupCheck(&'a GroupCheck<'a>),
    ResourceCheck(&'a ResourceCheck<'a>),
    Decision(&'a Decision<'a>),
    /// A pattern compiled when the program was; stands where a constant string argument stood.
    Regex(&'a Regex),
}
