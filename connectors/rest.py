"""REST APIs that answer JSON: dlt's REST client, paging by cursor, made to refuse what it would load in silence.

dlt loads a page that comes twice, takes a missing list for an empty one, and spreads a field whose type varies over
several columns. Here the first two end the load, and a field's type is settled after all its values (`Loose`).

Not here: which collections (`sources.yaml`), and what is done with increments (cursor).
"""

import json
from collections.abc import Callable, Iterator
from email.utils import mktime_tz, parsedate_tz
from hashlib import sha256
from typing import Any, NoReturn
from urllib.parse import urljoin, urlsplit

import pyarrow as pa
import requests
from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.requests import Client
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.client import RESTClient
from dlt.sources.helpers.rest_client.paginators import BasePaginator, SinglePagePaginator
from urllib3.exceptions import MaxRetryError, NewConnectionError

from connectors.cursor import start_of, widened
from connectors.dlt_pipeline import column_name, field_name
from connectors.environment import expand, referenced
from connectors.errors import SourceBroken, SourceError, SourceUnavailable
from connectors.reading import Reading, Request
from connectors.values import Loose, arrow_type
from scorecard.sources import Paging, RestSource, RestTable

_ATTEMPTS = 4
_LONGEST_WAIT = 120
"""Seconds: a server that asks for a longer wait is given up for now."""
_CLIENT_ERROR = 400
_BUSY = 429
_SERVER_ERROR = 500
_REFUSED = (401, 403)
_MAX_ANSWER = 256 << 20
"""Bytes of one answer once unpacked; a few kilobytes can unpack to gigabytes."""
_CHUNK = 1 << 20


def read(request: Request, source: RestSource, table: RestTable) -> Reading:
    """Read a collection, page by page; of an increment only what the server gives from the greatest value on."""
    rows = _Rows(request, table)
    return Reading(
        rows=_pages(request, source, table, rows=rows), types=rows.types, text_cursor_is_time=True
    )


