//! The macros: each becomes the comprehension or presence test that cel-go makes of it.

use super::grammar::Parser;
use super::nodes::UNREAD;
use crate::cel::ast::{Comprehension, ExprId, ExprKind, Literal, Macro, MapEntry};
use crate::cel::issue::Issue;
use crate::source::Span;

/// Name of the accumulator in expanded macros.
pub(crate) const ACCUMULATOR: &str = "@result";

pub(super) type Expansion = Result<ExprId, Option<Issue>>;

/// Expands a call when it is one of a macro; `None` when it is none.
pub(super) fn expand(
    parser: &mut Parser<'_>,
    place: u32,
    function: &str,
    target: Option<ExprId>,
    args: &[ExprId],
) -> Option<Expansion> {
    let options = parser.options;
    let (two, optionals, sort_by) = (options.two_variables, options.optionals, options.sort_by);
    let bindings = options.bindings;
    let mut maker = Maker { parser, place };
    Some(match (function, target, args) {
        ("has", None, &[argument]) => maker.has(argument),
        ("all", Some(range), &[var, test]) => maker.quantifier(Macro::All, range, &[var], test),
        ("exists", Some(range), &[var, test]) => maker.quantifier(Macro::Exists, range, &[var], test),
        ("exists_one", Some(range), &[var, test]) => maker.quantifier(Macro::ExistsOne, range, &[var], test),
        ("all", Some(range), &[a, b, test]) if two => maker.quantifier(Macro::All, range, &[a, b], test),
        ("exists", Some(range), &[a, b, test]) if two => {
            maker.quantifier(Macro::Exists, range, &[a, b], test)
        }
        ("exists_one" | "existsOne", Some(range), &[a, b, test]) if two => {
            maker.quantifier(Macro::ExistsOne, range, &[a, b], test)
        }
        ("map", Some(range), &[var, value]) => maker.map(range, var, None, value),
        ("map", Some(range), &[var, test, value]) => maker.map(range, var, Some(test), value),
        ("filter", Some(range), &[var, test]) => maker.filter(range, var, test),
        ("transformList", Some(range), &[a, b, value]) if two => {
            maker.transform_list(range, a, b, None, value)
        }
        ("transformList", Some(range), &[a, b, test, value]) if two => {
            maker.transform_list(range, a, b, Some(test), value)
        }
        ("transformMap", Some(range), &[a, b, value]) if two => {
            maker.transform_map(range, a, b, None, value, true)
        }
        ("transformMap", Some(range), &[a, b, test, value]) if two => {
            maker.transform_map(range, a, b, Some(test), value, true)
        }
        ("transformMapEntry", Some(range), &[a, b, value]) if two => {
            maker.transform_map(range, a, b, None, value, false)
        }
        ("transformMapEntry", Some(range), &[a, b, test, value]) if two => {
            maker.transform_map(range, a, b, Some(test), value, false)
        }
        ("optMap" | "optFlatMap", Some(target), &[var, value]) if optionals => {
            maker.optional_map(function, target, var, value)
        }
        ("sortBy", Some(range), &[var, key]) if sort_by => maker.sort_by(range, var, key),
        ("bind", Some(namespace), &[var, value, body]) if bindings => {
            match maker.parser.node(namespace).map(|node| &node.kind) {
                Some(ExprKind::Ident(name)) if &**name == "cel" => maker.bind(var, value, body),
                _ => return None,
            }
        }
        (_, Some(namespace), _) if options.extensions => {
            return super::extension_macros::expand(&mut maker, function, namespace, args);
        }
        _ => return None,
    })
}

/// Builds the nodes of one expansion; all of them stand where the macro was called.
pub(super) struct Maker<'p, 's> {
    parser: &'p mut Parser<'s>,
    place: u32,
}

/// The parts of a fold that differ between macros.
struct Fold {
    origin: Macro,
    init: ExprId,
    condition: ExprId,
    step: ExprId,
    result: ExprId,
}

impl Maker<'_, '_> {
    fn has(&mut self, argument: ExprId) -> Expansion {
        let node = self.parser.node(argument);
        match node.map(|node| node.kind.clone()) {
            Some(ExprKind::Select { operand, field, .. }) => {
                let span = Span { start: self.place.saturating_sub(3), end: self.place };
                let height = self.parser.height(argument);
                let kind = ExprKind::Select { operand, field, test_only: true };
                self.parser.push(kind, span, self.place, height).map_err(|_| None)
            }
            _ => Err(Some(self.error(argument, "invalid argument to has() macro"))),
        }
    }

