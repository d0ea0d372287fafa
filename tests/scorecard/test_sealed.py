"""Documents that tell when they were damaged, and which version wrote them."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.base import Part
from scorecard.sealed import DocumentDamaged, DocumentNewer, sealed, unsealed


class Note(Part):
    format: Literal[1, 2] = 2
    text: str
    number: float = 0.0


@given(st.text().map(str.strip), st.floats(allow_nan=False, allow_infinity=False))
def test_a_document_comes_back_as_it_was(text: str, number: float) -> None:
    note = Note(text=text, number=number)
    assert unsealed(Note, sealed(note).encode()) == note


def test_a_document_of_a_version_without_seals_is_read() -> None:
    assert unsealed(Note, b'{"format": 1, "text": "old"}') == Note(format=1, text="old")


@given(st.data())
def test_no_bit_of_what_it_says_can_be_flipped_unseen(data: st.DataObject) -> None:
    """What reads as before is as good as before: a letter of an escape, say, or a space between keys."""
    note = Note(text="Zwölf Öfen", number=12.5)
    text = bytearray(sealed(note).encode())
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] ^= 1 << data.draw(st.integers(0, 7))
    try:
        found = unsealed(Note, bytes(text))
    except (DocumentDamaged, DocumentNewer):
        return
    assert found == note


def test_a_newer_document_is_told_from_a_damaged_one() -> None:
    with pytest.raises(DocumentNewer, match=r"format 3, and this version .* knows up to 2"):
        unsealed(Note, b'{"format": 3, "text": "new", "unknown": 1}')


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff", b'{"format": 2, "text": 1}', b'"x"'])
def test_what_is_no_document_is_damaged(text: bytes) -> None:
    with pytest.raises(DocumentDamaged):
        unsealed(Note, text)
