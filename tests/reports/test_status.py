"""The words of a status: alone, and within a sentence as the language in use writes them there."""

import re
from pathlib import Path

import pytest

import reports
from reports.views.sources import STATES, state_mark
from reports.words.status import WITHIN, WORDS, Status, mark

MADE_SMALL = re.compile(
    r"(?:\.words?\b|\bsay\w*\([^)]*\))\.(?:lower|casefold|capitalize|upper|title)\("
)


def test_every_status_has_its_words_within_a_sentence() -> None:
    assert WITHIN.keys() == WORDS.keys()
    assert {key: Status((mark(key),)).within for key in WORDS} == WITHIN
    assert all(state_mark(state).within for state in STATES)


def test_two_signs_are_two_words_of_a_sentence() -> None:
    assert Status((mark("off_track"), mark("stale"))).within == "off track, stale"


@pytest.mark.parametrize(
    "path", sorted(Path(reports.__file__).parent.rglob("*.py")), ids=lambda path: path.name
)
def test_no_letter_of_a_word_of_the_catalogue_is_made_small_or_great(path) -> None:
    """German writes its nouns with a great letter within a sentence too."""
    assert not MADE_SMALL.search(path.read_text(encoding="utf-8"))