def explain(error: BaseException, request: Request) -> SourceError | None:
    """Tell a server that is not there, or busy, from one that refuses."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return _explain_status(error.response.status_code, request)
    if isinstance(
        error,
        requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError,
    ):
        return SourceUnavailable(
            f"{request.place}: the server does not answer ({type(error).__name__}).",
            "start the server or correct base_url, then run again.",
        )
    if isinstance(error, requests.RequestException):
        return SourceBroken(
            f"{request.place}: the request cannot be made: {error}.",
            "correct base_url and path in sources.yaml.",
        )
    return None


def _explain_status(status: int, request: Request) -> SourceError:
    if status in _REFUSED:
        return SourceBroken(
            f"{request.place}: the server refuses the token (status {status}).",
            "renew the token in the environment variable that `token` names, or have its rights extended.",
        )
    if status == _BUSY or status >= _SERVER_ERROR:
        return SourceUnavailable(
            f"{request.place}: the server answers with status {status}, also when asked again.",
            "run again later; if it lasts, ask the owner of the system.",
        )
    return SourceBroken(
        f"{request.place}: the server answers with status {status}.",
        "correct path and params in sources.yaml.",
    )


def _pages(
    request: Request, source: RestSource, table: RestTable, *, rows: "_Rows"
) -> Iterator[pa.Table]:
    client = _client(request, source, table)
    paginator = (
        _CursorPaging(source.paging, request.place) if source.paging else SinglePagePaginator()
    )
    with client.session:
        for page in client.paginate(
            table.path,
            params=_params(request, table),
            paginator=paginator,
            hooks={"response": [_bounded(request.place), _raise_for_status]},
        ):
            if page:
                yield rows.table(page)


def _bounded(place: str) -> Callable[..., None]:
    """Make a hook that reads an answer, unless it is longer than any page of rows."""

    def read_answer(response: requests.Response, *_: Any, **__: Any) -> None:
        read = bytearray()
        for chunk in response.iter_content(_CHUNK):
            read += chunk
            if len(read) > _MAX_ANSWER:
                response.close()
                raise SourceBroken(
                    f"{place}: an answer is longer than {_MAX_ANSWER >> 20} MB.",
                    "ask for smaller pages: see `params` and `paging` in sources.yaml.",
                )
        response._content = bytes(read)  # where requests itself keeps what it has read

    return read_answer


def _raise_for_status(response: requests.Response, *_: Any, **__: Any) -> None:
    """Raise on an error status, once the answer has been read: unread, its connection would stay open."""
    if response.status_code >= _CLIENT_ERROR:
        response.content  # noqa: B018 - reads the answer
        raise requests.HTTPError(f"status {response.status_code}", response=response)


def _params(request: Request, table: RestTable) -> dict[str, Any]:
    params: dict[str, Any] = dict(table.params)
    for name, value in table.params.items():
        if isinstance(value, str):
            params[name] = expand(
                value, request.environment, place=f"{request.place}: params.{name}"
            )
            for secret in referenced(value, request.environment):
                request.secrets.add(secret)
    since = start_of(request.since, column_name(table.cursor) if table.cursor else None)
    if table.cursor_param and since is not None:
        params[table.cursor_param] = since.cursor_value
    return params


def _client(request: Request, source: RestSource, table: RestTable) -> "_StrictClient":
    base_url = expand(source.base_url, request.environment, place=f"{request.source_id}: base_url")
    request.secrets.add_from_url(base_url)
    if urlsplit(table.path).scheme or table.path.startswith("//"):
        raise SourceBroken(
            f"{request.place}: path {table.path} is a whole address, so the token could go to another server.",
            "write the path below base_url.",
        )
    token = expand(
        source.token or "", request.environment, place=f"{request.source_id}: token"
    ).strip()
    if token:
        request.secrets.add(token)
    return _StrictClient(
        base_url=base_url,
        auth=BearerTokenAuth(token) if token else None,
        session=_session(source, request.place),
        config=RuntimeConfiguration(),
        table=table,
        place=request.place,
    )


def _session(source: RestSource, place: str) -> requests.Session:
    """Open a session that asks again when the server is busy, and follows no redirect to another server."""
    session: requests.Session = Client(
        request_timeout=source.timeout_seconds,
        raise_for_status=False,
        status_codes=(),
        exceptions=(),
        retry_condition=_worth_asking_again,
        request_max_attempts=_ATTEMPTS,
        request_backoff_factor=source.retry_delay_seconds,
        request_max_retry_delay=_LONGEST_WAIT,
    ).session
    target_of = session.get_redirect_target

    def same_server(response: requests.Response) -> str | None:
        target = target_of(response)
        if target is None:
            return None
        here, there = urlsplit(response.url), urlsplit(urljoin(response.url, target))
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            response.close()
            raise SourceBroken(
                f"{place}: the server redirects to another one, {there.hostname}.",
                "if the system has moved, correct base_url in sources.yaml.",
            )
        return target

    session.get_redirect_target = same_server  # type: ignore[method-assign, assignment]  # requests offers no hook for it
    return session


def _worth_asking_again(response: requests.Response | None, error: BaseException | None) -> bool:
    """Tell whether the same request may succeed in a while; a refused connection is left to the run's own retries."""
    if response is None and isinstance(error, requests.HTTPError):
        response = error.response
    if response is not None:
        busy = response.status_code == _BUSY or response.status_code >= _SERVER_ERROR
        return busy and not _asks_for_too_long(response)
    if isinstance(error, requests.ConnectionError):
        reason = error.args[0] if error.args else None
        return not (
            isinstance(reason, MaxRetryError) and isinstance(reason.reason, NewConnectionError)
        )
    return isinstance(error, requests.Timeout | requests.exceptions.ChunkedEncodingError)


def _asks_for_too_long(response: requests.Response) -> bool:
    """Tell whether Retry-After is beyond the longest wait; a moment counts from the server's own clock."""
    wait = response.headers.get("Retry-After", "").strip()
    if wait.isdigit():
        return int(wait) > _LONGEST_WAIT
    until, now = parsedate_tz(wait), parsedate_tz(response.headers.get("Date", ""))
    return bool(until and now and mktime_tz(until) - mktime_tz(now) > _LONGEST_WAIT)


class _StrictClient(RESTClient):
    """dlt's client, with a list of rows where it is declared to be, or an error."""

    def __init__(self, *, table: RestTable, place: str, **settings: Any) -> None:
        super().__init__(**settings, data_selector="$")
        self._where = table.rows
        self._place = place

    def extract_response(
        self, response: requests.Response, data_selector: Any
    ) -> list[dict[str, Any]]:
        """Find the rows in an answer."""
        found = answer(response, self._place)
        for key in [] if self._where == "$" else self._where.split("."):
            if not isinstance(found, dict) or key not in found:
                self._refuse(f"has no `{self._where}`, where the rows are to be")
            found = found[key]
        if not isinstance(found, list):
            self._refuse(f"holds no list of rows at `{self._where}`")
        if not all(isinstance(row, dict) for row in found):
            self._refuse(f"holds something else than objects in the list at `{self._where}`")
        return found

    def _refuse(self, problem: str) -> NoReturn:
        raise SourceBroken(
            f"{self._place}: an answer {problem}.", "correct `rows` or `path` in sources.yaml."
        )


