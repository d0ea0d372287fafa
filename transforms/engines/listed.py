"""The list of what SQL may say on Spark, as a page: `python -m transforms.engines.listed > docs/reference/spark.md`.

Not here: the list itself (allowed.yaml).
"""

import sys
from collections.abc import Iterator

from transforms.engines.allowed import Entry, allowed, entries

INTRODUCTION = """\
# What SQL may say on Spark

Written from `transforms/engines/allowed.yaml` by `make reference`; a test holds it to that file.

With `engine: spark` in `company.yaml`, staging and measures are computed on Spark. They stay written in DuckDB SQL, and only what
is listed here is let through, because only that is proven to give the same on both engines. `steelyard check` refuses
anything else by file, line and name. The proof is `tests/transforms/engines/test_differential.py`: each case runs on DuckDB and
on a Spark cluster of a master and two workers, over a table of awkward values (nulls, ties of rounding, dates over month
ends and leap days, NaN and -0.0, letters of all alphabets), and the answers are compared: equal to the last digit, and to 1e-9
where floating numbers were added up. An entry without a case that uses it fails a test.

Whole organisations are compared, too, in `tests/transforms/engines/test_components.py`: the example (61,448 rows), Northwind where its
data are (7,069 rows) and a small one of the benchmark (4,890 rows); every row and column of every table of the schema `measure`, with its
type. Counts, decimals, dates and text must be equal to the last digit, floating numbers to 1e-9. Two whole runs of `steelyard run`
on one lake, one for each engine, must give a release of the same name. `make spark` does all this in 364 tests, and took
25 minutes on two cores that were busy with other work; `make test` tries the list's own cases alone. All need Java.

*Fails* are errors on both engines. *Stops* are what DuckDB answers and Spark ends with an error naming the cause, rather than
answer otherwise: the measure fails, the rest of the night goes on.

Types: whole numbers of any width, decimals, `double`, `varchar`, `boolean`, `date`, `timestamp`, `timestamptz`. A column of another type
may be passed on and not be used. Floating sums may be added, divided and yielded, but not cast, compared, rounded or grouped
by: their last digits depend on the order of rows.
"""


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    yield from INTRODUCTION.splitlines()
    sections = list(dict.fromkeys(entry.section for entry in entries().values()))
    for section in sections:
        yield ""
        yield f"## {section.capitalize()}"
        yield ""
        yield "| | cases | ends with an error |"
        yield "|---|---|---|"
        for entry in entries().values():
            if entry.section == section:
                yield _row(entry)
    yield ""
    yield "## Not listed, and what to write instead"
    yield ""
    yield "| | |"
    yield "|---|---|"
    for name, mend in allowed().mends.items():
        yield f"| `{name}` | {_cell(mend)} |"


def _row(entry: Entry) -> str:
    about = f": {_cell(entry.about)}" if entry.about else ""
    cases = "<br>".join(_code(case) for case in entry.cases)
    ends = [f"{_code(case)} fails" for case in entry.fails]
    ends += [f"{_code(case)} stops" for case in entry.stops]
    return f"| **{_cell(entry.name)}**{about} | {cases} | {'<br>'.join(ends)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


def main() -> None:
    """Print the page."""
    sys.stdout.write("\n".join(page()) + "\n")


if __name__ == "__main__":
    main()
