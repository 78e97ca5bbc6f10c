"""A digest of the code that decides what is read out of a file, for caches of what was read."""

import hashlib
from importlib import resources


def code_digest(*packages: str) -> str:
    """Return the SHA-256 over the names and contents of the packages' modules, in order."""
    digest = hashlib.sha256()
    for package in packages:
        modules = (p for p in resources.files(package).iterdir() if p.name.endswith(".py"))
        for module in sorted(modules, key=lambda m: m.name):
            digest.update(f"{package}/{module.name}\0".encode() + module.read_bytes() + b"\0")
    return digest.hexdigest()
