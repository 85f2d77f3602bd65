//! The version table: which Kubernetes version brought which library. Source: apiserver `environment/base.go`.

use crate::cel::library::{Library, extensions, kubernetes, standard};
use crate::cel::parser::ParserOptions;
use std::fmt;
use std::str::FromStr;

/// A Kubernetes version, major and minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    pub major: u16,
    pub minor: u16,
}

impl Version {
    /// Everything that is known, as stored expressions may use it.
    pub const NEWEST: Version = Version { major: 1, minor: u16::MAX - 1 };
}

impl Default for Version {
    fn default() -> Version {
        Version { major: 1, minor: 37 }
    }
}

/// Which expressions an environment is for.
///
/// Source: apiserver `pkg/cel/environment/environment.go`, `Type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EnvType {
    /// Expressions that are being written: only what the Kubernetes version has, so that it could be rolled back to.
    #[default]
    NewExpressions,
    /// Expressions that are stored already: everything that kube-apiserver knows, whatever the version, since a newer
    /// one may have stored them.
    StoredExpressions,
}

/// A library and the minor version of Kubernetes 1.x that first had it, with the one that no longer has it.
struct Entry {
    introduced: u16,
    removed: u16,
    library: fn() -> Library,
}

const fn since(introduced: u16, library: fn() -> Library) -> Entry {
    Entry { introduced, removed: u16::MAX, library }
}

const TABLE: &[Entry] = &[
    since(0, standard::library),
    since(0, kubernetes::url::library),
    since(0, kubernetes::regex::library),
    Entry { introduced: 0, removed: 37, library: kubernetes::lists::library },
    since(27, kubernetes::authz::library),
    since(28, extensions::optional::library),
    since(28, kubernetes::quantity::library),
    Entry { introduced: 0, removed: 29, library: extensions::strings::version_0 },
    since(29, extensions::strings::version_2),
    since(29, extensions::sets::library),
    since(30, kubernetes::ip::library),
    since(30, kubernetes::cidr::library),
    since(31, kubernetes::format::library),
    since(31, kubernetes::authz::selectors),
    since(32, extensions::two_variables::library),
    since(33, kubernetes::semver::library),
    since(34, extensions::lists::library),
    // Its overloads come after those for strings since then, which decides calls on values of unknown type.
    since(37, kubernetes::lists::library),
    since(37, kubernetes::lists::includes),
    since(38, kubernetes::cidr::is_mask),
];

const OPTIONALS_SINCE: u16 = 28;
const CROSS_TYPE_COMPARISONS_SINCE: u16 = 28;
const LITERALS_VALIDATED_SINCE: u16 = 29;
const TWO_VARIABLES_SINCE: u16 = 32;
const SORT_BY_SINCE: u16 = 34;
const KEYWORDS_AS_FIELDS_SINCE: u16 = 31;

/// What the general environment has beyond the latest Kubernetes. Overloads of the same id replace earlier ones.
pub(super) fn general_libraries() -> Vec<Library> {
    let mut libraries = Version { major: 1, minor: 37 }.libraries();
    libraries.extend([
        extensions::encoders::library(),
        extensions::math::library(),
        extensions::regex::library(),
        extensions::strings::version_5(),
        extensions::network::library(),
        kubernetes::cidr::is_mask(),
        standard::portions(),
    ]);
    libraries
}

impl Version {
    /// The version whose libraries an environment has.
    pub(crate) fn seen_by(self, kind: EnvType) -> Version {
        match kind {
            EnvType::NewExpressions => self,
            EnvType::StoredExpressions => self.max(Version::default()),
        }
    }

    pub(super) fn libraries(self) -> Vec<Library> {
        let present = |entry: &&Entry| (entry.introduced..entry.removed).contains(&self.minor);
        TABLE.iter().filter(present).map(|entry| (entry.library)()).collect()
    }

    pub(super) fn parser_options(self) -> ParserOptions {
        ParserOptions {
            optionals: self.minor >= OPTIONALS_SINCE,
            two_variables: self.minor >= TWO_VARIABLES_SINCE,
            sort_by: self.minor >= SORT_BY_SINCE,
            bindings: false,
            escaped_identifiers: true,
            extensions: false,
        }
    }

    pub(super) fn takes_keywords_as_fields(self) -> bool {
        self.minor >= KEYWORDS_AS_FIELDS_SINCE
    }

    pub(super) fn compares_across_types(self) -> bool {
        self.minor >= CROSS_TYPE_COMPARISONS_SINCE
    }

    pub(super) fn validates_literals(self) -> bool {
        self.minor >= LITERALS_VALIDATED_SINCE
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for Version {
    type Err = String;

    /// `1.37`, also as `v1.37` or `1.37.2`.
    fn from_str(text: &str) -> Result<Version, String> {
        let mut parts = text.trim_start_matches('v').split('.').map(str::parse::<u16>);
        match (parts.next(), parts.next()) {
            (Some(Ok(major @ 1)), Some(Ok(minor))) if minor >= 22 => Ok(Version { major, minor }),
            _ => Err(format!("`{text}` is no Kubernetes version such as 1.37")),
        }
    }
}
