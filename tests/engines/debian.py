"""Unpacks Debian packages into a folder of their own; nothing is installed and no special right is needed.

A private apt configuration (own lists, own cache, an empty package database) downloads the packages with
everything they depend on, `dpkg -x` unpacks them side by side, and programs run through that folder's own dynamic
loader. So the newest engines run on an older Debian. See the manual pages apt.conf(5), dpkg(1) and ld.so(8).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.engines.aptsources import APT, Mirror, mirrors

SUITES = ("sid", "testing")
# A mirror that is being brought up to date can offer an index whose packages are not there yet.
ATTEMPTS = 2
LOADER = Path("usr/bin/engine-loader")
_STEP_SECONDS = 900

Execute = Callable[[Sequence[str], dict[str, str]], str]


class FetchError(Exception):
    """The packages cannot be had on this machine; the text says why."""


def execute(command: Sequence[str], environment: dict[str, str]) -> str:
    """Runs a command and returns what it printed.

    Raises:
        FetchError: it failed or did not end in time; the text is its first error message, or its last line.
    """
    try:
        done = subprocess.run(
            command,
            env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_STEP_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise FetchError(f"{command[0]} did not end within {_STEP_SECONDS} s") from error
    if done.returncode != 0:
        lines = [line for line in done.stdout.splitlines() if line.strip()] or [f"exit code {done.returncode}"]
        said = next((line for line in lines if line.startswith("E:")), lines[-1])
        raise FetchError(f"{command[0]} failed: {said}")
    return done.stdout


def unpack(packages: Sequence[str], work: Path, *, apt: Path = APT, run: Execute = execute) -> Path:
    """Fetches `packages` and unpacks them; returns the folder that then plays the part of `/`.

    `work` is a scratch folder. Downloads stay there until the caller removes it, so a stopped fetch goes on where
    it was.

    Raises:
        FetchError: no apt, no mirror, or no mirror that offers the packages.
    """
    for tool in ("apt-get", "apt-config", "dpkg"):
        if shutil.which(tool) is None:
            raise FetchError(f"this system has no {tool}, and engines can only be fetched from a Debian mirror")
    candidates = [(mirror, suite) for mirror in mirrors(apt) for suite in SUITES]
    if not candidates:
        raise FetchError(f"apt knows no Debian mirror (looked in {apt})")
    reasons = []
    for mirror, suite in candidates * ATTEMPTS:
        try:
            archives = _download(packages, mirror, suite, work, run)
            return _extract(archives, work / "root", run)
        except FetchError as error:
            reasons.append(f"{suite}: {error}")
    raise FetchError("; ".join(dict.fromkeys(reasons)))


def _download(packages: Sequence[str], mirror: Mirror, suite: str, work: Path, run: Execute) -> list[Path]:
    environment = {"APT_CONFIG": str(_configure(mirror, suite, work, run))}
    run(["apt-get", "--quiet", "update"], environment)
    # A stopped fetch may have left packages that the suite has replaced since.
    run(["apt-get", "--quiet", "autoclean"], environment)
    run(["apt-get", "--quiet", "--yes", "install", "--download-only", *packages], environment)
    archives = sorted((work / "archives").glob("*.deb"))
    if not archives:
        raise FetchError("apt-get reported success but downloaded nothing")
    return archives


def _configure(mirror: Mirror, suite: str, work: Path, run: Execute) -> Path:
    """Writes the private configuration: the machine's way to the network (proxy, certificates), our folders."""
    for folder in ("lists/partial", "archives/partial", "sources.list.d"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    (work / "status").write_text("", encoding="utf-8")
    (work / "sources.list.d/engines.sources").write_text(mirror.stanza(suite), encoding="utf-8")
    inherited = [
        line
        for line in run(["apt-config", "dump"], {}).splitlines()
        if line.startswith("Acquire::") and line.count('"') == 2
    ]
    own = {
        "Dir::Etc::Parts": "/dev/null",
        "Dir::Etc::Main": "/dev/null",
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": f"{work}/sources.list.d",
        "Dir::State": f"{work}",
        "Dir::State::Lists": f"{work}/lists",
        "Dir::State::status": f"{work}/status",
        "Dir::Cache": f"{work}",
        "Dir::Cache::Archives": f"{work}/archives",
        "Dir::Log": f"{work}",
        "APT::Install-Recommends": "false",
        "APT::Update::Error-Mode": "any",
        "APT::Sandbox::User": "",  # a private folder need not be readable for apt's own user
        "Acquire::Retries": "2",
        "Acquire::http::Timeout": "30",
        "Acquire::https::Timeout": "30",
    }
    path = work / "apt.conf"
    path.write_text("\n".join([*inherited, *(f'{k} "{v}";' for k, v in own.items()), ""]), encoding="utf-8")
    return path


def _extract(archives: Sequence[Path], root: Path, run: Execute) -> Path:
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    for archive in archives:
        run(["dpkg", "-x", str(archive), str(root)], {})
    loader = _loader(root)
    # /proc/self/exe is the loader when a program is started through it. With the loader beside the programs,
    # what they look up relative to their executable (Tiled: its plugins) is found.
    shutil.copyfile(loader, root / LOADER)
    (root / LOADER).chmod(0o755)
    return root


def _loader(root: Path) -> Path:
    loaders = sorted(root.glob("usr/lib/*-linux-gnu*/ld-linux*.so.*"))
    if not loaders:
        raise FetchError(f"{root} holds no dynamic loader")
    return loaders[0]


def library_folders(root: Path) -> list[Path]:
    """The folders of an unpacked root that the loader has to search.

    Raises:
        FetchError: the root holds no loader, so it is none or was damaged.
    """
    libraries = _loader(root).parent
    # Folders that Debian reaches by RUNPATH: absolute ones, so they would miss the unpacked files.
    return [libraries, libraries / "pulseaudio", libraries / "tiled"]
