//! The function behind `transformMap` and `transformMapEntry`. Source: cel-go `ext/comprehensions.go`.

use crate::cel::library::{Function, Library, Overload};

/// Since 1.32. The VM builds the map itself.
pub fn library() -> Library {
    Library::new(vec![Function::new(
        "cel.@mapInsert",
        vec![
            Overload::operator("@mapInsert_map_map", "map(<K>, <V>), map(<K>, <V>) -> map(<K>, <V>)"),
            Overload::operator("@mapInsert_map_key_value", "map(<K>, <V>), <K>, <V> -> map(<K>, <V>)"),
        ],
    )])
}
