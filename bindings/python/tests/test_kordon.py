import contextlib
import io
import json
import pathlib
import pickle
import re
import subprocess
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

import kordon

ROOT = pathlib.Path(__file__).parents[3]
POLICY = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: few-replicas}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [apps], apiVersions: [v1], operations: ['*'], resources: [deployments]}
  validations:
  - {expression: object.spec.replicas <= 5, message: at most five replicas}
"""


def deployment(replicas):
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"replicas": replicas, "selector": {}, "template": {}},
    }


class Readme(unittest.TestCase):
    def test_the_examples_run(self):
        for name in ("README.md", "bindings/python/README.md"):
            text = (ROOT / name).read_text(encoding="utf-8")
            with self.subTest(name), contextlib.chdir(ROOT), contextlib.redirect_stdout(io.StringIO()):
                exec(re.search(r"```python\n(.*?)```", text, re.S).group(1), {})


class Objects(unittest.TestCase):
    def test_what_json_cannot_hold_is_refused(self):
        engine = kordon.Engine(POLICY)
        for value, error in [
            ({1: 2}, TypeError),
            ({"a": {1, 2}}, TypeError),
            ({"a": float("nan")}, ValueError),
            ({"a": "\ud800"}, UnicodeEncodeError),
        ]:
            with self.subTest(repr(value)), self.assertRaises(error):
                engine.evaluate(value)
        deep = []
        for _ in range(100_000):
            deep = [deep]
        with self.assertRaisesRegex(ValueError, "nested more than 1000 deep"):
            engine.evaluate({"a": deep})

    def test_values_are_those_of_their_json(self):
        values = [None, True, 0, -(2**63), 2**63, 10**30, 1.5, 1e300, "é", [], {}, [[1], {"a": ()}]]
        for value in values:
            with self.subTest(repr(value)):
                text = json.dumps({"v": value})
                seen = kordon.admit({"v": value})["object"]
                self.assertEqual(seen, kordon.admit(text)["object"])

    def test_a_report_is_typed(self):
        report = kordon.Engine(POLICY).evaluate(deployment(9), user="ann")
        self.assertIs(report.allowed, False)
        self.assertEqual((report.status.code, report.status.reason), (422, "Invalid"))
        decision = report.decisions[0]
        self.assertEqual((decision.policy, decision.index, decision.action), ("few-replicas", 0, "deny"))
        self.assertEqual(report.to_dict(), json.loads(report.to_json()))
        self.assertEqual(report.denials, report.decisions)

    def test_policies_are_dicts_too(self):
        documents = [json.loads(json.dumps(policy)) for policy in [kordon.admit(POLICY)["object"]]]
        self.assertFalse(kordon.Engine(documents).evaluate(deployment(9)).allowed)
        self.assertFalse(kordon.Engine(documents[0]).evaluate(deployment(9)).allowed)

    def test_packs_have_names(self):
        engine = kordon.Engine.from_files(["pack:workload"])
        privileged = {"name": "c", "image": "i", "securityContext": {"privileged": True}}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [privileged]}}
        denials = engine.evaluate(pod).denials
        self.assertTrue(any("privileged" in denial.policy for denial in denials), denials)
        with self.assertRaises(kordon.KordonError):
            kordon.Engine.from_files(["pack:none"])

    def test_a_webhook(self):
        request = {
            "uid": "1",
            "operation": "CREATE",
            "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
            "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
            "object": deployment(9),
        }
        review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
        answer = json.loads(kordon.Engine(POLICY).review(json.dumps(review).encode()))
        self.assertEqual(answer["response"]["allowed"], False)
        with self.assertRaises(kordon.KordonError) as raised:
            kordon.Engine(POLICY).review(b"{}")
        self.assertEqual(raised.exception.code, "invalid-review")

    def test_threads_share_an_engine(self):
        engine = kordon.Engine(POLICY)
        with ThreadPoolExecutor(4) as threads:
            reports = list(threads.map(lambda n: engine.evaluate(deployment(n)).allowed, range(100)))
        self.assertEqual(reports, [n <= 5 for n in range(100)])


class Errors(unittest.TestCase):
    def test_an_error_has_a_code_a_path_and_a_place(self):
        with self.assertRaises(kordon.KordonError) as raised:
            kordon.Engine(POLICY.replace("matchConstraints", "matchConstraint"))
        error = raised.exception
        self.assertEqual((error.code, error.path), ("unknown-field", "spec.matchConstraint"))
        self.assertEqual((error.file, error.line, error.column), ("policy-0.yaml", 6, 3))
        self.assertEqual(POLICY[error.span[0] - 1 : error.span[1]].strip(), "matchConstraint")
        self.assertEqual(error.help, "did you mean `matchConstraints`?")
        self.assertIn("policy-0.yaml:6:3: unknown field", str(error))
        again = pickle.loads(pickle.dumps(error))
        self.assertEqual((again.problems, str(again)), (error.problems, str(error)))


class Cel(unittest.TestCase):
    def test_values_become_those_of_python(self):
        for expression, value in [
            ("9223372036854775807", 2**63 - 1),
            ("18446744073709551615u", 2**64 - 1),
            ("b'\\x00a'", b"\x00a"),
            ("{1: [null]}", {1: [None]}),
            ("1.5", 1.5),
            ("duration('1h')", "3600s"),
        ]:
            with self.subTest(expression):
                self.assertEqual(kordon.cel.compile(expression).eval().value, value)
        self.assertEqual(kordon.cel.compile("n", variables={"n": "list(int)"}).result_type, "list(int)")


class Command(unittest.TestCase):
    def run_module(self, *arguments):
        command = [sys.executable, "-m", "kordon", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    def test_the_module_is_the_command(self):
        ran = self.run_module("check", "-p", "policies", "examples/")
        self.assertEqual(ran.returncode, 1)
        checked = kordon.check_files([ROOT / "examples"], policies=[ROOT / "policies"])
        self.assertIn(checked.to_dict()["findings"][0]["message"], ran.stdout)
        self.assertEqual(self.run_module("--version").stdout, f"kordon {kordon.__version__}\n")
        self.assertEqual(self.run_module("nonsense").returncode, 2)


if __name__ == "__main__":
    unittest.main()
