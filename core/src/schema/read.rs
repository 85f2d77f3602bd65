//! Reading the table: lines that a version has become its structs, types and resources.
//!
//! The first letter says what a line is: `V` versions, `K` kind, `R` resource, `L` life, `T` struct,
//! `N` named type; a blank starts a line that belongs to the one above. `@32-35` after it names the versions.

use super::types::{Field, ListType, Named, Scalar, Struct, StructId, Type, TypeId};
use super::{Life, Resource, Schemas};
use crate::document::FieldName;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// What a type name stands for.
#[derive(Clone, Copy)]
enum Target {
    Struct(u32),
    Named(u32),
}

struct Reader {
    schemas: Schemas,
    targets: QuickMap<&'static str, Target>,
    types: QuickMap<Type, TypeId>,
    /// A name under way.
    name: String,
}

/// Reads what Kubernetes 1.`minor` has.
pub(super) fn read(table: &'static str, minor: u16) -> Schemas {
    let schemas = Schemas {
        minor,
        structs: Vec::new(),
        types: Vec::new(),
        named: Vec::new(),
        kinds: HashMap::new(),
        resources: Vec::new(),
        lives: Vec::new(),
    };
    let lines: Vec<Line> = table.lines().map(|line| Line::of(line, minor)).collect();
    let (targets, types) = (HashMap::default(), HashMap::default());
    let mut reader = Reader { schemas, targets, types, name: String::new() };
    reader.declare(&lines);
    reader.fill(&lines);
    reader.schemas
}

/// A line: what it is, and what it says of the version.
struct Line {
    letter: u8,
    /// `None` when the version does not have it.
    rest: Option<&'static str>,
}

impl Line {
    fn of(line: &'static str, minor: u16) -> Line {
        // Most lines are of all versions.
        match line.as_bytes() {
            [b' ', ..] => return Line { letter: b' ', rest: line.get(1..) },
            [letter, b' ', ..] => return Line { letter: *letter, rest: line.get(2..) },
            _ => {}
        }
        let (head, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (letter, span) = head.split_once('@').unwrap_or((head, ""));
        let within = |part: &str| {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            from.parse().is_ok_and(|from: u16| from <= minor) && to.parse().is_ok_and(|to: u16| minor <= to)
        };
        let is_there = span.is_empty() || span.split(',').any(within);
        Line { letter: letter.bytes().next().unwrap_or(b' '), rest: is_there.then_some(rest) }
    }
}

/// Hashes names of the table, which nobody chooses to make them collide: FNV-1a over eight bytes at a time.
#[derive(Clone, Copy, Default)]
struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;

impl Reader {
    /// Gives each type its number.
    fn declare(&mut self, lines: &[Line]) {
        for (at, line) in lines.iter().enumerate() {
            match (line.letter, line.rest) {
                (b'T', Some(name)) => {
                    let after = lines.get(at + 1..).unwrap_or_default();
                    let members = after.iter().take_while(|line| line.letter == b' ').count();
                    self.targets.insert(name, Target::Struct(self.schemas.structs.len() as u32));
                    self.schemas.structs.push(Struct { name, fields: Vec::with_capacity(members) });
                }
                (b'N', Some(name)) => {
                    self.targets.insert(name, Target::Named(self.schemas.named.len() as u32));
                    let kind = self.type_id(Type::Scalar(Scalar::Json));
                    self.schemas.named.push(Named { name, kind, values: Vec::new() });
                }
                _ => {}
            }
        }
    }

    fn fill(&mut self, lines: &[Line]) {
        let mut package = "";
        let mut current = None;
        for line in lines {
            match (line.letter, line.rest) {
                (b'T' | b'N', Some(name)) => {
                    package = name.rsplit_once('.').map_or("", |(package, _)| package);
                    current = self.targets.get(name).copied();
                }
                // The head of a type that the version does not have; its lines are passed over.
                (b'T' | b'N', None) => current = None,
                (b' ', Some(rest)) => self.member(current, package, rest),
                (b'K', Some(rest)) => self.kind(rest),
                (b'R', Some(rest)) => self.schemas.resources.extend(resource(rest)),
                (b'L', Some(rest)) => self.schemas.lives.extend(life(rest)),
                _ => {}
            }
        }
    }

    fn kind(&mut self, rest: &'static str) {
        let mut words = rest.split(' ');
        let (Some(version), Some(kind), Some(name)) = (words.next(), words.next(), words.next()) else {
            return;
        };
        if let Some(&Target::Struct(id)) = self.targets.get(name) {
            self.schemas.kinds.insert((version, kind), StructId(id));
        }
    }

    fn member(&mut self, current: Option<Target>, package: &'static str, rest: &'static str) {
        match current {
            Some(Target::Struct(id)) => {
                let field = self.field(package, rest);
                if let (Some(field), Some(own)) = (field, self.schemas.structs.get_mut(id as usize)) {
                    own.fields.push(field);
                }
            }
            Some(Target::Named(id)) => {
                let mut words = rest.split(' ').skip(1);
                let kind = self.type_named(package, words.next().unwrap_or_default());
                let values = words.next().and_then(|word| word.strip_prefix("enum:"));
                if let Some(own) = self.schemas.named.get_mut(id as usize) {
                    own.kind = kind;
                    own.values = list(values.unwrap_or_default());
                }
            }
            None => {}
        }
    }

