"""The promises in the reference are those of the kit, word for word."""

import re
from pathlib import Path

from dunning.testing.storage import StorageConformance

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "storage.md"


def test_every_promise_is_listed_with_its_number_and_words():
    tests = {}
    for name in dir(StorageConformance):
        if found := re.fullmatch(r"test_s(\d+)_(.*)", name):
            words = found[2].replace("_", " ")
            tests[int(found[1])] = f"- **S{found[1]}: {words}.** {getattr(StorageConformance, name).__doc__}"

    listed = [line for line in REFERENCE.read_text(encoding="utf-8").splitlines() if line.startswith("- **S")]
    listed.sort(key=lambda line: int(line.partition(":")[0].removeprefix("- **S")))

    assert listed == [tests[number] for number in sorted(tests)]
    assert sorted(tests) == list(range(1, len(tests) + 1))
