"""What is set: the lines of `.env`, the environment, which wins, and the files that either names for secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from digestbot.model.errors import Problem, UsageError
from digestbot.platform.settings.names import PREFIX, in_file, is_known, looks_meant, meant

ENVIRONMENT = "the environment"
# As python-dotenv reads it, which then makes \n a line's end and \t a tab: passwords hold such letters.
_IN_QUOTES = re.compile(r"""=[^\S\r\n]*(["'])((?:\\.|(?!\1)[^\\])*)\1""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Value:
    """What is written, and where."""

    text: str
    place: str
    line: int | None = None

    def problem(self, message: str, way_out: str) -> Problem:
        """What is wrong with it."""
        return Problem(message, self.place, self.line, way_out=way_out)


def written(home: Path, environ: Mapping[str, str]) -> tuple[dict[str, Value], list[Problem]]:
    """The values by name, none of them empty, and what is wrong with how they are written. Raises UsageError."""
    problems: list[Problem] = []
    in_env = _lines(home / ".env", problems)
    set_here = {key: Value(text, ENVIRONMENT) for key, text in environ.items() if key.startswith(PREFIX)}
    values = {**_with_files(home, in_env, problems), **_with_files(home, set_here, problems)}
    return {key: value for key, value in values.items() if value.text}, problems


def without_effect(path: Path) -> Iterator[Problem]:
    """The lines of `.env` that change nothing: another one of the same name follows, or it is read before the file."""
    last: dict[str, Value] = {}
    for key, value in _bound(path, []):
        if key in last:
            yield last[key].problem(f"{key} has no effect: line {value.line} sets it again", "take one of them away")
        last[key] = value
    if "DIGESTBOT_HOME" in last:
        hint = "set it in the environment, or give --home"
        yield last["DIGESTBOT_HOME"].problem("DIGESTBOT_HOME has no effect here: it says where this file is", hint)


def secret_files(home: Path, environ: Mapping[str, str]) -> list[Path]:
    """The files that hold secrets, as `.env` and the environment name them."""
    named = [(key, value.text) for key, value in _bound(home / ".env", [])] + list(environ.items())
    return [home / Path(text).expanduser() for key, text in named if in_file(key) and text and "://" not in text]


def _lines(path: Path, problems: list[Problem]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for key, value in _bound(path, problems):
        if key not in values and not is_known(key) and looks_meant(key):
            problems.append(value.problem(f"unknown setting {key}", meant(key)))
        values[key] = value
    return values


def _bound(path: Path, problems: list[Problem]) -> Iterator[tuple[str, Value]]:
    """What stands in `.env`, letter by letter: `$`, `#` and backslashes in quotes are no more than that."""
    if not path.is_file():
        return
    from dotenv.parser import parse_stream

    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(Problem(f"cannot be read: {error}", str(path), way_out="save it as UTF-8 text")) from None
    except OSError as error:
        hint = "make it readable for the user who runs digestbot"
        raise UsageError(Problem(f"cannot be read: {error.strerror}", str(path), way_out=hint)) from None
    for binding in parse_stream(StringIO(text)):
        raw = binding.original.string
        line = binding.original.line + raw[: len(raw) - len(raw.lstrip())].count("\n")
        if binding.error:
            hint = "write NAME=value; a value that begins with a quote ends with one"
            problems.append(Problem("is no setting that can be read", str(path), line, way_out=hint))
        elif binding.key is not None:
            yield binding.key, Value(_literal(raw, binding.value or ""), str(path), line)


def _literal(line: str, value: str) -> str:
    """The value as it stands in the line, without the quotes around it; within them only a quote has a backslash."""
    found = _IN_QUOTES.search(line) if "\\" in line else None
    return found[2].replace(f"\\{found[1]}", found[1]) if found else value


def _with_files(home: Path, values: Mapping[str, Value], problems: list[Problem]) -> dict[str, Value]:
    """The same with what stands in the files that are named for secrets; `problems` gets those of no use."""
    known = {key: Value(value.text.strip(), value.place, value.line) for key, value in values.items()}
    for key, value in list(known.items()):
        name = in_file(key)
        if name is None or "://" in value.text:  # the URL of a destination whose name ends so
            continue
        del known[key]
        if not value.text:
            continue
        if name in known and known[name].text:
            problems.append(value.problem(f"{name} is set, and {key} too", f"take {name} or {key} away"))
            continue
        path = home / Path(value.text).expanduser()
        try:
            found = path.read_text(encoding="utf-8-sig").strip()
            wrong = "" if found and "\n" not in found else "holds no single line"
        except (OSError, ValueError) as error:
            wrong = f"cannot be read: {getattr(error, 'strerror', None) or 'it is no UTF-8 text'}"
        if wrong:
            hint = f"write in {key} where the secret's file is, readable for the user who runs digestbot"
            problems.append(Problem(f"{key}: {wrong}", str(path), way_out=hint))
        else:
            known[name] = Value(found, str(path))
    return known
