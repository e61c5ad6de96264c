"""What is set: the lines of `.env`, the environment, which wins, and the files that either names for secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

from digestbot.model.errors import Problem, UsageError
from digestbot.platform.setting_names import PREFIX, in_file, is_known, looks_meant, meant


def settings_of(home: Path, environ: Mapping[str, str]) -> tuple[dict[str, str], list[Problem]]:
    """The values by name, none of them empty, and what is wrong with how they are written. Raises UsageError."""
    path = home / ".env"
    written, problems = _written(path)
    set_here = {key: value for key, value in environ.items() if key.startswith(PREFIX)}
    values = {**_with_files(home, path, written, problems), **_with_files(home, path, set_here, problems)}
    return {key: value.strip() for key, value in values.items() if value.strip()}, problems


def _written(path: Path) -> tuple[dict[str, str], list[Problem]]:
    """What stands in `.env`, letter by letter: `$` and `#` in quotes are no more than that."""
    if not path.is_file():
        return {}, []
    from dotenv import dotenv_values

    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(Problem(f"cannot be read: {error}", str(path), way_out="save it as UTF-8 text")) from None
    except OSError as error:
        hint = "make it readable for the user who runs digestbot"
        raise UsageError(Problem(f"cannot be read: {error.strerror}", str(path), way_out=hint)) from None
    written = {key: value or "" for key, value in dotenv_values(stream=StringIO(text), interpolate=False).items()}
    return written, _misspelt(path, text, written)


def _misspelt(path: Path, text: str, written: Mapping[str, str]) -> list[Problem]:
    problems = []
    for key in written:
        if is_known(key) or not (key.startswith(PREFIX) or looks_meant(key)):
            continue
        found = re.search(rf"^\s*(?:export\s+)?{re.escape(key)}\s*=", text, re.MULTILINE)
        line = text.count("\n", 0, found.end()) + 1 if found else None
        problems.append(Problem(f"unknown setting {key}", str(path), line, way_out=meant(key)))
    return problems


def _with_files(home: Path, path: Path, values: Mapping[str, str], problems: list[Problem]) -> dict[str, str]:
    """The same with what stands in the files that are named for secrets; `problems` gets those of no use."""
    known = dict(values)
    for key, value in values.items():
        name = in_file(key)
        if name is None or "://" in value:  # the URL of a destination whose name ends so
            continue
        del known[key]
        if not value.strip():
            continue
        if values.get(name, "").strip():
            hint = f"take {name} or {key} away"
            problems.append(Problem(f"{name} is set, and {key} too", str(path), way_out=hint))
            continue
        file = home / Path(value.strip()).expanduser()
        try:
            known[name] = file.read_text(encoding="utf-8-sig").strip()
            wrong = "" if known[name] and "\n" not in known[name] else "holds no single line"
        except (OSError, ValueError) as error:
            wrong = f"cannot be read: {getattr(error, 'strerror', None) or 'it is no UTF-8 text'}"
        if wrong:
            known.pop(name, None)
            hint = f"write in {key} where the secret's file is, readable for the user who runs digestbot"
            problems.append(Problem(f"{key}: {wrong}", str(file), way_out=hint))
    return known
