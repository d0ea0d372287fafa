"""Checks a built site before it goes live: nothing broken, nothing missing, no number that is none.

Not here: what a site must have (expected), the audit of the marts (transforms), the looks of a page (tests).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from html import unescape
from pathlib import Path
from posixpath import normpath
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb
from duckdb import ColumnExpression
from selectolax.lexbor import LexborHTMLParser, LexborNode

from reports.expected import expected
from reports.words.characters import writable
from reports.workers import available, shared_out

TOKEN = re.compile(
    r"(?<![\w.])(?:nan|NaN|NaT|[-\u2212]?inf|[-\u2212]?Infinity|None|Undefined|undefined|null|<NA>)(?!\w)"
)
"""How a missing or impossible number looks when it slips through."""
NO_POSITION = re.compile(r"nan|inf|none|undefined", re.IGNORECASE)
VALUES = frozenset({"td", "dd", "small", "text", "tspan", "h1", "strong"})
"""Elements whose own text is written by Steelyard: numbers and words about them."""
FOREIGN = frozenset({"bdi", "code", "pre", "a", "blockquote"})
"""Elements that hold text from outside: a KPI may well be called Nan bread. In drawings, which know no such element, the class
`outside` says so."""
GEOMETRY = frozenset(
    {"x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "d", "width", "height", "dx", "dy"}
)
TELLING = frozenset(
    {"html", "main", "h1", "title", "meta", "script", "iframe", "object", "embed", "style"}
)
"""Elements that say something by being there."""
HARMLESS = frozenset(
    {
        "class",
        "scope",
        "role",
        "colspan",
        "rowspan",
        "datetime",
        "aria-hidden",
        "aria-label",
        "data-label",
        "data-sort",
    }
)
"""Attributes that neither name, nor point to, nor draw, nor do anything: an element with these alone has nothing to audit."""
OUTSIDE = frozenset(
    {
        "scorecard.dim_scorecard",
        "scorecard.dim_perspective",
        "scorecard.dim_objective",
        "scorecard.dim_kpi",
        "scorecard.dim_unit",
        "scorecard.kpi_term",
        "scorecard.signal_baseline",
        "scorecard.strategy_link",
        "scorecard.initiative",
        "scorecard.milestone",
        "scorecard.comment",
        "measure.dim_measure",
        "measure.unplaced",
        "quality.source_status",
        "quality.staging_table",
        "quality.contract_result",
        "quality.quarantined_row",
        "quality.warning",
    }
)
"""Tables that hold what people wrote."""
SHARED_FROM = 500
"""Pages from which on several processes read them: starting one takes as long as reading some hundred."""
PART = 250
"""Pages that a process reads at a time."""
OWN_SCRIPT = re.compile(r"^(?:\.\./)*static/scorecard\.js$")
EXTERNAL = re.compile(r"^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//)")


@dataclass
class _Seen:
    """What was found on one page."""

    lang: str = ""
    titles: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    """Ids that labels and drawings point to."""
    links: list[str] = field(default_factory=list)
    policies: int = 0
    mains: int = 0
    problems: list[str] = field(default_factory=list)
    doubtful: list[tuple[str, str]] = field(default_factory=list)
    """Elements and texts of prose in which something looks like a number that is none; a name may stand in it unmarked."""
    valued: list[tuple[str, str]] = field(default_factory=list)
    """The same of values; beside a number may stand a unit of measure, and nothing else unmarked."""

    @cached_property
    def places(self) -> frozenset[str]:
        """The ids that links may point to."""
        return frozenset(self.ids)


def _seen(page: str) -> _Seen:
    """Read a page into what was seen on it."""
    seen = _Seen()
    root = LexborHTMLParser(page).root
    if root is None:  # nothing at all: the page lacks all that it must have
        return seen
    # Texts are looked at one by one only where anything on the page looks like a number that is none.
    has_token = TOKEN.search(unescape(page)) is not None
    drawn: list[tuple[str, dict[str, str]]] = []
    for node in root.traverse(include_text=has_token):
        if node.is_text_node:
            _take_text(seen, node)
        elif node.is_element_node:
            attributes, tag = node.attributes, node.tag or ""
            if HARMLESS.issuperset(attributes) and tag not in TELLING:
                continue  # most elements: this is most of the audit's time
            given = {name: value or "" for name, value in attributes.items()}
            _take(seen, node, given)
            _forbid(seen, node, given)
            if not GEOMETRY.isdisjoint(given):
                drawn.append((tag, given))
    _place(seen, drawn)
    return seen


def _place(seen: _Seen, drawn: Sequence[tuple[str, dict[str, str]]]) -> None:
    """Find what is drawn nowhere: all positions of a page in one search, and one by one where it finds something."""
    if NO_POSITION.search(" ".join(value for _, given in drawn for value in given.values())):
        seen.problems += [
            f"draws <{tag}> at {name}={given[name]!r}"
            for tag, given in drawn
            for name in sorted(GEOMETRY & given.keys())
            if NO_POSITION.search(given[name])
        ]


def _take(seen: _Seen, node: LexborNode, given: dict[str, str]) -> None:
    _take_landmark(seen, node, given)
    if "id" in given:
        seen.ids.append(given["id"])
    for name in ("aria-labelledby", "aria-describedby", "headers"):
        seen.references += given.get(name, "").split()
    for name in ("href", "src"):
        if name in given and not given[name].startswith("data:"):
            seen.links.append(given[name])


def _take_landmark(seen: _Seen, node: LexborNode, given: dict[str, str]) -> None:
    match node.tag:
        case "html":
            seen.lang = given.get("lang", "")
        case "main":
            seen.mains += 1
        case "h1":
            seen.headings.append(node.text())
        case "title" if "svg" not in _above(node):
            seen.titles.append(node.text())
        case "meta" if given.get("http-equiv", "").lower() == "content-security-policy":
            seen.policies += 1


def _forbid(seen: _Seen, node: LexborNode, given: dict[str, str]) -> None:
    tag = node.tag or ""
    is_own = tag == "script" and _is_own_script(node, given)
    if tag in {"script", "iframe", "object", "embed", "style"} and not is_own:
        seen.problems.append(f"has a <{tag}> element")
    forbidden = [name for name in given if name == "style" or name.startswith("on")]
    seen.problems += [f"has an inline {name} attribute on <{tag}>" for name in forbidden]


def _is_own_script(node: LexborNode, given: dict[str, str]) -> bool:
    """Tell whether a script is the site's own, with nothing inside; that its file is there, the links tell."""
    return OWN_SCRIPT.match(given.get("src", "")) is not None and not node.text()


