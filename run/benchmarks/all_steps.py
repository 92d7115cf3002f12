"""The ratios of all step benchmarks (atcl_step.py and others, tiny models) in the time that is left."""

import json
import time
from collections.abc import Callable

import atcl_step
import cline_step
import dcl_step
import freelb_step
import torch
from steps import DTYPES

STEPS: dict[str, tuple[Callable, tuple[str, ...]]] = {
    "atcl": (atcl_step.measure, atcl_step.ARCHS),
    "cline": (cline_step.measure, ("tiny",)),
    "dcl": (dcl_step.measure, ("tiny",)),
    "freelb": (freelb_step.measure, ("tiny",)),
}


def measure_steps(
    device: torch.device, deadline: float, repetitions: int, methods: list[str]
) -> tuple[list[dict], list[str]]:
    """The results of the step benchmarks, printed as they come, and what was left out."""
    results, left_out = [], []
    for method in methods:
        measure, archs = STEPS[method]
        for arch in archs:
            for precision in DTYPES if device.type == "cuda" else ["fp32"]:
                name = f"{method} step, {arch}, {precision}"
                if time.monotonic() > deadline:
                    left_out.append(f"{name}: left out, the time is over")
                    continue
                result = {"method": method, **measure(arch, precision, device, repetitions)}
                results.append(result)
                print(name, json.dumps(medians(result)), sep="  ", flush=True)
    return results, left_out


def medians(result: dict) -> dict[str, float]:
    """The ratios of a step benchmark, by their names."""
    ratios = {key: value for key, value in result.items() if key != "seconds"}
    ratios |= ratios.pop("ratio") if "median" not in ratios.get("ratio", {"median": 0}) else {}
    return {
        name: value["median"]
        for name, value in ratios.items()
        if isinstance(value, dict) and "median" in value
    }
