"""statsforecast's naive, AutoTheta and AutoETS on log price, the same cutoffs.

Usage: statsforecast_rival.py baselines CSV OUT LATER; scores of cutoffs from the day LATER on stand beside those of all.
"""

import json
import sys
import time

import numpy as np
import pandas as pd
from statsforecast import StatsForecast
from statsforecast.models import AutoETS, AutoTheta, Naive

task, csv, out, later = sys.argv[1:]
frame = pd.read_csv(csv, parse_dates=["ds"])

LEVELS = [*range(10, 100, 10), 95]


def score(found, last, model):
    """As docs/semantics.md has them: MAPE of prices, CRPS by 19 quantiles, % of the price at the cutoff."""
    actual, close = np.exp(found.y), np.exp(last)
    losses = []
    for percent in range(5, 100, 5):
        side, level = ("lo", 100 - 2 * percent) if percent < 50 else ("hi", 2 * percent - 100)
        error = actual - np.exp(found[model if percent == 50 else f"{model}-{side}-{level}"])
        losses.append(2 * np.maximum(percent / 100 * error, (percent / 100 - 1) * error) / close)
    inside = (found.y >= found[f"{model}-lo-80"]) & (found.y <= found[f"{model}-hi-80"])
    return {
        "cutoffs": int(found.cutoff.nunique()),
        "mape": float(100 * (np.abs(np.exp(found[model]) - actual) / actual).mean()),
        "crps": float(100 * np.mean(losses)),
        "coverage80": float(100 * inside.mean()),
    }


if __name__ == "__main__":
    start = time.perf_counter()
    frame = frame.assign(unique_id="BTCUSDT", y=np.log(frame.y))
    models = [Naive(), AutoTheta(season_length=1), AutoETS(season_length=1, model="ZZN")]
    cutoffs = len(range(len(frame) - 30, 1095, -30))
    forecaster = StatsForecast(models=models, freq="D", n_jobs=2)
    found = forecaster.cross_validation(
        df=frame, h=30, step_size=30, n_windows=cutoffs, refit=True, level=LEVELS
    )
    seconds = time.perf_counter() - start
    last = found.cutoff.map(frame.set_index("ds").y)
    is_later = found.cutoff >= later
    scores = [
        {"model": name, **score(found, last, model), "later": score(found[is_later], last[is_later], model)}
        for model, name in {"Naive": "naive", "AutoTheta": "theta", "AutoETS": "ets"}.items()
    ]
    with open(f"{out}/answer.json", "w") as file:
        json.dump({"seconds": seconds, "scores": scores}, file)
