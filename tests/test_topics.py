"""The topics handed out: a tree that loads, tried on papers people really got."""

from __future__ import annotations

import gzip
import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from digestbot.matching.engine import Engine
from digestbot.model.papers import Paper
from digestbot.rules.lint import lint
from digestbot.rules.topics import Topics
from digestbot.subscribers.files import read_folder
from tests.readers.kit import understand

ROOT = Path(__file__).parent.parent
FILE = ROOT / "subscriptions" / "topics.toml"
SHARED = ROOT.parent / "shared"
DUMPS = SHARED / "dumps" / "daily_papers_text"
CORPUS = SHARED / "corpus" / "arxiv-20k.jsonl.gz"

needs_dumps = pytest.mark.skipif(not DUMPS.is_dir(), reason="the real dumps are not beside this checkout")
needs_corpus = pytest.mark.skipif(not CORPUS.is_file(), reason="the corpus is not beside this checkout")

TABLES: dict[str, dict[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
SENTENCES: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "topic_sentences.toml").read_text("utf-8"))
TODAY = date(2026, 1, 1)
FEWEST_TOPICS = 250
FEWEST_FIELDS_OF_AN_AREA = 2
CORPUS_SAMPLE = 2_000
MOST_IN_NO_TOPIC = 0.08
# A field may answer two papers in five; more is no choice any more. An area may be all there is in a listing.
LARGEST_SHARE = 0.40
# A topic that includes no other answers less, even where nearly every paper is about language models.
LARGEST_LEAF_SHARE = 0.12

NAMED_ELSEWHERE = (
    "multilingual", "speech", "agents", "code", "safety", "evaluation", "machine-translation", "medical",
)  # fmt: skip

