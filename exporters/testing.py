"""The contract suite: what every exporter promises, as tests that its own test class inherits.

```
class TestMyEngine(ExporterContract):
    target = TARGET
```
"""

from __future__ import annotations

import dataclasses
import posixpath
import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from exporters import samples
from exporters.base import ExportContext, Exporter, ExportError, ExportOptions, OutputFile, Policy
from exporters.model.asset import Animation, Asset, Frame, SpriteAsset
from exporters.registry import make_exporter
from exporters.target import ExportTarget

TEXT = re.compile(r"\.(json|tres|tscn|tsx|tmx|import|meta|anim|asset|prefab|controller|overrideController|xml|txt)$")
CLOCK = re.compile(rb"\b20\d\d-\d\d-\d\d\b|\b\d\d:\d\d:\d\d\b")
MACHINE_PATH = re.compile(rb'["\'=](/[a-z]|[A-Za-z]:[\\/])')


class ExporterContract:
    """Tests of the promises that all exporters make; set `target`, the declaration."""

    target: ExportTarget
    engine_options: ClassVar[Mapping[str, Any]] = {}
    """The target's own options, for a class that tries others than the defaults."""

    @property
    def exporter(self) -> Exporter:
        """The exporter that the declaration names."""
        return make_exporter(self.target)

    def test_the_declaration_can_be_used(self) -> None:
        """Options differ in name from each other and from what all targets have; folders are relative."""
        names = [option.name for option in self.target.options]
        common = {field.name for field in dataclasses.fields(ExportOptions)} | {"pivot", "root", "output"}
        assert len(set(names)) == len(names)
        assert not common & set(names)
        assert all(option.in_spec or option.in_project for option in self.target.options)
        for conflict in self.target.conflicts:
            assert conflict.hint
            for name, values in conflict.values:
                (option,) = [option for option in self.target.options if option.name == name]
                assert all(option.value.accepts(value) for value in values), name
        assert self.target.audio.default in self.target.audio.choices
        folder = self.target.default_output
        assert folder == posixpath.normpath(folder)
        assert not folder.startswith(("/", "..")), folder
        assert folder.startswith(self.target.output_below)

    def test_equal_input_gives_equal_bytes(self) -> None:
        """Exporting twice gives the same files."""
        for asset, context in self.cases():
            assert self.exporter.export(asset, context) == self.exporter.export(asset, context), asset.id

    def test_paths_are_relative_and_unique(self) -> None:
        """Paths stay inside the output folder and differ on file systems that ignore case."""
        for asset, context in self.cases():
            paths = [file.path for file in self.exporter.export(asset, context)]
            assert len({path.lower() for path in paths}) == len(paths)
            for path in paths:
                assert path == posixpath.normpath(path)
                assert not path.startswith(("/", "..")), path
                assert not {"\\", ":"} & set(path), path

    def test_every_file_belongs_to_the_stem(self) -> None:
        """Two assets never write the same file."""
        for asset, context in self.cases():
            assert all(file.path.startswith(context.stem) for file in self.exporter.export(asset, context)), asset.id

    def test_text_holds_no_machine_and_no_clock(self) -> None:
        """Text names no absolute path, home folder, date or time, and ends its lines with LF."""
        for asset, context in self.cases():
            for file in self.exporter.export(asset, context):
                if TEXT.search(file.path):
                    assert not CLOCK.search(file.data), file.path
                    assert not MACHINE_PATH.search(file.data), file.path
                    assert str(Path.home()).encode() + b"/" not in file.data, file.path
                    assert b"\r" not in file.data, file.path

    def test_a_file_comes_after_those_that_it_names(self) -> None:
        """An engine that sees a file finds what it refers to."""
        for asset, context in self.cases():
            files = self.exporter.export(asset, context)
            for number, file in enumerate(files):
                named = _quoted_names(file) if TEXT.search(file.path) else set()
                later = {posixpath.basename(other.path) for other in files[number + 1 :]}
                assert not named & later, file.path

    def test_exporting_over_the_own_output_changes_nothing(self) -> None:
        """Merging is idempotent."""
        for asset, context in self.cases():
            first = self.exporter.export(asset, context)
            on_disk = {file.path: file.data for file in first}
            again = self.exporter.export(asset, dataclasses.replace(context, read=on_disk.get))
            assert [(f.path, f.data) for f in again] == [(f.path, f.data) for f in first], asset.id

    def test_line_endings_are_no_drift(self) -> None:
        """Version control may turn LF into CRLF."""
        for asset, context in self.cases():
            for file in self.exporter.export(asset, context):
                if file.policy is Policy.MERGE:
                    plain = self.exporter.owned_hash(file.path, file.data)
                    assert plain == self.exporter.owned_hash(file.path, file.data.replace(b"\n", b"\r\n"))

    def test_merging_into_windows_line_endings_gives_the_same_bytes(self) -> None:
        """A checkout with CRLF is merged like one with LF."""
        for asset, context in self.cases():
            first = self.exporter.export(asset, context)
            on_disk = {f.path: f.data.replace(b"\n", b"\r\n") for f in first if f.policy is Policy.MERGE}
            again = self.exporter.export(asset, dataclasses.replace(context, read=on_disk.get))
            assert [f.data for f in again] == [f.data for f in first], asset.id

    def test_what_cannot_be_merged_is_an_error_with_a_way_out(self) -> None:
        """A broken file of a user is never replaced silently."""
        for asset, context in self.cases():
            files = self.exporter.export(asset, context)
            for path in [file.path for file in files if file.policy is Policy.MERGE]:
                broken = {path: b"\xff[<neither of them"}
                error = self.error_of(asset, dataclasses.replace(context, read=broken.get))
                assert error is not None, path
                assert path in error.message
                assert error.hint

    def test_pages_stay_below_max_sheet(self) -> None:
        """More pages instead of larger ones, of whoever packs sheets, or an error that names the setting."""
        frames = tuple(Frame(samples.picture(60, 60, seed)) for seed in range(12))
        asset = SpriteAsset("art/many", "animation", (Animation("spin", frames),))
        options = ExportOptions(max_sheet=256)
        if self.target.packs_sheets and self.exporter.supports(SpriteAsset, asset.kind):
            context = self._context_of("art/many", options)
            error = self.error_of(asset, context)
            assert error is None or "max_sheet" in error.hint
            for file in self.exporter.export(asset, context) if error is None else ():
                if file.path.endswith(".png"):
                    assert max(struct.unpack(">II", file.data[16:24])) <= 256

    def test_a_frame_larger_than_a_page_is_an_error_with_a_way_out(self) -> None:
        """The hint names the setting."""
        frame = Frame(samples.picture(300, 20, 1))
        asset = SpriteAsset("art/wide", "sprite", (Animation("default", (frame,)),))
        if self.target.packs_sheets and self.exporter.supports(SpriteAsset, asset.kind):
            error = self.error_of(asset, self._context_of("art/wide", ExportOptions(max_sheet=256)))
            assert error is not None
            assert "max_sheet" in error.hint

    def test_direction_names_are_those_of_the_options(self) -> None:
        """Compass or screen words, never both, where text names clips."""
        asset = samples.character()
        if not self.target.names_clips or not self.exporter.supports(SpriteAsset, asset.kind):
            return
        for names, wanted, other in (("compass", b"walk_south_east", b"walk_down"), ("screen", b"walk_down", b"south")):
            files = self.exporter.export(asset, self._context_of(asset.id, ExportOptions(direction_names=names)))
            text = b"".join(file.data for file in files if TEXT.search(file.path))
            assert wanted in text, names
            assert other not in text, names

    def cases(self) -> Iterator[tuple[Asset, ExportContext]]:
        """Sample assets that the exporter takes, each with its context."""
        for asset, kind in samples.sample_assets():
            if self.exporter.supports(type(asset), kind):
                yield asset, self._context_of(asset.id, ExportOptions())

    def error_of(self, asset: Asset, context: ExportContext) -> ExportError | None:
        """The error that exporting gives, None when it works."""
        try:
            self.exporter.export(asset, context)
        except ExportError as error:
            return error
        return None

    def _context_of(self, stem: str, options: ExportOptions) -> ExportContext:
        options = dataclasses.replace(options, engine=self.engine_options)
        return ExportContext(stem, "art/generated", f"0123abcd:{stem}", options, previous_stem=stem)


def _quoted_names(file: OutputFile) -> set[str]:
    """Base names of everything in quotes."""
    names = re.findall(r'"([^"\n]+)"', file.data.decode())
    return {posixpath.basename(text) for text in names}
