//! What objects are held against: policies, their bindings, and the objects that those or others refer to.
//!
//! It may stand anywhere among the inputs, so all files are read for it before any object is checked. Only documents that
//! may hold some of it are parsed for that: a kind of a certain name stands in its document as that name, unless escapes
//! or tags hide it.

use super::{Options, Progress, Stage, find_files};
use crate::cluster::ClusterRule;
use crate::inputs::{Inputs, Role, kind_of, no_object};
use crate::ordered::in_order;
use crate::pieces::Input;
use kordon::document::{Document, Limits, documents};
use kordon::policy::{ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding};
use memchr::memmem;
use std::collections::BTreeSet;

/// Everything that objects are held against, and where the objects are.
pub(super) struct Context {
    /// Of the objects to check only those that others may refer to.
    pub(super) inputs: Inputs,
    /// The files to check.
    pub(super) files: Vec<Input>,
    /// How many documents those have.
    pub(super) documents: usize,
}

/// Kinds that matter to others whatever the policies are.
const ALWAYS: [&str; 4] =
    ["ValidatingAdmissionPolicy", "ClusterRule", "CustomResourceDefinition", "Namespace"];

/// Kinds that matter where a policy asks the `authorizer`.
const RBAC: [&str; 4] = ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];

impl Context {
    pub(super) fn read(options: &Options, progress: Progress<'_>) -> Context {
        let mut inputs = Inputs { selection: options.selection.clone(), ..Inputs::default() };
        let found = find_files(options, &mut inputs.problems);
        let mut files = Vec::new();
        let mut carried = Vec::new();
        for (done, (file, role)) in found.iter().enumerate() {
            progress(Stage::Reading, done, found.len());
            match (role, file.embedded) {
                (Role::Policy, _) => inputs.add(file, Role::Policy),
                (Role::Pack, Some(text)) => {
                    inputs.files += 1;
                    carried.extend(documents(&file.name, text.as_bytes(), &Limits::default()));
                }
                (Role::Pack | Role::Check, _) => files.push(Input::of(file.clone())),
            }
        }
        for (text, role) in &options.texts {
            match role {
                Role::Check => files.push(Input::of_text(text)),
                Role::Policy | Role::Pack => inputs.add_bytes(&text.name, &text.bytes, true, *role),
            }
        }
        inputs.files += files.len();
        let mut context = Context { inputs, files, documents: 0 };
        let mut wanted: BTreeSet<String> = ALWAYS.map(str::to_owned).into();
        wanted.extend(context.wanted());
        for document in carried.iter().flatten() {
            // What a user has of the same kind and name takes the place of a pack's.
            wanted.extend(of_policy(document));
        }
        for (document, named) in context.referred(&wanted, options.threads(), progress) {
            context.inputs.classify(document, named, Role::Check);
        }
        for document in carried {
            match document {
                Ok(document) => context.inputs.classify(document, true, Role::Pack),
                Err(problem) => context.inputs.problems.push(problem),
            }
        }
        // Policies among the files may refer to more.
        let further = context.wanted().into_iter().filter(|kind| !wanted.contains(kind));
        let further: BTreeSet<String> = further.collect();
        if !further.is_empty() {
            wanted.extend(further);
            let referred = context.referred(&wanted, options.threads(), progress);
            let objects = referred.into_iter().map(|(document, _)| document);
            context.inputs.resources = objects.filter(|document| !is_registration(document)).collect();
        }
        context
    }

    /// The kinds that the policies refer to.
    fn wanted(&self) -> BTreeSet<String> {
        let params = self.inputs.policies.iter().filter_map(|policy| policy.param_kind.as_ref());
        let mut wanted: BTreeSet<String> = params.map(|kind| kind.kind.clone()).collect();
        if self.inputs.policies.iter().any(asks_authorizer) {
            wanted.extend(RBAC.map(str::to_owned));
        }
        wanted
    }

    /// The policies, bindings, rules and objects of some kinds that are in the files to check, and whether their file was named.
    fn referred(
        &mut self,
        kinds: &BTreeSet<String>,
        threads: usize,
        progress: Progress<'_>,
    ) -> Vec<(Document, bool)> {
        let filter = Filter::new(kinds);
        let (mut done, mut referred) = (0, Vec::new());
        self.documents = 0;
        let counted = &mut self.documents;
        let search = |(): &mut (), input| search(input, &filter, kinds);
        let ended = in_order(threads, self.files.iter(), |_| 0, || (), search, &mut |(count, found)| {
            done += 1;
            progress(Stage::Reading, done, self.files.len());
            *counted += count;
            referred.extend(found);
            Ok(())
        });
        // Nothing that could fail was done with the results.
        debug_assert!(ended.is_ok(), "{ended:?}");
        referred
    }
}

