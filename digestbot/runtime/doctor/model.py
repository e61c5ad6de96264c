"""The model for gists: whether its endpoint answers and has it; nothing is written by it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from digestbot.digests.gist_asker import model_of
from digestbot.digests.model_gists import waits_for_model
from digestbot.platform.net.chat_model import ModelError
from digestbot.runtime.doctor.base import Finding, FindingState, Patient

_NO_LIST = " answered 404"  # some endpoints have the chat alone


def endpoint(patient: Patient) -> Iterator[Finding]:
    """Ask the endpoint which models it has: https://platform.openai.com/docs/api-reference/models/list."""
    settings = patient.app.settings
    model = model_of(settings)
    if model is None:
        if any(waits_for_model(compiled.subscription) for compiled in patient.app.folder.wants):
            mend = "set DIGESTBOT_MODEL_URL and DIGESTBOT_MODEL_MODEL"
            yield Finding("model", FindingState.WARNING, 'none is set, and a subscription has gist = "model"', mend)
        return
    try:
        names = model.models(patient.timeout)
    except ModelError as error:
        if str(error).endswith(_NO_LIST):
            yield Finding("model", FindingState.WARNING, f"{error}: whether it has {model.name} cannot be asked")
        else:
            mend = "look at DIGESTBOT_MODEL_URL and _KEY, and whether it runs; digests leave without it"
            yield Finding("model", FindingState.BROKEN, str(error), mend)
        return
    if model.name not in names and f"{model.name}:latest" not in names:
        known = ", ".join(sorted(names)[:10]) or "none"
        mend = "correct DIGESTBOT_MODEL_MODEL, or pull the model there"
        yield Finding("model", FindingState.BROKEN, f"{model.host} has no {model.name}; it has {known}", mend)
    elif model.key is not None and urlsplit(model.url).scheme == "http" and not _is_near(model.url):
        mend = "write https:// in DIGESTBOT_MODEL_URL"
        yield Finding("model", FindingState.WARNING, f"{model.host}: everybody between can read the key", mend)
    else:
        yield Finding("model", FindingState.FINE, f"{model.host} has {model.name}; it was asked nothing")


def _is_near(url: str) -> bool:
    """Whether it is this machine, or one that is called by a name of the house."""
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.") or "." not in host
