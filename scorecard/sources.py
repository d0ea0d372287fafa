"""`sources.yaml`: the systems that raw metrics come from, one entry per system.

Values that differ by machine or are secret are written `${NAME}` or `${NAME:-default}` and are read from the environment
when the source is opened; relative paths are relative to the workspace.

Not here: how a system is read (connectors) and what makes its rows good (contracts).
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from scorecard.base import Id, Part, Text
from scorecard.terms import Grain

Treatment = Literal["drop", "hash", "keep"]


class Column(Part):
    """How the text of a column in a file is read. Undeclared columns land as text, so that nothing is guessed."""

    type: Literal["text", "integer", "decimal", "double", "boolean", "date", "timestamp"]
    """The type of its values."""
    format: str | None = None
    """For dates and timestamps, as in strptime: `%d.%m.%Y`. Without it ISO 8601."""
    decimal_comma: bool = False
    """Numbers are written 1.234,5."""


class Deletes(Part):
    """How an incremental table says that a row is gone: a column that is true, or not null, for deleted rows."""

    column: str
    """The column that marks deleted rows."""


class DataAsOf(Part):
    """How it is known up to which day a table's rows are complete.

    `extracted`: the day before extraction (a living system). `column`: the greatest day in that column. `file_modified`: the
    newest file's modification day.
    """

    kind: Literal["extracted", "column", "file_modified"] = "extracted"
    """How the day is known."""
    column: str | None = None
    """The column, for `kind: column`."""


class ThroughPeriod(DataAsOf):
    """As the kind `column`, where a row's day, or month, stands for the whole period that it lies in.

    Manual measures have it; it cannot be declared.
    """

    frequency: Grain
    """Length of the period."""
    fiscal_year_start_month: int
    """First month of the fiscal year, 1 to 12."""


class Table(Part):
    """What every kind of table declares.

    Without `cursor` each load is a full snapshot, and rows absent from it are gone. With it only rows at or above the
    last good load's greatest value are asked for, and versions are merged by `primary_key`.
    """

    description: str = ""
    """What its rows are."""
    primary_key: Annotated[tuple[str, ...], Field(min_length=1)]
    """Columns that together tell rows apart."""
    cursor: str | None = None
    """Column that grows with every change: a moment of change, a running number."""
    deletes: Deletes | None = None
    """How deleted rows are marked."""
    personal: dict[str, Treatment] = {}
    """Columns with personal data: `drop` them before the lake, `hash` them with a key, or `keep` them."""
    data_as_of: DataAsOf | None = None
    """Instead of the source's."""


class Source(Part):
    """What every kind of source declares. `area` tells the part of the organisation; `hr` drops well-known personal columns."""

    name: Text
    """As it is shown."""
    owner: Text
    """Who answers for the data."""
    area: Literal["finance", "crm", "hr", "operations", "other"] = "other"
    """Part of the organisation; `hr` drops well-known personal columns."""
    description: str = ""
    """What the system is."""
    data_as_of: DataAsOf = DataAsOf()
    """How it is known up to which day rows are complete."""
    max_age_days: Annotated[int, Field(ge=1)] | None = None
    """Freshness: data-as-of older than this many days before the business date fails the source's freshness check."""
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    """How often reading is tried again."""
    retry_delay_seconds: Annotated[float, Field(ge=0)] = 1.0
    """Seconds before it is tried again."""


class SqlTable(Table):
    """A table or view of a database."""

    table: str | None = None
    """Its name there; the entry's key where left out."""
    db_schema: str | None = None
    """The schema that it is in; the connection's own where left out."""
    columns: tuple[str, ...] | None = None
    """The columns to take; all where left out."""


class SqlSource(Source):
    """A database that SQLAlchemy reaches."""

    kind: Literal["sql"]
    """An SQL database."""
    url: str
    """Its SQLAlchemy address: `${FINANCE_URL}`, or `sqlite:///data/finance.sqlite`."""
    tables: dict[Id, SqlTable]
    """Its tables, by the name they get in the lake."""


