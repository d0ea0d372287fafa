"""The workspace: the folder of files that an organisation owns, read into one typed value.

Not here: checks that go across files (`scorecard.check`) or into SQL (transforms), and anything that moves data.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import TypeVar, get_args

from pydantic import BaseModel

from scorecard.commentary import read_comment
from scorecard.company import Company
from scorecard.contracts import Contract
from scorecard.findings import Finding, WorkspaceError
from scorecard.manual import ENDINGS, ManualMeasure, manual_source, read_manual
from scorecard.plans import Comment, Initiatives, Target
from scorecard.shape import fit
from scorecard.sources import Sources
from scorecard.strategy import Kpi, Strategy
from scorecard.targets_csv import FILE as TARGETS
from scorecard.targets_csv import read_targets
from scorecard.terms import MANUAL, Grain
from scorecard.yaml_lines import Lines, Place, line_of, read_yaml

Model = TypeVar("Model", bound=BaseModel)

MAX_BYTES = 5_000_000
"""A file of a workspace is written by people; more than this is a mistake."""
MAX_ID = 60
"""Letters of an identifier, as in `scorecard.base.Id`."""


@dataclass(frozen=True)
class SqlFile:
    """One SELECT of the workspace: `staging/<name>.sql` or `measures/<name>.sql`, or that of a manual measure."""

    name: str
    path: str
    """Below the workspace, with forward slashes."""
    text: str


@dataclass(frozen=True)
class Workspace:
    """Everything an organisation has written down, validated file by file."""

    root: Path
    company: Company
    sources: Sources
    strategy: Strategy
    contracts: dict[str, Contract]
    """By `<source>__<table>`."""
    staging: dict[str, SqlFile]
    measures: dict[str, SqlFile]
    targets: tuple[Target, ...]
    initiatives: Initiatives
    comments: tuple[Comment, ...]
    manual: Mapping[str, ManualMeasure] = field(default_factory=dict)
    """What is entered by hand, by measure; its source, tables, contracts and SELECTs stand among the others."""
    lines: Mapping[str, Lines] = field(default_factory=dict, repr=False, compare=False)
    """By file: the line of each place in it."""

    def line(self, file: str, *place: str | int) -> int:
        """Give the line of a place, `line("strategy.yaml", "links", 0, "cause")`, or of the nearest part above it."""
        return line_of(self.lines.get(file, {}), place)


def read_workspace(root: Path) -> Workspace:
    """Read the workspace below `root`; raise WorkspaceError with every finding of every file."""
    files = _Files(root)
    if not root.is_dir():
        files.error(
            "company.yaml",
            0,
            f"There is no folder {root}.",
            "Name the workspace's folder, or make one with `steelyard init <folder>`.",
        )
        raise WorkspaceError(files.findings)
    company = files.yaml("company.yaml", Company)
    manual = files.manual()
    sources = files.yaml("sources.yaml", Sources, required=not manual)
    strategy = files.yaml("strategy.yaml", Strategy)
    initiatives = files.yaml("initiatives.yaml", Initiatives, required=False)
    contracts = files.contracts()
    staging, measures = files.sql("staging"), files.sql("measures")
    targets, comments = files.targets(), files.comments()
    if sources:
        files.refuse_clashes(manual, sources=sources, measures=measures)
    if files.findings or not (company and sources and strategy and initiatives):
        raise WorkspaceError(files.findings)
    workspace = Workspace(
        root=root,
        company=company,
        sources=sources,
        strategy=strategy,
        contracts=contracts,
        staging=staging,
        measures=measures,
        targets=targets,
        initiatives=initiatives,
        comments=comments,
        manual=manual,
        lines=files.lines,
    )
    return _with_manual(workspace) if manual else workspace


def _with_manual(workspace: Workspace) -> Workspace:
    """Set what is entered by hand among sources, contracts and measures, so that it is treated as they are."""
    company = workspace.company
    tables = {
        name: measure.table(
            frequency=_finest_frequency(workspace, name),
            fiscal_year_start_month=company.fiscal_year_start_month,
        )
        for name, measure in workspace.manual.items()
    }
    source = manual_source(tables, owner=company.organisation.name)
    measures = {
        name: SqlFile(name, measure.file, measure.select())
        for name, measure in workspace.manual.items()
    }
    contracts = {
        f"{MANUAL}__{name}": measure.contract() for name, measure in workspace.manual.items()
    }
    return replace(
        workspace,
        sources=Sources(sources=workspace.sources.sources | {MANUAL: source}),
        measures=workspace.measures | measures,
        contracts=contracts | workspace.contracts,
    )


def _finest_frequency(workspace: Workspace, measure: str) -> Grain:
    """Tell the shortest period that KPIs need of a measure; a month where other SQL reads it too."""
    files = [*workspace.staging.values(), *workspace.measures.values()]
    reads = re.compile(rf"\b(measure\.|raw\.{MANUAL}__){measure}\b", re.IGNORECASE)
    used = {kpi.frequency for _, _, kpi in workspace.strategy.kpis() if _uses(kpi, measure)}
    if not used or any(reads.search(file.text) for file in files):
        return "month"
    return next(grain for grain in get_args(Grain) if grain in used)


def _uses(kpi: Kpi, measure: str) -> bool:
    return any(term.measure == measure for term in kpi.terms().values())


class _Files:
    """Reads files, and gathers their findings and lines."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.findings: list[Finding] = []
        self.lines: dict[str, Mapping[Place, int]] = {}

    def error(self, file: str, line: int, message: str, mend: str) -> None:
        self.findings.append(Finding(file, line, "error", message, mend))

    def content(self, file: str) -> bytes | None:
        """Give a file's bytes; None, and a finding, where they cannot be had."""
        path = self.root / file
        try:
            if not path.resolve(strict=True).is_relative_to(self.root.resolve()):
                self.error(
                    file,
                    0,
                    "The file is a link that leads out of the workspace.",
                    "Put the file itself there: what it holds is published.",
                )
                return None
            if path.stat().st_size > MAX_BYTES:
                self.error(file, 0, f"The file is larger than {MAX_BYTES} bytes.", "Split it.")
                return None
            return path.read_bytes()
        except OSError as error:
            self.error(
                file,
                0,
                f"The file cannot be read: {error.strerror}.",
                "Check that it is a file, and its permissions.",
            )
            return None

    def text(self, file: str) -> str | None:
        """Give a file's text, without a byte order mark; None, and a finding, where it cannot be had."""
        content = self.content(file)
        if content is None:
            return None
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self.error(file, line, "The file is not in UTF-8.", "Save it with the encoding UTF-8.")
            return None

    def yaml(self, file: str, model: type[Model], *, required: bool = True) -> Model | None:
        path = self.root / file
        if not path.exists():
            return self._absent(file, model, required)
        text = self.text(file)
        if text is None:
            return None
        read = read_yaml(text, file=file)
        self.findings.extend(read.findings)
        if read.findings and read.value is None:
            return None
        value, findings = fit(model, read.value, file=file, lines=read.lines)
        self.findings.extend(findings)
        self.lines[file] = read.lines
        return value

    def _absent(self, file: str, model: type[Model], required: bool) -> Model | None:
        other = Path(file).with_suffix(".yml").name
        if (self.root / other).exists():
            self.error(
                other, 0, "Steelyard reads files that end in .yaml.", f"Rename it to {file}."
            )
        elif required:
            self.error(
                file,
                0,
                "The file is missing.",
                "Create it; `steelyard init <folder>` makes a workspace to copy from.",
            )
        return None if required else model()

    def names(self, folder: str, ending: str) -> list[str]:
        """List the files `<folder>/<name><ending>` in order; each name must be an identifier."""
        return [path.stem for path in self.paths(folder, ending)]

    def paths(self, folder: str, *endings: str) -> list[Path]:
        """List the files in a folder that have one of the endings, in order; each name must be an identifier."""
        found: list[Path] = []
        base = self.root / folder
        for path in sorted(base.iterdir()) if base.is_dir() else []:
            file = f"{folder}/{path.name}"
            if path.suffix == ".yml":
                self.error(
                    file,
                    0,
                    "Steelyard reads files that end in .yaml.",
                    f"Rename it to {path.stem}.yaml.",
                )
            elif path.suffix not in endings or path.name.startswith((".", "~$")):
                continue
            elif re.fullmatch(r"[a-z][a-z0-9_]{0,120}", path.stem):
                found.append(path)
            else:
                self.error(
                    file,
                    0,
                    f"{path.stem} is not an identifier.",
                    "Name the file with lower-case letters, digits and underscores, a letter first.",
                )
        return found

    def contracts(self) -> dict[str, Contract]:
        read = {
            name: self.yaml(f"contracts/{name}.yaml", Contract)
            for name in self.names("contracts", ".yaml")
        }
        return {name: contract for name, contract in read.items() if contract}

    def sql(self, folder: str) -> dict[str, SqlFile]:
        read = {name: self.text(f"{folder}/{name}.sql") for name in self.names(folder, ".sql")}
        return {
            name: SqlFile(name, f"{folder}/{name}.sql", text.replace("\r\n", "\n"))
            for name, text in read.items()
            if text is not None
        }

    def manual(self) -> dict[str, ManualMeasure]:
        read: dict[str, ManualMeasure] = {}
        paths = self.paths(MANUAL, *ENDINGS)
        for name, same in groupby(paths, key=lambda path: path.stem):
            path, *others = same
            file = f"{MANUAL}/{path.name}"
            if others:
                self.error(file, 0, f"There is also {others[0].name}.", "Keep one of the two.")
            if len(name) > MAX_ID:
                self.error(file, 0, f"{name} is longer than {MAX_ID} letters.", "Shorten it.")
                continue
            content = self.content(file)
            measure, findings = (
                read_manual(name, file, content) if content is not None else (None, [])
            )
            self.findings.extend(findings)
            read |= {name: measure} if measure else {}
        return read

    def refuse_clashes(
        self,
        manual: Mapping[str, ManualMeasure],
        *,
        sources: Sources,
        measures: Mapping[str, SqlFile],
    ) -> None:
        """Refuse what would take the place of a manual measure, or of the source that stands for them."""
        for name in sorted(set(manual) & set(measures)):
            self.error(
                manual[name].file,
                0,
                f"The measure {name} is also in {measures[name].path}.",
                "Keep one of the two files, or rename one.",
            )
        if manual and MANUAL in sources.sources:
            self.error(
                "sources.yaml",
                line_of(self.lines.get("sources.yaml", {}), ("sources", MANUAL)),
                f"The source {MANUAL} is the folder {MANUAL}/, which has files.",
                "Rename the source.",
            )

    def targets(self) -> tuple[Target, ...]:
        if not (self.root / TARGETS).exists():
            return ()
        text = self.text(TARGETS)
        targets, findings = read_targets(text or "")
        self.findings.extend(findings)
        return targets

    def comments(self) -> tuple[Comment, ...]:
        comments: list[Comment] = []
        for path in sorted((self.root / "commentary").glob("*/*.md")):
            file = path.relative_to(self.root).as_posix()
            text = self.text(file)
            if text is None:
                continue
            comment, findings, lines = read_comment(
                text, file=file, kpi=path.parent.name, period=path.stem
            )
            self.findings.extend(findings)
            self.lines[file] = {(): 1, **lines}
            comments.extend([comment] if comment else [])
        return tuple(comments)
