"""Times how cel-cpp, through its Python package cel-expr-python, compiles the expressions of a corpus on stdin: peer,
name and nanoseconds a line. Started by `cargo xtask bench-peers compile`."""

import json
import statistics
import sys
import time

from cel_expr_python import cel

BATCHES = 25


def median(run):
    """The median of batches, per run, after a warm-up of 20 ms."""
    size = 1
    while True:
        start = time.perf_counter_ns()
        for _ in range(size):
            run()
        if time.perf_counter_ns() - start > 20_000_000:
            break
        size *= 2
    times = []
    for _ in range(BATCHES):
        start = time.perf_counter_ns()
        for _ in range(size):
            run()
        times.append((time.perf_counter_ns() - start) // size)
    return int(statistics.median(times))


env = cel.NewEnv(variables={"object": cel.Type.DYN})
for check in json.load(sys.stdin):
    expression = check["expression"]
    print("cel-cpp", check["name"], median(lambda: env.compile(expression)))