class RestTable(Table):
    """A collection behind an HTTP API that answers JSON."""

    path: str
    """Path below `base_url`."""
    rows: str = "results"
    """Where the rows are in the answer, dotted; `$` where the answer is itself the list."""
    params: dict[str, str | int] = {}
    """Further request parameters."""
    cursor_param: str | None = None
    """The request parameter that takes the greatest `cursor` value loaded so far; needed where `cursor` is set."""


class Paging(Part):
    """Paging by cursor: the answer names the next page, the request asks for it."""

    next: str
    """Where the next page's cursor is in the answer, dotted: `paging.next.after`. Its absence ends the paging."""
    param: str
    """The request parameter that takes it: `after`."""


class RestSource(Source):
    """A REST API."""

    kind: Literal["rest"]
    """A REST API."""
    base_url: str
    """Its address: `${CRM_URL}`."""
    token: str | None = None
    """Bearer token; always `${NAME}`."""
    paging: Paging | None = None
    """How pages follow each other; left out: one answer holds all."""
    timeout_seconds: Annotated[float, Field(gt=0)] = 30.0
    """Seconds to wait for an answer."""
    tables: dict[Id, RestTable]
    """Its collections, by the name they get in the lake."""


class FileTable(Table):
    """A table in dropped files: CSV by pattern, or sheets of Excel workbooks. Rows of all matching files are put together."""

    files: str
    """A pattern below the source's folder: `employees_*.csv`, `survey.xlsx`. Sorted by name."""
    sheet: str | None = None
    """For workbooks: the sheet's name; `*` for all, with the sheet's name in the column `sheet_name`."""
    encoding: str = "utf-8"
    """Encoding of CSV files: utf-8, cp1252."""
    delimiter: Annotated[str, StringConstraints(strip_whitespace=False)] = ","
    """What parts the columns of CSV files."""
    header_row: Annotated[int, Field(ge=1)] = 1
    """The row that holds the column names, from 1."""
    columns: dict[str, Column] = {}
    """How the text of columns is read; undeclared columns land as text."""


class FilesSource(Source):
    """A drop folder of CSV files and Excel workbooks."""

    kind: Literal["files"]
    """CSV files and Excel workbooks in a drop folder."""
    folder: str
    """The folder, relative to the workspace."""
    tables: dict[Id, FileTable]
    """Its tables, by the name they get in the lake."""


class ColumnarTable(Table):
    """A table in one or many Parquet or CSV files."""

    files: str
    """A pattern below the source's folder: `shipments/*.parquet`, `stock.csv`."""
    columns: dict[str, Column] = {}
    """For CSV files: types; undeclared columns land as text. Parquet brings its own."""


class ColumnarSource(Source):
    """A folder of columnar files."""

    kind: Literal["columnar"]
    """Parquet and CSV files."""
    folder: str
    """The folder, relative to the workspace."""
    tables: dict[Id, ColumnarTable]
    """Its tables, by the name they get in the lake."""


AnySource = Annotated[
    SqlSource | RestSource | FilesSource | ColumnarSource, Field(discriminator="kind")
]
AnyTable = SqlTable | RestTable | FileTable | ColumnarTable


class Sources(Part):
    """All systems, by id."""

    sources: dict[Id, AnySource] = {}
    """The systems, by id; none where everything is entered by hand."""


PERSONAL_IN_HR: frozenset[str] = frozenset(
    {
        "first_name", "last_name", "name", "full_name", "surname", "given_name", "middle_name", "title_of_courtesy",
        "email", "e_mail", "phone", "home_phone", "mobile", "mobile_phone", "fax", "extension",
        "address", "street", "postal_code", "zip", "zip_code", "birth_date", "birthdate", "date_of_birth", "birthday",
        "ssn", "social_security_number", "national_id", "passport_number", "tax_id", "iban", "bank_account",
        "gender", "nationality", "religion", "marital_status", "photo", "photo_path", "notes",
    }
)  # fmt: skip
"""Columns that are dropped from tables of `area: hr` unless the table's `personal` says `hash` or `keep`."""
