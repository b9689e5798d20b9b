"""Writes the golden files of what lies beside this script: Python Prophet 1.5.0 on small made-up series.

usage: make_golden.py OUT_DIR     (pip install prophet==1.5.0)

Each case is fitted with Stan's Newton optimiser, which comes closer to the maximum than the default L-BFGS.
Intervals are 95 % wide, from 20,000 draws (numpy seed 1). Numbers come from a portable generator.
"""
import json
import logging
import sys

import numpy as np
import pandas as pd
from prophet import Prophet

logging.disable(logging.CRITICAL)
OUT = sys.argv[1]


def uniform(n, seed):
    state, values = seed, []
    for _ in range(n):
        state = (1664525 * state + 1013904223) & 0xFFFFFFFF
        values.append((state + 0.5) / 2**32)
    return np.array(values)


def bell(n, seed):
    return uniform(12 * n, seed).reshape(n, 12).sum(axis=1) - 6


def days(n, start="2021-01-01", freq="D"):
    return pd.date_range(start, periods=n, freq=freq)


def conditional():
    ds = days(430)
    summer = ds.month.isin([4, 5, 6, 7, 8, 9])
    i = np.arange(430)
    weekly = np.where(summer, 4, 1) * np.sin(2 * np.pi * i / 7)
    y = 40 + 0.05 * i + np.where(i > 150, -0.12 * (i - 150), 0) + weekly + bell(430, 11)
    rows = pd.DataFrame(dict(ds=ds, y=y, summer=summer.astype(int), winter=(~summer).astype(int)))
    options = dict(changepoints=["2021-03-01", "2021-06-01", "2021-10-15"], weekly_seasonality=False, changepoint_prior_scale=0.2)
    seasons = [dict(name=f"weekly_{c}", period=7, fourier_order=3, condition_name=c) for c in ("summer", "winter")]
    return rows, 400, options, dict(seasonalities=seasons)


def holidays():
    ds = days(800, "2019-06-01")
    i = np.arange(800)
    effect = np.zeros(800)
    table = []
    for name, date, size in [("crash", "2020-03-12", -0.3), ("fair", "2019-09-01", 0.2), ("fair", "2020-09-01", 0.2), ("fair", "2021-07-20", 0.2)]:
        at = int((pd.Timestamp(date) - ds[0]).days)
        effect[max(0, at - 1):at + 3] += size * np.array([0.5, 1, 0.7, 0.4])
        table.append(dict(holiday=name, ds=date, lower_window=-1, upper_window=2, prior_scale=0.5 if name == "crash" else 2.0))
    y = (200 + 0.1 * i + 8 * np.sin(2 * np.pi * i / 365.25)) * (1 + effect) + 2 * bell(800, 12)
    return pd.DataFrame(dict(ds=ds, y=y)), 770, dict(holidays_mode="multiplicative"), dict(holidays=table)


def logistic_minmax():
    ds = days(500, "2022-02-01")
    i = np.arange(500)
    cap = 120 + 0.05 * i
    y = 10 + (cap - 10) / (1 + np.exp(-(i - 220) / 60)) + 3 * np.sin(2 * np.pi * i / 7) + 2 * bell(500, 13)
    return pd.DataFrame(dict(ds=ds, y=y, cap=cap, floor=10.0)), 470, dict(growth="logistic", scaling="minmax"), {}


def hourly():
    ds = days(600, "2023-05-01", "h")
    i = np.arange(600)
    y = 5 + 0.004 * i + np.sin(2 * np.pi * i / 24) + 0.5 * np.cos(2 * np.pi * i / 168) + 0.3 * bell(600, 14)
    return pd.DataFrame(dict(ds=ds, y=y)), 552, {}, {}


def regressors():
    ds = days(400, "2020-01-05")
    i = np.arange(400)
    x = np.cumsum(bell(400, 15)) * 3 + 100
    late = np.roll(x, 7)
    flag = (uniform(400, 16) < 0.3).astype(float)
    y = 50 + 0.02 * i + 0.4 * late + 6 * flag + 2 * np.cos(2 * np.pi * i / 7) + bell(400, 17)
    y = y * (1 + 0.02 * np.sin(i / 9))
    rows = pd.DataFrame(dict(ds=ds, y=y, late=late, flag=flag, wave=np.sin(i / 9)))[7:].reset_index(drop=True)
    added = [dict(name="late"), dict(name="flag", standardize=True), dict(name="wave", mode="multiplicative", prior_scale=3.0)]
    return rows, 370, {}, dict(regressors=added)


def flat_minmax():
    ds = days(800, "2018-03-01")
    i = np.arange(800)
    y = 300 * (1 + 0.1 * np.sin(2 * np.pi * i / 365.25) + 0.03 * np.cos(2 * np.pi * i / 7)) + 4 * bell(800, 18)
    return pd.DataFrame(dict(ds=ds, y=y)), 770, dict(growth="flat", scaling="minmax", seasonality_mode="multiplicative"), {}


def objective(m, data):
    p = m.params
    k, mm, s = p["k"][0, 0], p["m"][0, 0], p["sigma_obs"][0, 0]
    delta, beta = p["delta"][0], p["beta"][0]
    X, s_a, s_m = np.asarray(data["X"]), np.asarray(data["s_a"]), np.asarray(data["s_m"])
    r = np.asarray(data["y"]) - p["trend"][0] * (1 + X @ (beta * s_m)) - X @ (beta * s_a)
    prior = (k * k + mm * mm) / 50 + np.abs(delta).sum() / data["tau"] + 2 * s * s + ((beta / np.asarray(data["sigmas"])) ** 2).sum() / 2
    return float(-len(r) * np.log(s) - (r**2).sum() / (2 * s * s) - prior)


for make in (conditional, holidays, logistic_minmax, hourly, regressors, flat_minmax):
    rows, fitted, options, extra = make()
    rows[rows.columns[1:]] = rows[rows.columns[1:]].round(6)
    table = pd.DataFrame(extra["holidays"]) if "holidays" in extra else None
    m = Prophet(uncertainty_samples=20000, interval_width=0.95, holidays=table, **options)
    for s in extra.get("seasonalities", []):
        m.add_seasonality(**s)
    for r in extra.get("regressors", []):
        m.add_regressor(**r)
    seen, fit = {}, m.stan_backend.fit

    def spy(init, data, **kw):
        seen.update(data)
        return fit(init, data, **kw)

    m.stan_backend.fit = spy
    frame = rows.copy()
    for c in ("summer", "winter"):
        if c in frame:
            frame[c] = frame[c].astype(bool)
    m.fit(frame[:fitted], algorithm="Newton")
    np.random.seed(1)
    f = m.predict(frame.drop(columns="y"))
    wanted = ["yhat", "yhat_lower", "yhat_upper", "trend"]
    wanted += [c for c in f if c in m.train_component_cols and c not in wanted and not c.endswith("_terms") and not c.startswith("extra")]
    every = sorted(set(range(0, fitted, 9)) | set(range(fitted, len(rows))))
    columns = {c: rows[c].tolist() for c in rows if c not in ("ds",)}
    print(make.__name__, objective(m, seen), flush=True)
    with open(f"{OUT}/{make.__name__}.json", "w") as out:
        json.dump(
            dict(
                prophet="1.5.0", options=options, **extra, fitted=fitted, start=rows.ds[0].isoformat() + "Z",
                step_hours=(rows.ds[1] - rows.ds[0]).total_seconds() / 3600, columns=columns, objective=objective(m, seen),
                rows=every, forecast={c: [float(f"{v:.9g}") for v in f[c][every]] for c in wanted},
            ),
            out,
        )
        out.write("\n")
