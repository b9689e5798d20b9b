"""The PySpark rival: the plain scripts that such a project has, local[2]. Usage: pyspark_rival.py FILES... OUT"""

import os
import sys

from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F

*files, out = sys.argv[1:]
spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.driver.memory", "2g")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.shuffle.partitions", "8")
    .config("spark.sql.parquet.compression.codec", "zstd")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
SCHEMA = "open_time LONG, open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE, volume DOUBLE, trades LONG"

# Convert.
for file in files:
    symbol = os.path.basename(file).split("_")[0]
    rows = spark.read.csv(file, schema=SCHEMA, header=True, mode="DROPMALFORMED")
    time = F.col("open_time")
    ms = F.when(time < 100_000_000_000, time * 1000).when(time < 100_000_000_000_000, time).otherwise(
        F.floor(time / 1000)
    )
    (
        rows.withColumn("ms", ms)
        .where("ms >= 1230768000000 AND ms % 60000 = 0")
        .where("least(open, high, low, close) > 0 AND volume >= 0 AND NOT isnan(open) AND NOT isnan(high)")
        .where("low <= least(open, close) AND high >= greatest(open, close)")
        .select(
            F.lit(symbol).alias("symbol"),
            F.timestamp_millis("ms").alias("open_time"),
            "open", "high", "low", "close", "volume", "trades",
            F.lit("batch").alias("origin"),
        )
        .withColumn("year", F.year("open_time"))
        .write.mode("overwrite").partitionBy("year").parquet(f"{out}/minutes/symbol_dir={symbol}")
    )

# Clean.
minutes = spark.read.parquet(f"{out}/minutes")
best = Window.partitionBy("symbol", "open_time").orderBy(
    F.coalesce("trades", F.lit(-1)).desc(), F.desc("volume"), F.desc("close"), F.desc("high"), F.desc("low"),
    F.desc("open"),
)
(
    minutes.drop("symbol_dir")
    .withColumn("place", F.row_number().over(best)).where("place = 1").drop("place")
    .repartition("symbol", "year").sortWithinPartitions("symbol", "open_time")
    .write.mode("overwrite").partitionBy("symbol", "year").parquet(f"{out}/clean")
)

# Daily.
clean = spark.read.parquet(f"{out}/clean")
(
    clean.groupBy("symbol", F.to_date("open_time").alias("day"))
    .agg(
        F.min_by("open", "open_time").alias("open"), F.max("high").alias("high"), F.min("low").alias("low"),
        F.max_by("close", "open_time").alias("close"), F.sum("volume").alias("volume"),
        F.count("*").cast("int").alias("minutes"),
    )
    .orderBy("symbol", "day")
    .coalesce(1).write.mode("overwrite").parquet(f"{out}/daily")
)

# Gaps.
order = Window.partitionBy("symbol").orderBy("open_time")
(
    clean.withColumn("before", F.lag("open_time").over(order))
    .where("unix_seconds(open_time) - unix_seconds(before) > 60")
    .select("symbol", "before", "open_time")
    .coalesce(1).write.mode("overwrite").parquet(f"{out}/gaps")
)
spark.stop()
