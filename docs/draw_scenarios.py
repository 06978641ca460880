"""Draw the pictures of docs/scenarios.md: runs the scenarios of the library, or those named, and keeps a small picture.

python docs/draw_scenarios.py [NAME ...]
"""

import sys
import tempfile
from pathlib import Path

import datacoalition as dc
from datacoalition.scenarios.files import library
from datacoalition.scenarios.summary import summary
from PIL import Image

FOLDER = Path(__file__).parent / "scenarios"
WIDTH, COLOURS = 900, 48


def draw(name: str) -> None:
    """Run a scenario as it stands and keep `leverage.png`, half as wide and in few colours; print the summary."""
    with tempfile.TemporaryDirectory() as parent:
        result = dc.run(dc.load(name), out=Path(parent) / name)
        with Image.open(Path(parent) / name / "leverage.png") as picture:
            height = round(picture.height * WIDTH / picture.width)
            small = picture.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
    small.quantize(COLOURS).save(FOLDER / f"{name}.png", optimize=True)
    print(summary(result), flush=True)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for scenario in sys.argv[1:] or library():
        draw(scenario)
