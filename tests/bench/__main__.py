"""``make bench``: measure everything, print it, and write docs/benchmarks.md."""

import os
import platform
from pathlib import Path

from tests.bench import dunning, pages, quoting, reading

PAGE = Path(__file__).parent.parent.parent / "docs" / "benchmarks.md"


def main() -> None:
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    intro = f"Written by `make bench`. Absolute figures belong to the machine ({machine}); compare the ratios."
    head = ["# Benchmarks", "", intro, ""]
    sections = []
    for module in (reading, quoting, dunning, pages):
        section = module.section().markdown()
        print(section)  # noqa: T201 - a command's own output
        sections.append(section)
    PAGE.write_text("\n".join([*head, *sections]), encoding="utf-8")


main()
