"""
Write the transcripts anew: all of them, or those named on the command line.

    python tests/journeys/write.py [NAME…]

Read what changed before you commit it: a transcript is a promise to a borrower.
"""

import runpy
import sys
import tempfile
from pathlib import Path

from dunning.testing.journey import Journey

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in ("write", "test_journeys"))


def lived(name: str, folder: Path) -> str:
    """Live the journey *name* in *folder*, and return its transcript."""
    script = runpy.run_path(str(HERE / f"{name}.py"))
    with Journey(folder=folder) as journey:
        script["live"](journey)
        return journey.finish(script["__doc__"])


if __name__ == "__main__":
    for chosen in sys.argv[1:] or NAMES:
        with tempfile.TemporaryDirectory() as made:
            (HERE / f"{chosen}.md").write_text(lived(chosen, Path(made)), encoding="utf-8")
