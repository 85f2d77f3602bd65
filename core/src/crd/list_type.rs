//! What lists promise by `x-kubernetes-list-type`: elements of a set, and keys of a map's elements, are there once.
//!
//! Source: apiextensions-apiserver `pkg/apiserver/schema/listtype/validation.go`.

use super::field_error::{ErrorType, FieldError, Shown, json};
use super::path::Path;
use crate::document::{ListRef, NodeRef, NodeValue};
use crate::go::push_json;
use crate::schema::Structural;
use crate::source::Span;
use std::collections::HashMap;

/// The lists of an object that break their promise.
pub(super) fn validate(schema: &Structural, object: NodeRef<'_>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    value(schema, &Path::Root(None), object, &mut errors);
    errors
}

fn value(schema: &Structural, path: &Path<'_>, node: NodeRef<'_>, errors: &mut Vec<FieldError>) {
    match node.value() {
        NodeValue::List(list) => {
            match schema.list_type.as_deref() {
                Some("set") => set(path, list, errors),
                Some("map") => map(schema, path, list, errors),
                _ => {}
            }
            if let Some(items) = &schema.items {
                for (index, element) in list.iter().enumerate() {
                    value(items, &path.index(index), element, errors);
                }
            }
        }
        NodeValue::Map(entries) => {
            if let Some(additional) = schema.additional_schema() {
                for (name, entry) in entries.iter() {
                    value(additional, &path.key(name), entry, errors);
                }
            }
            for (name, entry) in entries.iter() {
                if let Some(property) = schema.properties.get(name) {
                    value(property, &path.child(name), entry, errors);
                }
            }
        }
        _ => {}
    }
}

fn set(path: &Path<'_>, list: ListRef<'_>, errors: &mut Vec<FieldError>) {
    let keys = list.iter().map(element_key);
    for (index, element) in repeated(keys).into_iter().filter_map(|index| Some((index, list.at(index)?))) {
        duplicate(&path.index(index), Shown::Node(element), element, errors);
    }
}

fn map(schema: &Structural, path: &Path<'_>, list: ListRef<'_>, errors: &mut Vec<FieldError>) {
    let strange = |(_, element): &(usize, NodeRef<'_>)| !element.is_null() && element.as_map().is_none();
    if let Some((index, element)) = list.iter().enumerate().find(strange) {
        let detail = "must be an object for an array of list-type map";
        let (path, shown) = (path.index(index), Shown::Node(element));
        let error = FieldError::new(ErrorType::Invalid, &path, shown, detail, Span::default());
        return errors.push(error.at(element));
    }
    let names = &schema.list_map_keys;
    let key = |element: NodeRef<'_>| match names.as_slice() {
        [name] => element.field(name).map_or_else(|| "-".to_owned(), element_key),
        _ => keys_text(names, element),
    };
    let keys = list.iter().map(key);
    for (index, element) in repeated(keys).into_iter().filter_map(|index| Some((index, list.at(index)?))) {
        let shown = keys_text(names, element);
        duplicate(&path.index(index), Shown::Raw(&shown), element, errors);
    }
}

fn duplicate(path: &Path<'_>, shown: Shown<'_>, element: NodeRef<'_>, errors: &mut Vec<FieldError>) {
    let error = FieldError::new(ErrorType::Duplicate, path, shown, "", Span::default());
    errors.push(error.at(element));
}

/// The second place of each key that is there more than once.
fn repeated(keys: impl Iterator<Item = String>) -> Vec<usize> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut again = Vec::new();
    for (index, key) in keys.enumerate() {
        let times = seen.entry(key).or_default();
        *times += 1;
        if *times == 2 {
            again.push(index);
        }
    }
    again
}

/// A text that two elements share if they are the same to Go: numbers of different types are not, and lists and maps are
/// by their JSON.
fn element_key(node: NodeRef<'_>) -> String {
    match node.value() {
        NodeValue::Int(value) => format!("i{value}"),
        NodeValue::Double(value) => format!("d{:x}", (value + 0.0).to_bits()),
        NodeValue::String(text) => format!("s{text}"),
        NodeValue::Bool(_) | NodeValue::Null | NodeValue::List(_) | NodeValue::Map(_) => {
            let mut text = "j".to_owned();
            json(node, &mut text);
            text
        }
    }
}

/// The keys that an element has, as JSON; sorted, as Go's maps are written.
fn keys_text(names: &[Box<str>], element: NodeRef<'_>) -> String {
    let mut names: Vec<&str> = names.iter().map(|name| &**name).collect();
    names.sort_unstable();
    names.dedup();
    let mut text = "{".to_owned();
    for (name, key) in names.into_iter().filter_map(|name| Some((name, element.field(name)?))) {
        text.push_str(if text.len() == 1 { "" } else { "," });
        push_json(&mut text, name);
        text.push(':');
        json(key, &mut text);
    }
    text.push('}');
    text
}
