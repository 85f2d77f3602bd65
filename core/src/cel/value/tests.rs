use super::{Arena, List, ListKind, Map, NodeShape, NodeType, Val, double_text};
use crate::document::{Limits, Object};
use std::sync::Arc;

#[test]
fn a_value_is_three_words() {
    assert_eq!(size_of::<Val<'_>>(), 24);
}

#[test]
fn numbers_are_equal_across_types() {
    assert!(Val::Int(1).equal(&Val::Double(1.0)));
    assert!(Val::Uint(1).equal(&Val::Int(1)));
    assert!(!Val::Double(f64::NAN).equal(&Val::Double(f64::NAN)));
    assert!(!Val::Int(1).equal(&Val::String("1")));
}

#[test]
fn doubles_read_as_in_go() {
    assert_eq!(double_text(1e20), "1e+20");
    assert_eq!(double_text(1_234_567.0), "1.234567e+06");
    assert_eq!(double_text(123_456.0), "123456");
    assert_eq!(double_text(1e-5), "1e-05");
    assert_eq!(double_text(2.5), "2.5");
}

#[test]
fn doubling_a_list_forty_times_stays_small() {
    let arena = Arena::new();
    let mut list = List::Slice(arena.alloc_slice_copy(&[Val::Int(1), Val::Int(2)]));
    for _ in 0..40 {
        list = list.concat(list, &arena);
    }
    assert_eq!(list.len(), 2 << 40);
    assert!(matches!(list.at((1 << 40) + 1), Some(Val::Int(2))));
    assert!(arena.allocated_bytes() < 1 << 20);
}

#[test]
fn a_long_chain_of_small_lists_is_walked_in_order() {
    let arena = Arena::new();
    let mut list = List::Slice(&[]);
    for i in 0..20_000 {
        list = list.concat(List::Slice(arena.alloc_slice_copy(&[Val::Int(i)])), &arena);
    }
    assert!(list.iter().zip(0..).all(|(value, i)| matches!(value, Val::Int(n) if n == i)));
    assert_eq!(list.iter().count(), 20_000);
}

#[test]
fn of_equal_keys_the_last_counts() {
    let arena = Arena::new();
    let few = Map::new(&[(Val::Int(1), Val::Bool(false)), (Val::Int(1), Val::Bool(true))], &arena);
    assert_eq!(few.len(), 1);
    // Numbers of different types are different keys, though one finds the other.
    let mixed = Map::new(&[(Val::Int(1), Val::Bool(false)), (Val::Uint(1), Val::Bool(true))], &arena);
    assert_eq!(mixed.len(), 2);
    assert!(matches!(mixed.find(&Val::Uint(1)), Some(Val::Bool(true))));
    assert!(matches!(mixed.find(&Val::Double(1.0)), Some(Val::Bool(false))));
    let many: Vec<_> = (0..100).map(|i| (Val::Int(i % 50), Val::Int(i))).collect();
    let many = Map::new(&many, &arena);
    assert_eq!(many.len(), 50);
    assert!(matches!(many.find(&Val::Double(7.0)), Some(Val::Int(57))));
}

/// Sums of sets cost 1, so that a loop could make any number of them.
#[test]
fn sums_of_sets_end_with_the_memory() {
    let document = Object::from_json(b"[1, 2]", &Limits::default()).unwrap();
    let items = Arc::new(NodeType { nullable: false, shape: NodeShape::Integer });
    let set = NodeType { nullable: false, shape: NodeShape::List(Some(items), ListKind::Set) };
    let arena = Arena::new();
    let sum = || {
        let Val::List(list) = set.read(document.root(), &arena) else { panic!() };
        let List::Typed(own) = list else { panic!() };
        own.add(list).map(|sum| sum.size())
    };
    assert!(matches!(sum(), Ok(Some(2))));
    arena.alloc_layout(std::alloc::Layout::array::<u8>(257 * 1024 * 1024).unwrap());
    assert_eq!(sum().unwrap_err().to_string(), "the values of the expression take more than 256 MiB");
}

/// A list of two lists of two lists …, each level one list.
fn doubled<'a>(levels: usize, sums: bool, arena: &'a Arena) -> Val<'a> {
    (0..levels).fold(Val::Int(1), |inner, _| {
        let once = List::Slice(arena.alloc_slice_copy(&[inner]));
        let twice = arena.alloc_slice_copy(&[inner, inner]);
        Val::List(if sums { once.concat(once, arena) } else { List::Slice(twice) })
    })
}

#[test]
fn parts_that_are_shared_are_compared_once() {
    let arena = Arena::new();
    for sums in [false, true] {
        let (a, b) = (doubled(64, sums, &arena), doubled(64, sums, &arena));
        assert!(a.equal(&b));
        assert!(!a.equal(&doubled(63, sums, &arena)));
    }
}

#[test]
fn texts_of_values_that_share_their_parts_end() {
    let arena = Arena::new();
    let text = super::plain(&doubled(64, false, &arena));
    assert!(text.starts_with("[[[[") && text.len() <= 1 << 20);
}
