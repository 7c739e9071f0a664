"""A model of a power cut: only what programs have synced of a folder is left."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_name("power_cut.c")
SYNC_ALL = """
import os, sys
for path, folders, files in os.walk(sys.argv[1]):
    for name in (".", *files):
        if os.path.islink(os.path.join(path, name)):
            continue
        fd = os.open(os.path.join(path, name), os.O_RDONLY)
        os.fsync(fd)
        os.close(fd)
"""


class Disk:
    """A folder, and what is left of it. Raises OSError where there is no compiler."""

    def __init__(self) -> None:
        self.place = Path(tempfile.mkdtemp(prefix="portal-power."))
        self.folder, self.synced = self.place / "folder", self.place / "synced"
        for folder in (self.folder, self.synced):
            folder.mkdir()
        for path in (self.place, self.synced):
            path.chmod(0o777)  # a server of another user writes there, too
        library = self.place / "power_cut.so"
        build = ["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
        subprocess.run(build, check=True)
        self.env = {"LD_PRELOAD": str(library), "POWER_CUT_FOLDER": str(self.folder)}
        self.env |= {"POWER_CUT_DISK": str(self.synced)}

    def sync(self) -> None:
        """All that is there."""
        command = [sys.executable, "-c", SYNC_ALL, str(self.folder)]
        subprocess.run(command, check=True, env=os.environ | self.env)

    def cut(self) -> None:
        """Leave what was synced. Whatever writes there has been killed before."""
        kept = [path for path in self.synced.iterdir() if not path.name.startswith(".")]
        mark = f"{self.folder}\n".encode()
        (root,) = [path.name for path in kept if path.read_bytes().startswith(mark)]
        left = self.place / "left"
        self._bring_back(root, left, self.folder.stat().st_mode)
        shutil.rmtree(self.folder)
        left.rename(self.folder)

    def _bring_back(self, key: str, path: Path, mode: int) -> None:
        content = self.synced / key
        if stat.S_ISDIR(mode):
            path.mkdir()
            for line in content.read_text().splitlines() if content.exists() else []:
                if not line.startswith("/"):
                    child, of_child, name = line.split(" ", 2)
                    self._bring_back(child, path / name, int(of_child, 8))
        elif stat.S_ISREG(mode) and content.exists():
            shutil.copyfile(content, path)
        elif stat.S_ISREG(mode):
            path.touch()
        if path.exists():
            path.chmod(stat.S_IMODE(mode))
            owner = self.folder.stat()
            os.chown(path, owner.st_uid, owner.st_gid)

    def remove(self) -> None:
        shutil.rmtree(self.place)