def _above(node: LexborNode) -> list[str]:
    """Return the tags of the elements around a node, nearest first."""
    found = []
    parent = node.parent
    while parent is not None:
        found.append(parent.tag or "")
        parent = parent.parent
    return found


def _is_foreign(node: LexborNode) -> bool:
    """Tell whether an element around a text holds text from outside."""
    parent = node.parent
    while parent is not None:
        styles = (parent.attributes.get("class") or "").split() if parent.is_element_node else ()
        if parent.tag in FOREIGN or "outside" in styles:
            return True
        parent = parent.parent
    return False


def _take_text(seen: _Seen, node: LexborNode) -> None:
    text = node.text_content or ""
    found = TOKEN.search(text)
    if found is None or _is_foreign(node):
        return
    above = _above(node)
    if above[0] != "title" and not VALUES.isdisjoint(above):
        seen.valued.append((above[0], text))
    else:
        seen.doubtful.append((above[0], text))


def _shows(token: str, element: str, text: str) -> str:
    return f"shows {token!r} in <{element}>: {text.strip()[:80]!r}"


def audit_site(site: Path, warehouse: Path) -> list[str]:
    """Return every problem of a site, each with its page; none where it may go live."""
    pages = _read(site)
    wanted = expected(warehouse)
    found = [f"{page}: the page is missing" for page in wanted.pages if page not in pages]
    found += _file_problems(site, wanted.files)
    doubted = any(seen.doubtful or seen.valued for seen in pages.values())
    foreign = texts_from_outside(warehouse) if doubted else ()
    units = units_of_measure(warehouse) if doubted else ()
    for address, seen in pages.items():
        found += [f"{address}: {problem}" for problem in _page_problems(seen)]
        found += [f"{address}: {problem}" for problem in _text_problems(seen.valued, units)]
        found += [f"{address}: {problem}" for problem in _text_problems(seen.doubtful, foreign)]
        found += [f"{address}: {problem}" for problem in _link_problems(address, seen, pages, site)]
    return found


