//! The table of rules, read.
//!
//! A line `K` or `T` begins a kind or another type, with the rules of the value itself; the lines under it are its
//! fields, `=` for a struct that is embedded. Rules are parted by `; `. `!` goes before one after whose error nothing more
//! is looked at, `?` before one that only ends it and says nothing, and braces hold rules that end by themselves.

use std::collections::HashMap;

#[cfg(feature = "schemas")]
const TABLE: &str = include_str!("kubernetes.txt");
#[cfg(not(feature = "schemas"))]
const TABLE: &str = "";

/// The version that the table is of.
pub(super) const MINOR: u16 = 37;

/// The rules of each type, by the name that the schemas have for it.
#[derive(Debug, Default)]
pub(super) struct Table {
    types: HashMap<&'static str, TypeRules>,
}

#[derive(Debug, Default)]
pub(super) struct TypeRules {
    /// Whether objects of the type are validated, and not only as parts of others.
    pub(super) is_kind: bool,
    pub(super) own: Vec<Statement>,
    pub(super) fields: Vec<(&'static str, Vec<Statement>)>,
}

#[derive(Debug)]
pub(super) enum Statement {
    Rule { rule: Rule, reports: bool, stops: bool },
    Cohort(Vec<Statement>),
}

#[derive(Debug)]
pub(super) enum Rule {
    Presence(Presence, Holder),
    Format {
        format: Format,
        json: bool,
    },
    Limit(Limit, i64),
    Enum(&'static str),
    Union {
        members: Vec<Member>,
        zero: bool,
    },
    DependentRequired(Member, Member),
    Unique {
        by: Match,
        json: bool,
    },
    ListUpdate {
        by: Match,
        constraints: &'static str,
    },
    Update {
        pointer: bool,
        constraints: &'static str,
    },
    Immutable,
    Monotonic,
    Subfield(&'static str, Box<Rule>),
    EachItem {
        by: Match,
        equal: Match,
        rule: Box<Rule>,
    },
    EachValue(Box<Rule>),
    EachKey(Box<Rule>),
    Discriminated(Discriminated),
    /// The rules of another type.
    Type(&'static str),
    /// Written by hand, by its name.
    Custom(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
    Forbidden,
}

/// What kind of Go value is empty when: a zero value, nil, without elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    Value,
    Pointer,
    Collection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    MaxLength,
    MaxBytes,
    MaxItems,
    Minimum,
    Maximum,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    ExtendedResourceName,
    LabelKey,
    LongName,
    LongNameCaseless,
    PathSegmentName,
    PrefixedLabelKey,
    ResourceFullyQualifiedName,
    ResourcePoolName,
    ShortName,
    Uuid,
}

/// A member of a union.
#[derive(Clone, Copy, Debug)]
pub(super) enum Member {
    Field {
        name: &'static str,
        pointer: bool,
    },
    /// An element of a list whose key has a value.
    Item {
        name: &'static str,
        key: &'static str,
        value: &'static str,
    },
}

/// How elements of lists are matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// Not at all.
    Never,
    Whole,
    /// By fields, joined by commas.
    Keys(&'static str),
}

/// A field by the value of another.
#[derive(Debug)]
pub(super) struct Discriminated {
    pub(super) field: &'static str,
    pub(super) by: &'static str,
    pub(super) otherwise: Option<Box<Rule>>,
    pub(super) values: Vec<(&'static str, Option<Box<Rule>>)>,
}

impl Table {
    /// The table; `None` when it was left out of the build.
    pub(super) fn read() -> Option<Table> {
        if TABLE.is_empty() {
            return None;
        }
        let mut table = Table::default();
        let mut current: Option<&mut TypeRules> = None;
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let (head, rest) = line.split_once(' ').unwrap_or((line, ""));
            let (name, rules) = rest.split_once(' ').unwrap_or((rest, ""));
            let rules = statements(&mut rules.split("; "));
            match (head, current.take()) {
                ("", Some(own)) => {
                    own.fields.push((name, rules));
                    current = Some(own);
                }
                _ => {
                    let own = TypeRules { is_kind: head == "K", own: rules, fields: Vec::new() };
                    current = Some(table.types.entry(name).or_insert(own));
                }
            }
        }
        Some(table)
    }

    pub(super) fn of(&self, name: &str) -> Option<&TypeRules> {
        self.types.get(name)
    }
}

fn statements(parts: &mut std::str::Split<'static, &'static str>) -> Vec<Statement> {
    let mut found = Vec::new();
    while let Some(part) = parts.next() {
        let (text, reports, stops) = match part.split_at_checked(1) {
            Some(("{", _)) => {
                found.push(Statement::Cohort(statements(parts)));
                continue;
            }
            Some(("}", _)) => break,
            Some(("!", text)) => (text, true, true),
            Some(("?", text)) => (text, false, true),
            _ => (part, true, false),
        };
        found.extend(rule(text).map(|rule| Statement::Rule { rule, reports, stops }));
    }
    found
}

fn rule(text: &'static str) -> Option<Rule> {
    if let Some(name) = text.strip_prefix('@') {
        return Some(Rule::Type(name));
    }
    let (head, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (name, json) = head.strip_suffix('~').map_or((head, false), |name| (name, true));
    let (first, after) = rest.split_once(' ').unwrap_or((rest, ""));
    let boxed = |text| rule(text).map(Box::new);
    let members = || rest.split(' ').map(member);
    Some(match name {
        "Enum" => Rule::Enum(rest),
        "Union" => Rule::Union { members: members().collect(), zero: false },
        "ZeroOrOneOfUnion" => Rule::Union { members: members().collect(), zero: true },
        "DependentRequired" => Rule::DependentRequired(member(first), member(after)),
        "ValSliceUnique" => Rule::Unique { by: matching(first), json },
        "ValSliceUpdate" => Rule::ListUpdate { by: matching(first), constraints: after },
        "UpdatePointer" => Rule::Update { pointer: true, constraints: rest },
        "UpdateValueByCompare" => Rule::Update { pointer: false, constraints: rest },
        "Immutable" => Rule::Immutable,
        "Monotonic" => Rule::Monotonic,
        "Subfield" => Rule::Subfield(first, boxed(after)?),
        "EachValSliceVal" => {
            let (equal, inner) = after.split_once(' ')?;
            Rule::EachItem { by: matching(first), equal: matching(equal), rule: boxed(inner)? }
        }
        "EachMapVal" => Rule::EachValue(boxed(rest)?),
        "EachMapKey" => Rule::EachKey(boxed(rest)?),
        "Discriminated" => Rule::Discriminated(discriminated(rest)?),
        "Custom" => Rule::Custom(rest),
        _ => return presence(name).or_else(|| limit(name, rest)).or_else(|| format(name, json)),
    })
}

fn presence(name: &str) -> Option<Rule> {
    let (presence, holder) = [
        ("Required", Presence::Required),
        ("Optional", Presence::Optional),
        ("Forbidden", Presence::Forbidden),
    ]
    .into_iter()
    .find_map(|(start, presence)| Some((presence, name.strip_prefix(start)?)))?;
    let holder = match holder {
        "Value" => Holder::Value,
        "Pointer" => Holder::Pointer,
        "Slice" | "Map" => Holder::Collection,
        _ => return None,
    };
    Some(Rule::Presence(presence, holder))
}

fn limit(name: &str, most: &str) -> Option<Rule> {
    let limit = match name {
        "MaxLength" => Limit::MaxLength,
        "MaxBytes" => Limit::MaxBytes,
        "MaxItems" | "MaxProperties" => Limit::MaxItems,
        "Minimum" => Limit::Minimum,
        "Maximum" => Limit::Maximum,
        _ => return None,
    };
    Some(Rule::Limit(limit, most.parse().ok()?))
}

fn format(name: &str, json: bool) -> Option<Rule> {
    let format = match name {
        "ExtendedResourceName" => Format::ExtendedResourceName,
        "LabelKey" => Format::LabelKey,
        "LongName" => Format::LongName,
        "LongNameCaseless" => Format::LongNameCaseless,
        "PathSegmentName" => Format::PathSegmentName,
        "PrefixedLabelKey" => Format::PrefixedLabelKey,
        "ResourceFullyQualifiedName" => Format::ResourceFullyQualifiedName,
        "ResourcePoolName" => Format::ResourcePoolName,
        "ShortName" => Format::ShortName,
        "UUID" => Format::Uuid,
        _ => return None,
    };
    Some(Rule::Format { format, json })
}

fn member(text: &'static str) -> Member {
    let mut parts = text.rsplitn(3, '=');
    if let (Some(value), Some(key), Some(name)) = (parts.next(), parts.next(), parts.next()) {
        return Member::Item { name, key, value };
    }
    let name = text.trim_end_matches('*');
    Member::Field { name, pointer: name.len() != text.len() }
}

fn matching(text: &'static str) -> Match {
    match text {
        "-" => Match::Never,
        "=" => Match::Whole,
        keys => Match::Keys(keys),
    }
}

fn discriminated(text: &'static str) -> Option<Discriminated> {
    let mut words = text.split(' ');
    let (field, by) = (words.next()?, words.next()?);
    let otherwise = words.next()?;
    let boxed = |text: &'static str| rule(text).map(Box::new);
    let values = words.filter_map(|word| word.split_once('='));
    let values = values.map(|(value, text)| (value, boxed(text))).collect();
    Some(Discriminated { field, by, otherwise: boxed(otherwise), values })
}

#[cfg(all(test, feature = "schemas"))]
mod tests {
    use super::*;
    use crate::schema::Schemas;

    /// How many rules a list of statements has, those inside of others too.
    fn count(list: &[Statement]) -> usize {
        list.iter().map(|one| if let Statement::Cohort(inner) = one { count(inner) } else { 1 }).sum()
    }

    #[test]
    fn every_rule_is_read() {
        let table = Table::read().unwrap();
        let rules: usize = table
            .types
            .values()
            .map(|own| count(&own.own) + own.fields.iter().map(|(_, list)| count(list)).sum::<usize>())
            .sum();
        let written: usize = TABLE
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| {
                let rules = line.splitn(3, ' ').nth(2).unwrap_or_default();
                rules.split("; ").filter(|part| !matches!(*part, "" | "{" | "}")).count()
            })
            .sum();
        assert_eq!(rules, written);
    }

    #[test]
    fn every_type_and_field_is_in_the_schemas() {
        let schemas = Schemas::for_version(MINOR).unwrap();
        let table = Table::read().unwrap();
        let embedded = |name: &str| {
            let mut fields = table.types.values().flat_map(|own| &own.fields);
            fields.any(|(field, rules)| *field == "=" && format!("{rules:?}").contains(name))
        };
        for (name, own) in &table.types {
            let Some(id) = schemas.struct_named(name) else {
                assert!(own.fields.is_empty() || embedded(name), "{name} is not in the schemas");
                continue;
            };
            for (field, _) in own.fields.iter().filter(|(field, _)| *field != "=") {
                assert!(schemas.structure(id).field(field).is_some(), "{name} has no {field}");
            }
        }
    }
}
