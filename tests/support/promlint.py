"""The rules that ``promtool check metrics`` has for names, and OpenMetrics for what it calls families.

https://prometheus.io/docs/practices/naming/ and https://prometheus.io/docs/instrumenting/writing_exporters/: base units,
written out, at the end; ``_total`` for counters and for nothing else; no type in a name; a help for each.
"""

from __future__ import annotations

import re

NAME = re.compile(r"[a-z][a-z0-9_]*")
NOT_BASE = {"milliseconds", "minutes", "hours", "days", "kilowatts", "kwh", "watthours", "percent", "celcius", "kilojoules", "milliamperes", "ms", "kw", "w", "a", "wh", "s"}  # fmt: skip
TYPES = {"gauge", "counter", "histogram", "summary", "metric"}
RESERVED_ENDS = ("_bucket", "_sum", "_count", "_created")


def lint(families) -> list[str]:
    """Return what is wrong with families as ``prometheus_client`` reads them (a counter's name without its _total)."""
    wrong = []
    for family in families:
        words = family.name.split("_")
        if not NAME.fullmatch(family.name):
            wrong.append(f"{family.name}: letters")
        if words[0] != "noonward":
            wrong.append(f"{family.name}: no namespace")
        wrong += [f"{family.name}: {word} is no base unit" for word in words[1:] if word in NOT_BASE]
        wrong += [f"{family.name}: {word} in the name" for word in words if word in TYPES]
        if family.name.endswith(RESERVED_ENDS):
            wrong.append(f"{family.name}: reserved for histograms")
        if not family.documentation.endswith("."):
            wrong.append(f"{family.name}: no help")
        for sample in family.samples:
            if (family.type == "counter") != sample.name.endswith("_total"):
                wrong.append(f"{sample.name}: _total is for counters")
            wrong += [f"{sample.name}: label {key}" for key in sample.labels if not NAME.fullmatch(key)]
    return wrong
