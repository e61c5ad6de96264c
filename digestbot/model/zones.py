"""Time zones as people write them: what was hardly meant to be an IANA name, with the one that is."""

from __future__ import annotations

import difflib
import re
from collections.abc import Set

_PACIFIC, _MOUNTAIN, _CENTRAL, _EASTERN = (
    "America/Los_Angeles", "America/Denver", "America/Chicago", "America/New_York"
)  # fmt: skip
_ABBREVIATED = {
    **dict.fromkeys(("CET", "CEST", "MEZ", "MESZ", "HNEC", "HAEC"), ("Europe/Berlin", "Europe/Paris")),
    **dict.fromkeys(("WET", "WEST", "WESZ"), ("Europe/Lisbon",)),
    **dict.fromkeys(("EET", "EEST", "OEZ", "OESZ"), ("Europe/Athens", "Europe/Helsinki")),
    **dict.fromkeys(("BST", "GMT"), ("Europe/London",)),
    **dict.fromkeys(("MSK", "MSD"), ("Europe/Moscow",)),
    **dict.fromkeys(("PST", "PDT", "PT", "PACIFIC"), (_PACIFIC,)),
    **dict.fromkeys(("MST", "MDT", "MT", "MOUNTAIN"), (_MOUNTAIN,)),
    **dict.fromkeys(("CST", "CDT", "CT", "CENTRAL"), (_CENTRAL,)),
    **dict.fromkeys(("EST", "EDT", "ET", "EASTERN"), (_EASTERN,)),
    **dict.fromkeys(("AKST", "AKDT"), ("America/Anchorage",)),
    **dict.fromkeys(("BRT", "BRST"), ("America/Sao_Paulo",)),
    **dict.fromkeys(("AEST", "AEDT"), ("Australia/Sydney",)),
    **dict.fromkeys(("NZST", "NZDT"), ("Pacific/Auckland",)),
    "IST": ("Asia/Kolkata",),
    "JST": ("Asia/Tokyo",),
    "KST": ("Asia/Seoul",),
    "SGT": ("Asia/Singapore",),
    "HKT": ("Asia/Hong_Kong",),
    "SAST": ("Africa/Johannesburg",),
}


def zone_hint(written: str, known: Set[str]) -> str:
    """The way out of an unknown time zone: what an abbreviation, a city or a misspelt name stands for."""
    if not known:
        return "this machine has no time zone data: install its tzdata, or pip install tzdata"
    if re.fullmatch(r"(GMT|UTC|Z)?[+-]\d{1,2}(:?\d\d)?", written.replace(" ", "").upper()):
        return 'an offset knows no summer time: write the place by its IANA name, such as "Europe/Berlin"'
    for word in re.findall(r"[A-Z]+", written.upper()):
        if word in _ABBREVIATED:
            return f"{word} is no place: write {' or '.join(map(repr, _ABBREVIATED[word]))}, or another in that zone"
    places = {each for each in known if "/" in each and not each.startswith(("Etc/", "posix/", "right/", "SystemV/"))}
    city = written.strip().replace(" ", "_").lower()
    found = sorted(each for each in places if each.rpartition("/")[2].lower() == city)
    near = found or difflib.get_close_matches(written, places)
    return f"did you mean {near[0]!r}?" if near else 'write an IANA name such as "Europe/Berlin"'
