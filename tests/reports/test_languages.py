"""A language's file: what is wrong in it is said by line, and costs one sentence, not a night."""

from pathlib import Path

import pytest

from reports.audit import audit_site
from reports.exports.workbook import sheet_name
from reports.site import build
from reports.words import text
from reports.words.catalogue import faults, main, missing, read_language
from reports.words.text import LANGUAGES, say, say_count, speaking
from tests.reports.make_warehouse import bare_rows, make_warehouse
from tests.reports.pseudo_language import LOCALE, write_language

HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
SOUND = (
    'msgid "{kpi} fell to {value}"\nmsgstr "Auf {value} fiel {kpi}"\n',
    'msgid "{count} KPI"\nmsgid_plural "{count} KPIs"\nmsgstr[0] "eine Kennzahl"\nmsgstr[1] "{count} Kennzahlen"\n',
    'msgid "100 %"\nmsgstr "100 %"\n',
    'msgid "Scorecard"\nmsgstr ""\n',
)
BROKEN = {
    'msgid "{kpi} fell to {value}"\nmsgstr "Auf {wert} fiel {kpi}"\n': "it names {wert}, which the English text does not",
    'msgid "{kpi} fell to {value}"\nmsgstr "{kpi} fiel"\n': "it leaves out {value}",
    'msgid "{kpi} fell to {value}"\nmsgstr "{kpi fiel auf {value}"\n': "a brace is open, or holds more than a name",
    'msgid "{kpi} fell to {value}"\nmsgstr "{kpi.__class__} fiel auf {value}"\n': "a brace is open, or holds more than a name",
    'msgid "{kpi} fell to {value}"\nmsgstr "{} fiel auf {value}"\n': "a brace is open, or holds more than a name",
    'msgid "Target"\nmsgstr "Ziel {target}"\n': "it names {target}, which the English text does not",
    'msgid "{count} of {all} KPI"\nmsgid_plural "{count} of {all} KPIs"\nmsgstr[0] "eine"\nmsgstr[1] "{count} von {all}"\n': "it leaves out {all}",
}  # fmt: skip


def _written(folder: Path, *messages: str, name: str = "de.po") -> Path:
    path = folder / name
    path.write_text(HEADER + "\n".join(messages), encoding="utf-8")
    return path


@pytest.mark.parametrize("path", sorted(LANGUAGES.glob("*.po")) or [None], ids=str)
def test_every_language_that_is_there_can_be_used(path) -> None:
    """English alone is there as yet, whose list of sentences is then the one that is looked at."""
    if path is None:
        assert (LANGUAGES / "messages.pot").is_file()
    else:
        assert faults(path) == ()


def test_what_a_language_may_do_is_no_fault(tmp_path) -> None:
    """It may order its words, do without the number of one thing, and leave sentences untranslated."""
    assert faults(_written(tmp_path, *SOUND)) == ()


@pytest.mark.parametrize(("message", "what"), BROKEN.items())
def test_a_broken_sentence_is_named_with_its_line_and_left_out(tmp_path, message, what) -> None:
    path = _written(tmp_path, SOUND[2], message)
    (found,) = faults(path)
    assert found.what == what
    assert path.read_text("utf-8").splitlines()[found.line - 1].endswith(f'"{found.text}"')
    kept = [each.id for each in read_language(path, "de") if each.id]
    assert kept == ["100 %"]


def test_a_broken_sentence_stays_english(tmp_path, monkeypatch) -> None:
    _written(tmp_path, *BROKEN)
    monkeypatch.setattr(text, "LANGUAGES", tmp_path)
    text._read.cache_clear()
    with speaking("de"):
        assert say("{kpi} fell to {value}", kpi="Umsatz", value="3") == "Umsatz fell to 3"
        assert say_count("{count} of {all} KPI", "{count} of {all} KPIs", 2, all="3") == "2 of 3 KPIs"  # fmt: skip
    text._read.cache_clear()


@pytest.mark.parametrize(
    "written", [b"msgid: Target\n", 'msgid "Maß"\nmsgstr ""\n'.encode("latin-1")]
)
def test_what_is_no_catalogue_is_named(tmp_path, written) -> None:
    (tmp_path / "de.po").write_bytes(written)
    with pytest.raises(ValueError, match=r"de\.po cannot be read as a catalogue: "):
        faults(tmp_path / "de.po")


def test_the_command_says_what_is_wrong_and_how_much_is_missing(tmp_path, capsys) -> None:
    path = _written(tmp_path, next(iter(BROKEN)), SOUND[2])
    _written(tmp_path, *SOUND, 'msgid "Target"\nmsgstr ""\n', name="messages.pot")
    assert main([str(path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "de.po:6: it names {wert}, which the English text does not: {kpi} fell to {value}",
        "de.po: 1 cannot be used, 3 are not translated yet.",
    ]
    assert missing(path, tmp_path / "messages.pot") == ("{count} KPI", "Scorecard", "Target")


def test_a_night_is_not_lost_over_a_broken_language(tmp_path, monkeypatch) -> None:
    """Every sentence of it broken: each page stands in English, and the release goes live."""
    languages = tmp_path / "languages"
    languages.mkdir()
    write_language(languages)
    path = languages / f"{LOCALE}.po"
    path.write_text(path.read_text("utf-8").replace('msgstr "', 'msgstr "{nowhere} '), "utf-8")
    monkeypatch.setattr(text, "LANGUAGES", languages)
    text._read.cache_clear()
    rows = bare_rows()
    rows["scorecard.dim_scorecard"] = [row | {"locale": LOCALE} for row in rows["scorecard.dim_scorecard"]]  # fmt: skip
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", rows)
    build(warehouse, tmp_path / "site")
    text._read.cache_clear()
    assert audit_site(tmp_path / "site", warehouse) == []
    assert "nowhere" not in (tmp_path / "site/index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("said", "name"),
    [("KPI history", "KPI history"), ("Ist/Soll: [a]*?", "Ist Soll   a"), ("W" * 40, "W" * 31)],
)
def test_a_sheet_may_be_called_so_in_every_language(said, name) -> None:
    assert sheet_name(said) == name