# A topic, and the beginning of a real title of its subject.
FOUND = [
    ("language-models", "A Survey of Large Language Models"),
    ("language-models", "Small Language Models: Architectures, Techniques"),
    ("language-models", "A Comprehensive Study of Knowledge Editing"),
    ("pretraining", "CLIMB: Curriculum Learning for Infant-inspired Model Building"),
    ("pretraining", "Self-Influence Guided Data Reweighting"),
    ("scaling-laws", "Scaling Laws for Neural Machine Translation"),
    ("scaling-laws", "Predicting Emergent Capabilities by Finetuning"),
    ("tokenization", "An Empirical Comparison of Vocabulary Expansion"),
    ("tokenization", "dMel: Speech Tokenization made Simple"),
    ("instruction-tuning", "INSTRUCTEVAL: Towards Holistic Evaluation"),
    ("instruction-tuning", "Instruct-Tuning Pretrained Causal Language Models for Ancient Greek"),
    ("preference-alignment", "PLUM: Preference Learning Plus Test Cases"),
    ("prompting", "Privacy Preserving Prompt Engineering"),
    ("prompting", "MathPrompter: Mathematical Reasoning"),
    ("in-context-learning", "What learning algorithm is in-context learning?"),
    ("in-context-learning", "It's Not Just Size That Matters"),
    ("reasoning", "Towards a Deeper Understanding of Reasoning Capabilities"),
    ("reasoning", "Evaluation of OpenAI o1"),
    ("chain-of-thought", "Psychologically-informed chain-of-thought prompts"),
    ("mathematics", "Goedel-Prover-V2"),
    ("mathematics", "Mathematical Language Models: A Survey"),
    ("code", "CodeGen2: Lessons for Training LLMs"),
    ("code", "CodeS: Towards Building Open-source Language Models for Text-to-SQL"),
    ("code", "Mastering the Craft of Data Synthesis for CodeLLMs"),
    ("agents", "GUI Agents with Foundation Models"),
    ("agents", "Open Deep Search: Democratizing Search"),
    ("agents", "Toolformer: Language Models Can Teach Themselves"),
    ("tool-use", "ToolBridge: An Open-Source Dataset"),
    ("multi-agent", "Improving Factuality and Reasoning in Language Models through Multiagent Debate"),
    ("information-retrieval", "Promptriever: Instruction-Trained Retrievers"),
    ("retrieval-augmented-generation", "R1-Searcher: Incentivizing the Search Capability"),
    ("question-answering", "Attentiveness to Answer Choices"),
    ("summarization", "Zero-Shot Cross-Lingual Summarization"),
    ("information-extraction", "ProKD: An Unsupervised Prototypical"),
    ("knowledge-graphs", "Unifying Large Language Models and Knowledge Graphs"),
    ("dialogue", "OrchestraLLM: Efficient Orchestration"),
    ("embeddings", "LLMs are Also Effective Embedding Models"),
    ("multilingual", "How do Large Language Models Handle Multilingualism?"),
    ("multilingual", "Free Lunch: Robust Cross-Lingual Transfer"),
    ("multilingual", "ChocoLlama: Lessons Learned From Teaching Llamas Dutch"),
    ("cross-lingual", "Language Versatilists vs. Specialists"),
    ("low-resource", "Towards Open Foundation Language Model and Corpus for Macedonian"),
    ("machine-translation", "A Benchmark for Learning to Translate a New Language"),
    ("linguistics", "Derivational Morphology Reveals Analogical Generalization"),
    ("linguistics", "Holmes: Benchmark the Linguistic Competence"),
    ("speech", "GOAT-SLM: A Spoken Language Model"),
    ("speech-recognition", "Speech Recognition Rescoring"),
    ("text-to-speech", "InstructTTSEval"),
    ("multimodal", "MM-LLMs: Recent Advances"),
    ("vision-language", "Can Linguistic Knowledge Improve Multimodal Alignment"),
    ("diffusion", "d1: Scaling Reasoning in Diffusion"),
    ("evaluation", "Lessons from the Trenches on Reproducible Evaluation"),
    ("evaluation", "Struc-Bench: Are Large Language Models"),
    ("judge-models", "Contrastive Decoding Mitigates Score Range Bias"),
    ("hallucination", "The Troubling Emergence of Hallucination"),
    ("safety", "Challenges in Guardrailing Large Language Models"),
    ("privacy", "Privacy Preserving Prompt Engineering"),
    ("fairness-and-bias", "Intrinsic Meets Extrinsic Fairness"),
    ("interpretability", "Training Superior Sparse Autoencoders"),
    ("interpretability", "Cross-Lingual Generalization and Compression"),
    ("efficient-models", "A Survey on Model Compression"),
    ("distillation", "Turning Dust into Gold"),
    ("parameter-efficient-tuning", "LoRA-One: One-Step Full Gradient"),
    ("mixture-of-experts", "A Survey on Mixture of Experts"),
    ("inference-serving", "SpecEE: Accelerating Large Language Model Inference"),
    ("long-context", "Beyond the Limits: A Survey of Techniques"),
    ("datasets-and-data-curation", "RedPajama: an Open Dataset"),
    ("synthetic-data", "On LLMs-Driven Synthetic Data Generation"),
    ("reinforcement-learning", "Prompt-R1: Collaborative Automatic Prompting"),
    ("graph-learning", "GraphMaster: Automated Graph Synthesis"),
    ("time-series", "Time-LLM: Time Series Forecasting"),
    ("forecasting", "AIA Forecaster: Technical Report"),
    ("tabular", "From Words to Numbers: Your Large Language Model"),
    ("continual-learning", "Continually Adding New Languages"),
    ("optimization", "Variance Control via Weight Rescaling"),
    ("theory", "Non-asymptotic oracle inequalities"),
    ("recommendation", "Rec-R1: Bridging Generative"),
    ("medical", "PMC-LLaMA: Towards Building Open-source Language Models for Medicine"),
    ("medical", "RePrompT: Recurrent Prompt Tuning"),
    ("biology", "Reprogramming Pretrained Language Models for Antibody"),
    ("chemistry-and-materials", "Are large language models superhuman chemists?"),
    ("law", "Swiss-Judgment-Prediction"),
    ("education", "On the application of Large Language Models for language teaching"),
    ("finance", "LABOR-LLM: Language-Based Occupational"),
    ("science", "A Comprehensive Survey of Scientific Large Language Models"),
    ("social-science", "Prompt Refinement or Fine-tuning?"),
]

