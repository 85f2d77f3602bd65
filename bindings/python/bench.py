"""What a decision costs from Python: beside the Rust core, whose times are read from stdin (`case nanoseconds`), and
beside other engines for CEL. Started by `cargo xtask bench-python`."""

import json
import pathlib
import subprocess
import sys
import time

import cel as common
import celpy
from cel_expr_python import cel as cpp

import kordon

ROOT = pathlib.Path(__file__).parents[2]
DEPLOYMENT = (ROOT / "benches/corpus/deployment.json").read_bytes()
OBJECT = json.loads(DEPLOYMENT)
POLICY = (ROOT / "policies/workload/run-as-non-root/policy.yaml").read_text(encoding="utf-8")
EXPRESSION = "object.spec.template.spec.containers.all(c, c.image.startsWith('registry.corp/'))"


def fastest(run):
    """Nanoseconds per run in the fastest of 50 batches of at least 2 ms: what the machine does beside is left out."""
    size = 1

    def batch():
        start = time.perf_counter_ns()
        for _ in range(size):
            run()
        return time.perf_counter_ns() - start

    while batch() < 2_000_000:
        size *= 2
    return min(batch() / size for _ in range(50))


def row(name, nanoseconds, base, of):
    print(f"{name:<44}{nanoseconds / 1000:>10.2f} µs {nanoseconds / base:>8.2f} x {of}")


core = {name: int(nanoseconds) for name, nanoseconds in (line.split() for line in sys.stdin)}

print("decisions of one policy")
for view in ("admitted", "written"):
    engine = kordon.Engine(POLICY, view=view)
    base = core[f"evaluate-{view}"]
    row(f"{view}: Rust, from bytes", base, base, "Rust")
    forms = {"bytes": DEPLOYMENT, "str": DEPLOYMENT.decode(), "dict": OBJECT}
    for name, form in forms.items():
        row(f"{view}: Python, from {name}", fastest(lambda: engine.evaluate(form)), base, "Rust")
    row(
        f"{view}: Python, from a dict by way of JSON",
        fastest(lambda: engine.evaluate(json.dumps(OBJECT))),
        base,
        "Rust",
    )
    many = [DEPLOYMENT] * 1000
    row(f"{view}: Python, evaluate_many", fastest(lambda: engine.evaluate_many(many)) / 1000, base, "Rust")
    row(f"{view}: Python, with to_dict", fastest(lambda: engine.evaluate(DEPLOYMENT).to_dict()), base, "Rust")

program = kordon.cel.compile(EXPRESSION, variables=["object"])
expression = cpp.NewEnv(variables={"object": cpp.Type.DYN}).compile(EXPRESSION)
environment = celpy.Environment()
runner = environment.program(environment.compile(EXPRESSION))
compiled = common.compile(EXPRESSION)
ready = celpy.json_to_cel(OBJECT)
peers = {
    "kordon": lambda given: program.eval({"object": given}).value,
    "cel-expr-python": lambda given: expression.eval(data={"object": given}).value(),
    "common-expression-language": lambda given: compiled.execute({"object": given}),
    "cel-python": lambda given: bool(runner.evaluate({"object": celpy.json_to_cel(given)})),
}
expected = peers["kordon"](OBJECT)
print("\nan expression over a dict")
row("Rust, an object that is read already", core["cel"], core["cel"], "Rust")
base = None
for name, evaluate in peers.items():
    assert evaluate(OBJECT) == expected, name
    took = fastest(lambda: evaluate(OBJECT))
    base = base or took
    row(name, took, base, "kordon")
row("cel-python, converted already", fastest(lambda: runner.evaluate({"object": ready})), base, "kordon")
print("\nan expression over bytes")
row("Rust", core["cel-bytes"], core["cel-bytes"], "Rust")
base = None
for name, evaluate in peers.items():
    took = fastest(lambda: evaluate(json.loads(DEPLOYMENT)))
    base = base or took
    row(name, took, base, "kordon")

IMPORT = "import time; start = time.perf_counter(); import kordon; print(time.perf_counter() - start)"
runs = [float(subprocess.check_output([sys.executable, "-c", IMPORT])) for _ in range(9)]
print(f"\nimport kordon: {min(runs) * 1000:.1f} ms")
