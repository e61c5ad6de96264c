"""The labels of lines that tell of a paper in Markdown: "**Authors:** ...", "- 作者: ...", a folded abstract."""

from __future__ import annotations

import re

_LABELLED = re.compile(
    r"\s*(?:[-*+>]\s+)*[*_]{0,3}\W{0,4}?(?P<label>title|authors?|abstract|summary|tl;?dr|published|publish(?:ed)? date"
    r"|date|submitted|categor(?:y|ies)|subjects?|links?|url|pdf(?: link| url)?"
    r"|papers?(?:\s?\([A-Za-z ]{1,20}\))?|arxiv(?: id| link)?|doi"
    r"|论文标题|标题|题目|作者|摘要|发布日期|发布时间|日期|链接)"
    r"\s*[*_]{0,3}\s*[:：]\s*[*_]{0,3}\s*(?P<value>.*)$",
    re.IGNORECASE,
)
_FOLDED = re.compile(
    r"\s*(?:(?:<details>\s*)?<summary>\W*(?:<[^<>]*>)?(?:abstract\b|[^<>]{0,4}摘要).*?</summary>(?P<value>.*)"
    r"|[-*+]\s+\*\*abstract\*\*\s*)$",
    re.IGNORECASE,
)
_CHINESE = {
    "论文标题": "title", "标题": "title", "题目": "title", "作者": "authors", "摘要": "abstract", "日期": "date",
    "发布日期": "date", "发布时间": "date", "链接": "link",
}  # fmt: skip


def told(line: str) -> tuple[str, str] | None:
    """Label, small and in English, and value of a line that has one."""
    found = _FOLDED.match(line) or _LABELLED.match(line)
    if found is None:
        return None
    label = (found.groupdict().get("label") or "abstract").lower()
    return _CHINESE.get(label, label), found.groupdict().get("value") or ""
