"""A whole run with a secret for every kind of source, read and failing in every way: no byte that it writes holds one.

Not here: secrets written into a workspace's files (tests/scorecard/test_secrets), and one connector's messages
(tests/connectors/test_secrets).
"""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import duckdb
import psycopg
import pytest

from tests.pipelines.conftest import make_tiny
from tests.security.planted import (
    API_KEY,
    HASH_KEY,
    PASSWORD,
    REFUSED,
    SECRETS,
    TOKEN,
    Echo,
    forms,
    search,
    search_folder,
    sources,
)

ROOT = Path(__file__).parents[2]
PERSON = "email@planted.example"


@dataclass(frozen=True)
class Ran:
    """What a run left behind: everything it could write into lies below one folder."""

    folder: Path
    output: str
    codes: tuple[int, ...]
    heard: tuple[str, ...]


def _database(uri: str) -> str:
    """Fill the database; give its address with a password, which the server does not ask for."""
    told = f"cannot connect to postgresql://me:{quote(PASSWORD, safe='')}@db: {PASSWORD}".replace("'", "''")  # fmt: skip
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(
            b"drop schema public cascade; create schema public;"
            b"create table person (id int, email text);"
            + f"insert into person values (1, '{PERSON}');".encode()
            + f"create function told() returns int language plpgsql as $$ begin raise exception using message = '{told}'; end $$;".replace("%", "%%").encode()
            + b"create view told as select told() as id;"
        )  # fmt: skip
    return uri.replace(
        "postgresql://postgres:", f"postgresql://postgres:{quote(PASSWORD, safe='')}"
    )


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Iterator[Ran]:
    """Run a night, and commands that tell of it, with a home and a folder for temporary files of their own."""
    folder = tmp_path_factory.mktemp("planted")
    tiny = make_tiny(folder)
    people = tiny.data / "people"
    people.mkdir()
    (people / "person.csv").write_text(f"id,email\n1,{PERSON}\n")
    path = tiny.workspace / "sources.yaml"
    path.write_text(path.read_text() + sources("${TINY_DATA}/people"))
    echo = Echo()
    (folder / "home").mkdir()
    (folder / "tmp").mkdir()
    environment = {
        **os.environ,
        "TINY_DATA": str(tiny.data),
        "STEELYARD_HOME": str(tiny.state.root),
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "DB_URL": _database(postgres),
        "DB_REFUSED": REFUSED,
        "API_URL": echo.url,
        "API_TOKEN": TOKEN,
        "API_KEY": API_KEY,
        "STEELYARD_HASH_KEY": HASH_KEY,
        "RUNTIME__LOG_LEVEL": "DEBUG",
        "PYTHONDEVMODE": "0",
    }
    asked = (["run"], ["check"], ["explain", "revenue"])
    done = [
        subprocess.run(
            tiny.command(*each),
            env=environment,
            cwd=folder / "tmp",
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        for each in asked
    ]
    yield Ran(
        folder,
        "\n".join(each.stdout + each.stderr for each in done),
        tuple(each.returncode for each in done),
        tuple(echo.heard),
    )
    echo.close()


def test_the_run_is_one_that_could_tell(ran: Ran) -> None:
    """Secrets were used, sources were read, others failed, and a release was published."""
    assert ran.codes[0] == 2, ran.output
    assert any(f"Bearer {TOKEN}" in heard and "api_key=" in heard for heard in ran.heard)
    names = {path.parts[len(ran.folder.parts) + 2] for path in (ran.folder / "state" / "lake").rglob("*.parquet")}  # fmt: skip
    assert {"db_read", "file_read", "api_read"} <= names
    for failed in (
        "db_refused",
        "db_told",
        "api_unauthorised",
        "api_broken",
        "api_slow",
        "api_page",
    ):
        assert f"{failed}.t" in ran.output
    assert (ran.folder / "state" / "dagster").is_dir()
    assert (ran.folder / "state" / "current" / "site" / "index.html").exists()


def test_no_output_tells_a_secret(ran: Ran) -> None:
    assert list(search("output", ran.output.encode())) == []


def test_no_byte_that_is_written_tells_a_secret(ran: Ran) -> None:
    """State folder with lake, ledger, releases, records and Dagster's storage; home; temporary files; workspace."""
    assert list(search_folder(ran.folder)) == []


def test_personal_values_are_hashed_before_they_are_written(ran: Ran) -> None:
    for source in ("db_read", "file_read"):
        files = sorted((ran.folder / "state" / "lake" / source).rglob("*.parquet"))
        assert files
        rows = duckdb.sql(f"select email from read_parquet('{files[0]}')").fetchall()
        assert all(len(email) == 64 and "@" not in email for (email,) in rows)


@pytest.mark.parametrize("secret", SECRETS)
def test_the_search_finds_what_is_there(tmp_path: Path, secret: str) -> None:
    """A search that finds nothing proves nothing unless it would find something."""
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute("create table x as select repeat('a', 100) || $1 as a", [secret])
        connection.execute(f"copy x to '{tmp_path}/x.parquet' (compression zstd)")
    (tmp_path / "log.txt").write_bytes(sorted(forms(secret))[0])
    assert {Path(found.place).suffix for found in search_folder(tmp_path)} == {
        ".duckdb",
        ".parquet",
        ".txt",
    }
