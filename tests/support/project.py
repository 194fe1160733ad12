"""A copy of the project in a repository of its own, for what would change the real one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tools.build.console import ROOT

PACKAGE = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "www/py/liqmap")


class Project:
    """The folder, and git in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in PACKAGE:
            source, target = ROOT / name, folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)
        (folder / ".gitignore").write_text("/release/\n")
        self.git("init", "--quiet")
        self.commit()

    def git(self, *arguments: str) -> str:
        """What git says, as nobody's git is set up."""
        variables = os.environ | {
            "GIT_CONFIG_GLOBAL": os.devnull,
            **{f"GIT_{role}_NAME": "someone" for role in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{role}_EMAIL": "someone@example" for role in ("AUTHOR", "COMMITTER")},
        }
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env=variables,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def commit(self) -> None:
        """Keep everything that there is."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "As it is")

    def write(self, name: str, text: str) -> None:
        """Change a file, and commit it."""
        (self.folder / name).write_text(text)
        self.commit()