    fn quantifier(&mut self, origin: Macro, range: ExprId, vars: &[ExprId], test: ExprId) -> Expansion {
        let names = self.variables(vars, "argument must be a simple name")?;
        let fold = match origin {
            Macro::ExistsOne => {
                let init = self.literal(Literal::Int(0))?;
                let condition = self.literal(Literal::Bool(true))?;
                let (accu, one) = (self.accu()?, self.literal(Literal::Int(1))?);
                let more = self.call("_+_", vec![accu, one])?;
                let same = self.accu()?;
                let step = self.call("_?_:_", vec![test, more, same])?;
                let (accu, one) = (self.accu()?, self.literal(Literal::Int(1))?);
                let result = self.call("_==_", vec![accu, one])?;
                Fold { origin, init, condition, step, result }
            }
            _ => {
                let all = origin == Macro::All;
                let init = self.literal(Literal::Bool(all))?;
                let mut going = self.accu()?;
                if !all {
                    going = self.call("!_", vec![going])?;
                }
                let condition = self.call("@not_strictly_false", vec![going])?;
                let accu = self.accu()?;
                let step = self.call(if all { "_&&_" } else { "_||_" }, vec![accu, test])?;
                let result = self.accu()?;
                Fold { origin, init, condition, step, result }
            }
        };
        self.fold(range, names, fold)
    }

    fn map(&mut self, range: ExprId, var: ExprId, test: Option<ExprId>, value: ExprId) -> Expansion {
        let names = self.variables(&[var], "argument is not an identifier")?;
        self.list_fold(if test.is_some() { Macro::MapFilter } else { Macro::Map }, range, names, test, value)
    }

    fn filter(&mut self, range: ExprId, var: ExprId, test: ExprId) -> Expansion {
        let names = self.variables(&[var], "argument is not an identifier")?;
        self.list_fold(Macro::Filter, range, names, Some(test), var)
    }

    fn transform_list(
        &mut self,
        range: ExprId,
        a: ExprId,
        b: ExprId,
        test: Option<ExprId>,
        value: ExprId,
    ) -> Expansion {
        let names = self.variables(&[a, b], "argument must be a simple name")?;
        let origin = if test.is_some() { Macro::TransformListFilter } else { Macro::TransformList };
        self.list_fold(origin, range, names, test, value)
    }

    /// A fold that adds `[value]` to its list, under a condition when there is one.
    fn list_fold(
        &mut self,
        origin: Macro,
        range: ExprId,
        names: Names,
        test: Option<ExprId>,
        value: ExprId,
    ) -> Expansion {
        let init = self.list(Vec::new())?;
        let condition = self.literal(Literal::Bool(true))?;
        let accu = self.accu()?;
        let one = self.list(vec![value])?;
        let mut step = self.call("_+_", vec![accu, one])?;
        step = self.guarded(test, step)?;
        let result = self.accu()?;
        self.fold(range, names, Fold { origin, init, condition, step, result })
    }

    fn transform_map(
        &mut self,
        range: ExprId,
        a: ExprId,
        b: ExprId,
        test: Option<ExprId>,
        value: ExprId,
        keyed: bool,
    ) -> Expansion {
        let names = self.variables(&[a, b], "argument must be a simple name")?;
        let origin = match (keyed, test.is_some()) {
            (true, false) => Macro::TransformMap,
            (true, true) => Macro::TransformMapFilter,
            (false, false) => Macro::TransformMapEntry,
            (false, true) => Macro::TransformMapEntryFilter,
        };
        let init = self.push(ExprKind::Map { entries: Vec::new() }, 0)?;
        let condition = self.literal(Literal::Bool(true))?;
        let accu = self.accu()?;
        let args = if keyed { vec![accu, self.ident(&names.0)?, value] } else { vec![accu, value] };
        let mut step = self.call("cel.@mapInsert", args)?;
        step = self.guarded(test, step)?;
        let result = self.accu()?;
        self.fold(range, names, Fold { origin, init, condition, step, result })
    }

    fn guarded(&mut self, test: Option<ExprId>, step: ExprId) -> Expansion {
        let Some(test) = test else { return Ok(step) };
        let same = self.accu()?;
        self.call("_?_:_", vec![test, step, same])
    }

