"""A made-up language that shows what the catalogue misses: every text in Greek letters, so that a Latin word is an outsider.

The site is built in the Greek locale (dates and numbers are Babel's) with a catalogue in which each text is its own
English in Greek letters. A word in Latin letters that is neither a name from outside nor code was written past the
catalogue, and would stay English in every translation.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import write_po
from selectolax.lexbor import LexborHTMLParser, LexborNode

REPORTS = Path(__file__).parents[2] / "reports"
KEYWORDS = {
    "say": None,
    "say_parts": None,
    "later": None,
    "say_count": (1, 2),
    "say_count_parts": (1, 2),
}
LOCALE = "el"
_GREEK = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "αβψδεφγηιξκλμνοπςρστθωχυζϋΑΒΨΔΕΦΓΗΙΞΚΛΜΝΟΠΣΡΣΤΘΩΧΥΖΫ",
)
_FIELD = re.compile(r"(\{\w+\})")
_WORD = re.compile(r"[A-Za-z]{2,}")
_ADDRESS = re.compile(r"\br-[0-9a-f]{10}\b|\b\d{8}T\d{6}Z-\w+|\b[0-9a-f]{7,64}\b|https?://\S+")
_OUTSIDE = (
    *("%_name", "%description", "question", "mission", "vision", "strategy", "hypothesis"),
    *("comment_text", "reason", "measured_in", "message", "table_id"),
)
_SILENT = "head style, script, code, pre, kbd, samp, bdi, svg .outside, [translate=no]"
_SPOKEN = ("title", "aria-label", "data-label", "data-after", "data-from", "alt", "placeholder")


def messages() -> Catalog:
    """Return every text of the code and the templates, as `make text` collects them."""
    with (REPORTS / "languages/babel.cfg").open(encoding="utf-8") as lines:
        methods, options = parse_mapping_cfg(lines)
    found = Catalog(locale=LOCALE, charset="utf-8", fuzzy=False)
    for _, _, text, *_ in extract_from_dir(REPORTS, methods, options, KEYWORDS):
        found.add(text)
    return found


def write_language(folder: Path) -> None:
    """Write the made-up language as a translator would: one file."""
    catalogue = messages()
    for message in catalogue:
        if not message.id:
            continue
        if isinstance(message.id, str):
            message.string = _in_greek(message.id)
        else:
            one, many = message.id
            message.string = tuple(
                _in_greek(one if at == 0 else many) for at in range(catalogue.num_plurals)
            )
    with (folder / f"{LOCALE}.po").open("wb") as out:
        write_po(out, catalogue)


def speak_greek(warehouse: Path) -> None:
    """Give the company of a warehouse the Greek locale."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update scorecard.dim_scorecard set locale = ?", [LOCALE])


def names_from_outside(warehouse: Path) -> re.Pattern[str]:
    """Return what finds every text that a workspace or a source brought into the warehouse."""
    named = " or ".join(f"column_name like '{pattern}'" for pattern in _OUTSIDE)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        columns = connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns "
            f"where data_type = 'VARCHAR' and table_schema in ('scorecard', 'quality') and ({named})"
        ).fetchall()
        found: set[str] = set()
        for schema, table, column in columns:
            texts = (
                f'select distinct "{column}" from "{schema}"."{table}" where "{column}" is not null'
            )
            for (text,) in connection.execute(texts).fetchall():
                paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
                found |= {text.strip(), " ".join(text.split()), *paragraphs}
    names = sorted(
        (name for name in found if _WORD.search(name)), key=lambda name: (-len(name), name)
    )
    return re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in names) or "(?!)")


def outsiders(html: str, names: re.Pattern[str]) -> Iterator[str]:
    """Yield the words of a page that the catalogue did not give, each with what stands around it."""
    page = LexborHTMLParser(html)
    spoken = list(_attributes(page))
    for node in page.css(_SILENT):
        node.decompose()
    title = page.css_first("head > title")
    spoken += [title.text()] if title is not None else []
    spoken += _texts(page.body)
    for text in spoken:
        left = _ADDRESS.sub(" ", text)
        if _WORD.search(left):
            left = names.sub(" ", left)
        if word := _WORD.search(left):
            yield f"{word[0]}: {' '.join(left.split())[:160]}"


def _attributes(page: LexborHTMLParser) -> Iterator[str]:
    for name in _SPOKEN:
        for node in page.css(f"[{name}]"):
            yield node.attributes[name] or ""


def _texts(body: LexborNode | None) -> Iterator[str]:
    if body is None:
        return
    for node in body.traverse(include_text=True):
        if node.tag == "-text":
            yield node.text_content or ""


def _in_greek(text: str) -> str:
    return "".join(
        piece if piece.startswith("{") else piece.translate(_GREEK) for piece in _FIELD.split(text)
    )
