//! Questions about the estimated cost of expressions: every function and macro over operands whose size is written
//! down, unknown, or bounded by a schema.

use serde_json::{Value, json};

/// Expressions with operands in dollars: `$s` a string, `$b` bytes, `$i` an int, `$l` a list of strings, `$n` a list of
/// ints, `$ll` a list of lists, `$m` a map of strings, `$ms` a map of lists, `$d` anything.
const EXPRESSIONS: &[&str] = &[
    // Names, literals, fields.
    "$d",
    "$s",
    "$l[0]",
    "$m['a']",
    "$m[$s]",
    "$d.a",
    "$d['a'].b",
    "$d[0]",
    "$d[$d]",
    "has($m.a)",
    "has($d.a.b)",
    "[$s, 'abcdef']",
    "{'a': $s, 'bcd': 'e'}",
    "[]",
    "{}",
    "[1, 2.0, 'a'].size() > 0",
    "{'a': [1], 'b': [2, 3]}.b",
    "dyn($l).size()",
    "dyn($s) == $s",
    "[$l, ['a']][1].size()",
    "{'x': $s}.x == $s",
    "[$s][0].contains($s)",
    "google.protobuf.Int64Value{value: $i}",
    "google.protobuf.Duration{seconds: $i}",
    "type($s) == string",
    // Operators.
    "$s == $s",
    "$s != 'abc'",
    "$l == $l",
    "$m == $m",
    "$d == $d",
    "$i == 1",
    "$s == $d",
    "$b == $b",
    "null == $d",
    "$s < $s",
    "$s <= 'abc'",
    "$s > $s",
    "$b >= $b",
    "$i < 2.0",
    "$d < $d",
    "duration('1s') < duration('2s')",
    "$s + $s",
    "$s + 'abc' + $s",
    "$b + $b",
    "$l + $l",
    "$l + ['a']",
    "$i + 1",
    "$d + $d",
    "($l + ['abcdef'])[0] == $s",
    "$i - 1",
    "$i * 2",
    "$i / 2",
    "$i % 2",
    "-$i",
    "$d - $d",
    "timestamp('2024-01-01T00:00:00Z') - duration('1h')",
    "$s in $l",
    "$i in $n",
    "'a' in $m",
    "$s in $d",
    "$i in [1, 2, 3]",
    "$s in {'a': 1}",
    "$s == 'a' && $s.contains('b') || $l.size() > 1",
    "!($i == 1)",
    "$i == 1 ? $s : $s + 'abc'",
    "$i == 1 ? $l : ['a']",
    "($i == 1 ? [$s] : ['abc', 'de'])[0].size()",
    "$i == 1 && $i == 2 && $s == 'abcdefghijklmnopqrstuvwxyz' && $i == 3",
    // Conversions.
    "bytes($s)",
    "bytes($s).size()",
    "string($b)",
    "string($b) + $s",
    "string($i)",
    "int($s)",
    "uint($s)",
    "double($s)",
    "bool($s)",
    "duration($s)",
    "timestamp($s)",
    "int($d)",
    "string($d)",
    "dyn($s)",
    "dyn($d).startsWith('a')",
    "timestamp('2024-01-01T00:00:00Z').getFullYear('UTC')",
    "timestamp($i).getHours()",
    "duration('1h').getSeconds()",
    // Strings.
    "size($s)",
    "$s.size()",
    "$s.contains($s)",
    "$s.startsWith($s)",
    "$s.endsWith('abcdefghijkl')",
    "$s.matches($s)",
    "matches($s, 'a+b*c?')",
    "$s.charAt(1)",
    "$s.charAt($i).contains($s)",
    "$s.indexOf($s)",
    "$s.indexOf('a', 1)",
    "$s.lastIndexOf($s)",
    "$s.lastIndexOf('a', $i)",
    "$d.indexOf($d)",
    "$s.lowerAscii()",
    "$s.upperAscii().contains($s)",
    "$s.replace($s, $s)",
    "$s.replace('a', 'bcd').contains($s)",
    "$s.replace('abc', 'd').contains($s)",
    "$s.replace('', $s).contains($s)",
    "$s.replace('a', '') + $s",
    "$s.replace($s, 'ab', 2) + 'a'",
    "$s.split($s)",
    "$s.split(',').all(x, x == 'a')",
    "$s.split(',', 2).map(x, x)",
    "$s.split(',', $i).map(x, x)",
    "$s.split(',', -1).exists(x, x == $s)",
    "$s.split(',', 0).size()",
    "$s.substring(1)",
    "$s.substring(1, 2) + $s",
    "$s.substring($i, $i)",
    "$s.trim()",
    "$s.trim() + $s",
    "$l.join()",
    "$l.join(',').contains('a')",
    "$l.join($s) + 'a'",
    "$d.join(',')",
    "['a', 'bc'].join('def').size()",
    "$s.format([$i])",
    "'%s %d'.format([$s, 1]) + 'a'",
    "strings.quote($s)",
    "strings.quote($s) + 'a'",
    "$s.find($s)",
    "$s.find('[a-z]+') + 'a'",
    "$s.findAll($s)",
    "$s.findAll('a', 2).all(x, x == 'a')",
    "$d.contains('a')",
    "$d.matches('a')",
    "$d.replace('a', 'b')",
    // Lists.
    "size($l)",
    "$ll.size()",
    "$m.size()",
    "$n.isSorted()",
    "$l.isSorted()",
    "$n.sum()",
    "[1.5, 2.5].sum()",
    "$n.min()",
    "$l.min()",
    "$n.max()",
    "$l.max() + 'a'",
    "[b'a', b'bc'].max()",
    "$l.indexOf($s)",
    "$n.lastIndexOf($i)",
    "$l.includes($s)",
    "$m.includes('a')",
    "$s.includes('a')",
    "$d.includes(1)",
    "$d.isSorted()",
    "$d.sum()",
    "sets.contains($l, $l)",
    "sets.equivalent($l, ['a', 'b'])",
    "sets.intersects($n, $n)",
    "sets.contains($d, [1])",
    "$l.slice(1, 2)",
    "$l.slice(0, $i).all(x, x == 'a')",
    "$l.slice(2, 1)",
    "$ll.flatten()",
    "[[1], [2, 3]].flatten()",
    "[[[1]]].flatten(2)",
    "$d.flatten($i)",
    "$n.sort()",
    "$l.sort().all(x, x == 'a')",
    "$l.sortBy(x, x)",
    "$n.sortBy(x, -x).map(x, x)",
    "$l.sortBy(x, x.size())",
    "$d.sort()",
    "lists.range($i)",
    "lists.range(5).map(x, x)",
    "lists.range(-5)",
    "$l.reverse().all(x, x == $s)",
    "$l.distinct()",
    "$d.distinct().map(x, x)",
    "$d.reverse()",
    // Macros.
    "$l.all(x, x == 'abc')",
    "$l.exists(x, x.contains($s))",
    "$l.exists_one(x, x == $s)",
    "$l.map(x, x + 'a')",
    "$l.map(x, x == 'a', x).all(y, y == 'b')",
    "$l.filter(x, x.startsWith('a'))",
    "$l.filter(x, true)[0].contains('a')",
    "$n.map(x, x * 2).exists(y, y in $n)",
    "$ll.all(x, x.all(y, y > 0))",
    "$m.all(k, k == 'a')",
    "$m.exists(k, $m[k] == $s)",
    "$d.all(x, x == 1)",
    "$d.map(x, x.a)",
    "$ms.all(k, $ms[k].all(x, x == k))",
    "['ab', $s].map(x, x)[0].contains('cd')",
    "[[1, 2], [3]].map(x, x.map(y, [y, y])).size()",
    "{'a': 1, 'bc': 2}.map(k, k + k)",
    "$l.map(x, [x]).map(x, x[0]).size()",
    "$l.all(i, v, i > 0 && v == 'a')",
    "$m.all(k, v, k.startsWith(v))",
    "$m.exists(k, v, 'abc'.startsWith(k))",
    "$l.exists(i, v, v.contains('a'))",
    "$m.existsOne(k, v, k == v)",
    "$l.exists_one(i, v, i == 1)",
    "$l.transformList(i, v, v + 'a')",
    "$m.transformList(k, v, k == 'a', v).all(x, x == 'b')",
    "$l.transformMap(i, v, v)",
    "$m.transformMap(k, v, k != 'a', v + 'c').all(k, k == 'a')",
    "$l.transformMapEntry(i, v, {v: i})",
    "$m.transformMapEntry(k, v, k == 'a', {v: k}).exists(k, v, k == v)",
    "$ms.all(k, v, v.exists(x, x == k))",
    "$d.all(k, v, k == v)",
    "$l.all(x, $l.all(y, $l.all(z, x == y && y == z)))",
    // Optional values.
    "$m[?'a']",
    "$m.?a",
    "$m.?a.orValue('abc')",
    "$l[?0].hasValue()",
    "optional.of($s).value().contains($s)",
    "optional.ofNonZeroValue($s).or(optional.of('a'))",
    "optional.none()",
    "[?optional.of($s), 'a']",
    "{?'a': optional.of($s)}",
    "optional.of($l).optMap(x, x.size())",
    "$m.?a.optMap(x, x + 'a').orValue('b') == $s",
    "optional.of($s).optFlatMap(x, optional.of(x + x))",
    "$l[?0].optMap(x, x.contains('abcdefghijk'))",
    "$d.?a.?b",
    "optional.unwrap([optional.of($s)])",
    "[optional.of($i)].unwrapOpt()",
    "$l.first()",
    "$l.last().orValue('a')",
    // Kubernetes' own libraries.
    "url($s).getHost()",
    "url($s) == url('https://example.com/a')",
    "isURL($s)",
    "url($s).getQuery().all(k, k == 'a')",
    "url('https://a.b').getScheme() + url($s).getPort() + url($s).getHostname() + url($s).getEscapedPath()",
    "ip($s).family()",
    "ip($s) == ip('127.0.0.1')",
    "isIP($s)",
    "ip.isCanonical($s)",
    "ip($s).isLoopback()",
    "ip($s).isUnspecified() || ip($s).isLinkLocalMulticast() || ip($s).isLinkLocalUnicast() || ip($s).isGlobalUnicast()",
    "string(ip($s))",
    "string(cidr($s)) + 'a'",
    "cidr($s).containsIP($s)",
    "cidr($s).containsIP(ip($s))",
    "cidr($s).containsCIDR($s)",
    "cidr($s).containsCIDR(cidr($s))",
    "cidr($s).ip()",
    "cidr($s).masked().prefixLength()",
    "isCIDR($s)",
    "cidr($s) == cidr($s)",
    "cidr($d).containsIP($d)",
    "quantity($s) == quantity('1Gi')",
    "isQuantity($s)",
    "quantity($s).add(quantity('1')).sub(1).isGreaterThan(quantity($s))",
    "quantity($s).isLessThan(quantity('2'))",
    "quantity($s).compareTo(quantity('1')) + sign(quantity($s))",
    "quantity($s).asInteger() + quantity($s).add(5).asInteger()",
    "quantity($s).isInteger() && quantity($s).asApproximateFloat() > 0.5",
    "semver($s) == semver('1.2.3')",
    "semver($s, true).major() + semver($s).minor() + semver($s).patch()",
    "isSemver($s)",
    "isSemver($s, true)",
    "semver($s).isGreaterThan(semver($s)) || semver($s).isLessThan(semver($s))",
    "semver($s).compareTo(semver('1.0.0'))",
    "format.dns1123Label().validate($s)",
    "format.named($s)",
    "format.named('uuid').value() == format.uuid()",
    "format.dns1123Subdomain().validate($s).value().all(x, x == 'a')",
    "!format.uri().validate($s).hasValue()",
    "[format.dns1035Label(), format.qualifiedName(), format.dns1123LabelPrefix(), format.dns1123SubdomainPrefix(), \
     format.dns1035LabelPrefix(), format.labelValue(), format.byte(), format.date(), format.datetime()].size()",
    "authorizer.path($s).check($s).allowed()",
    "authorizer.group($s).resource('pods').check('get').reason()",
    "authorizer.serviceAccount($s, 'a').group('').resource($s).subresource($s).namespace($s).name($s).check('x').errored()",
    "authorizer.group('').resource('pods').fieldSelector($s).labelSelector($s).check('list').error() == $s",
    "null.value().indexOf('a')",
    "authorizer == authorizer",
    "authorizer.path('/a') == authorizer.path('/b')",
];