# A topic, and a real title that has one of its words and another subject.
NOT_FOUND = [
    ("scaling-laws", "SuperGPQA: Scaling LLM Evaluation"),
    ("tokenization", "Rho-1: Not All Tokens Are What You Need"),
    ("tokenization", "Dolma: an Open Corpus of Three Trillion Tokens"),
    ("preference-alignment", "Can Linguistic Knowledge Improve Multimodal Alignment"),
    ("mathematics", "Controlled Text Generation via Language Model Arithmetic"),
    ("mathematics", "Beyond Words: A Mathematical Framework"),
    ("code", "Few-shot learning for automated content analysis: Efficient coding"),
    ("code", "Automatic benchmarking of large multimodal models via iterative experiment programming"),
    ("agents", "Zero and Few-Shot Localization of Task-Oriented Dialogue Agents"),
    ("agents", "Large Models of What? Mistaking Engineering Achievements for Human Linguistic Agency"),
    ("multi-agent", "Fast and Slow Generating"),
    ("information-retrieval", "Language Ranker: A Metric"),
    ("information-retrieval", "NOLA: Networks as Linear Combination of Low Rank"),
    ("question-answering", "Not All Correct Answers Are Equal"),
    ("summarization", "Summary of ChatGPT/GPT-4 Research"),
    ("information-extraction", "Ex3: Automatic Novel Writing by Extracting"),
    ("knowledge-graphs", "A Comprehensive Study of Knowledge Editing"),
    ("knowledge-graphs", "Survey on Knowledge Distillation"),
    ("dialogue", "A Survey of GPT-3 Family Large Language Models Including ChatGPT"),
    ("embeddings", "Improved Active Multi-Task Representation Learning"),
    ("low-resource", "Evaluation of Language Models in the Medical Context Under Resource-Constrained"),
    ("linguistics", "A Survey on Memory-Efficient Large-Scale Model Training"),
    ("fairness-and-bias", "Contrastive Decoding Mitigates Score Range Bias"),
    ("hallucination", "Fact Recall, Heuristics or Pure Guesswork?"),
    ("safety", "Forecasting Clinical Risk"),
    ("privacy", "Exploring Synaptic Resonance"),
    ("interpretability", "Drivel-ology: Challenging LLMs with Interpreting Nonsense"),
    ("efficiency", "Composable Sparse Fine-Tuning"),
    ("long-context", "In-Context Learning Dynamics"),
    ("long-context", "Enhancing Entertainment Translation for Indian Languages using Adaptive Context"),
    ("synthetic-data", "Augmented Language Models: a Survey"),
    ("graph-learning", "Octopus v4: Graph of language models"),
    ("graph-learning", "Small Language Models Also Work With Small Vocabularies"),
    ("time-series", "Tele-LLMs: A Series of Specialized"),
    ("forecasting", "Predictions For Pre-training Language Models"),
    ("forecasting", "Swiss-Judgment-Prediction"),
    ("optimization", "Optimizing Language Augmentation"),
    ("theory", "Learning Compact Representations of LLM Abilities via Item Response Theory"),
    ("theory", "Exploring EFL students' prompt engineering"),
    ("science", "Physics of Language Models"),
    ("law", "Scaling Laws for Predicting Downstream Performance"),
    ("law", "A Law of Next-Token Prediction"),
    ("law", "CompassJudger-2: Towards Generalist Judge Model"),
    ("education", "Toolformer: Language Models Can Teach Themselves"),
    ("education", "Small LLMs Are Weak Tool Learners"),
    ("education", "Polyglot Teachers: Evaluating Language Models"),
]


