"""The vectors of `bindings/vectors`: the same answers, to the byte, as in every other language."""

import contextlib
import functools
import json
import pathlib
import tempfile
import unittest

import kordon

VECTORS = pathlib.Path(__file__).parents[2] / "vectors"


def keywords(options):
    names = {
        "kubernetesVersion": "kubernetes_version",
        "requireBindings": "require_bindings",
        "oldObject": "old_object",
        "subResource": "sub_resource",
        "dryRun": "dry_run",
    }
    return {names.get(name, name): value for name, value in options.items()}


def answer(ask):
    try:
        return ask()
    except kordon.KordonError as error:
        return json.dumps({"problems": error.problems}, ensure_ascii=False, separators=(",", ":"))


class Vectors(unittest.TestCase):
    def compare(self, name, ask):
        with open(VECTORS / f"{name}.jsonl", encoding="utf-8") as lines:
            for line in map(json.loads, lines):
                with self.subTest(line["id"]):
                    for given in ask(line):
                        self.assertEqual(answer(given), line["expected"])

    def test_evaluate(self):
        def ask(line):
            request = keywords(line.get("request", {}))
            text = line["text"] if "text" in line else json.dumps(line["object"], ensure_ascii=False)
            forms = [text, text.encode()] + ([line["object"]] if "object" in line else [])

            @functools.cache
            def engine():
                return kordon.Engine(line["policies"], **keywords(line.get("options", {})))

            def many(form):
                first, second, broken = engine().evaluate_many([form, form, "["], threads=2, **request)
                assert isinstance(broken, kordon.KordonError)
                assert type(first) is type(second)
                if isinstance(first, kordon.KordonError):
                    raise first
                assert first == second
                return first.to_json()

            for form in forms:
                yield lambda: engine().evaluate(form, **request).to_json()
                yield lambda: many(form)

        self.compare("evaluate", ask)

    def test_cel(self):
        def ask(line):
            yield lambda: (
                kordon.cel.compile(line["expression"], **keywords(line["options"]))
                .eval(line["values"])
                .to_json()
            )

        self.compare("cel", ask)

    def test_admit(self):
        def ask(line):
            options = keywords(line.get("options", {}))
            given = line["text"] if "text" in line else line["object"]
            yield lambda: json.dumps(
                kordon.admit(given, **options), ensure_ascii=False, separators=(",", ":")
            )

        self.compare("admit", ask)

    def test_check(self):
        def ask(line):
            with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
                for file in line["policies"] + line["files"]:
                    with open(file["name"], "w", encoding="utf-8") as out:
                        out.write(file["text"])
                names = [[file["name"] for file in line[part]] for part in ("policies", "files")]
                yield lambda: kordon.check_files(
                    names[1], policies=names[0], **keywords(line["options"])
                ).to_json()

        self.compare("check", ask)


if __name__ == "__main__":
    unittest.main()
