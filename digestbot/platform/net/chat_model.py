"""A language model behind an endpoint that speaks OpenAI's chat completions: one question, one answer, bounded.

https://platform.openai.com/docs/api-reference/chat/create; Ollama, llama.cpp, vLLM and most others speak it. The
address is the operator's own, as the mail server's is, and mostly of this machine or this house: it is not fenced.
No redirect is followed from it, so that nobody else's word leads anywhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import httpx

from digestbot import __version__
from digestbot.model.secret import Secret
from digestbot.platform.net.deadline import Deadline
from digestbot.platform.net.fence import EVERYWHERE
from digestbot.platform.net.hush import unlogged
from digestbot.platform.net.network import DIRECT, Network
from digestbot.platform.net.proxies import refused_by_proxy
from digestbot.platform.net.transport import guarded_transport

_LARGEST = 256 * 1024  # bytes of an answer; one with its thoughts in it is some thousand
_ASKED_TO_WAIT = frozenset({429, 503})
_LONGEST_WAIT = 86_400.0  # seconds


class ModelError(Exception):
    """No answer, in words without the key or the path. ``wait``: seconds to leave the model alone, where it says so.

    ``settled`` says that the next question would be answered alike: the key, the name or the address is wrong.
    """

    def __init__(self, words: str, *, wait: float = 0.0, settled: bool = False) -> None:
        super().__init__(words)
        self.wait = wait
        self.settled = settled


@dataclass(frozen=True, slots=True)
class ChatModel:
    """A model by its endpoint (`http://localhost:11434/v1`), its name there, and the key, if it wants one."""

    url: str
    name: str
    key: Secret | None = None
    network: Network = DIRECT

    @property
    def host(self) -> str:
        """What people call it."""
        return httpx.URL(self.url).netloc.decode("ascii")

    def ask(self, system: str, question: str, *, most_tokens: int, seconds: float) -> str:
        """The model's answer. Raises ModelError, after `seconds` at the latest."""
        asked = {
            "model": self.name,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": question}],
            "max_tokens": most_tokens,
            "temperature": 0,
            "stream": False,
        }
        said = self._exchanged("POST", "/chat/completions", asked, seconds)
        try:
            answer = said["choices"][0]["message"]["content"]
        except (KeyError, IndexError, TypeError):
            answer = None
        if not isinstance(answer, str):
            raise ModelError(f"{self.host} answers what is no chat completion")
        return answer

    def models(self, seconds: float) -> list[str]:
        """The names of the models there are at the endpoint. Raises ModelError."""
        said = self._exchanged("GET", "/models", None, seconds)
        rows = said.get("data") if isinstance(said, dict) else None
        if not isinstance(rows, list):
            raise ModelError(f"{self.host} answers what is no list of models")
        return [str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row]

    def _exchanged(self, method: str, path: str, asked: Any, seconds: float) -> Any:
        headers = {"User-Agent": f"digestbot/{__version__}", "Accept-Encoding": "identity"}
        if self.key is not None:
            headers["Authorization"] = f"Bearer {self.key.reveal()}"
        transport = guarded_transport(replace(self.network, fence=EVERYWHERE), kept=0)
        deadline = Deadline(seconds)
        try:
            with (
                unlogged(),
                deadline,
                httpx.Client(transport=transport, trust_env=False, timeout=seconds, headers=headers) as client,
                client.stream(
                    method, self.url.rstrip("/") + path, json=asked, extensions={"trace": deadline.trace}
                ) as answer,
            ):
                if answer.status_code != 200:
                    raise _refused(self.host, answer)
                return json.loads(_body(self.host, answer))
        except httpx.ProxyError as error:
            words, settled = refused_by_proxy(str(error))
            raise ModelError(f"{self.host} is not reached: {words}", settled=settled) from None
        except httpx.HTTPError as error:
            slow = deadline.passed or isinstance(error, httpx.TimeoutException)
            why = f"took longer than {seconds:g} seconds" if slow else f"is not reached ({type(error).__name__})"
            raise ModelError(f"{self.host} {why}") from None
        except OSError as error:  # of our own side: no more files
            raise ModelError(f"{self.host} was not asked: {error.strerror or type(error).__name__}") from None
        except (ValueError, RecursionError):
            raise ModelError(f"{self.host} answers what is no JSON") from None


def _body(host: str, answer: httpx.Response) -> bytes:
    body = bytearray()
    for chunk in answer.iter_raw():  # raw: a compressed answer was not asked for, and may be a bomb
        body += chunk
        if len(body) > _LARGEST:
            raise ModelError(f"{host} answers without end")
    return bytes(body)


def _refused(host: str, answer: httpx.Response) -> ModelError:
    status = answer.status_code
    said = answer.headers.get("Retry-After", "").strip()
    wait = min(float(said), _LONGEST_WAIT) if said.isascii() and said.isdigit() else 0.0
    return ModelError(f"{host} answered {status}", wait=wait if status in _ASKED_TO_WAIT else 0.0, settled=status < 500)
