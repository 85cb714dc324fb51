"""The reference jobs' house with needs: what must be ready by when, and how it waits for the sun.

    python tests/support/jobs.py OUT [--plan normal|calm|none] [--job DIR] [--pv-scale 0.4]

writes the policies into OUT, and for a job (DIR with ``tape.csv.gz``, and for cars ``sessions.csv``) its
``scenario.yaml`` beside them.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

JOBS = Path(__file__).parents[1] / "lab/jobs"

LOCAL, UTC = "Etc/GMT-2", "Etc/UTC"

NEEDS = {
    "water-heater.yaml": 'need: {energy: 6 kWh, by: "0 20 * * *"}\n',
    "heat-pump.yaml": 'need: {energy: 6 kWh, by: "0 22 * * *"}\n',
    "garage.yaml": "need: {from: user}\n",
}

SCENARIO = """\
kind: scenario/v1
tape: tape.csv.gz
pv_scale: {pv_scale}
plants:
  water-heater: {{model: quota, energy: 6 kWh, by: "0 20 * * *", uncontrolled_from: "0 5 * * *"}}
  heat-pump: {{model: quota, energy: 6 kWh, by: "0 22 * * *", uncontrolled_from: "0 6 * * *"}}
vehicles: {{default: {{phases: 3, min_current: 6 A, max_current: 16 A}}}}
"""


def write(folder, plan="normal", timezone=LOCAL):
    """Write the house into a folder; return it.

    Args:
        folder: Where to.
        plan: normal, calm, or None for needs that do not wait for better sun.
        timezone: Where its days are: the local one of jobs A and B, UTC for 16ww-2020.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for source in JOBS.glob("*.yaml"):
        text = source.read_text().replace(LOCAL, timezone) + NEEDS.get(source.name, "")
        if source.name == "garage.yaml":
            text += "vehicle: {min_on: 10 min}\n"
        if plan is not None and source.name in NEEDS:
            text += f"plan: {plan}\n"
        (folder / source.name).write_text(text)
    return folder


def write_scenario(folder, job, pv_scale=1.0):
    """Write what is played beside the house, its recordings copied; return the scenario's path."""
    text = SCENARIO.format(pv_scale=pv_scale)
    shutil.copy(job / "tape.csv.gz", folder)
    if (job / "sessions.csv").exists():
        shutil.copy(job / "sessions.csv", folder)
        text += "sessions: {file: sessions.csv}\n"
    (folder / "scenario.yaml").write_text(text)
    return folder / "scenario.yaml"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--plan", choices=("normal", "calm", "none"), default="normal")
    parser.add_argument("--job", type=Path, metavar="DIR")
    parser.add_argument("--pv-scale", type=float, default=1.0)
    parser.add_argument("--timezone", default=LOCAL, help="where its days are; 16ww-2020 has them in Etc/UTC")
    args = parser.parse_args()
    write(args.out, None if args.plan == "none" else args.plan, args.timezone)
    if args.job:
        write_scenario(args.out, args.job, args.pv_scale)


if __name__ == "__main__":
    main()
