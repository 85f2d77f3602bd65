"""PySpark's `mapInArrow` over two local workers decides as the engine does; run by itself, since it needs Java."""

import json
import os
import sys

from pyspark.sql import SparkSession

import kordon
import kordon.arrow
from test_kordon import POLICY, deployment

os.environ["PYSPARK_PYTHON"] = sys.executable
builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
spark = builder.config("spark.driver.host", "127.0.0.1").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
objects = [json.dumps(deployment(replicas)) for replicas in range(40)]
fleet = spark.createDataFrame([(text,) for text in objects], "object string").repartition(2)
schema = f"object string, {kordon.arrow.SPARK_SCHEMA}"
rows = fleet.mapInArrow(kordon.arrow.mapper(POLICY), schema).collect()
expected = {text: kordon.Engine(POLICY).evaluate(text).to_json() for text in objects}
assert {row.object: row.report for row in rows} == expected
assert sum(row.allowed for row in rows) == 6
spark.stop()
print(f"{len(rows)} objects decided by PySpark as by the engine")
