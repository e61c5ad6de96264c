"""The machine: who can read what is secret, room on the disk, time zones, proxies."""

from __future__ import annotations

import os
import zoneinfo
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from digestbot.platform.settings import Settings
from digestbot.platform.settings.written import secret_files
from digestbot.platform.system import mounted_read_only, others_may_read, user
from digestbot.runtime.doctor.base import Finding, FindingState, Patient
from digestbot.runtime.health.pulse import LOWEST_DISK, free_space

_LITTLE_DISK = 4 * LOWEST_DISK
_OLD_ZONES = 3  # years; governments change their clocks at a few weeks' notice
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def permissions(patient: Patient) -> Iterator[Finding]:
    """Whether others on this machine can read secrets, or what was sent to whom."""
    settings = patient.app.settings
    told = exposed(settings, patient.environ)
    for path in told:
        yield Finding(
            "permissions", FindingState.WARNING, f"others on this machine can read {path}", f"chmod 600 {path}"
        )
    data = settings.home / "data"
    if others_may_read(data) and any(others_may_read(path) for path in _kept(data) if path.is_file()):
        mend = f"chmod -R go-rwx {data}"
        yield Finding("permissions", FindingState.WARNING, f"others on this machine can read what is in {data}", mend)
    elif not told:
        yield Finding("permissions", FindingState.FINE, "nobody else on this machine can read settings and data")
    shut = next((path for path in _kept(data) if not os.access(path, os.R_OK | os.W_OK)), None)
    if shut is not None:
        what = f"{user()} cannot read and write {shut}: nothing can be sent"
        mend = f"run digestbot as who owns it, or chown -R {user()} {data}; is the disk mounted read-only?"
        yield Finding("data folder", FindingState.BROKEN, what, mend)


def _kept(data: Path) -> Iterator[Path]:
    """The data folder, where there is one, and what is in it as far as it can be looked into."""
    if data.exists():
        yield data
    for folder, folders, files in os.walk(data):
        yield from (Path(folder, name) for name in (*folders, *files))


def exposed(settings: Settings, environ: Mapping[str, str] = os.environ) -> list[Path]:
    """The files with secrets that others on this machine can read."""
    data = settings.home / "data"
    files = [settings.home / ".env", *settings.dkim_keys, *secret_files(settings.home, environ)]
    files += [data / "oauth.json"] if others_may_read(data) else []
    # Who reads what is mounted so, for a container of its own, is said by whoever mounted it; nobody here changes it.
    return [path for path in dict.fromkeys(files) if others_may_read(path) and not mounted_read_only(path)]


def disk(patient: Patient) -> Iterator[Finding]:
    """Room for the store's next write."""
    data = patient.app.settings.home / "data"
    free = free_space(data)
    state = (
        FindingState.BROKEN
        if free < LOWEST_DISK
        else FindingState.WARNING
        if free < _LITTLE_DISK
        else FindingState.FINE
    )
    mend = "" if state is FindingState.FINE else "make room, or move the folder (DIGESTBOT_STORE=tinydb:...)"
    yield Finding("disk", state, f"{free >> 20} MB free for {data}", mend)


def zones(patient: Patient) -> Iterator[Finding]:
    """Time zones: there, and of this year's law."""
    known = _zone_version() if zoneinfo.available_timezones() else None
    if known is None:
        mend = "install the system's tzdata, or pip install tzdata"
        yield Finding("time zones", FindingState.MISCONFIGURED, "there is no time zone data", mend)
        return
    old = known[:4].isdigit() and patient.wall().year - int(known[:4]) >= _OLD_ZONES
    state, mend = (
        (FindingState.WARNING, "update the system's tzdata, or pip install -U tzdata")
        if old
        else (FindingState.FINE, "")
    )
    yield Finding("time zones", state, f"data of {known}", mend)


def _zone_version() -> str | None:
    """The version of the data that zoneinfo uses: the system's first, else the package's."""
    for folder in map(Path, zoneinfo.TZPATH):
        try:
            with (folder / "tzdata.zi").open(encoding="utf-8") as file:
                return file.readline().rpartition(" ")[2].strip()
        except OSError:
            if (folder / "Europe").is_dir():
                return f"unknown age in {folder}"
    try:
        return version("tzdata")
    except PackageNotFoundError:
        return None


def proxies(patient: Patient) -> Iterator[Finding]:
    """Proxies of the environment, which are not used unless that is asked."""
    if patient.app.settings.proxy is not None:
        return
    found = [name for name in patient.environ if name.lower() in _PROXIES and patient.environ[name]]
    if found:
        what = f"{', '.join(sorted(found))} is set and not used: connections are made directly"
        yield Finding(
            "proxies", FindingState.WARNING, what, "set DIGESTBOT_PROXY=env to use it, or let this machine out directly"
        )


def clock(patient: Patient) -> Iterator[Finding]:
    """Whether the clock was set back: the store then holds what is yet to come."""
    now, store = patient.wall(), patient.app.store
    newest = [each.logged_at for each in store.logged([store.head()]).values()]
    ahead = max(((each - now).total_seconds() for each in newest), default=0.0)
    if ahead > 60 or now.date() < date(2026, 1, 1):
        what = f"it is {now:%Y-%m-%d %H:%M} UTC here, and the last paper came {ahead / 60:.0f} minutes later"
        yield Finding("clock", FindingState.BROKEN, what, "set the clock, and keep it set (timedatectl set-ntp true)")
