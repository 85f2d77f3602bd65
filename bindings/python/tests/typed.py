"""Read by mypy, never run: what the types of the package promise and forbid."""

from typing import Literal, assert_type

import kordon
import kordon.arrow
import kordon.types

engine = kordon.Engine(["a: 1", b"b: 2", {"c": 3}], view="written", user={"username": "ann"})
report = engine.evaluate({"kind": "Pod"}, operation="UPDATE", old_object="{}")
assert_type(report.allowed, bool)
assert_type(report.denials[0].action, Literal["admit", "deny"])
assert_type(report.to_dict()["status"], kordon.types.StatusDict | None)
for result in engine.evaluate_many(["{}"]):
    if isinstance(result, kordon.KordonError):
        assert_type(result.span, tuple[int, int] | None)
    else:
        assert_type(result.cost, int)
assert_type(kordon.check_files(["a"]).to_dict()["findings"][0]["line"], int)
engine.evaluate({}, operation="PATCH")  # type: ignore[arg-type]
engine.evaluate(1)  # type: ignore[arg-type]
kordon.Engine("", view="seen")  # type: ignore[arg-type]
