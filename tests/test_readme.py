"""The front page, and those that it leads to first, say what is true."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from digestbot.cli.main import COMMANDS
from digestbot.platform.settings.names import is_known
from digestbot.readers.format_table import table
from digestbot.rules.parser import parse
from tests.reference import channels

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DUMPS, RULES = ((ROOT / "deploy" / name).read_text(encoding="utf-8") for name in ("DUMPS.md", "RULES.md"))


def test_the_table_of_formats_is_made_from_the_readers() -> None:
    assert table().strip() in DUMPS


def test_the_table_of_channels_is_made_from_their_specs() -> None:
    assert channels() in README, f"write it as `python -m tests.reference` prints it:\n{channels()}"


def test_every_command_it_names_is_there() -> None:
    named = set(re.findall(r"digestbot ([a-z][a-z-]+)", README))
    assert named <= set(COMMANDS) | {"is"}


def test_every_setting_it_names_is_known() -> None:
    named = set(re.findall(r"DIGESTBOT_[A-Z_]+", README))
    assert [name for name in named if not name.endswith("_") and not is_known(name)] == []


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "deploy").glob("*.md")), *sorted((ROOT / "digestbot").rglob("*.md"))],
    ids=lambda path: str(path.relative_to(ROOT)),
)  # fmt: skip
def test_every_place_it_points_to_is_there(page: Path) -> None:
    """Files, and headings within them."""
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text(encoding="utf-8")):
        name, _, heading = target.partition("#")
        file = page.parent / name if name else page
        assert file.exists(), target
        headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.M) if heading else []
        assert not heading or heading in {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def test_every_rule_it_shows_is_understood() -> None:
    cells = [line.split("|")[1] for line in RULES.splitlines() if line.startswith("| `")]
    shown = [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]
    assert len(shown) > 20
    for rule in shown:
        if rule not in ("( )",) and not re.fullmatch(r"[a-z]+:", rule):
            parse(rule, {"multilingual": parse("multilingual").root})


def test_the_subscription_it_shows_is_toml() -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    assert tomllib.loads(shown)["to"]
