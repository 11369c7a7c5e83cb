"""Game libraries from npm, pinned by version and checksum, in the user's cache folder; only their bundles are kept."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.engines import fetch
from tests.engines.engine import Missing, version_in

OLDEST_NODE = (18, 0)
_PACK_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Package:
    """A package of npm. keep: what of it is kept, a path or a folder that ends with `/`; integrity: as npm tells it."""

    name: str
    version: str
    keep: str
    integrity: str

    @property
    def folder(self) -> str:
        """Its folder among the fetched ones."""
        return re.sub(r"\W+", "-", f"{self.name}-{self.version}").strip("-")


PACKAGES = (
    Package(
        "phaser",
        "3.90.0",
        "dist/phaser.min.js",
        "sha512-/cziz/5ZIn02uDkC9RzN8VF9x3Gs3XdFFf9nkiMEQT3p7hQlWuyjy4QWosU802qqno2YSLn2BfqwOKLv/sSVfQ==",
    ),
    Package(
        "phaser",
        "4.2.1",
        "dist/phaser.min.js",
        "sha512-WUNwCPJpdjvZiuT6SgCfYVW8Qw/3j0jJ4ws7P2QkhFLFu74sbGuyHJcbFueGkY/AYO4Pi47bNQXn1OCJeLX//w==",
    ),
    Package(
        "pixi.js",
        "7.4.2",
        "dist/pixi.min.js",
        "sha512-TifqgHGNofO7UCEbdZJOpUu7dUnpu4YZ0o76kfCqxDa4RS8ITc9zjECCbtalmuNXkVhSEZmBKQvE7qhHMqw/xg==",
    ),
    Package(
        "pixi.js",
        "8.22.0",
        "dist/pixi.min.js",
        "sha512-QbTANHMZ751MIjLiLSUSM8a7LNMWwMIf0KbRCqlW+SPS9hNLfSVS+cl1O2SEp9g1K/wyLzj/OJHv+1TUfiPr/w==",
    ),
    Package(
        "excalibur",
        "0.31.0",
        "build/dist/excalibur.min.js",
        "sha512-xVNiRdv4N13XRG9lMbQdwhjSIB3TdXEd1v8dtx876k14rJZb0KyzfO7EHpU7nz/NB/mr8aobh45yo4o5JeaOrw==",
    ),
    Package(
        "@excaliburjs/plugin-aseprite",
        "0.31.0",
        "build/umd/excalibur-aseprite.min.js",
        "sha512-80J+DxeVQnpNYhEKluQgkwcfX0ZI8L1FF8Aic7IIckq8i1rZ4l9t2b0Ha0RTUf1Pj+stl6LOYnl+RzzW9CLeqg==",
    ),
    Package(
        "kaplay",
        "3001.0.19",
        "dist/kaplay.js",
        "sha512-T8GdXGXvgv/vbYVA1lcHzuDNVhp3juOJJE8OZs0vR5MdGNElBvANEeTSnqAAhJpSXtNxpeNy29pqkok3RnXKtg==",
    ),
    Package(
        "melonjs",
        "20.7.0",
        "build/index.js",
        "sha512-XbhK2V+v5O/iV8gsZ2Gpg1oeCyxa7dzJsEEP4yCW6qttWVHp6V7GSQrhOz61k58Uw52Ns3UgVmAOH1xn/bVxqA==",
    ),
    Package(
        "ase-parser",
        "0.0.19",
        "",
        "sha512-OmJaASGijj/I9Ks0wz8PtpToF3r0LZhSEQc2H1RfowzjIoaVtLsCAGiSdkfjMPo1/p4VyiusIpDJWL6WTqYr6w==",
    ),
    Package(
        "playwright-core",
        "1.65.1",
        "",
        "sha512-hqPpz7blSMPxWVdoeE1yiBSzXsKiVOd2k+kjCvmUywD2GPO2Dd9HfcWnq9NN0GHbNZDFgZ9JfBFr+X5/BLo0qw==",
    ),
)


class PackageError(Exception):
    """A package cannot be had, or is not what was pinned; the text says why."""


@cache
def libraries() -> Path | Missing:
    """The folder with a folder for each package."""
    if shutil.which("npm") is None:
        return Missing("npm", "it is not on PATH, and the libraries that read sheets come from its registry")
    try:
        return fetched(fetch.CACHE / "readers")
    except (PackageError, OSError) as error:
        return Missing("libraries of npm", str(error))


@cache
def node() -> Path | Missing:
    """Node.js, which drives the browser."""
    program = shutil.which("node")
    if program is None:
        return Missing("node", "it is not on PATH")
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60).stdout
    if version_in(answer) < OLDEST_NODE:
        return Missing("node", f"{program} is version {answer.strip()}, 18 or newer is needed")
    return Path(program)


def fetched(store: Path, packages: tuple[Package, ...] = PACKAGES) -> Path:
    """The folder of exactly these packages in `store`; fetches them first when it is not there.

    Raises:
        PackageError: npm has no such package, or its archive has another checksum.
        OSError: `store` cannot be written.
    """
    pins = "\n".join(f"{package.name} {package.version} {package.keep} {package.integrity}" for package in packages)
    name = f"npm_{hashlib.sha256(pins.encode()).hexdigest()[:12]}"

    def present() -> Path | None:
        return store / name if (store / name).is_dir() else None

    def make(work: Path) -> tuple[Path, str]:
        root = work / "root"
        shutil.rmtree(work, ignore_errors=True)
        root.mkdir(parents=True)
        for package in packages:
            _unpack(_download(package, work), package, root / package.folder)
        return root, name

    return fetch.kept(store, present, make)


def _download(package: Package, work: Path) -> Path:
    folder = work / "archives" / package.folder
    folder.mkdir(parents=True)
    command = [
        "npm",
        "pack",
        f"{package.name}@{package.version}",
        "--pack-destination",
        str(folder),
        "--ignore-scripts",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_PACK_SECONDS)
    archives = list(folder.glob("*.tgz"))
    if done.returncode != 0 or len(archives) != 1:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or [f"exit code {done.returncode}"]
        raise PackageError(f"npm pack {package.name}@{package.version} failed: {lines[0]}")
    return archives[0]


def _unpack(archive: Path, package: Package, folder: Path) -> None:
    data = archive.read_bytes()
    if package.integrity != "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode():
        raise PackageError(f"{package.name}@{package.version} has another checksum than the pinned one")
    with tarfile.open(archive) as tar:
        wanted = [
            member
            for member in tar.getmembers()
            if member.isfile() and member.name.startswith(f"package/{package.keep}")
        ]
        if not wanted:
            raise PackageError(f"{package.name}@{package.version} holds no {package.keep}")
        for member in wanted:
            member.name = member.name.removeprefix("package/")
            tar.extract(member, folder, filter="data")