/// What only the general environment has.
const GENERAL: &[&str] = &[
    "cel.bind(x, $l, x.size())",
    "cel.bind(x, $s + $s, x.contains(x))",
    "cel.bind(x, [1, 2], x)",
    "cel.bind(x, 'abc', cel.bind(y, x, y + x)).size()",
    "cel.bind(x, $l, x.map(y, y + 'a'))",
    "math.greatest($i, 1, 2)",
    "math.least($n)",
    "math.abs($i)",
    "math.ceil(1.5)",
    "math.bitAnd(1, $i)",
    "base64.encode($b)",
    "base64.decode($s)",
    "regex.extract($s, 'a(b)')",
    "regex.extractAll($s, $s).map(x, x)",
    "regex.replace($s, 'a', $s) + 'a'",
    "regex.replace($s, $s, '') + 'a'",
    "regex.replace($s, 'a', 'bc', $i)",
    "$s.reverse() + 'a'",
];

/// What only variables of certain types bring about, and mistakes in words that hang on how types are found.
const TYPED: &[&str] = &[
    "boxed == 1",
    "boxed + 1",
    "wrapped + 'a'",
    "[wrapped, 'a'].join()",
    "[wrapped].max()",
    "packed == packed",
    "packed.a",
    "quantities.all(x, x == quantities[0])",
    "maybe.orValue('a') == 'b'",
    "maybe.optMap(x, x + x)",
    "packed.filter(x, true)",
    "'%d'.format([boxed])",
    "'%b'.format([boxed, 0])",
    "'%s%d'.format([0, wrapped])",
    "{1: dyn(0), 2: ''.format([0])}",
    "[packed, 'a%'.format([])]",
    "[].flatten(2).transformMap(k, v, [[]].a.size)",
    "0 || '10'.indexOf(0, 1) || []",
    "[].transformMapEntry(k, v, {}).all(k, v, [])",
];

