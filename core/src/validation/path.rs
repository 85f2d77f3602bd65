//! Paths to fields as errors print them.
//!
//! Source: apimachinery `pkg/util/validation/field/path.go`.

use std::fmt;

/// A path on the way down; each step borrows the one above.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Path<'p> {
    /// Where the walk begins; nothing for the root of a resource.
    Root(Option<&'p str>),
    Child(&'p Path<'p>, &'p str),
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl<'p> Path<'p> {
    pub(crate) fn child(&'p self, name: &'p str) -> Path<'p> {
        Path::Child(self, name)
    }

    pub(crate) fn key(&'p self, key: &'p str) -> Path<'p> {
        Path::Key(self, key)
    }

    pub(crate) fn index(&'p self, index: usize) -> Path<'p> {
        Path::Index(self, index)
    }

    /// The path with keys as if they were fields.
    pub(crate) fn dotted(&'p self) -> impl fmt::Display {
        Dotted(self)
    }

    /// Adds the path above a step, and says whether there is any.
    fn write(&self, f: &mut fmt::Formatter<'_>) -> Result<bool, fmt::Error> {
        match self {
            Path::Root(None) => return Ok(false),
            Path::Root(Some(root)) => f.write_str(root)?,
            Path::Child(parent, name) => {
                let separator = if parent.write(f)? { "." } else { "" };
                write!(f, "{separator}{name}")?;
            }
            Path::Key(parent, key) => {
                parent.write(f)?;
                write!(f, "[{key}]")?;
            }
            Path::Index(parent, index) => {
                parent.write(f)?;
                write!(f, "[{index}]")?;
            }
        }
        Ok(true)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.write(f)? {
            f.write_str("<nil>")?;
        }
        Ok(())
    }
}

struct Dotted<'p>(&'p Path<'p>);

impl Dotted<'_> {
    fn write(path: &Path<'_>, f: &mut fmt::Formatter<'_>) -> Result<bool, fmt::Error> {
        match path {
            Path::Key(parent, name) | Path::Child(parent, name) => {
                let separator = if Dotted::write(parent, f)? { "." } else { "" };
                write!(f, "{separator}{name}")?;
                Ok(true)
            }
            Path::Index(parent, index) => {
                Dotted::write(parent, f)?;
                write!(f, "[{index}]")?;
                Ok(true)
            }
            Path::Root(_) => path.write(f),
        }
    }
}

impl fmt::Display for Dotted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Dotted::write(self.0, f).map(drop)
    }
}
