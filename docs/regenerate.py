"""Write the tables in docs/ again that follow from the code: `make docs`. Tests compare them with what is committed."""

import re
import sys
from pathlib import Path

DOCS = Path(__file__).parent
TABLE = re.compile(r"^\| what is wrong.*(?:\n\|.*)*", re.MULTILINE)  # the counts, the only table of their page

sys.path[:0] = [str(DOCS.parent), str(DOCS.parent / "tests")]

from single_faults.table import counted, every  # noqa: E402

from checker.outputs.facts_page import facts_page  # noqa: E402

if __name__ == "__main__":
    (DOCS / "facts.md").write_text(facts_page(), encoding="utf-8")
    page, counts = DOCS / "single-fault-table.md", counted(tuple(every()))
    page.write_text(TABLE.sub(lambda _: counts, page.read_text(encoding="utf-8")), encoding="utf-8")
