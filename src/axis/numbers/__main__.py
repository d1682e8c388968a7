"""``python -m axis.numbers``: count the numbers of each page by where they come from, and name what is wrong.

The last two columns count the numbers in the words of charts: ``charts`` those that a table of the section or the
prose has, too, and ``charts?`` the others.

With names of pages, list the numbers of these that have no origin. The command fails if a page breaks the rules.
"""

import sys
from collections import Counter
from pathlib import Path

from axis.numbers.known_numbers import audit_numbers, chart_numbers
from axis.numbers.number_roles import ROLES
from axis.numbers.number_rules import EXCUSED, UNMARKED, page_faults, sort_numbers, unmarked_pages

KNOWN, UNKNOWN = "charts", "charts?"
KINDS = [*ROLES, EXCUSED, UNMARKED, KNOWN, UNKNOWN]


def main(root: Path, names: list[str]) -> int:
    """Print the counts, and return how many numbers break the rules.

    Parameters
    ----------
    root
        The folder of the book.
    names
        Pages to list in full.
    """
    pages = sorted((root / "chapters").glob("*.md"))
    not_held = unmarked_pages(root) or []
    print(f"{'':22}" + "".join(f"{kind:>10}" for kind in KINDS))
    faults, notes, total = [], [], Counter[str]()
    for page in pages:
        if names and page.stem not in names:
            continue
        source = page.read_text(encoding="utf-8")
        numbers = sort_numbers(source, page.stem)
        counts = Counter(number.kind for number in numbers)
        in_charts = [*chart_numbers(source, page.stem)]
        counts += Counter(UNKNOWN if number.fault else KNOWN for number in in_charts)
        total += counts
        print(f"{page.stem:22}" + "".join(f"{counts[kind]:>10}" for kind in KINDS))
        is_held = page.stem in names or page.stem not in not_held
        faults += [f"{page}:{number.line}: {number.fault}" for number in page_faults(numbers, is_held)]
        faults += [f"{page}:{number.line}: {number.stale}" for number in numbers if number.stale]
        faults += [f"{page}:{number.line}: {number.fault}" for number in in_charts if number.fault]
    print(f"{'all':22}" + "".join(f"{total[kind]:>10}" for kind in KINDS))
    repeated = [*audit_numbers()]
    unknown_there = [f"{finding} {number:,g}" for finding, number, is_known in repeated if not is_known]
    print(
        f"In audit.csv, {len(repeated)} numbers are repeated as printed; {len(unknown_there)} of them in no row named."
    )
    notes += [f"Look up: {', '.join(unknown_there)}."] if names else []
    print("\n".join(faults + notes))
    return len(faults)


if __name__ == "__main__":
    sys.exit(min(main(Path.cwd(), [Path(name).stem for name in sys.argv[1:]]), 1))
