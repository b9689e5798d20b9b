"""Made-up series and statsforecast's answers: `python make_golden.py`, with statsforecast 2.1.1 and numpy installed.

Writes one JSON file for each series beside this script.
"""

import json
import random
from pathlib import Path

import numpy as np
from statsforecast.ets import ets_f, forecast_ets
from statsforecast.theta import auto_theta, forecast_theta

HERE = Path(__file__).parent
HORIZON = 30
DAYS = 400


def walk(rng):
    level, values = 0.0, []
    for _ in range(DAYS):
        level += rng.gauss(0.0005, 0.03)
        values.append(level)
    return values


def noisy_level(rng):
    level, values = 1.0, []
    for _ in range(DAYS):
        level += rng.gauss(0, 0.01)
        values.append(level + rng.gauss(0, 0.05))
    return values


def trend(rng):
    return [0.5 + 0.004 * t + rng.gauss(0, 0.04) for t in range(DAYS)]


def waves(rng):
    slope, level, values = 0.0, 0.0, []
    for _ in range(DAYS):
        slope = 0.95 * slope + rng.gauss(0, 0.01)
        level += slope
        values.append(level + rng.gauss(0, 0.005))
    return values


def theta(y, model):
    fit = auto_theta(y, 1, model=model)
    return {
        "alpha": float(fit["par"]["alpha"]),
        "theta": float(fit["par"]["theta"]),
        "initial_smoothed": float(fit["par"]["initial_smoothed"]),
        "forecast": [float(v) for v in forecast_theta(fit, HORIZON)["mean"]],
    }


def ets(y, model, damped):
    fit = ets_f(y, m=1, model=model, damped=damped)
    answer = forecast_ets(fit, h=HORIZON, level=[80])
    z = 1.2815515655446004
    return {
        "sse": float(np.sum(np.asarray(fit["residuals"]) ** 2)),
        "aicc": float(fit["aicc"]),
        "forecast": [float(v) for v in answer["mean"]],
        "sigma": [float((hi - mean) / z) for hi, mean in zip(answer["hi-80"], answer["mean"])],
    }


for name, make in {"walk": walk, "noisy_level": noisy_level, "trend": trend, "waves": waves}.items():
    y = np.array([round(v, 12) for v in make(random.Random(7))])
    golden = {
        "y": y.tolist(),
        "theta": {model: theta(y, model) for model in ["STM", "OTM", "DSTM", "DOTM"]},
        "ets": {
            "ANN": ets(y, "ANN", False),
            "AAN": ets(y, "AAN", False),
            "AAdN": ets(y, "AAN", True),
        },
    }
    (HERE / f"{name}.json").write_text(json.dumps(golden) + "\n")
