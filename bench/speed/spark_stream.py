"""Spark Structured Streaming: the same topic, watermark and windows, availableNow, Parquet with a checkpoint.

Usage: spark_stream.py BROKER TOPIC JARS OUT. Its own start-up is not counted.
"""

import glob
import json
import sys
import time

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

broker, topic, jars, out = sys.argv[1:]
spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.driver.memory", "2g")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.shuffle.partitions", "2")
    .config("spark.jars", ",".join(glob.glob(f"{jars}/*.jar")))
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
spark.range(10).count()
SCHEMA = (
    "type STRING, symbol STRING, openTime LONG, open STRING, high STRING, low STRING, close STRING, "
    "volume STRING, trades LONG, final BOOLEAN, eventTime LONG"
)
began = time.perf_counter()
minutes = (
    spark.readStream.format("kafka")
    .option("kafka.bootstrap.servers", broker)
    .option("subscribe", topic)
    .option("startingOffsets", "earliest")
    .load()
    .select(F.from_json(F.col("value").cast("string"), SCHEMA).alias("m"))
    .select("m.*")
    .where("type = 'kline' AND final")
    .withColumn("at", F.timestamp_millis("openTime"))
    .withWatermark("at", "1 hour")
)
days = minutes.groupBy(F.window("at", "1 day"), "symbol").agg(
    F.min_by(F.col("open").cast("double"), "openTime").alias("open"),
    F.max(F.col("high").cast("double")).alias("high"),
    F.min(F.col("low").cast("double")).alias("low"),
    F.max_by(F.col("close").cast("double"), "openTime").alias("close"),
    F.sum(F.col("volume").cast("double")).alias("volume"),
    F.count("*").alias("minutes"),
)
query = (
    days.writeStream.format("parquet")
    .option("path", f"{out}/days")
    .option("checkpointLocation", f"{out}/checkpoint")
    .outputMode("append")
    .trigger(availableNow=True)
    .start()
)
query.awaitTermination()
seconds = time.perf_counter() - began
read = sum(p["numInputRows"] for p in query.recentProgress)
closed = spark.read.parquet(f"{out}/days").count()
with open(f"{out}/result.json", "w") as file:
    json.dump({"messages": read, "seconds": seconds, "closed": closed}, file)
spark.stop()
