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
