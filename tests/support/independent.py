"""The baselines of the lab once more, written from the rules of the game alone: nothing here imports noonward.

A load is a list of jobs ``(first step, last step + 1, Wh)``: one a day for a quota, one a session for a car. Lists in,
kWh out; the tape must be whole.
"""

from __future__ import annotations

from itertools import pairwise
from math import floor

MIN_ON_S = 900.0
AMPERE_W = 690.0


def days(n, step_s, first_s, energy_wh, by_s, from_s):
    """Jobs of a quota: one for each day, midnight to midnight, with its deadline and its uncontrolled start."""
    starts = [0] + [i for i in range(1, n) if (first_s + i * step_s) % 86400 < step_s]
    jobs = []
    for lo, hi in pairwise([*starts, n]):
        midnight = lo - ((first_s + lo * step_s) % 86400) / step_s
        jobs.append(
            {"lo": lo, "hi": hi, "wh": energy_wh, "by": midnight + by_s / step_s, "from": midnight + from_s / step_s}
        )
    return jobs


def play(rule, pv, base, step_s, loads):
    """Play ``rule`` (uncontrolled, threshold, delays); loads in order of priority: name, power_w, min_w, jobs, car."""
    hours, n = step_s / 3600, len(pv)
    on_after, off_after = (1, 1) if step_s >= 300 else (1 + round(60 / step_s), 1 + round(180 / step_s))
    for load in loads:
        load.update(at=-1, left=0.0, on=False, since=0, enough=0, short=0, draw=0.0, starts=0, energy=0.0, missing=0.0)
    imported = exported = 0.0
    for i in range(n):
        seen = max(i - 1, 0)
        surplus = pv[seen] - base[seen]
        drawn = sum(load["draw"] for load in loads)
        reserved = {}
        for load in loads:
            jobs = load["jobs"]
            while load["at"] + 1 < len(jobs) and jobs[load["at"] + 1]["lo"] <= i:
                load["at"] += 1
                load["left"], load["due"] = jobs[load["at"]]["wh"], jobs[load["at"]]["by"] > i
            job = jobs[load["at"]] if load["at"] >= 0 else None
            load["job"] = job if job and i < job["hi"] else None
            if load["job"] is None:
                load["left"] = 0.0
            held = load["on"] and not load["car"] and (i - load["since"]) * step_s < MIN_ON_S
            reserved[load["name"]] = load["power_w"] if held and load["left"] > 0 else 0.0
            load["held"] = held
        budget = surplus - sum(reserved.values())
        for load in loads:
            job, was = load["job"], load["on"]
            wants = load["left"] > 1e-9
            forced = wants and i < job["by"] and load["left"] / load["power_w"] >= (job["by"] - i - 1) * hours - 1e-12
            if rule == "uncontrolled":
                load["on"], offer = wants and i >= job["from"], load["power_w"]
            else:
                free = surplus - drawn + load["draw"] if rule == "threshold" else budget + reserved[load["name"]]
                enough = free >= load["min_w"]
                load["enough"], load["short"] = (load["enough"] + 1, 0) if enough else (0, load["short"] + 1)
                if rule == "threshold":
                    keep = enough
                else:
                    keep = load["short"] < off_after if was else load["enough"] >= on_after
                load["on"] = (wants and (forced or keep)) or load["held"]
                offer = load["power_w"]
                if load["car"] and not forced:
                    offer = min(max(floor(free / AMPERE_W) * AMPERE_W, load["min_w"]), load["power_w"])
            load["next"] = min(offer, load["left"] / hours) if load["on"] else 0.0
            if load["on"] and not was:
                load["since"] = i
                load["starts"] += 1
            if not reserved[load["name"]]:
                budget -= load["next"]
        for load in loads:
            load["draw"] = load["next"]
            load["left"] -= load["draw"] * hours
            load["energy"] += load["draw"] * hours
            if load["job"] and load.get("due") and i + 1 >= load["job"]["by"]:
                load["missing"] += max(load["left"], 0.0)
                load["due"] = False
        net = base[i] - pv[i] + sum(load["draw"] for load in loads)
        imported += max(net, 0.0) * hours
        exported += max(-net, 0.0) * hours
    return {
        "import_kwh": imported / 1000,
        "export_kwh": exported / 1000,
        "controlled_kwh": sum(load["energy"] for load in loads) / 1000,
        "unmet_kwh": sum(load["missing"] for load in loads) / 1000,
        "starts": {load["name"]: load["starts"] for load in loads},
    }
