//! What the labels of a policy say of it.

use kordon::document::{NodeRef, Object};
use std::fmt;
use std::str::FromStr;

/// How grave it is when a policy is not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Gravity {
    Low,
    Medium,
    High,
    Critical,
}

/// The labels of a policy that kordon knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// `kordon.dev/severity`.
    pub severity: Option<Gravity>,
    /// `kordon.dev/pack`.
    pub pack: String,
    /// `kordon.dev/category`.
    pub category: String,
    /// Of each label `<standard>.kordon.dev/<number>`.
    pub controls: Vec<Control>,
}

/// A number in a standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// In lower case, as `cis`.
    pub standard: String,
    pub number: String,
}

impl Metadata {
    pub fn of(object: &Object) -> Metadata {
        let labels = object.root().field("metadata").and_then(|metadata| metadata.field("labels"));
        let mut metadata = Metadata::default();
        for (key, value) in labels.and_then(NodeRef::as_map).into_iter().flat_map(|labels| labels.iter()) {
            let Some((prefix, name)) = key.split_once('/') else { continue };
            let value = value.as_str().unwrap_or_default();
            match (prefix, name) {
                ("kordon.dev", "severity") => metadata.severity = value.parse().ok(),
                ("kordon.dev", "pack") => metadata.pack = value.to_owned(),
                ("kordon.dev", "category") => metadata.category = value.to_owned(),
                _ => metadata.controls.extend(
                    prefix
                        .strip_suffix(".kordon.dev")
                        .map(|standard| Control { standard: standard.to_owned(), number: name.to_owned() }),
                ),
            }
        }
        metadata
    }
}

impl Control {
    /// Whether a person means this control: by its standard, its number or both.
    pub fn is_named(&self, name: &str) -> bool {
        let both =
            |between: &str| name.eq_ignore_ascii_case(&format!("{}{between}{}", self.standard, self.number));
        name.eq_ignore_ascii_case(&self.standard)
            || name.eq_ignore_ascii_case(&self.number)
            || both("-")
            || both(" ")
            || both("/")
    }
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.standard.to_uppercase(), self.number)
    }
}

impl Gravity {
    pub fn as_str(self) -> &'static str {
        match self {
            Gravity::Low => "low",
            Gravity::Medium => "medium",
            Gravity::High => "high",
            Gravity::Critical => "critical",
        }
    }
}

impl FromStr for Gravity {
    type Err = String;

    fn from_str(text: &str) -> Result<Gravity, String> {
        let all = [Gravity::Low, Gravity::Medium, Gravity::High, Gravity::Critical];
        let found = all.into_iter().find(|gravity| gravity.as_str() == text);
        found.ok_or_else(|| format!("`{text}` is none of low, medium, high, critical"))
    }
}
