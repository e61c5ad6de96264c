"""A mail server that is slow with each message, and counts."""

from __future__ import annotations

import time

from tests.servers.actions import Action
from tests.servers.smtp import SmtpServer


class Watched(SmtpServer):
    """Takes its time over each message; ``begun`` is when mails began, ``most`` how many were under way at once."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[float] = []
        self.most = self._now = 0

    def action(self, step: str, argument: str = "") -> Action:
        if step == "MAIL":
            with self.lock:
                self.begun.append(time.monotonic())
                self._now += 1
                self.most = max(self.most, self._now)
        elif step == "MESSAGE":
            time.sleep(0.02)  # what a message takes there
            with self.lock:
                self._now -= 1
        return super().action(step, argument)