    fn optional_map(&mut self, function: &str, target: ExprId, var: ExprId, value: ExprId) -> Expansion {
        let Some(name) = self.name_of(var) else {
            let message = format!("{function}() variable name must be a simple identifier");
            return Err(Some(self.error(var, &message)));
        };
        let present = self.member_call("hasValue", target, Vec::new())?;
        let copy = self.copy(target)?;
        let init = self.member_call("value", copy, Vec::new())?;
        let mut mapped = self.bind_to(&name, init, value)?;
        if function == "optMap" {
            mapped = self.call("optional.of", vec![mapped])?;
        }
        let none = self.call("optional.none", Vec::new())?;
        self.call("_?_:_", vec![present, mapped, none])
    }

    fn sort_by(&mut self, range: ExprId, var: ExprId, key: ExprId) -> Expansion {
        const INPUT: &str = "@__sortBy_input__";
        let sortable = matches!(
            self.parser.node(range).map(|node| &node.kind),
            Some(
                ExprKind::List { .. }
                    | ExprKind::Select { .. }
                    | ExprKind::Ident(_)
                    | ExprKind::Comprehension(_)
                    | ExprKind::Call { .. }
            )
        );
        if !sortable {
            let message =
                "sortBy can only be applied to a list, identifier, comprehension, call or select expression";
            return Err(Some(self.error(range, message)));
        }
        let input = self.ident(INPUT)?;
        let keys = self.map(input, var, None, key)?;
        let input = self.ident(INPUT)?;
        let sorted = self.member_call("@sortByAssociatedKeys", input, vec![keys])?;
        self.bind_to(INPUT, range, sorted)
    }

    fn bind(&mut self, var: ExprId, value: ExprId, body: ExprId) -> Expansion {
        match self.name_of(var) {
            Some(name) => self.bind_to(&name, value, body),
            None => Err(Some(self.error(var, "cel.bind() variable names must be simple identifiers"))),
        }
    }

    /// Gives `value` a name inside `body`: a fold over nothing, whose accumulator is the name.
    pub(super) fn bind_to(&mut self, name: &str, value: ExprId, body: ExprId) -> Expansion {
        let iter_range = self.list(Vec::new())?;
        let loop_condition = self.literal(Literal::Bool(false))?;
        let loop_step = self.ident(name)?;
        self.push_fold(Comprehension {
            iter_range,
            iter_var: "#unused".into(),
            iter_var2: None,
            accu_var: name.into(),
            accu_init: value,
            loop_condition,
            loop_step,
            result: body,
            origin: Macro::Bind,
        })
    }

    fn fold(&mut self, iter_range: ExprId, names: Names, fold: Fold) -> Expansion {
        self.push_fold(Comprehension {
            iter_range,
            iter_var: names.0,
            iter_var2: names.1,
            accu_var: ACCUMULATOR.into(),
            accu_init: fold.init,
            loop_condition: fold.condition,
            loop_step: fold.step,
            result: fold.result,
            origin: fold.origin,
        })
    }

    fn push_fold(&mut self, fold: Comprehension) -> Expansion {
        let parts = [fold.iter_range, fold.accu_init, fold.loop_step, fold.result];
        let height = parts.iter().map(|&id| self.parser.height(id)).max().unwrap_or(0);
        let span =
            Span { start: self.parser.span_of(fold.iter_range).start.min(self.place), end: self.place };
        let kind = ExprKind::Comprehension(Box::new(fold));
        self.parser.push(kind, span, self.place, height + 1).map_err(|_| None)
    }

    /// The names of iteration variables, checked as cel-go does.
    fn variables(&self, vars: &[ExprId], not_a_name: &str) -> Result<Names, Option<Issue>> {
        let mut names = Vec::new();
        for &var in vars {
            match self.name_of(var) {
                Some(name) => names.push(name),
                None => return Err(Some(self.error(var, not_a_name))),
            }
        }
        if let ([a, b], [_, second]) = (names.as_slice(), vars)
            && a == b
        {
            return Err(Some(self.error(*second, &format!("duplicate variable name: {a}"))));
        }
        for (name, &var) in names.iter().zip(vars) {
            if &**name == ACCUMULATOR || &**name == "__result__" {
                return Err(Some(self.error(var, "iteration variable overwrites accumulator variable")));
            }
        }
        let mut names = names.into_iter();
        Ok(Names(names.next().unwrap_or_default(), names.next()))
    }

