"""Taking up changed files while a process goes on: a whole new set of parts is built and swapped in."""

from __future__ import annotations

import threading

from digestbot.bootstrap import App
from digestbot.model.errors import Problem, UsageError


class Reloader:
    """The app of a process that goes on while people edit its files: `app` is the present one, swapped as a whole.

    ``settled`` is set unless the process is still about its first round: what only some will ask for waits for it.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self.settled = threading.Event()
        self.settled.set()

    def reload(self) -> list[Problem]:
        """Take up what changed in `.env`, `subscriptions/` and `templates/`; the problems with what did not.

        A subscription that is wrong now goes on as it was. Wrong settings or templates, or topics that cannot be
        read, concern all of them: with those nothing is taken up.
        """
        old = self.app
        try:
            fresh = old.anew()
            _ = fresh.topics
        except UsageError as error:
            return list(error.problems)
        if fresh.settings.store != old.settings.store:
            return [Problem("is another one now", "DIGESTBOT_STORE", way_out="stop and start to use it")]
        templates, unreachable = fresh.template_problems(), fresh.unreachable()
        problems = [*fresh.folder.problems, *templates, *unreachable]
        if templates:
            return problems
        fresh.folder = fresh.folder.without(unreachable).completed(old.folder.wants)
        self.app = fresh
        old.close()
        return problems
