"""Fitting and scoring a purchase model for a million simulated customers, beside `lifetimes` and pymc-marketing.

    python -m benchmarks lifetimes           # installs the peers into environments of their own

One thread each; the same histories of one year in days, drawn from the BG/NBD's own law; CPU of fit, P(alive) and the orders of 90 days.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

CUSTOMERS = 1_000_000
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_INSTALL_SECONDS, _RUN_SECONDS = 900, 900

MAKE = """
import sys
import numpy as np
count, file = int(sys.argv[1]), sys.argv[2]
chance = np.random.default_rng(42)
rate, leaves = chance.gamma(0.8, 1 / 40, count), chance.beta(0.9, 3.0, count)
T = chance.integers(1, 366, count).astype(float)
x, t_x, now, there = np.zeros(count), np.zeros(count), np.zeros(count), np.ones(count, bool)
for _ in range(400):
    now = now + chance.exponential(1.0, count) / rate
    there &= now < T
    if not there.any():
        break
    day = np.maximum(np.ceil(now), 1.0)
    new = there & (day > t_x)
    x[new] += 1
    t_x[new] = np.minimum(day, T)[new]
    there &= chance.random(count) >= leaves
np.savez(file, x=x, t_x=t_x, T=T)
"""
_CPU = """
import json, resource, sys
import numpy as np
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF); return used.ru_utime + used.ru_stime
told = np.load(sys.argv[1]); x, t_x, T = told['x'], told['t_x'], told['T']
def tell(version, begun, parameters, alive, orders):
    print(json.dumps({'version': version, 'cpu': cpu() - begun, 'peak_mb': int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) / 1024,
        'parameters': [round(float(one), 4) for one in parameters], 'alive': round(float(np.mean(alive)), 4), 'orders': round(float(np.sum(orders)))}))
"""
OURS = (
    _CPU
    + """
from regulars.predict.purchase_models import BGNBD, Histories, ParetoNBD
kind = {'BGNBD': BGNBD, 'ParetoNBD': ParetoNBD}[sys.argv[2]]
import scipy.optimize, scipy.special, scipy.linalg
begun = cpu()
given = Histories(x, t_x, T)
model = kind().fit(given)
tell('', begun, model.parameters_.values(), model.probability_alive(given), model.expected_orders(90.0, given))
"""
)
LIFETIMES = (
    _CPU
    + """
import lifetimes
from lifetimes import BetaGeoFitter
begun = cpu()
model = BetaGeoFitter().fit(x, t_x, T)
alive = model.conditional_probability_alive(x, t_x, T)
orders = model.conditional_expected_number_of_purchases_up_to_time(90.0, x, t_x, T)
tell(lifetimes.__version__, begun, model.params_, alive, orders)
"""
)
PYMC = (
    _CPU
    + """
import pandas, pymc_marketing
from pymc_marketing.clv import BetaGeoModel
begun = cpu()
frame = pandas.DataFrame({'customer_id': np.arange(len(x)), 'frequency': x, 'recency': t_x, 'T': T})
model = BetaGeoModel(data=frame)
model.fit(method='map', progressbar=False)
alive = np.asarray(model.expected_probability_alive(frame)).reshape(-1)
orders = np.asarray(model.expected_purchases(frame, future_t=90)).reshape(-1)
found = model.fit_result
tell(pymc_marketing.__version__, begun, [float(found[name].values.reshape(-1)[0]) for name in ('r', 'alpha', 'a', 'b')], alive, orders)
"""
)
#: lifetimes' own Pareto/NBD takes minutes for a tenth of the customers; both are asked of the same few.
FEW = 20_000
FEW_OURS = OURS.replace("begun = cpu()", f"x, t_x, T = x[:{FEW}], t_x[:{FEW}], T[:{FEW}]; begun = cpu()")
FEW_LIFETIMES = (
    _CPU
    + f"""
