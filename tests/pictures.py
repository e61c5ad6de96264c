"""README's pictures, from the sample that comes along: `python -m tests.pictures` writes them into deploy/pictures/.

The clock stands still and the papers are those of `digestbot demo`: who makes them again on the same browser and fonts
gets the same bytes. `--all FOLDER` takes each at both widths, in light and dark, to be looked at.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from digestbot.cli.demo import SAMPLES
from digestbot.digests import open_by_hand
from digestbot.ingest.pipeline import ingest
from digestbot.ingest.sources.files import read_dumps
from tests.delivery.kit import Clock
from tests.servers.smtp import SmtpServer
from tests.web.browser import chromium, window
from tests.web.kit import Served, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = Path(__file__).parents[1] / "deploy" / "pictures"
NOW = datetime(2026, 12, 1, 7, 0, tzinfo=UTC)
SHOWN = "multilingual"
SIZES = {"desktop": (760, 700), "phone": (360, 780)}
"""CSS pixels of what is shown: a digest fills them, a page of the site beside nothing."""
README = (
    ("digest", "desktop", False),
    ("digest", "phone", True),
    ("sign-up", "phone", False),
    ("archive", "phone", False),
)
"""What is in deploy/pictures: a page, at a width, in dark or not."""


@contextmanager
def site() -> Iterator[Served]:
    """The pages of a working directory with the demo's papers, and one digest of each of its subscriptions."""
    with tempfile.TemporaryDirectory() as folder, SmtpServer() as smtp:
        home = Path(folder) / "home"
        shutil.copytree(SAMPLES / "demo", home)
        for path in (home / "subscriptions").iterdir():
            path.write_text("public = true\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
        with serving(home, smtp, Clock(NOW), PUBLIC_URL="http://localhost") as served:
            app = served.app
            dumps = sorted(str(path) for path in SAMPLES.glob("*.txt"))
            for _ in ingest(dumps, read_dumps, app.store, subscriptions=app.folder.ids, now=NOW):
                pass
            for _ in open_by_hand(app.wants(), app.store, NOW):
                pass
            for _ in app.dispatcher.run():
                pass
            yield served


def name(what: str, width: str, dark: bool) -> str:
    """The file of a picture."""
    return f"{what}-{width}{'-dark' if dark else ''}.png"


def take(browser: Browser, served: Served, what: str, width: str, dark: bool, folder: Path) -> Path:
    """One picture, as a file."""
    (digest,) = (served.app.settings.home / "digests" / SHOWN).glob("*.html")
    address = {"digest": digest.as_uri(), "sign-up": f"{served.url}/", "archive": f"{served.url}/archive/{SHOWN}"}[what]
    target = folder / name(what, width, dark)
    across, down = SIZES[width]
    with window(browser, width, dark=dark) as page:
        page.set_viewport_size({"width": across, "height": down})
        page.goto(address)
        page.screenshot(path=target)
    return target


def main(words: list[str]) -> None:
    """Write them, and say how large each is."""
    everything = words[:1] == ["--all"]
    folder = Path(words[1]) if everything else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    wanted: tuple[tuple[str, str, bool], ...] = README
    if everything:
        pages = ("digest", "sign-up", "archive")
        wanted = tuple((page, width, dark) for page in pages for width in SIZES for dark in (False, True))
    with site() as served, chromium() as browser:
        for what, width, dark in wanted:
            path = take(browser, served, what, width, dark, folder)
            print(f"{path.stat().st_size:>8} {path}")


if __name__ == "__main__":
    main(sys.argv[1:])
