//! What a document may cost its reader.

/// Limits on one document; passing one is a typed error, never a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one document; the API server's own limit on a request, 3 MiB.
    pub max_bytes: usize,
    /// Lists and maps inside each other.
    pub max_depth: usize,
    /// Nodes of one document after aliases are expanded.
    pub max_nodes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { max_bytes: 3 * 1024 * 1024, max_depth: 1_000, max_nodes: 4_000_000 }
    }
}