def answer(response: requests.Response, place: str) -> Any:
    """Read an answer as JSON; what is not in the standard (NaN, Infinity) is refused."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(constant)

    try:
        return json.loads(response.content, parse_constant=refuse)
    except RecursionError:
        raise SourceBroken(
            f"{place}: an answer is nested too deeply.",
            "correct base_url and path in sources.yaml.",
        ) from None
    except ValueError:
        raise SourceBroken(
            f"{place}: an answer of type {response.headers.get('Content-Type', 'unknown')} is not JSON.",
            "correct base_url and path: a sign-in or error page may have answered.",
        ) from None


class _CursorPaging(BasePaginator):
    """Paging by a cursor in the answer, refusing a cursor or a page that has come before."""

    def __init__(self, paging: Paging, place: str) -> None:
        super().__init__()
        self._paging = paging
        self._place = place
        self._next: str | int | None = None
        self._cursors: set[str] = set()
        self._pages: set[str] = set()

    def update_state(self, response: requests.Response, data: list[Any] | None = None) -> None:
        """Find the next page's cursor; without one this was the last page."""
        if data:
            page = sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
            self._once(page, self._pages, "the same page twice")
        found = answer(response, self._place)
        for key in self._paging.next.split("."):
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, dict | list):
            raise SourceBroken(
                f"{self._place}: the next page's cursor `{self._paging.next}` is no single value.",
                "correct `paging.next` in sources.yaml.",
            )
        self._has_next_page = found not in (None, "", False)
        if self._has_next_page:
            self._once(str(found), self._cursors, f"a cursor that does not advance ({found})")
            self._next = found

    def _once(self, value: str, seen: set[str], what: str) -> None:
        if value in seen:
            raise SourceBroken(
                f"{self._place}: the server gives {what}, so rows would be loaded twice or missed.",
                f"check that the server takes the parameter `{self._paging.param}` (`paging.param` in sources.yaml).",
            )
        seen.add(value)

    def update_request(self, request: requests.Request) -> None:
        """Ask for the next page."""
        if self._has_next_page:
            request.params = {**(request.params or {}), self._paging.param: self._next}


class _Rows:
    """Rows of JSON on their way to columns."""

    def __init__(self, request: Request, table: RestTable) -> None:
        self._request = request
        self._primary_key = [column_name(column) for column in table.primary_key]
        self._cursor = column_name(table.cursor) if table.cursor else None
        self._deletes = column_name(table.deletes.column) if table.deletes else None
        self._loose = Loose()
        self._names: dict[tuple[str, ...], str] = {}
        self._count = 0

    def table(self, page: list[dict[str, Any]]) -> pa.Table:
        """Flatten a page of rows into columns of text."""
        self._count += len(page)
        rows = [dict(self._fields(row, ())) for row in page]
        names = dict.fromkeys(name for row in rows for name in row)
        columns = {name: self._loose.texts(name, (row.get(name) for row in rows)) for name in names}
        return self._request.personal.apply(pa.Table.from_pydict(columns))

    def _fields(self, value: dict[str, Any], keys: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        for key, inner in value.items():
            path = (*keys, key)
            if isinstance(inner, dict) and inner:
                yield from self._fields(inner, path)
            else:
                yield self._name(path), inner if inner != {} else None

    def _name(self, path: tuple[str, ...]) -> str:
        if path not in self._names:
            name = field_name(path)
            if name in self._names.values():
                raise SourceBroken(
                    f"{self._request.place}: two fields have the same name once in lower case with underscores: {name}.",
                    "ask the owner of the system for fields that differ in more than case and signs.",
                )
            self._names[path] = name
        return self._names[path]

    def types(self) -> dict[str, pa.DataType]:
        """Give the types: primary key first, then by name, since the order of fields in JSON means nothing."""
        types = self._loose.types()
        since = start_of(self._request.since, self._cursor)
        if self._count and since is None:
            self._request.personal.require(self._every_name())
        kinds = widened(self._request.personal.types(types), since)
        if not self._count:
            kinds = self._known_without_rows(since is not None)
        first = [name for name in self._primary_key if name in kinds]
        return {name: kinds[name] for name in (*first, *sorted(set(kinds) - set(first)))}

    def _every_name(self) -> set[str]:
        """List the columns met; fields of an object that is null throughout count as met, if declared."""
        names = set(self._names.values())
        parents = tuple(f"{name}__" for name in names)
        return names | {
            name for name in self._request.personal.declared if name.startswith(parents)
        }

    def _known_without_rows(self, is_increment: bool) -> dict[str, pa.DataType]:
        if is_increment and self._request.since is not None:
            return {name: arrow_type(kind) for name, kind in self._request.since.columns.items()}
        return {
            name: pa.string() for name in (*self._primary_key, self._cursor, self._deletes) if name
        }