    fn field(&mut self, package: &'static str, rest: &'static str) -> Option<Field> {
        let mut words = rest.split(' ');
        let head = words.next()?;
        let name = head.trim_end_matches('~').trim_end_matches('?').trim_end_matches('~');
        let marks = head.get(name.len()..)?;
        let mut field = Field {
            name: FieldName::new(name),
            kind: self.type_named(package, words.next()?),
            omit_empty: marks.contains('?'),
            omit_zero: marks.contains('~'),
            required: false,
            nullable: false,
            list: None,
            atomic: false,
            patch_strategy: "",
            patch_merge_key: None,
            default: None,
        };
        let is_list = matches!(self.schemas.type_of(field.kind), Type::List(_) | Type::Named(_));
        for word in words {
            match word.split_once(':').unwrap_or((word, "")) {
                ("req", _) => field.required = true,
                ("null", _) => field.nullable = true,
                ("set", _) => field.list = Some(ListType::Set),
                ("map", keys) => field.list = Some(ListType::Map(keys)),
                ("atomic", _) if is_list => field.list = Some(ListType::Atomic),
                ("atomic", _) => field.atomic = true,
                ("patch", strategy) => field.patch_strategy = strategy,
                ("key", key) => field.patch_merge_key = Some(key),
                ("default", value) => field.default = Some(value),
                _ => {}
            }
        }
        Some(field)
    }

    /// The number of a type in the table's notation: `*T`, `[]T`, `{}T`, or a name.
    fn type_named(&mut self, package: &'static str, text: &'static str) -> TypeId {
        let mut prefixes = Vec::new();
        let mut rest = text;
        loop {
            let (make, inner): (fn(TypeId) -> Type, _) = if let Some(inner) = rest.strip_prefix('*') {
                (Type::Pointer, inner)
            } else if let Some(inner) = rest.strip_prefix("[]") {
                (Type::List, inner)
            } else if let Some(inner) = rest.strip_prefix("{}") {
                (Type::Map, inner)
            } else {
                break;
            };
            prefixes.push(make);
            rest = inner;
        }
        let target = if rest.contains('/') {
            self.targets.get(rest)
        } else {
            self.name.clear();
            self.name.extend([package, ".", rest]);
            self.targets.get(self.name.as_str()).or_else(|| self.targets.get(rest))
        };
        let base = match target {
            Some(&Target::Struct(id)) => Type::Struct(StructId(id)),
            Some(&Target::Named(id)) => Type::Named(id),
            None => Type::Scalar(scalar(rest)),
        };
        let mut id = self.type_id(base);
        for make in prefixes.into_iter().rev() {
            id = self.type_id(make(id));
        }
        id
    }

    fn type_id(&mut self, kind: Type) -> TypeId {
        let next = TypeId(self.schemas.types.len() as u32);
        let id = *self.types.entry(kind).or_insert(next);
        if id == next {
            self.schemas.types.push(kind);
        }
        id
    }
}

fn resource(rest: &'static str) -> Option<Resource> {
    let mut words = rest.split(' ');
    let mut resource = Resource {
        group_version: words.next()?,
        name: words.next()?,
        kind: words.next()?,
        singular: words.next()?,
        namespaced: words.next()? == "namespaced",
        short_names: Vec::new(),
        categories: Vec::new(),
        verbs: Vec::new(),
        subresources: Vec::new(),
    };
    for word in words {
        let (name, value) = word.split_once(':').unwrap_or((word, ""));
        match name.strip_prefix('/') {
            Some(name) => resource.subresources.push((name, Some(value).filter(|value| !value.is_empty()))),
            None if name == "short" => resource.short_names = list(value),
            None if name == "in" => resource.categories = list(value),
            None => resource.verbs = list(value),
        }
    }
    Some(resource)
}

fn life(rest: &'static str) -> Option<Life> {
    let minor = |text: &str| text.split_once('.').and_then(|(_, minor)| minor.parse().ok());
    let mut words = rest.split(' ');
    let (group_version, kind) = (words.next()?, words.next()?);
    let introduced = minor(words.next()?)?;
    let mut life =
        Life { group_version, kind, introduced, deprecated: None, removed: None, replacement: None };
    for word in words {
        match word.split_once(':')? {
            ("deprecated", value) => life.deprecated = minor(value),
            ("removed", value) => life.removed = minor(value),
            (_, value) => life.replacement = value.rsplit_once('.'),
        }
    }
    Some(life)
}

fn list(text: &'static str) -> Vec<&'static str> {
    text.split(',').filter(|part| !part.is_empty()).collect()
}

fn scalar(name: &str) -> Scalar {
    match name {
        "string" => Scalar::String,
        "bool" => Scalar::Bool,
        "int32" => Scalar::Int32,
        "int64" => Scalar::Int64,
        "float64" => Scalar::Float64,
        "bytes" => Scalar::Bytes,
        "Time" => Scalar::Time,
        "MicroTime" => Scalar::MicroTime,
        "Duration" => Scalar::Duration,
        "Quantity" => Scalar::Quantity,
        "IntOrString" => Scalar::IntOrString,
        "RawExtension" => Scalar::RawExtension,
        "FieldsV1" => Scalar::FieldsV1,
        "JSONSchemaPropsOrBool" => Scalar::SchemaOrBool,
        "JSONSchemaPropsOrArray" => Scalar::SchemaOrArray,
        "JSONSchemaPropsOrStringArray" => Scalar::SchemaOrStrings,
        _ => Scalar::Json,
    }
}
