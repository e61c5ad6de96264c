"""Rules and papers drawn at random from real text, every operator among them."""

from __future__ import annotations

import gzip
import json
from datetime import date, timedelta
from pathlib import Path
from random import Random

from digestbot.model.errors import RuleError
from digestbot.model.papers import Paper
from digestbot.rules.ast import Node
from digestbot.rules.parser import parse
from digestbot.rules.synonyms import Synonyms
from digestbot.rules.topics import Topics, TopicSpec

TODAY = date(2024, 6, 15)
CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "arxiv-20k.jsonl.gz"

ODD_TEXTS = (
    "Pre-training and pretraining: state-of-the-art low-resource NLP, in C++ and F#.",
    "Schrödinger's cat, Erd\\H{o}s–Rényi graphs, na\\\"ive Bayes and the {BERT}-based model’s analyses",
    "自然言語処理の研究 with 深層学習 and 한국어 처리 models",
    "ﬁne-tuned policies; hypotheses, buses, classes, a virus and its viruses; GPT-4's RAG vs rag vs RAGs",
    "Uptake of CO$_2$ and H$_2$O in peat; the $\\beta$-VAE, TNFα, R² and L_2; tumour behaviour, modelling of matrices",
    "แบบจำลองภาษาขนาดใหญ่ และ ข้าว; معالجة اللغة بلغة والنموذج; Ørsted and Łukasz: colour centres, children and mice",
    "C C# C++ c++ e.g. 3.5-turbo x-y-z re-rank- -ing α-decay $\\mathcal{O}(n)$",
    "Faint H$\\alpha$ in $\\Lambda$CDM; Ca$^{2+}$ waves on GPUs, and O'Brien's lemmata, \\DPO{} and <sub>x</sub>",
)
_AUTHORS = (
    "Ada Lovelace", "Lovelace A", "Erdős Pál", "Jean-Luc Picard", "J.-L. Picard", "O'Neil, Pat", "李 明",
    "Müller-Schmidt K.", "Klaus Mueller-Schmidt", "Vega, Inés de la", "van den Hoek MJ", "Mirjam van den Hoek", "LI YU",
    "Smith Jr., John", "María Garza León", "Sean O’Brien", "OBrien S",
)  # fmt: skip
_NAMES = (
    "ada", "lovelace ada", "Lovelace, A.", "A Lovelace", "Adam Lovelace", "erdos pal", "jean luc", "jeanluc",
    "Picard JL", "J Picard", "李", "muller schmidt", "Mueller-Schmidt K", "Ines de la Vega", "M. J. van den Hoek",
    "van den Hoek",
    "Li Yu", "Smith J", "Garza Leon", "M Garza León", "J", "O'Brien, S.", "OBrien", "Brien S", "Dr. Sean O Brien",
    "oneil_p",
)  # fmt: skip
_TERMS = (
    "tumor", "behavior", "behaviours", '"colour centre"', "modeling", "matrix", "CO2", "H2O", "L2", "beta-VAE",
    "TNF-alpha", "β", "ภาษา", "ข้าว", "ขาว", "لغة", "اللغة", "نموذج", "orsted", "lukasz", "child", "mouse", "analyses",
    "optimisation", "Halpha", "H-alpha", "LambdaCDM", "Ca2+", "GPUs",
    '"modelling of matrix"', '"tumour behavior"~2', "labelled", "criteria",
)  # fmt: skip
SYNONYMS = Synonyms([["LLM", "large language model"], ["RL", "reinforcement learning"], ["net", "network", "graph"]])
_DATES = ("2023", "2024-02", "2024-06-15")
_ORGS = ("University of Somewhere", "Deep-Mind Labs", None, None)
_KEYWORDS = ("Action Potentials, physiology", "Deep Learning", "tumor biomarkers", "Neoplasms/drug therapy")
_JOURNALS = ("Nature Machine-Intelligence", "Annals of Statistics", None)
_HEADINGS = ("neoplasm", '"action potential"', "tumour*", "=Learning", "/bio/", '"deep biomarker"~3')
_VENUES = ("nature", "annal", '"machine intelligence"', "=Nature")
_CATEGORIES = ("cs.CL", "cs.LG", "cs", "stat.ML", "math.AG", "q-bio.NC")


def papers(count: int, random: Random) -> list[Paper]:
    """Papers with real text where the corpus is there, odd text among it, and values often missing."""
    texts: list[tuple[str, str]] = [(text, other) for text in ODD_TEXTS for other in ODD_TEXTS]
    if CORPUS.exists():
        with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
            read = [json.loads(line) for line, _ in zip(lines, range(2000), strict=False)]
        texts += [(each["title"], each["abstract"]) for each in read]
    return [_paper(at, *random.choice(texts), random) for at in range(count)]