/// Operands of one sort, by their names in expressions; the longest name first.
type Operands = [(&'static str, &'static str); 9];

const LITERALS: Operands = [
    ("$ll", "[[1, 2], [3]]"),
    ("$ms", "{'a': ['b', 'cde']}"),
    ("$s", "'ab日'"),
    ("$b", "b'abcd'"),
    ("$i", "3"),
    ("$l", "['a', 'bcd', '']"),
    ("$n", "[5, 6, 7, 8]"),
    ("$m", "{'a': 'bcdefg', 'hijklmnopqrstuv': 'w'}"),
    ("$d", "dyn([1, 2])"),
];

const VARIABLES: Operands = [
    ("$ll", "nested"),
    ("$ms", "lists"),
    ("$s", "text"),
    ("$b", "raw"),
    ("$i", "number"),
    ("$l", "texts"),
    ("$n", "numbers"),
    ("$m", "table"),
    ("$d", "any"),
];

/// Paths of several lengths: of a longer one the memory of Go's slices has room left, which two variables then share.
const FIELDS: Operands = [
    ("$ll", "self.nested"),
    ("$ms", "self.of.lists"),
    ("$s", "self.text"),
    ("$b", "self.raw"),
    ("$i", "self.number"),
    ("$l", "self.of.texts"),
    ("$n", "self.numbers"),
    ("$m", "self.of.table"),
    ("$d", "self.either"),
];

