"""Compiles templates to straight code: attributes, calls and macros as Python has them, each text escaped once.

Jinja asks at every attribute whether it is a key instead, at every call whether it wants the context, and wraps every text
as markup before it joins it. Page objects, macros and the functions of the templates need none of that, and a page has
thousands of each. Words that stand in a template are looked up when it is compiled, in the language that it is compiled for.

Not here: the environment with those functions (render).
"""

import re
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame, MacroRef
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from reports.words.characters import UNWRITABLE, writable
from reports.words.text import say

MARKED = re.compile(f"[&<>\"']|{UNWRITABLE.pattern}")
"""What a text must not hold as it is."""


class SaidWords(NodeTransformer):
    """Puts the words in place of what says them: `say` of a text and nothing more is the same on every page of a language."""

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802 - Jinja names it after the node
        """Return the words of a text in which nothing is named; leave every other call."""
        self.generic_visit(node)
        alone = len(node.args) == 1 and not node.kwargs
        is_said = isinstance(node.node, nodes.Name) and node.node.name == "say" and alone
        if not is_said or not isinstance(node.args[0], nodes.Const):
            return node
        return nodes.Const(writable(say(node.args[0].value)), lineno=node.lineno)


class StraightCode(CodeGenerator):
    """Writes the code of a template."""

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - Jinja names it after the node
        """Read an attribute; one that is not there ends the page."""
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")

    def visit_Call(  # noqa: N802 - Jinja names it after the node
        self, node: nodes.Call, frame: Frame, forward_caller: bool = False
    ) -> None:
        """Call a function or macro with what the template gives, and nothing of the context."""
        self.write("(")
        self.visit(node.node, frame)
        self.write(")(")
        for given in (*node.args, *node.kwargs):
            self.visit(given, frame)
            self.write(", ")
        self.write("caller=caller)" if forward_caller else ")")

    def macro_def(self, macro_ref: MacroRef, frame: Frame) -> None:
        """Define a macro as a function that gives markup."""
        names = [argument.name for argument in macro_ref.node.args]
        self.write(f"environment.macro(macro, {names!r})")

    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        # What a macro gives is long, and markup already: it is not looked up.
        made = isinstance(node, nodes.Call) or node.find(nodes.Call) is not None
        self.write("environment.shown(" if made else "environment.written(")

    def blockvisit(self, body: Iterable[nodes.Node], frame: Frame) -> None:
        """Gather what a block puts out and hand it up in one piece."""
        if not frame.block_frame or frame.buffer is not None:
            super().blockvisit(body, frame)
            return
        self.buffer(frame)
        super().blockvisit(body, frame)
        self.writeline(f"yield concat({frame.buffer})")


@lru_cache(maxsize=8192, typed=True)
def _escaped(value: object) -> str:
    """Return a value escaped unless it is markup; the same few thousand words and numbers stand on most pages."""
    if type(value) is not str:
        return str(escape(value))
    # Most are numbers and plain words, which the search is faster to let through than the escaping.
    return str(escape(writable(value))) if MARKED.search(value) else value


class StraightEnvironment(Environment):
    """Jinja's environment with that compiler: it always escapes, and macros take what they name."""

    code_generator_class = StraightCode

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the one set of functions that all templates have; nobody gives a template more."""
        if d:
            raise TypeError("a template has the functions of its environment, and no others")
        return self.globals

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return SaidWords().visit(super()._parse(source, name, filename))  # type: ignore[no-any-return]  # a template stays one

    @staticmethod
    def shown(value: object) -> str:
        """Return a value as it is put out, escaped unless it is markup."""
        return value if type(value) is Markup else _escaped(value)

    written = staticmethod(_escaped)
    """The same of a word or number."""

    @staticmethod
    def macro(drawn: Callable[..., str], names: Sequence[str]) -> Callable[..., Markup]:
        """Return a macro as a function; what is not given has its default."""
        count = len(names)

        def called(*given: Any, **named: Any) -> Markup:
            if len(given) != count or named:
                if not named.keys() <= set(names):
                    raise TypeError(f"a macro takes {names}, not {sorted(named)}")
                given += tuple(named.get(name, missing) for name in names[len(given) :])
            return str.__new__(Markup, drawn(*given))

        return called
