"""The engine that a workspace chooses, with what comes from the environment filled in.

Not here: engines (transforms.engines).
"""

from collections.abc import Iterator, Mapping

from connectors.environment import Secrets, expand, referenced, unset
from scorecard.workspace import Workspace
from transforms.engines.seam import Engine, EngineUnavailable

FILE = "company.yaml"


def engine_of(workspace: Workspace, environment: Mapping[str, str]) -> Engine | None:
    """Give the engine for staging and measures; None for the work database itself.

    Raises:
        EngineUnavailable: an environment variable is missing.

    """
    settings = workspace.company.spark
    if workspace.company.engine == "duckdb" or settings is None:
        return None
    from transforms.engines.spark import Spark  # noqa: PLC0415 - runs without Spark do without it

    secrets = Secrets()
    values: dict[str, str] = {}
    for key, text in settings_of(workspace):
        for name in unset(text, environment):
            raise EngineUnavailable(
                f"{FILE}, {'.'.join(key)}: the environment variable {name} is not set. Mend: set {name}."
            )
        for secret in referenced(text, environment):
            secrets.add(secret)
        values[key[-1]] = expand(text, environment, place=FILE)
    return Spark(
        values["master"],
        options={name: values[name] for name in settings.options},
        lake=values.get("lake"),
        redact=secrets.redact,
    )


def settings_of(workspace: Workspace) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each setting of the engine that may hold `${NAME}`, with its place in company.yaml."""
    settings = workspace.company.spark
    if workspace.company.engine == "duckdb" or settings is None:
        return
    yield ("spark", "master"), settings.master
    if settings.lake is not None:
        yield ("spark", "lake"), settings.lake
    for name, text in settings.options.items():
        yield ("spark", "options", name), text