def _read(site: Path) -> dict[str, _Seen]:
    """Read every page; many of them in as many processes as there are processors."""
    addresses = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    parts = [addresses[start : start + PART] for start in range(0, len(addresses), PART)]
    workers = available() if len(addresses) >= SHARED_FROM else 1
    read = partial(_read_part, site)
    done = (
        map(read, parts)
        if workers == 1
        else shared_out(partial(_given, read), parts, here=read, workers=workers)
    )
    return {address: seen for found in done for address, seen in found.items()}


def _given(read: Callable[[Sequence[str]], dict[str, _Seen]]) -> Callable[[Sequence[str]], Any]:
    """Give what it is given: a process is told what to do by a function that can be sent to it."""
    return read


def _read_part(site: Path, addresses: Sequence[str]) -> dict[str, _Seen]:
    return {address: _seen((site / address).read_text("utf-8")) for address in addresses}


def _file_problems(site: Path, wanted: tuple[str, ...]) -> Iterator[str]:
    for address in wanted:
        file = site / address
        if not file.is_file():
            yield f"{address}: the file is missing"
        elif not file.stat().st_size:
            yield f"{address}: the file is empty"


def texts_from_outside(warehouse: Path) -> tuple[str, ...]:
    """Return every text of the warehouse that itself looks like a number that is none, longest first.

    People name things as they like, and not every sentence marks a name. Paragraphs and lines count by themselves, too.
    """
    found: set[str] = set()
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for table in sorted(OUTSIDE):
            relation = connection.table(table)
            for name, kind in zip(relation.columns, relation.types, strict=True):
                if str(kind) == "VARCHAR":
                    rows = relation.select(ColumnExpression(name)).distinct().fetchall()
                    found.update(_as_shown(text) for (text,) in rows if text and TOKEN.search(text))
    parts = {
        part.strip() for text in found for part in (text, *text.split("\n\n"), *text.split("\n"))
    }
    parts |= {part.rstrip(".") for part in parts}
    return tuple(sorted((part for part in parts if part), key=lambda part: (-len(part), part)))


def units_of_measure(warehouse: Path) -> tuple[str, ...]:
    """Return every unit of measure that itself looks like a number that is none: somebody may count null results."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        relation = connection.table("scorecard.dim_kpi")
        rows = relation.select(ColumnExpression("measured_in")).distinct().fetchall()
    found = (_as_shown(unit) for (unit,) in rows if TOKEN.search(unit))
    return tuple(sorted(found, key=lambda unit: (-len(unit), unit)))


def _as_shown(text: str) -> str:
    """Return a text as it is read from a page again."""
    return writable(text).replace("\r\n", "\n").replace("\r", "\n")


def _text_problems(texts: Iterable[tuple[str, str]], foreign: tuple[str, ...]) -> Iterator[str]:
    """Yield what looks like a number that is none once the texts from outside are taken away."""
    for element, text in texts:
        own = text
        for part in foreign:
            own = own.replace(part, " ")
        token = TOKEN.search(own)
        if token:
            yield _shows(token.group(), element, text)


def _page_problems(seen: _Seen) -> Iterator[str]:
    yield from seen.problems
    if not seen.lang:
        yield "has no language"
    if [bool(title.strip()) for title in seen.titles] != [True]:
        yield "needs one title with words in it"
    if [bool(heading.strip()) for heading in seen.headings] != [True]:
        yield "needs one h1 with words in it"
    if seen.mains != 1:
        yield "needs one main landmark"
    if seen.policies != 1:
        yield "has no content security policy"
    twice = sorted(name for name, count in Counter(seen.ids).items() if count > 1)
    if twice:
        yield f"gives an id twice: {', '.join(twice)}"
    missing = sorted(set(seen.references) - set(seen.ids))
    if missing:
        yield f"is labelled by what is not there: {', '.join(missing)}"


def _link_problems(address: str, seen: _Seen, pages: dict[str, _Seen], site: Path) -> Iterator[str]:
    for link in sorted(set(seen.links)):
        if EXTERNAL.match(link) or link.startswith("/"):
            yield f"links outside the site: {link}"
            continue
        parts = urlsplit(link)
        folder = address.rpartition("/")[0]
        target = normpath(f"{folder}/{unquote(parts.path)}".lstrip("/")) if parts.path else address
        if target.startswith(".."):
            yield f"links outside the site: {link}"
        elif target not in pages and not (site / target).is_file():
            yield f"links to a page that is not there: {link}"
        elif (
            parts.fragment
            and target in pages
            and unquote(parts.fragment) not in pages[target].places
        ):
            yield f"links to a place that is not there: {link}"