@cache
def taxonomy() -> Topics:
    """As the program loads it: the file beside the subscriptions it is handed out with."""
    return read_folder(FILE.parent, FILE).topics


@cache
def engine() -> Engine:
    topics = taxonomy()
    return Engine.build([(name, topics[name]) for name in topics])


@cache
def dump_papers() -> tuple[Paper, ...]:
    dumps = sorted(DUMPS.iterdir())
    return tuple(paper for dump in dumps for paper in understand(dump.read_bytes(), dump.name).papers)


@cache
def dump_hits() -> dict[str, frozenset[int]]:
    """For each topic, the real dumps' papers that answer it."""
    found = engine().match(dump_papers(), today=TODAY).by_rule()
    return {name: frozenset(found.get(name, ())) for name in TABLES}


def corpus_papers() -> Iterator[Paper]:
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        for line in islice(lines, CORPUS_SAMPLE):
            told = json.loads(line)
            yield Paper(title=told["title"], abstract=told["abstract"], categories=tuple(told["categories"].split()))


def included(name: str) -> list[str]:
    names: list[str] = TABLES[name].get("includes", [])
    return names


def titled(beginning: str) -> set[int]:
    """The real dumps' papers of a title; it may stand in several dumps."""
    found = {at for at, paper in enumerate(dump_papers()) if paper.title.startswith(beginning)}
    assert found, f"no paper of the real dumps begins with {beginning!r}"
    return found


def test_the_file_loads_without_a_problem() -> None:
    folder = read_folder(FILE.parent, FILE)
    assert [each for each in folder.problems if "topics.toml" in str(each)] == []
    assert set(folder.topics) == set(TABLES)


