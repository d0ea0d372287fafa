"""Hostile files for tests: workbooks with given parts.

Not here: what is expected of them.
"""

import io
import struct
import zipfile
from collections.abc import Mapping

_NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        "</Types>"
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_REL}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook {_NS} xmlns:r="{_REL}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
}  # fmt: skip


def cell(place: str, text: str) -> str:
    """Write a row with one cell of text."""
    row = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'<row r="{row}"><c r="{place}" t="inlineStr"><is><t>{text}</t></is></c></row>'


def workbook(rows: str, *, before: str = "", more: Mapping[str, str] | None = None) -> bytes:
    """Write a workbook with a sheet S of these rows; `before` stands before the sheet's root, `more` are further parts."""
    sheet = f"{before}<worksheet {_NS}><sheetData>{rows}</sheetData></worksheet>"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (_PARTS | {"xl/worksheets/sheet1.xml": sheet} | dict(more or {})).items():
            archive.writestr(name, text)
    return made.getvalue()


def zip_that_claims(size: int) -> bytes:
    """Write a workbook with a part that nothing refers to, of so many bytes once unpacked, as its directory says."""
    made = bytearray(workbook(cell("A1", "id"), more={"xl/worksheets/sheet9.xml": "x"}))
    entry = made.rindex(b"PK\x01\x02")
    made[entry + 24 : entry + 28] = struct.pack("<L", size)
    return bytes(made)


LAUGHS = (
    "<!DOCTYPE x [<!ENTITY l0 'ha'>"
    + "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
    + "]>"
)
"""Entities of entities: 200 GB of laughter."""
EXTERNAL = "<!DOCTYPE x [<!ENTITY file SYSTEM 'file:///etc/hostname'>]>"
