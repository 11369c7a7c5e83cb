"""The generations of the Unity editor whose serialised forms differ."""

from __future__ import annotations

import re
from enum import IntEnum

from exporters.base import ExportError

_VERSION = re.compile(r"\s*(\d+)(?:\.(\d+))?")


class Editor(IntEnum):
    """A generation, named after its long-term release. A newer editor reads what an older one wrote."""

    V2021 = 2021
    V2022 = 2022
    V6000 = 6000


def editor_of(version: object) -> Editor:
    """The generation of a version like `2022.3.9f1`; the oldest one when none is known.

    Measured on files of public projects: sprites got their name table in 2021.2, the texture importer its present
    keys in 2022.2, and sprites their `customData` in 6000.0.

    Raises:
        ExportError: the text is no version, or the editor is older than 2021.2.
    """
    if version is None:
        return Editor.V2021
    match = _VERSION.match(str(version))
    if match is None:
        raise ExportError(f"{version!r} is no Unity version.", hint='Set version = "2022.3" under [targets.unity].')
    release = (int(match[1]), int(match[2] or 3))
    if release >= (6000, 0):
        return Editor.V6000
    if release >= (2022, 2):
        return Editor.V2022
    if release >= (2021, 2):
        return Editor.V2021
    raise ExportError(
        f"Unity {str(version).strip()} is older than 2021.2: its sprites have no lasting ids.",
        hint="Open the project with Unity 2021.3 or newer, or set version under [targets.unity].",
    )
