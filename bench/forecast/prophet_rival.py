"""Python Prophet, as its documentation has it. Usage: prophet_rival.py fit|backtest CSV OUT"""

import json
import logging
import resource
import sys
import time

import numpy as np
import pandas as pd
from prophet import Prophet
from prophet.diagnostics import cross_validation

logging.disable(logging.CRITICAL)
task, csv, out = sys.argv[1:4]
frame = pd.read_csv(csv, parse_dates=["ds"])


def processor():
    """Seconds of this process and of those that it started: Stan runs in one of its own."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def fit():
    start = processor()
    model = Prophet()
    model.fit(frame)
    forecast = model.predict(model.make_future_dataframe(30))
    return processor() - start, forecast["yhat"].tolist()


if __name__ == "__main__":
    if task == "fit":
        cold, yhat = fit()
        warm = sorted(fit()[0] for _ in range(5))[2]
        answer = {"cold": cold, "warm": warm, "yhat": yhat}
    else:
        start = time.perf_counter()
        n = len(frame)
        cutoffs = [frame["ds"].iloc[i - 1] for i in range(n - 30, 1095, -30)][::-1]
        model = Prophet().fit(frame)
        found = cross_validation(
            model, horizon="30 days", cutoffs=cutoffs, parallel="processes", disable_tqdm=True
        )
        inside = (found.y >= found.yhat_lower) & (found.y <= found.yhat_upper)
        answer = {
            "seconds": time.perf_counter() - start,
            "scores": [
                {
                    "model": "prophet",
                    "cutoffs": len(cutoffs),
                    "mape": float(100 * np.mean(np.abs(found.yhat - found.y) / found.y)),
                    "coverage80": float(100 * inside.mean()),
                }
            ],
        }
    with open(f"{out}/answer.json", "w") as file:
        json.dump(answer, file)