/// All questions.
pub fn estimates() -> Vec<Value> {
    let mut questions = Vec::new();
    let bounded = types(&[("self", schema())]);
    let unknown = types(&VARIABLE_TYPES.map(|(name, kind)| (name, json!(kind))));
    let written = types(&[]);
    let sorts =
        [("literal", LITERALS, written), ("unknown", VARIABLES, unknown), ("bounded", FIELDS, bounded)];
    for (sort, operands, types) in &sorts {
        for (at, expression) in EXPRESSIONS.iter().enumerate() {
            questions.push(question(
                &format!("{sort}/{at}"),
                &filled(expression, operands),
                types,
                json!({}),
            ));
        }
    }
    for (sort, operands, types) in &sorts[..2] {
        for (at, expression) in EXPRESSIONS.iter().chain(GENERAL).enumerate() {
            let expression = filled(expression, operands);
            if !is_of_kubernetes(&expression) {
                let id = format!("general/{sort}/{at}");
                questions.push(question(&id, &expression, types, json!({"mode": "general"})));
            }
        }
    }
    let (_, operands, types) = &sorts[1];
    for (at, expression) in TYPED.iter().enumerate() {
        questions.push(question(&format!("typed/{at}"), expression, types, json!({})));
    }
    for minor in 30..37 {
        for (at, expression) in VERSIONED.iter().enumerate() {
            let expression = filled(expression, operands);
            let version = json!({"version": format!("1.{minor}")});
            questions.push(question(&format!("1.{minor}/{at}"), &expression, types, version));
            let stored = json!({"version": format!("1.{minor}"), "stored": true});
            questions.push(question(&format!("1.{minor}/stored/{at}"), &expression, types, stored));
        }
    }
    questions
}

