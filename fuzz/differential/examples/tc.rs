use std::io::Write;
fn main() {
    let which = std::env::args().nth(1).unwrap();
    let questions = match which.as_str() {
        "paths" => {
            let (q, n) = kordon_differential::typecheck::fields(kordon_differential::typecheck::Depth::Paths);
            eprintln!("{} questions {n} fields", q.len());
            q
        }
        "structs" => {
            let (q, n) =
                kordon_differential::typecheck::fields(kordon_differential::typecheck::Depth::Structs);
            eprintln!("{} questions {n} fields", q.len());
            q
        }
        "shared" => kordon_differential::shared(kordon_shared::batch::Kind::TypeCheck),
        "random" => kordon_differential::typecheck::random(
            std::env::args().nth(2).unwrap().parse().unwrap(),
            std::env::args().nth(3).unwrap().parse().unwrap(),
        ),
        _ => panic!(),
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for q in questions {
        serde_json::to_writer(&mut out, &q).unwrap();
        out.write_all(b"\n").unwrap();
    }
}
