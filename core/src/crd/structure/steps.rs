//! Paths as the validator of OpenAPI schemas writes them: without a root, and with a dot before what has no property.

use std::fmt;

/// A path on the way down; each step borrows the one above.
#[derive(Clone, Copy, Debug)]
pub(super) enum Steps<'p> {
    Root,
    /// A field with a property of its own.
    Property(&'p Steps<'p>, &'p str),
    /// Any other field, or one that is missing.
    Entry(&'p Steps<'p>, &'p str),
    Index(&'p Steps<'p>, usize),
}

impl Steps<'_> {
    pub(super) fn is_root(&self) -> bool {
        matches!(self, Steps::Root)
    }

    /// Writes the path and says whether it has any text.
    fn write(&self, f: &mut fmt::Formatter<'_>) -> Result<bool, fmt::Error> {
        match self {
            Steps::Root => return Ok(false),
            Steps::Property(above, name) => {
                let separator = if above.write(f)? { "." } else { "" };
                write!(f, "{separator}{name}")?;
                return Ok(!separator.is_empty() || !name.is_empty());
            }
            Steps::Entry(above, name) => {
                above.write(f)?;
                write!(f, ".{name}")?;
            }
            Steps::Index(above, index) => {
                above.write(f)?;
                write!(f, "[{index}]")?;
            }
        }
        Ok(true)
    }
}

impl fmt::Display for Steps<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f).map(drop)
    }
}
