"""A digest written for each kind of channel. `write` is the way in; templates come in from outside."""

from digestbot.rendering.faces import FACES, face, face_for, halved, write
from digestbot.rendering.templating import Templates

__all__ = ["FACES", "Templates", "face", "face_for", "halved", "write"]