def _paper(at: int, title: str, abstract: str, random: Random) -> Paper:
    if random.random() < 0.1:
        title += " " + random.choice(ODD_TEXTS)
    return Paper(
        title=title,
        abstract=abstract if random.random() < 0.9 else None,
        authors=tuple(random.sample(_AUTHORS, random.randrange(4))),
        organization=random.choice(_ORGS),
        journal=random.choice(_JOURNALS),
        upvotes=random.choice((None, 0, 1, 5, 40)),
        published=random.choice((None, TODAY, TODAY - timedelta(random.randrange(800)))),
        categories=tuple(random.sample(_CATEGORIES, random.randrange(3))),
        keywords=tuple(random.sample(_KEYWORDS, random.randrange(3))),
        ids=random.choice(({}, {"arxiv": f"2401.{at:05}"}, {"doi": "10.1000/xyz(1)"})),
        source=random.choice((None, "arXiv list", "hf")),
    )


TOPICS = Topics({"drawn": TopicSpec(keywords=('"large language model"', "reason*"))}, synonyms=SYNONYMS)


class Drawer:
    """Draws rules over the words of some papers."""

    def __init__(self, papers: list[Paper], random: Random) -> None:
        self._random = random
        self._texts = [each.title + " " + (each.abstract or "") for each in papers]

    def rule(self) -> str:
        """One rule's text."""
        return self._any(self._random.choice((1, 1, 2, 3)))

    def node(self) -> Node:
        """One rule that parses; a piece of text may hold what a rule cannot."""
        while True:
            try:
                return parse(self.rule(), TOPICS).root
            except RuleError:
                continue

    def _any(self, depth: int) -> str:
        if depth == 0:
            return self._leaf()
        parts = [self._any(depth - 1) for _ in range(self._random.choice((1, 2, 2, 3)))]
        parts = [f"NOT ({each})" if self._random.random() < 0.15 else f"({each})" for each in parts]
        return self._random.choice((" AND ", " OR ", " OR ")).join(parts)

    def _some_words(self, count: int) -> list[str]:
        words = self._random.choice(self._texts).replace('"', " ").replace("*", " ").split()
        start = self._random.randrange(max(1, len(words) - count))
        return words[start : start + count]

    def _leaf(self) -> str:
        random = self._random
        field = random.choice(("", "", "", "", "title:", "abstract:"))
        one = "".join(each for each in self._some_words(1)[0] if each.isalnum() or each in "-'+#") or "model"
        phrase = " ".join(self._some_words(random.choice((1, 2, 2, 3, 4))))
        near = " ".join(self._some_words(6)[:: random.choice((2, 3))])
        letters = "".join(each for each in one if each.isalpha()) or "net"
        return random.choice(
            (
                f'{field}"{one}"',
                f'{field}"{one}"',
                f'{field}"{one}s"',
                f'{field}"{phrase}"',
                f'{field}"{phrase}"',
                f"{field}{letters[: random.choice((3, 4, 6))]}*",
                f'{field}"{near}"~{random.choice((0, 1, 3, 9))}',
                f"{field}={one.lstrip('=-')}",
                f"{field}/{letters[:2]}[a-z]+{letters[-1]}/{random.choice(('', 'i'))}",
                f"upvotes{random.choice(('<', '<=', '=', '>=', '>'))}{random.choice((0, 1, 5, 39))}",
                f"authors{random.choice(('<', '=', '>='))}{random.choice((1, 2))}",
                f"published{random.choice(('<', '<=', '=', '>=', '>'))}{random.choice(_DATES)}",
                f"age{random.choice(('<', '<=', '>='))}{random.choice((0, 30, 400))}",
                f"category:{random.choice((*_CATEGORIES, 'c', 'stat', 'q-bio'))}",
                f'author:"{random.choice(_NAMES)}"',
                f'org:"{random.choice(("university", "deepmind lab", "deep mind"))}"',
                f"{random.choice(('journal', 'venue'))}:{random.choice(_VENUES)}",
                f"keyword:{random.choice(_HEADINGS)}",
                f"source:{random.choice(('arxiv', 'hf'))}",
                f"id:{random.choice(('2401.00003v2', 'arxiv:2401.00007', '10.1000/xyz(1)', 'doi:10.1000/XYZ(1)'))}",
                f"{field}{random.choice(_TERMS)}",
                f"{field}{random.choice(_TERMS)}",
                f"{field}~{random.choice(('LLM', 'RL', 'graph'))}",
                "*",
                "author:=Lovelace",
                "id:/2401/",
                "topic:drawn",
            )
        )