def test_there_are_many_topics_with_the_names_that_others_rely_on() -> None:
    assert len(TABLES) >= FEWEST_TOPICS
    assert set(NAMED_ELSEWHERE) <= set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_names_and_titles_have_one_style(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    title = TABLES[name]["title"]
    assert re.fullmatch(r"[A-Z].*[a-z]", title), "a title begins with a capital and ends without a stop"
    assert len(title) <= 60


def test_no_two_topics_have_one_title() -> None:
    titles = [table["title"] for table in TABLES.values()]
    assert len(set(titles)) == len(titles)


def areas() -> list[str]:
    return [name for depth, name in taxonomy().outline() if depth == 0]


def test_topics_make_a_tree_of_areas_fields_and_topics() -> None:
    for name in TABLES:
        assert set(included(name)) <= set(TABLES), f"{name} includes what is not there"
    for name in areas():
        assert len(included(name)) >= FEWEST_FIELDS_OF_AN_AREA, f"{name} stands beside the tree"
    assert max(depth for depth, _ in taxonomy().outline()) >= 2


@pytest.mark.parametrize("name", TABLES)
def test_a_topic_finds_what_it_is_about_and_not_what_only_has_its_words(name: str) -> None:
    found, missed = (invented(text) for text in SENTENCES[name])
    matches = engine().match([found, missed], today=TODAY).by_rule()
    assert list(matches.get(name, ())) == [0]


def invented(text: str) -> Paper:
    title, _, abstract = text.partition(". ")
    return Paper(title=title, abstract=abstract or None)


@pytest.mark.parametrize("name", TABLES)
def test_no_rule_has_a_part_that_is_idle(name: str) -> None:
    assert lint(taxonomy().rule(name)) == []


@needs_corpus
def test_few_papers_of_a_broad_corpus_are_in_no_topic() -> None:
    papers = list(corpus_papers())
    found = set().union(*engine().match(papers, today=TODAY).by_rule().values())
    assert len(found) > (1 - MOST_IN_NO_TOPIC) * len(papers)


@needs_dumps
def test_no_topic_answers_nearly_everything() -> None:
    total = len(dump_papers())
    shares = {name: len(hits) / total for name, hits in dump_hits().items()}
    assert {n: s for n, s in shares.items() if s > LARGEST_SHARE and n not in areas()} == {}
    assert {n: s for n, s in shares.items() if s > LARGEST_LEAF_SHARE and not included(n)} == {}


@needs_dumps
@pytest.mark.parametrize("name", [name for name in TABLES if included(name) and "exclude" not in TABLES[name]])
def test_an_umbrella_answers_whatever_its_topics_do(name: str) -> None:
    for child in included(name):
        assert dump_hits()[child] <= dump_hits()[name]


@needs_dumps
@pytest.mark.parametrize(("name", "beginning"), FOUND)
def test_a_paper_of_the_subject_is_found(name: str, beginning: str) -> None:
    assert titled(beginning) <= dump_hits()[name]


@needs_dumps
@pytest.mark.parametrize(("name", "beginning"), NOT_FOUND)
def test_a_paper_with_the_word_but_another_subject_is_not_found(name: str, beginning: str) -> None:
    assert not titled(beginning) & dump_hits()[name]


def beside(**told: Any) -> Paper:
    """A paper whose title tells nothing of its subject."""
    return Paper(title="A second look, ten years on", **told)


# A topic, a keyword or heading, or a journal, by which it finds a paper, and one by which it must not.
BY_KEYWORDS = [
    ("neuroscience", "Neurons, physiology", "Neural Networks, Computer"),
    ("epidemiology-and-public-health", "Disease Outbreaks", "Epidemic models of rumours"),
    ("cancer", "Breast Neoplasms", "Cancer (constellation)"),
    ("heart-and-circulation", "Heart Failure", "Heart of Darkness"),
    ("mental-health", "Depression", "Economic growth"),
    ("genomics", "Gene Expression Profiling", "Genetic algorithms"),
    ("chemistry", "Organic chemistry", "Interpersonal chemistry"),
    ("particle-physics", "Higgs boson", "Particle swarm optimization"),
    ("economics", "Labor market", "Economical design"),
    ("security", "Intrusion detection", "Food security"),
    ("statistics", "Models, Statistical", "Statistical machine translation"),
    ("climate-and-earth", "Global Warming", "School climate"),
    ("linguistics", "Psycholinguistics", "Programming language"),
    ("topology", "Homotopy", "Network topology"),
]
BY_JOURNAL = [
    ("neuroscience", "The Journal of Neuroscience", "Neural Computing and Applications"),
    ("epidemiology-and-public-health", "American journal of epidemiology", "Journal of Public Economics"),
    ("particle-physics", "Phys. Rev. D", "Physical Review B"),
    ("astronomy", "Astronomy & Astrophysics", "Stellar Letters in Marketing"),
    ("chemistry", "Journal of the American Chemical Society", "Journal of the American Statistical Association"),
    ("statistics", "The Annals of Statistics", "The Annals of Probability"),
    ("economics", "Econometrica", "Journal of Circular Economy"),
    ("climate-and-earth", "Geophysical Research Letters", "Physical Review Letters"),
    ("vision", "Proceedings of the IEEE/CVF Conference on Computer Vision and Pattern Recognition", "Vision Research"),
    ("security", "USENIX Security Symposium", "Journal of Food Security"),
]


@pytest.mark.parametrize(("name", "found", "not_found"), BY_KEYWORDS)
def test_a_topic_finds_by_keywords_and_headings(name: str, found: str, not_found: str) -> None:
    papers = [beside(keywords=("Humans", found)), beside(keywords=("Humans", not_found))]
    assert list(engine().match(papers, today=TODAY).by_rule().get(name, ())) == [0]


@pytest.mark.parametrize(("name", "found", "not_found"), BY_JOURNAL)
def test_a_topic_finds_by_the_journal(name: str, found: str, not_found: str) -> None:
    papers = [beside(journal=found), beside(journal=not_found)]
    assert list(engine().match(papers, today=TODAY).by_rule().get(name, ())) == [0]
