"""Columns of objects to columns of decisions, for PySpark's mapInArrow, Polars and DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow

from ._error import KordonError
from ._kordon import Engine

if TYPE_CHECKING:
    from .types import Policy

#: What `evaluate` adds to a batch.
FIELDS = (
    pyarrow.field("allowed", pyarrow.bool_()),
    pyarrow.field("message", pyarrow.string()),
    pyarrow.field("error", pyarrow.string()),
    pyarrow.field("report", pyarrow.string()),
)

#: The same for Spark, to be put after the columns of the input.
SPARK_SCHEMA = "allowed boolean, message string, error string, report string"


def evaluate(
    engine: Engine, batch: pyarrow.RecordBatch, column: str = "object", **options: Any
) -> pyarrow.RecordBatch:
    """The batch with the decision of each object of a column, which holds JSON, YAML or structs.

    `allowed` and `report`, the report as JSON, are null for an object that is null or cannot be read; why it cannot is
    in `error`. `message` says why an object is denied. Options are those of `Engine.evaluate_many`.
    """
    objects = [_without_nulls(value) for value in batch.column(column).to_pylist()]
    results = engine.evaluate_many((value for value in objects if value is not None), **options)
    decided = iter(results)
    rows = [None if value is None else next(decided) for value in objects]
    columns: list[list[Any]] = [[], [], [], []]
    for row in rows:
        report = None if row is None or isinstance(row, KordonError) else row
        status = report.status if report else None
        columns[0].append(report.allowed if report else None)
        columns[1].append(status.message if status else None)
        columns[2].append(str(row) if isinstance(row, KordonError) else None)
        columns[3].append(report.to_json() if report else None)
    arrays = [*batch.columns]
    arrays += [pyarrow.array(values, field.type) for values, field in zip(columns, FIELDS)]
    return pyarrow.RecordBatch.from_arrays(arrays, schema=pyarrow.schema([*batch.schema, *FIELDS]))


def mapper(
    policies: Policy | Sequence[Policy],
    column: str = "object",
    threads: int = 1,
    **options: Any,
) -> Callable[[Iterable[pyarrow.RecordBatch]], Iterator[pyarrow.RecordBatch]]:
    """A function for `DataFrame.mapInArrow`: each worker makes an engine of the policies and adds the decisions.

    Workers are parallel themselves, so that each uses one thread. Options are those of `Engine`.
    """

    def batches(given: Iterable[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        engine = Engine(policies, **options)
        for batch in given:
            yield evaluate(engine, batch, column, threads=threads)

    return batches


def _without_nulls(value: Any) -> Any:
    """Structs have every field of their type, objects only those that they have; maps come as pairs."""
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        if value and all(isinstance(pair, tuple) for pair in value):
            return {key: _without_nulls(inner) for key, inner in value}
        return [_without_nulls(inner) for inner in value]
    return value
