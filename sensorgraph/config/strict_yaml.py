"""Reading YAML so that a user is never surprised: what looks like text is text, what looks like a number is one.

PyYAML follows YAML 1.1, where ``1e-3`` is text, ``off`` is False, ``12:30:00`` is 45000 and ``010`` is 8. Here
plain values follow the core schema of YAML 1.2, and what remains ambiguous is refused with a way out: leading
zeros, duplicate keys, keys that are not text, anchors, merge keys, tags, and a second document in the file.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import yaml

from sensorgraph.errors import ConfigError

MAX_DEPTH = 40
"""A run file needs about six levels; a bound keeps hostile nesting from exhausting the stack."""

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_HEX_OR_OCTAL = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"[-+]?\.(inf|Inf|INF)")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?")
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NOT_A_NUMBER = (".nan", ".NaN", ".NAN")
_MAX_DIGITS = 300
_STANDARD = "tag:yaml.org,2002:"


def read_yaml(path: str | Path) -> Any:
    """The value that a YAML file holds.

    Raises:
        ConfigError: the file cannot be read, or is not strict YAML; all problems with ``file:line``.

    Example:
        >>> read_yaml("nowhere/run.yaml")
        Traceback (most recent call last):
        sensorgraph.errors.ConfigError: nowhere/run.yaml: cannot be read; check the path (No such file or directory)
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text; save it as UTF-8 (byte {error.start} is wrong)") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read; check the path ({error.strerror})") from error
    return parse_yaml(text, source=str(path))


def parse_yaml(text: str, source: str = "text") -> Any:
    """The value of a YAML text: nested dicts with text keys, lists, text, numbers, booleans and None.

    Args:
        text: exactly one YAML document.
        source: what problems are reported against, usually the file's name.

    Raises:
        ConfigError: listing every problem as ``source:line: problem; remedy``.

    Example:
        >>> parse_yaml("rate: 1e-3\\nmode: off\\nat: 12:30:00")
        {'rate': 0.001, 'mode': 'off', 'at': '12:30:00'}
    """
    reader = _Reader(text, source)
    value = reader.document()
    if reader.problems:
        raise ConfigError(reader.problems)
    return value


class _Reader:
    """Walks the parser's events and collects problems, so that one run reports them all."""

    def __init__(self, text: str, source: str) -> None:
        self.source = source
        self.problems: list[str] = []
        self._events: list[yaml.Event] = []
        try:
            self._events = list(yaml.parse(text, Loader=yaml.SafeLoader))
        except yaml.reader.ReaderError as error:
            line = text[: error.position].count("\n") + 1
            message = f"character #x{error.character:04x} is not allowed; remove it"
            raise ConfigError(f"{source}:{line}: {message}") from error
        except yaml.MarkedYAMLError as error:
            raise ConfigError(_syntax_problem(error, source)) from error
        self._next = 0

    def document(self) -> Any:
        starts = [event for event in self._events if isinstance(event, yaml.DocumentStartEvent)]
        if not starts:
            raise ConfigError(f"{self.source}: is empty; write at least one 'key: value'")
        if len(starts) > 1:
            self._problem(starts[1], "a second document begins; keep one per file and remove the '---' line")
        self._next = 2  # past the starts of stream and document
        return self._value(depth=0)

    def _problem(self, event: yaml.Event, message: str) -> None:
        self.problems.append(f"{self.source}:{_line(event)}: {message}")

    def _take(self) -> Any:
        event = self._events[self._next]
        self._next += 1
        return event

    def _value(self, depth: int) -> Any:
        event = self._take()
        if depth > MAX_DEPTH:
            self._problem(event, f"more than {MAX_DEPTH} levels deep; flatten it")
            raise ConfigError(self.problems)
        if isinstance(event, yaml.AliasEvent):
            self._problem(event, f"'*{event.anchor}' repeats another part; write the values out")
            return None
        if event.anchor is not None:
            self._problem(event, f"anchors are not supported; remove '&{event.anchor}'")
        if event.tag is not None:
            self._problem(event, f"tags are not supported; remove '{event.tag.replace(_STANDARD, '!!')}'")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(depth)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(self._events[self._next], yaml.SequenceEndEvent):
                items.append(self._value(depth + 1))
            self._take()
            return items
        return self._scalar(event)

    def _mapping(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        line_of: dict[str, int] = {}
        while not isinstance(self._events[self._next], yaml.MappingEndEvent):
            at = self._events[self._next]
            key = self._value(depth + 1)
            value = self._value(depth + 1)
            if not isinstance(key, str):
                self._problem(at, f"keys must be text; put quotes around it (got {key!r})")
            elif key == "<<":
                self._problem(at, "'<<' is not supported; write the settings out, a run file is complete")
            elif key in found:
                self._problem(at, f"'{key}' stands here for the second time; remove one (first: line {line_of[key]})")
            else:
                found[key] = value
                line_of[key] = _line(at)
        self._take()
        return found

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        text = event.value
        if event.style is not None:  # quoted or a block: the user said that it is text
            return text
        try:
            return plain_scalar(text)
        except ValueError as error:
            self._problem(event, str(error))
            return None


def plain_scalar(text: str) -> str | int | float | bool | None:
    """What an unquoted YAML value means.

    Raises:
        ValueError: it could mean two things, or nothing that can be stored.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _LEADING_ZERO.fullmatch(text):
        short = re.sub(r"^([-+]?)0+(?=[0-9])", r"\1", text)
        raise ValueError(f"a number with a leading zero; write '{short}', or quote it if it is text")
    if text in _NOT_A_NUMBER:
        raise ValueError("'.nan' is not a setting; leave the key out or write null")
    number = _INT.fullmatch(text) or _HEX_OR_OCTAL.fullmatch(text) or _FLOAT.fullmatch(text)
    if number and len(text) > _MAX_DIGITS:
        raise ValueError("a number with too many digits; shorten it, or quote it if it is text")
    if _INT.fullmatch(text):
        return int(text)
    if _HEX_OR_OCTAL.fullmatch(text):
        return int(text, 0)
    if _INFINITY.fullmatch(text):
        return -math.inf if text.startswith("-") else math.inf
    if _FLOAT.fullmatch(text):
        value = float(text)
        if math.isinf(value):
            raise ValueError(f"'{text}' is too large for a number; write '.inf' if infinity is meant")
        return value
    return text


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _syntax_problem(error: yaml.MarkedYAMLError, source: str) -> str:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    problem = error.problem or "cannot be read"
    if "'\\t'" in problem:
        return f"{source}:{line}: a tab; indent with spaces"
    remedies = {
        "mapping values are not allowed": "a ':' too many, or wrong indentation; quote the text or fix the spaces",
        "expected <block end>": "check the indentation of this line and the one above",
        "could not find expected ':'": "write 'key: value', with a space after the colon",
        "expected the node content": "write a value there, or close the bracket",
        "expected ',' or": "close the bracket, or add the missing comma",
        "unexpected end of stream": "close the quote or bracket",
        "undefined alias": "write the values out instead of repeating them with '*'",
    }
    remedy = next((text for start, text in remedies.items() if start in problem), "fix the YAML syntax there")
    return f"{source}:{line}: {problem}; {remedy}"
