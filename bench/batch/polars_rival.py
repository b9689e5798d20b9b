"""The Polars rival: lazy, streaming, as such a script is written. Bad lines are dropped by the reader.
Usage: polars_rival.py FILES... OUT"""

import os
import sys

import polars as pl

*files, out = sys.argv[1:]
os.makedirs(out, exist_ok=True)
NUMBERS = ["open", "high", "low", "close", "volume"]
SCHEMA = {"open_time": pl.Int64, **{name: pl.Float64 for name in NUMBERS}, "trades": pl.Int64}

for file in files:
    symbol = os.path.basename(file).split("_")[0]
    minutes = f"{out}/{symbol}_minutes.parquet"
    time = pl.col("open_time")
    ms = (
        pl.when(time < 100_000_000_000)
        .then(time * 1000)
        .when(time < 100_000_000_000_000)
        .then(time)
        .otherwise(time // 1000)
    )
    low, high, opens, close = (pl.col(name) for name in ("low", "high", "open", "close"))
    (
        pl.scan_csv(file, schema=SCHEMA, ignore_errors=True, truncate_ragged_lines=True)
        .with_columns(ms=ms)
        .filter(
            (pl.col("ms") >= 1_230_768_000_000)
            & (pl.col("ms") % 60_000 == 0)
            & pl.all_horizontal(pl.col(NUMBERS).is_finite())
            & (pl.min_horizontal(NUMBERS[:4]) > 0)
            & (pl.col("volume") >= 0)
            & (low <= pl.min_horizontal(opens, close))
            & (high >= pl.max_horizontal(opens, close))
        )
        .with_columns(
            open_time=pl.from_epoch("ms", time_unit="ms").dt.replace_time_zone("UTC"),
            symbol=pl.lit(symbol),
            origin=pl.lit("batch"),
        )
        .drop("ms")
        .sink_parquet(minutes, compression="zstd", compression_level=1)
    )
    years = range(2009, 2027)
    parts = []
    for year in years:
        rows = pl.scan_parquet(minutes).filter(pl.col("open_time").dt.year() == year)
        rows = rows.sort(
            ["open_time", pl.col("trades").fill_null(-1), "volume", "close", "high", "low", "open"]
        ).unique("open_time", keep="last", maintain_order=True)
        part = f"{out}/{symbol}_clean_{year}.parquet"
        rows.sink_parquet(part, compression="zstd", compression_level=1)
        parts.append(part)
    clean = pl.scan_parquet(parts)
    (
        clean.group_by(day=pl.col("open_time").dt.date())
        .agg(
            symbol=pl.lit(symbol),
            open=pl.col("open").sort_by("open_time").first(),
            high=pl.col("high").max(),
            low=pl.col("low").min(),
            close=pl.col("close").sort_by("open_time").last(),
            volume=pl.col("volume").sum(),
            minutes=pl.len().cast(pl.Int32),
        )
        .sort("day")
        .sink_parquet(f"{out}/{symbol}_daily.parquet")
    )
    before = pl.col("open_time").shift(1)
    (
        clean.select("open_time", before=before)
        .filter(pl.col("open_time") - pl.col("before") > pl.duration(minutes=1))
        .with_columns(symbol=pl.lit(symbol))
        .sink_parquet(f"{out}/{symbol}_gaps.parquet")
    )
