use super::Type;

#[test]
fn types_read_as_cel_go_prints_them() {
    let map = Type::map(Type::String, Type::list(Type::Dyn));
    assert_eq!(map.to_string(), "map(string, list(dyn))");
    assert_eq!(Type::optional(Type::Int).to_string(), "optional_type(int)");
    assert_eq!(Type::type_of(Type::Timestamp).to_string(), "type(timestamp)");
    assert_eq!(Type::opaque("net.IP").to_string(), "net.IP");
    assert_eq!(Type::Duration.name(), "google.protobuf.Duration");
}

#[test]
fn types_are_read_from_their_names() {
    for text in [
        "map(string, list(dyn))",
        "optional_type(map(int, optional_type(double)))",
        "type(list(bytes))",
        "wrapper(string)",
        "net.IP",
        "kubernetes.Quantity",
        "any",
        "null",
    ] {
        assert_eq!(text.parse::<Type>().map(|kind| kind.to_string()).as_deref(), Ok(text));
    }
    assert_eq!("google.protobuf.Int32Value".parse(), Ok(Type::Wrapper(Type::Int.into())));
    assert_eq!("google.protobuf.Struct".parse(), Ok(Type::map(Type::String, Type::Dyn)));
    assert_eq!(" list( timestamp ) ".parse(), Ok(Type::list(Type::Timestamp)));
}

#[test]
fn what_is_no_type_is_refused() {
    let deep = "list(".repeat(200_000);
    for text in ["", "integer", "list(int", "list(int))", "list(int, int)", "map(int)", "wrapper(dyn)", &deep]
    {
        let short: String = text.chars().take(20).collect();
        assert!(text.parse::<Type>().is_err(), "{short}");
    }
}