/// How many documents a file has, and those of them that others may refer to.
fn search(input: &Input, filter: &Filter, kinds: &BTreeSet<String>) -> (usize, Vec<(Document, bool)>) {
    let (mut count, mut found) = (0, Vec::new());
    for piece in input.pieces() {
        count += 1;
        if filter.passes(&piece.bytes) {
            // What cannot be read is told when it is checked.
            let documents = piece.documents(&input.name).into_iter().flatten();
            let referred = documents.filter(|document| is_registration(document) || is_of(document, kinds));
            found.extend(referred.map(|document| (document, input.named)));
        }
    }
    (count, found)
}

/// Policies, their bindings and rules, which no policy decides.
pub(super) fn is_registration(document: &Document) -> bool {
    ValidatingAdmissionPolicy::is_policy(document)
        || ValidatingAdmissionPolicyBinding::is_binding(document)
        || ClusterRule::is_rule(&document.object)
}

fn is_of(document: &Document, kinds: &BTreeSet<String>) -> bool {
    no_object(document, false).is_none() && kinds.contains(&kind_of(&document.object).kind)
}

/// What the policy or object of a pack makes wanted.
fn of_policy(document: &Document) -> BTreeSet<String> {
    let mut wanted = BTreeSet::from([kind_of(&document.object).kind]);
    if let Ok(policy) = ValidatingAdmissionPolicy::from_document(document) {
        wanted.extend(RBAC.into_iter().filter(|_| asks_authorizer(&policy)).map(str::to_owned));
        wanted.extend(policy.param_kind.map(|kind| kind.kind));
    }
    wanted
}

/// Whether a policy may ask who may do what.
fn asks_authorizer(policy: &ValidatingAdmissionPolicy) -> bool {
    policy.source.text.contains("authorizer")
}

/// Which documents may hold an object of some kinds.
struct Filter {
    kinds: Vec<memmem::Finder<'static>>,
}

impl Filter {
    fn new(kinds: &BTreeSet<String>) -> Filter {
        // Where one name is in another, the shorter one finds both.
        let is_shortest =
            |kind: &&String| !kinds.iter().any(|other| other != *kind && kind.contains(other.as_str()));
        let kinds = kinds.iter().filter(is_shortest);
        Filter { kinds: kinds.map(|kind| memmem::Finder::new(kind).into_owned()).collect() }
    }

    fn passes(&self, document: &[u8]) -> bool {
        self.kinds.iter().any(|kind| kind.find(document).is_some()) || may_hide(document)
    }
}

/// Whether a text may mean a name that does not stand in it: by an escape that makes a letter or nothing at all, or by
/// `!!binary`, whose tag may be written in other ways. Anchors, aliases and folding hide no name without spaces.
fn may_hide(document: &[u8]) -> bool {
    let escapes = memchr::memchr_iter(b'\\', document)
        .any(|at| matches!(document.get(at + 1), Some(b'x' | b'u' | b'U' | b'\r' | b'\n' | 0xc2 | 0xe2)));
    escapes || ["!!", "!<", "%TAG"].iter().any(|tag| memmem::find(document, tag.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(document: &str) -> bool {
        let kinds = ["Namespace", "Role", "ClusterRole"].map(str::to_owned);
        Filter::new(&kinds.into()).passes(document.as_bytes())
    }

    #[test]
    fn a_name_is_found_however_it_is_written() {
        assert!(!passes("kind: Pod\nmetadata: {namespace: a, name: role}\n"));
        assert!(!passes("run: \"a\\tb\\n\"\nbin: '#!/bin/sh'\nnot: a != b\n"));
        for hidden in [
            "kind: Namespace",
            "kind: ClusterRole",
            "{\"kind\": \"\\u004eamespace\"}",
            "kind: \"\\x4eamespace\"",
            "kind: \"Name\\\n  space\"",
            "kind: !!binary TmFtZXNwYWNl",
            "kind: !<tag:yaml.org,2002:binary> TmFtZXNwYWNl",
            "%TAG ! tag:yaml.org,2002:\n---\nkind: !binary TmFtZXNwYWNl",
            "kind: RoleList",
        ] {
            assert!(passes(hidden), "{hidden}");
        }
    }
}
