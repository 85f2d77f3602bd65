//! kordon
