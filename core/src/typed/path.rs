//! Where decoding is: a chain of steps that lives on the stack.

/// A place in an object, seen from inside.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'p> {
    pub(super) up: Option<&'p At<'p>>,
    pub(super) step: Step<'p>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'p> {
    /// A field of a struct, with what is embedded around it and the struct's name.
    Field {
        name: &'p str,
        embedded: &'p str,
        owner: &'p str,
    },
    /// A key of a map.
    Key(&'p str),
    Index(usize),
}

impl At<'_> {
    /// As strict errors name it, `spec.containers[0].image`.
    pub(super) fn text(&self) -> String {
        let mut text = self.up.map(At::text).unwrap_or_default();
        match self.step {
            Step::Field { name, .. } | Step::Key(name) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
            Step::Index(number) => text.push_str(&format!("[{number}]")),
        }
        text
    }

    /// The names of fields alone, as type errors have them.
    pub(super) fn fields(&self) -> String {
        let mut text = self.up.map(At::fields).unwrap_or_default();
        if let Step::Field { name, embedded, .. } = self.step {
            for part in [embedded, name] {
                if !text.is_empty() && !part.is_empty() {
                    text.push('.');
                }
                text.push_str(part);
            }
        }
        text
    }

    /// The struct of the innermost field.
    pub(super) fn owner(&self) -> &str {
        match self.step {
            Step::Field { owner, .. } => owner,
            _ => self.up.map_or("", At::owner),
        }
    }
}
