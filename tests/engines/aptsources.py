"""Which Debian mirror this machine uses.

The engines come from the mirror that the machine's owner configured, whatever it is: no host is written in
this project. Both of apt's formats are read, one-line (`sources.list`, `*.list`) and deb822 (`*.sources`), as
described in the manual page sources.list(5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

APT = Path("/etc/apt")
_ENTRY = re.compile(r"\s*deb\s+(?:\[(?P<options>[^\]]*)\]\s*)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<rest>.*)")
_PARTIAL_SUITE = re.compile(r"(-security|/updates|-updates|-backports|-proposed-updates)$")


@dataclass(frozen=True, slots=True)
class Mirror:
    """A package source of this machine; `signed_by` and `trusted` say how it is verified, verbatim."""

    uri: str
    signed_by: str = ""
    trusted: str = ""

    def stanza(self, suite: str) -> str:
        """A deb822 source that offers `suite` of this mirror."""
        lines = ["Types: deb", f"URIs: {self.uri}", f"Suites: {suite}", "Components: main"]
        if self.signed_by:
            lines.append(f"Signed-By: {self.signed_by}")
        if self.trusted:
            lines.append(f"Trusted: {self.trusted}")
        return "\n".join(lines) + "\n"


def mirrors(apt: Path = APT) -> list[Mirror]:
    """The mirrors of whole distributions that apt is set up with, the likeliest Debian mirror first.

    Each comes once. Sources that hold only updates are left out: no unstable suite lies beside them.
    """
    found: dict[Mirror, None] = {}
    for path in _source_files(apt):
        text = path.read_text(encoding="utf-8", errors="replace")
        parse = _deb822 if path.suffix == ".sources" else _one_line
        found.update(dict.fromkeys(parse(text)))
    return sorted(found, key=lambda mirror: not mirror.uri.rstrip("/").endswith("/debian"))


def _source_files(apt: Path) -> list[Path]:
    parts = apt / "sources.list.d"
    listed = sorted(path for path in parts.glob("*") if path.suffix in {".list", ".sources"})
    main = apt / "sources.list"
    return [path for path in (main, *listed) if path.is_file()]


def _one_line(text: str) -> Iterator[Mirror]:
    for line in text.splitlines():
        entry = re.match(r"\s*deb\s+(?:\[(?P<options>[^\]]*)\]\s*)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<rest>.*)", line)
        if entry is None:
            continue
        components = entry["rest"].partition("#")[0].split()
        options = dict(re.findall(r"([\w-]+)=(\S+)", entry["options"] or ""))
        if "main" in components and not _PARTIAL_SUITE.search(entry["suite"]):
            yield Mirror(entry["uri"], options.get("signed-by", ""), options.get("trusted", ""))


def _deb822(text: str) -> Iterator[Mirror]:
    for stanza in re.split(r"\n\s*\n", re.sub(r"(?m)^#.*\n?", "", text)):
        fields = {
            name.lower(): value.strip()
            for name, value in re.findall(r"(?m)^([A-Za-z][\w-]*):[ \t]*(.*(?:\n[ \t].*)*)", stanza)
        }
        whole = any(not _PARTIAL_SUITE.search(suite) for suite in fields.get("suites", "").split())
        switched_off = fields.get("enabled", "yes").lower() in {"no", "false", "0"}
        offers_packages = "deb" in fields.get("types", "").split() and "main" in fields.get("components", "").split()
        if offers_packages and whole and not switched_off:
            for uri in fields.get("uris", "").split():
                yield Mirror(uri, fields.get("signed-by", ""), fields.get("trusted", ""))
