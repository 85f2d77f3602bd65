//! Levels and versions of the standards, and the labels of a namespace that ask for them.
//!
//! Source: pod-security-admission `api/helpers.go`, `api/constants.go`.

use crate::document::NodeRef;
use std::fmt;
use std::str::FromStr;

/// How strict a policy is, from the least strict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    #[default]
    Privileged,
    Baseline,
    Restricted,
}

/// The version of the standards that a policy follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PolicyVersion {
    #[default]
    Latest,
    /// `v1.` and this number.
    Minor(u64),
}

/// A level as of a version: `restricted:v1.30`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LevelVersion {
    pub level: Level,
    pub version: PolicyVersion,
}

/// What is done with pods that violate a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Enforce,
    Audit,
    Warn,
}

/// What a namespace asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    pub enforce: LevelVersion,
    pub audit: LevelVersion,
    pub warn: LevelVersion,
}

/// A label of a namespace whose value is none of those there are.
#[derive(Clone, Debug, PartialEq)]
pub struct InvalidLabel<'o> {
    pub label: &'static str,
    pub value: &'o str,
    pub error: ParseError,
    /// The label's value in the namespace.
    pub node: NodeRef<'o>,
}

/// Why a level or version cannot be read, in the words of the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseError {
    Level,
    Version,
}

impl Level {
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Privileged => "privileged",
            Level::Baseline => "baseline",
            Level::Restricted => "restricted",
        }
    }
}

impl Mode {
    pub const ALL: [Mode; 3] = [Mode::Enforce, Mode::Audit, Mode::Warn];

    /// The label with the level.
    pub fn level_label(self) -> &'static str {
        match self {
            Mode::Enforce => "pod-security.kubernetes.io/enforce",
            Mode::Audit => "pod-security.kubernetes.io/audit",
            Mode::Warn => "pod-security.kubernetes.io/warn",
        }
    }

    /// The label with the version.
    pub fn version_label(self) -> &'static str {
        match self {
            Mode::Enforce => "pod-security.kubernetes.io/enforce-version",
            Mode::Audit => "pod-security.kubernetes.io/audit-version",
            Mode::Warn => "pod-security.kubernetes.io/warn-version",
        }
    }
}

impl Policy {
    /// What the labels of a namespace ask for over the defaults, and which of them are invalid: an invalid level
    /// enforces the strictest and neither warns nor audits, an invalid version is the latest.
    pub fn of_namespace<'o>(namespace: NodeRef<'o>, defaults: Policy) -> (Policy, Vec<InvalidLabel<'o>>) {
        let labels = namespace.field("metadata").and_then(|metadata| metadata.field("labels"));
        let label = |name: &'static str| {
            let node = labels?.field(name)?;
            Some((name, node, node.as_str().unwrap_or_default()))
        };
        let mut policy = defaults;
        let mut invalid = Vec::new();
        let mut enforces = false;
        for mode in Mode::ALL {
            let asked = policy.of_mut(mode);
            if let Some((label, node, value)) = label(mode.level_label()) {
                let read = value.parse();
                enforces |= mode == Mode::Enforce && read.is_ok();
                asked.level = read.unwrap_or_else(|error| {
                    invalid.push(InvalidLabel { label, value, error, node });
                    if mode == Mode::Enforce { Level::Restricted } else { Level::Privileged }
                });
            }
            if let Some((label, node, value)) = label(mode.version_label()) {
                asked.version = value.parse().unwrap_or_else(|error| {
                    invalid.push(InvalidLabel { label, value, error, node });
                    PolicyVersion::Latest
                });
            }
        }
        // What a namespace enforces it warns of too, so that whoever makes a workload learns of it.
        let is_warned = label(Mode::Warn.level_label()).is_some();
        if enforces && !is_warned && policy.enforce.level > policy.warn.level {
            policy.warn.level = policy.enforce.level;
            if label(Mode::Warn.version_label()).is_none() {
                policy.warn.version = policy.enforce.version;
            }
        }
        (policy, invalid)
    }

    pub fn of(&self, mode: Mode) -> LevelVersion {
        match mode {
            Mode::Enforce => self.enforce,
            Mode::Audit => self.audit,
            Mode::Warn => self.warn,
        }
    }

    pub fn is_fully_privileged(&self) -> bool {
        Mode::ALL.iter().all(|&mode| self.of(mode).level == Level::Privileged)
    }

    /// Whether two policies do the same: versions of `privileged` do not matter.
    pub(super) fn is_equivalent(&self, other: &Policy) -> bool {
        Mode::ALL.iter().all(|&mode| {
            let (one, two) = (self.of(mode), other.of(mode));
            one == two || (one.level == Level::Privileged && two.level == Level::Privileged)
        })
    }

    fn of_mut(&mut self, mode: Mode) -> &mut LevelVersion {
        match mode {
            Mode::Enforce => &mut self.enforce,
            Mode::Audit => &mut self.audit,
            Mode::Warn => &mut self.warn,
        }
    }
}

impl InvalidLabel<'_> {
    /// As the API server says it of a field.
    pub fn message(&self) -> String {
        let value = crate::go::quoted(self.value);
        format!("metadata.labels[{}]: Invalid value: {value}: {}", self.label, self.error)
    }
}

impl FromStr for Level {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Level, ParseError> {
        match text {
            "privileged" => Ok(Level::Privileged),
            "baseline" => Ok(Level::Baseline),
            "restricted" => Ok(Level::Restricted),
            _ => Err(ParseError::Level),
        }
    }
}

impl FromStr for PolicyVersion {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<PolicyVersion, ParseError> {
        if text == "latest" {
            return Ok(PolicyVersion::Latest);
        }
        let digits = text.strip_prefix("v1.").ok_or(ParseError::Version)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        if !plain || (digits.len() > 1 && digits.starts_with('0')) {
            return Err(ParseError::Version);
        }
        let minor = digits.parse::<i64>().map_err(|_| ParseError::Version)?;
        Ok(PolicyVersion::Minor(minor.unsigned_abs()))
    }
}

/// `restricted`, or `restricted:v1.30`.
impl FromStr for LevelVersion {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<LevelVersion, ParseError> {
        let (level, version) = text.split_once(':').unwrap_or((text, "latest"));
        Ok(LevelVersion { level: level.parse()?, version: version.parse()? })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for PolicyVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PolicyVersion::Latest => f.write_str("latest"),
            PolicyVersion::Minor(minor) => write!(f, "v1.{minor}"),
        }
    }
}

impl fmt::Display for LevelVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.level, self.version)
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ParseError::Level => "must be one of privileged, baseline, restricted",
            ParseError::Version => "must be \"latest\" or \"v1.x\"",
        })
    }
}

impl std::error::Error for ParseError {}
