"""A small flood at Derna, played by the drill command itself: 300 people near, 30 of the other society nearer."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.service import ROOT, Service

DERNA = [22.639, 32.764]
NEEDS = {"search-and-rescue": 12, "first-aid-medic": 6}
# A carrier slow enough that some sends are always under way, and an evening on which one in three comes.
PHONES = {"acceptance": 0.33, "latency_ms": 600, "latency_jitter_ms": 300}


def write(folder: Path) -> Path:
    """The drill's file: derna-2023 with fewer people, fewer needs and other phones."""
    drill = json.loads((ROOT / "fixtures/drills/derna-2023.json").read_text())
    libya, egypt = (
        next(part for part in drill["people"] if part["society"] == s) for s in ("libya", "egypt")
    )
    drill |= {
        "name": "small",
        "needs": [{"skill": s, "required": n, "radius_km": 200, "hours": 10} for s, n in NEEDS.items()],
        "people": [_near(libya, 300, spread_km=60), _near(egypt, 30, spread_km=5)],
        "skills": {"search-and-rescue": 0.7, "first-aid-medic": 0.6},
        "phones": PHONES,
        "give_up_after_min": 240,
    }
    file = folder / "small.json"
    file.write_text(json.dumps(drill))
    return file


def _near(part: dict[str, Any], count: int, *, spread_km: int) -> dict[str, Any]:
    kept = {key: part[key] for key in ("society", "phone", "operators")}
    return kept | {"near": DERNA, "count": count, "spread_km": spread_km}


class Drill:
    """The running command. `summary` waits for its end."""

    def __init__(self, service: Service) -> None:
        self.service = service
        command = [
            sys.executable,
            "-m",
            "dispatch",
            "drill",
            str(write(service.folder).with_suffix("")),
            "--seed",
            "3",
            "--json",
        ]
        with (service.folder / "drill.log").open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=service.as_owner(), stdout=subprocess.PIPE, stderr=log
            )

    def summary(self) -> dict[str, Any]:
        """What the drill says it came to; fails when the drill failed."""
        output, _ = self.process.communicate(timeout=200)
        assert self.process.returncode == 0, f"the drill failed: {output.decode()}{self.service.log('drill')}"
        return dict(json.loads(output))

    def end(self) -> None:
        """Do not leave it behind."""
        self.process.kill()
        self.process.communicate()
