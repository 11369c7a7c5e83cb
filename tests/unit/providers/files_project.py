"""A project in a temporary folder whose specs use own art, from spec text to the processed asset."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bridge.assemble.asset import assemble_asset
from bridge.plan.compile_context import CompileSession, Surroundings, compile_spec
from bridge.processing.pipeline import process_asset
from bridge.project import Project
from bridge.providers.api import Step
from bridge.providers.files import FilesProvider
from bridge.providers.fingerprint import step_fingerprint
from bridge.spec.load import Loaded, load_spec
from bridge.spec.process_rules import process_settings
from exporters.model.asset import Pixels

PROJECT = '[project]\nname = "own art"\nid = "0f11e5"\n[targets.json]\noutput = "export"\n'


def painted(width: int, height: int, number: int) -> Pixels:
    """A picture that differs from every other number's: its own colour, and a mark that tells its sides apart."""
    pixels = np.zeros((height, width, 4), dtype=np.uint8)
    pixels[...] = (40 + number * 53 % 200, number * 97 % 256, 255 - number * 31 % 256, 255)
    pixels[: height // 2, : width // 3] = (number * 7 % 256, 10, 200, 255)
    return pixels


def png(pixels: Pixels) -> bytes:
    """The PNG file of a picture."""
    return encoded([pixels], "PNG")


def encoded(frames: Sequence[Pixels], kind: str, **options: Any) -> bytes:
    """An image file; several frames make an animated one."""
    buffer = io.BytesIO()
    images = [Image.fromarray(pixels) for pixels in frames]
    more = {"save_all": True, "append_images": images[1:]} if len(images) > 1 else {}
    images[0].save(buffer, kind, **more, **options)
    return buffer.getvalue()


@dataclass
class OwnArt:
    """The folder of the project."""

    root: Path

    def write(self, path: str, content: Pixels | bytes | str) -> None:
        """Writes a file; arrays become PNG."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        target.write_bytes(data if isinstance(data, bytes) else png(data))

    def compiled(self, spec: str, path: str = "art/own.asset.toml") -> tuple[Loaded, list[Step], set[str]]:
        """The steps of a spec and the files it watches."""
        self.write("assetbridge.toml", PROJECT)
        self.write(path, 'provider = "files"\n' + spec)
        with Project.open(self.root) as project:
            loaded = load_spec(self.root / path, project.config)
            around = Surroundings(project.config, project.memory, {loaded.id: loaded}, lambda *_: None, lambda *_: None)
            compilation = CompileSession(loaded, around, 1)
            return loaded, compile_spec(loaded, compilation), compilation.sources

    def fingerprints(self, spec: str) -> list[str | None]:
        """The fingerprints of a spec's steps."""
        return [step_fingerprint(step, {}) for step in self.compiled(spec)[1]]

    def parts(self, spec: str) -> list[Any]:
        """What the spec's files mean."""
        _, steps, _ = self.compiled(spec)
        return self._parts(steps)

    def _parts(self, steps: Sequence[Step]) -> list[Any]:
        provider = FilesProvider()
        found: list[Any] = []
        for step in steps:
            inputs = {item.role: (self.root / item.ref).read_bytes() for item in step.inputs}
            found += provider.interpret(step, provider.run(step, inputs, {}))
        return found

    def asset(self, spec: str) -> Any:
        """The asset as exporters get it."""
        loaded, steps, _ = self.compiled(spec)
        made = assemble_asset(loaded.id, loaded.spec, self._parts(steps), slots={}, upstream={}, seed=1)
        settings = process_settings(loaded.spec, lambda ref: (self.root / ref).read_bytes())
        return process_asset(made.asset, settings)