    pub(super) fn kind(&self, id: ExprId) -> Option<&ExprKind> {
        self.parser.node(id).map(|node| &node.kind)
    }

    pub(super) fn height(&self, id: ExprId) -> u32 {
        self.parser.height(id)
    }

    fn name_of(&self, id: ExprId) -> Option<Box<str>> {
        match self.parser.node(id).map(|node| &node.kind) {
            Some(ExprKind::Ident(name)) => Some(name.clone()),
            _ => None,
        }
    }

    pub(super) fn error(&self, id: ExprId, message: &str) -> Issue {
        match self.parser.node(id).map_or(self.place, |node| node.location) {
            UNREAD => Issue::unread(message),
            place => Issue::at(place, message),
        }
    }

    fn literal(&mut self, literal: Literal) -> Expansion {
        self.push(ExprKind::Literal(literal), 0)
    }

    pub(super) fn ident(&mut self, name: &str) -> Expansion {
        self.push(ExprKind::Ident(name.into()), 0)
    }

    fn accu(&mut self) -> Expansion {
        self.ident(ACCUMULATOR)
    }

    pub(super) fn list(&mut self, elements: Vec<ExprId>) -> Expansion {
        let height = elements.iter().map(|&id| self.parser.height(id)).max().unwrap_or(0);
        self.push(ExprKind::List { elements, optional: Vec::new() }, height)
    }

    pub(super) fn call(&mut self, function: &str, args: Vec<ExprId>) -> Expansion {
        let height = args.iter().map(|&id| self.parser.height(id)).max().unwrap_or(0);
        self.push(ExprKind::Call { target: None, function: function.into(), args }, height)
    }

    fn member_call(&mut self, function: &str, target: ExprId, args: Vec<ExprId>) -> Expansion {
        let height = args.iter().chain([&target]).map(|&id| self.parser.height(id)).max().unwrap_or(0);
        self.push(ExprKind::Call { target: Some(target), function: function.into(), args }, height)
    }

    pub(super) fn push(&mut self, kind: ExprKind, height: u32) -> Expansion {
        let span = Span { start: self.place, end: self.place };
        self.parser.push(kind, span, self.place, height).map_err(|_| None)
    }

    /// A second tree like the first; `optMap` evaluates its target twice. Entries and fields are where the macro is.
    ///
    /// Source: cel-go `parser/helper.go`, `exprHelper.Copy`.
    fn copy(&mut self, id: ExprId) -> Expansion {
        let Some(node) = self.parser.node(id).cloned() else { return Err(None) };
        let kind = match node.kind {
            ExprKind::Literal(_) | ExprKind::Ident(_) => node.kind,
            ExprKind::Select { operand, field, test_only } => {
                ExprKind::Select { operand: self.copy(operand)?, field, test_only }
            }
            ExprKind::Call { target, function, args } => {
                let target = target.map(|target| self.copy(target)).transpose()?;
                ExprKind::Call { target, function, args: self.copies(args)? }
            }
            ExprKind::List { elements, optional } => {
                ExprKind::List { elements: self.copies(elements)?, optional }
            }
            ExprKind::Map { entries } => {
                let mut copies = Vec::with_capacity(entries.len());
                for entry in entries {
                    let (key, value) = (self.copy(entry.key)?, self.copy(entry.value)?);
                    copies.push(MapEntry { key, value, location: self.place, ..entry });
                }
                ExprKind::Map { entries: copies }
            }
            ExprKind::Struct { type_name, mut fields } => {
                for field in &mut fields {
                    field.value = self.copy(field.value)?;
                    field.location = self.place;
                }
                ExprKind::Struct { type_name, fields }
            }
            ExprKind::Comprehension(mut fold) => {
                fold.iter_range = self.copy(fold.iter_range)?;
                fold.accu_init = self.copy(fold.accu_init)?;
                fold.loop_condition = self.copy(fold.loop_condition)?;
                fold.loop_step = self.copy(fold.loop_step)?;
                fold.result = self.copy(fold.result)?;
                ExprKind::Comprehension(fold)
            }
        };
        let height = self.parser.height(id);
        self.parser.push(kind, node.span, node.location, height).map_err(|_| None)
    }

    fn copies(&mut self, ids: Vec<ExprId>) -> Result<Vec<ExprId>, Option<Issue>> {
        ids.into_iter().map(|id| self.copy(id)).collect()
    }
}

/// One or two iteration variables.
struct Names(Box<str>, Option<Box<str>>);
