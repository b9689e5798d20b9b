"""statsforecast's naive, AutoTheta and AutoETS on log price, the same cutoffs. Usage: statsforecast_rival.py baselines CSV OUT"""

import json
import sys
import time

import numpy as np
import pandas as pd
from statsforecast import StatsForecast
from statsforecast.models import AutoETS, AutoTheta, Naive

task, csv, out = sys.argv[1:]
frame = pd.read_csv(csv, parse_dates=["ds"])

if __name__ == "__main__":
    start = time.perf_counter()
    frame = frame.assign(unique_id="BTCUSDT", y=np.log(frame.y))
    models = [Naive(), AutoTheta(season_length=1), AutoETS(season_length=1, model="ZZN")]
    cutoffs = len(range(len(frame) - 30, 1095, -30))
    forecaster = StatsForecast(models=models, freq="D", n_jobs=2)
    found = forecaster.cross_validation(
        df=frame, h=30, step_size=30, n_windows=cutoffs, refit=True, level=[80, 95]
    )
    seconds = time.perf_counter() - start
    actual = np.exp(found.y)
    scores = []
    for model, name in {"Naive": "naive", "AutoTheta": "theta", "AutoETS": "ets"}.items():
        inside = (found.y >= found[f"{model}-lo-80"]) & (found.y <= found[f"{model}-hi-80"])
        error = np.abs(np.exp(found[model]) - actual) / actual
        scores.append(
            {
                "model": name,
                "cutoffs": int(found.cutoff.nunique()),
                "mape": float(100 * error.mean()),
                "coverage80": float(100 * inside.mean()),
            }
        )
    with open(f"{out}/answer.json", "w") as file:
        json.dump({"seconds": seconds, "scores": scores}, file)
