import json
import unittest

import pyarrow

import kordon
import kordon.arrow
from test_kordon import POLICY, deployment


class Batches(unittest.TestCase):
    def test_a_column_of_json(self):
        texts = [json.dumps(deployment(9)), None, json.dumps(deployment(1)), "["]
        for kind in (pyarrow.string(), pyarrow.large_string(), pyarrow.binary()):
            with self.subTest(str(kind)):
                column = pyarrow.array(texts, pyarrow.string()).cast(kind)
                batch = pyarrow.RecordBatch.from_arrays([column], ["object"])
                decided = kordon.arrow.evaluate(kordon.Engine(POLICY), batch)
                self.assertEqual(decided.column_names, ["object", "allowed", "message", "error", "report"])
                self.assertEqual(decided.column("allowed").to_pylist(), [False, None, True, None])
                self.assertIn("at most five replicas", decided.column("message")[0].as_py())
                self.assertIn("yaml", decided.column("error")[3].as_py())
                report = kordon.Engine(POLICY).evaluate(texts[0])
                self.assertEqual(decided.column("report")[0].as_py(), report.to_json())

    def test_a_column_of_structs(self):
        labelled = deployment(9)
        labelled["metadata"]["labels"] = {"app": "web"}
        metadata = pyarrow.struct(
            [("name", pyarrow.string()), ("labels", pyarrow.map_(pyarrow.string(), pyarrow.string()))]
        )
        spec = pyarrow.struct([("replicas", pyarrow.int32()), ("paused", pyarrow.bool_())])
        kind = pyarrow.struct(
            [("apiVersion", pyarrow.string()), ("kind", pyarrow.string()), ("metadata", metadata), ("spec", spec)]
        )
        column = pyarrow.array([labelled, deployment(1)], kind)
        batch = pyarrow.RecordBatch.from_arrays([column], ["pods"])
        labels = POLICY.replace("object.spec.replicas <= 5", "object.metadata.labels.app == 'api'")
        decided = kordon.arrow.evaluate(kordon.Engine(labels), batch, "pods")
        self.assertEqual(decided.column("allowed").to_pylist(), [False, False])
        decided = kordon.arrow.evaluate(kordon.Engine(POLICY), batch, "pods", operation="DELETE")
        self.assertIn("no such key", decided.column("message")[0].as_py())


if __name__ == "__main__":
    unittest.main()
