"""One site for a test: ``served``; ``serve`` starts it with other settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from digestbot.web import signup
from tests.servers.smtp import SmtpServer
from tests.web.kit import Served, serving


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers need not be steady where no test looks at their time."""
    monkeypatch.setattr(signup, "STEADY", 0.0)


@pytest.fixture
def serve(tmp_path: Path, smtp_server: Callable[..., SmtpServer]) -> Iterator[Callable[..., Served]]:
    """Starts a site: call it with settings (names without DIGESTBOT_), ``clock`` and ``smtp``."""
    with ExitStack() as stack:

        def start(home: Path = tmp_path, **options: object) -> Served:
            smtp = options.pop("smtp", None) or smtp_server()
            return stack.enter_context(serving(home, smtp, **options))  # type: ignore[arg-type]

        yield start


@pytest.fixture
def served(serve: Callable[..., Served]) -> Served:
    """A site with the usual settings."""
    return serve()
