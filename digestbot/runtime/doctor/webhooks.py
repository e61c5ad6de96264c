"""Webhooks: whether their hosts are reached and trusted, without a post; and what time it is there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from digestbot.channels.http import hide
from digestbot.channels.registry import describe
from digestbot.channels.spec import Probe
from digestbot.model.secret import Secret
from digestbot.platform.net.fence import Forbidden
from digestbot.platform.net.hush import unlogged
from digestbot.platform.net.proxies import refused_by_proxy
from digestbot.platform.net.transport import guarded_transport
from digestbot.runtime.doctor.base import Finding, FindingState, Patient

_SKEW = 60.0  # seconds; receivers of signed posts refuse what is five minutes off


def reachability(patient: Patient) -> Iterator[Finding]:
    """Each destination's host, by HEAD on its front page, never on the secret path; or as its kind is asked.

    The time in the answers is compared with this machine's.
    """
    app = patient.app
    used = {
        (to.options["destination"].lower(), to.channel)
        for compiled in app.folder.wants
        for to in compiled.subscription.to
        if "destination" in to.options
    }
    skews: list[float] = []
    transport = guarded_transport(app.channel_settings.network, kept=0)
    with unlogged(), httpx.Client(transport=transport, trust_env=False, timeout=patient.timeout) as client:
        for name, channel in sorted(used):
            url = app.settings.destinations.get(name)
            if url is not None:
                yield _reached(client, patient, name, channel, url, skews)
    yield from _clock(skews)


def _reached(
    client: httpx.Client, patient: Patient, name: str, channel: str, url: Secret, skews: list[float]
) -> Finding:
    check, setting = f"{channel} {name}", f"DIGESTBOT_TO_{name.upper()}"
    spec = describe(channel)
    if spec.probe is Probe.NONE:
        return Finding(check, FindingState.SKIPPED, f"{spec.title} has no way to ask without sending")
    try:
        target = httpx.URL(url.reveal())
        if spec.probe is Probe.FRONT_PAGE:
            target = target.copy_with(raw_path=b"/", fragment=None, userinfo=b"")
        with client.stream(spec.probe, target) as answer:
            status, date = answer.status_code, answer.headers.get("Date")
    except Forbidden as error:
        return Finding(
            check, FindingState.MISCONFIGURED, str(error).partition(" (")[0], f"correct {setting}, or allow it"
        )
    except httpx.InvalidURL:
        return Finding(check, FindingState.MISCONFIGURED, "its URL is not understood", f"correct {setting}")
    except httpx.ProxyError as error:
        return Finding(
            check, FindingState.BROKEN, refused_by_proxy(str(error))[0], "correct DIGESTBOT_PROXY, or ask who runs it"
        )
    except httpx.HTTPError as error:
        what = f"not reached: {hide(str(error), url) or type(error).__name__}"
        return Finding(check, FindingState.BROKEN, what, f"look at the network, and at the host in {setting}")
    skews += _skew(date, patient.wall())
    if spec.probe is Probe.ITSELF and status in (401, 403, 404):
        what, mend = f"{spec.title} answers {status}: the webhook is gone", f"make a new one, and set {setting}"
        return Finding(check, FindingState.BROKEN, what, mend)
    if status >= 500:
        return Finding(check, FindingState.WARNING, f"{target.host} answers {status}", "it may be down for a while")
    return Finding(check, FindingState.FINE, f"{target.host} is reached; nothing was posted")


def _skew(date: str | None, now: datetime) -> list[float]:
    """How many seconds this machine is ahead of a Date header."""
    try:
        there = parsedate_to_datetime(date or "")
    except ValueError:
        return []
    return [(now - (there if there.tzinfo else there.replace(tzinfo=UTC))).total_seconds()]


def _clock(skews: list[float]) -> Iterator[Finding]:
    if not skews:
        yield Finding("clock", FindingState.SKIPPED, "nobody was there to ask for the time")
        return
    skew = sorted(skews)[len(skews) // 2]
    if abs(skew) > _SKEW:
        what = f"this machine's clock is {abs(skew):.0f} seconds {'ahead' if skew > 0 else 'behind'}"
        mend = "set the clock, and keep it set (timedatectl set-ntp true)"
        yield Finding(
            "clock", FindingState.BROKEN, f"{what}: digests leave at the wrong time, signatures are refused", mend
        )
    else:
        yield Finding("clock", FindingState.FINE, "agrees with the world's to the minute")