/// One of each library that came with a version.
const VERSIONED: &[&str] = &[
    "ip($s).family()",
    "format.uuid().validate($s)",
    "$m.all(k, v, k == v)",
    "semver($s).major()",
    "$l.sort().size()",
    "$l.includes($s)",
    "$s.replace($s, 'abc') + $s",
    "sets.contains($l, $l)",
];

const VARIABLE_TYPES: [(&str, &str); 14] = [
    ("nested", "list(list(int))"),
    ("lists", "map(string, list(string))"),
    ("text", "string"),
    ("raw", "bytes"),
    ("number", "int"),
    ("texts", "list(string)"),
    ("numbers", "list(int)"),
    ("table", "map(string, string)"),
    ("any", "dyn"),
    ("packed", "any"),
    ("boxed", "wrapper(int)"),
    ("wrapped", "google.protobuf.StringValue"),
    ("quantities", "list(kubernetes.Quantity)"),
    ("maybe", "optional_type(string)"),
];

fn schema() -> Value {
    let list = |items: Value, most: u32| json!({"type": "array", "maxItems": most, "items": items});
    let map = |values: Value, most: u32| json!({"type": "object", "maxProperties": most, "additionalProperties": values});
    let integer = json!({"type": "integer"});
    let of = json!({
        "lists": map(list(json!({"type": "string", "maxLength": 3}), 4), 5),
        "texts": list(json!({"type": "string", "maxLength": 21}), 6),
        "table": map(json!({"type": "string", "maxLength": 17}), 7),
    });
    json!({"type": "object", "properties": {
        "nested": list(list(integer.clone(), 3), 8), "of": {"type": "object", "properties": of},
        "text": {"type": "string", "maxLength": 13}, "raw": {"type": "string", "format": "byte", "maxLength": 44},
        "number": integer, "numbers": list(integer, 9),
        "either": {"x-kubernetes-int-or-string": true, "maxLength": 10},
    }})
}

fn types(variables: &[(&str, Value)]) -> Value {
    let mut types = json!({});
    for (name, kind) in variables {
        types[*name] = kind.clone();
    }
    types
}

/// A question with the types of those variables that the expression reads.
fn question(id: &str, expression: &str, types: &Value, more: Value) -> Value {
    let mut question =
        json!({"id": format!("estimates/{id}"), "expression": expression, "check": true, "types": {}});
    for (name, kind) in types.as_object().unwrap() {
        if expression.contains(name) {
            question["types"][name] = kind.clone();
        }
    }
    if expression.contains("authorizer") {
        question["types"]["authorizer"] = json!("kubernetes.authorization.Authorizer");
    }
    for (field, value) in more.as_object().unwrap() {
        question[field] = value.clone();
    }
    question
}

fn filled(expression: &str, operands: &Operands) -> String {
    operands.iter().fold(expression.to_owned(), |text, (name, operand)| text.replace(name, operand))
}

/// Whether an expression needs a library that the general environment of cel-go has not.
fn is_of_kubernetes(expression: &str) -> bool {
    const WORDS: &[&str] = &[
        "url(",
        "isURL(",
        "ip(",
        "ip.",
        "isIP(",
        "cidr(",
        "isCIDR(",
        "uantity(",
        "emver(",
        "format.",
        "authorizer",
        ".find",
        "isSorted",
        ".sum(",
        ".min(",
        ".max(",
        "ndexOf(",
        "includes(",
    ];
    WORDS.iter().any(|word| expression.contains(word))
}
