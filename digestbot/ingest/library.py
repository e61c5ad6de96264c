"""The papers of libraries: what somebody likes, in a dump of any kind that is read elsewhere, or kept of a source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from digestbot.ingest.sources.base import Dump
from digestbot.ingest.sources.files import read_dumps
from digestbot.ingest.sources.guarded import guarded
from digestbot.ingest.sources.unpacking import unpacked
from digestbot.model.errors import DigestbotError
from digestbot.model.papers import Paper
from digestbot.platform.settings import Settings
from digestbot.readers import Skipped, open_listing
from digestbot.store.base import Store
from digestbot.store.works import Works
from digestbot.subscribers.library import MOST_LIKED, Libraries, Library, kept_of

MOST_TEXT = 10_000_000
"""Characters that are kept of a library: some 1,900 a paper of a full one."""
_LONGEST_TITLE, _LONGEST_ABSTRACT, _MOST_AUTHORS = 1_000, 4_000, 20  # that are kept of one paper
_TOLD = 3  # entries and files that were left out


def read_papers(path: Path) -> Iterator[Paper]:
    """They come one by one, as they stand there. Raises DigestbotError where it cannot be read."""
    for dump in read_dumps(str(path)):
        with dump.open() as stream:
            yield from (piece for piece in open_listing(stream, dump.name) if isinstance(piece, Paper))


def libraries(settings: Settings, store: Callable[[], Store]) -> Libraries:
    """Where the papers come from that subscriptions of files like."""

    def of_sources() -> Mapping[str, Library | None]:
        from digestbot.ingest.poller import sources  # and all that fetches with it

        known = {each.name: each.library for each in sources(settings)}
        return {name: Library.of_store(store, kept_of(name)) if liked else None for name, liked in known.items()}

    return Libraries(read_papers, of_sources)


@dataclass(frozen=True, slots=True)
class LibraryReading:
    """A library that somebody uploads, as far as it was read: its ``papers``, each once, and what is to be told of it.

    Without papers ``problems`` say why there are none.
    """

    papers: Sequence[Paper] = ()
    notes: Sequence[str] = ()
    problems: Sequence[str] = ()


def read_upload(data: bytes, name: str, over: Callable[[], bool]) -> LibraryReading:
    """The papers in a file's bytes, of any kind that `read` knows, packed or not; as far as one gets until `over`."""
    library = _Upload(over)
    for dump in unpacked(Dump(name, lambda: guarded(BytesIO(data), name))):
        try:
            with dump.open() as stream:
                library.add(open_listing(stream, dump.name))
        except DigestbotError as error:
            called = dump.name.removeprefix(f"{name}/")
            library.others += [f"{called}: {each.message}" for each in error.problems]
        if library.ends():
            break
    return library.told()


class _Upload:
    """The papers of an upload as they are read, and what is left out."""

    def __init__(self, over: Callable[[], bool]) -> None:
        self._over = over
        self._works = Works()
        self._text = 0
        self._end = ""
        self._left: list[str] = []
        self.others: list[str] = []

    def add(self, pieces: Iterable[Paper | Skipped]) -> None:
        """The pieces of one dump, as far as they count."""
        for piece in pieces:
            if isinstance(piece, Paper):
                self._paper(piece)
            elif piece.kind != "furniture":
                self._left.append(f"line {piece.line}: {piece.reason}")
            if self.ends():
                return

    def _paper(self, paper: Paper) -> None:
        if (len(self._works) == MOST_LIKED or self._text > MOST_TEXT) and paper not in self._works:
            self._end = f"there are more, and the first {len(self._works):,} count"
        else:
            known = _kept(paper)
            self._text += len(known.title) + len(known.abstract or "")
            self._works.add(known)

    def ends(self) -> bool:
        """Whether no more is read."""
        if not self._end and self._over():
            self._end = f"it takes long to read: the first {len(self._works):,} count"
        return bool(self._end)

    def told(self) -> LibraryReading:
        """What was read."""
        papers, left = self._works.papers, _listed(self._left, "entries")
        if not papers:
            why = _listed(self.others, "files") or left or self._end or "there is no paper in it"
            return LibraryReading(problems=[why])
        bare = sum(not each.abstract for each in papers)
        without = f"{bare:,} without an abstract, which tell less" if bare else ""
        return LibraryReading(papers, [*filter(None, (self._end, without, left, _listed(self.others, "files")))])


def _listed(told: Sequence[str], what: str) -> str:
    """What was left out, the first few of it."""
    more = f"; and {len(told) - _TOLD:,} more" if len(told) > _TOLD else ""
    return f"{len(told):,} {what} could not be read: {'; '.join(told[:_TOLD])}{more}" if told else ""


def _kept(paper: Paper) -> Paper:
    """What likeness needs of a paper, and what it is known by."""
    return Paper(
        title=paper.title[:_LONGEST_TITLE],
        abstract=(paper.abstract or "")[:_LONGEST_ABSTRACT] or None,
        authors=paper.authors[:_MOST_AUTHORS],
        more_authors=paper.more_authors or len(paper.authors) > _MOST_AUTHORS,
        published=paper.published,
        ids=paper.ids,
        url=paper.url,
    )