import lifetimes
from lifetimes import ParetoNBDFitter
x, t_x, T = x[:{FEW}], t_x[:{FEW}], T[:{FEW}]
begun = cpu()
model = ParetoNBDFitter().fit(x, t_x, T)
alive = model.conditional_probability_alive(x, t_x, T)
orders = model.conditional_expected_number_of_purchases_up_to_time(90.0, x, t_x, T)
tell(lifetimes.__version__, begun, model.params_, alive, orders)
"""
)
PEERS = (("lifetimes", ("lifetimes==0.11.3", "setuptools"), LIFETIMES), ("pymc-marketing", ("pymc-marketing",), PYMC))


def measure() -> str:
    """The section of the benchmark page."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        histories = str(place / "histories.npz")
        subprocess.run([sys.executable, "-c", MAKE, str(CUSTOMERS), histories], check=True)
        ours = {kind: _run(sys.executable, OURS, histories, kind) for kind in ("BGNBD", "ParetoNBD")}
        peers = {name: _peer(place / name, packages, program, histories) for name, packages, program in PEERS}
        few = {"ours": _run(sys.executable, FEW_OURS, histories, "ParetoNBD"), "theirs": None}
        if peers["lifetimes"]:
            few["theirs"] = _run(str(place / "lifetimes/bin/python"), FEW_LIFETIMES, histories)
    rows = [_row(f"**regulars {kind}**", found, peers["lifetimes"]) for kind, found in ours.items()]
    rows += [
        _row(f"{name} {found['version']} BG/NBD", found, peers["lifetimes"]) if found else f"| {name} | did not run here | | | | |"
        for name, found in peers.items()
    ]
    rows += [
        _row(f"{name}, {FEW:,} customers", found, few["theirs"])
        for name, found in (("**regulars ParetoNBD**", few["ours"]), ("lifetimes Pareto/NBD", few["theirs"]))
        if found
    ]
    return _HEAD.format(customers=CUSTOMERS) + "\n".join(rows) + "\n" + _NOTES


def _peer(venv: Path, packages: tuple[str, ...], program: str, histories: str) -> dict[str, Any] | None:
    """What a peer took in an environment of its own; None where it cannot be installed or fails."""
    python = str(venv / "bin/python")
    try:
        subprocess.run(["uv", "venv", "--quiet", str(venv)], check=True, timeout=_INSTALL_SECONDS)
        subprocess.run(["uv", "pip", "install", "--quiet", "--python", python, *packages], check=True, timeout=_INSTALL_SECONDS)
        return _run(python, program, histories)
    except (subprocess.SubprocessError, ValueError) as problem:
        print(f"{packages[0]}: {problem}", file=sys.stderr)
        return None


def _run(python: str, program: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [python, "-c", program, *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=_RUN_SECONDS,
        env={**os.environ, **_ONE_THREAD},
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _row(name: str, found: dict[str, Any], peer: dict[str, Any] | None) -> str:
    part = f"{found['cpu'] / peer['cpu']:.2f}" if peer else "-"
    parameters = " ".join(f"{one:g}" for one in found["parameters"])
    return f"| {name} | {found['cpu']:.1f} | {part} | {found['peak_mb']:,.0f} | {parameters} | {found['alive']:.4f} · {found['orders']:,} |"


_HEAD = """## Purchase models: {customers:,} customers

Histories of one year in days, drawn from the law of BG/NBD (r 0.8, alpha 40, a 0.9, b 3); one thread each, the same run. CPU seconds of
fitting, P(alive) and the expected orders of 90 days for every customer, imports not counted. To meet: at most 0.2 of lifetimes.

| | CPU s | of lifetimes | peak MB | parameters | mean P(alive) · orders |
| --- | ---: | ---: | ---: | --- | --- |
"""
_NOTES = """
The ratio of a million customers is to lifetimes' BG/NBD, also for our Pareto/NBD; its own Pareto/NBD is asked of the first 20,000 customers, as
ours is. Days are whole, so the parameters differ a little from those of the law.
"""
