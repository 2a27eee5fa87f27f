"""One file that holds index, state and originals, and how a machine gets them back from it.

    packing      settings -> the file
      sources      which files there are to take
      held         one generation, complete, while other processes publish and delete
      belonging    which files of the corpus are still those that the generation was made of
      databases    SQLite files, copied by SQLite while others write them
    contents     what a backup says of itself, and that it is whole
    restoring    the file -> settings: unpacked aside, checked, and put in place
      places       whose folders become whose, and what stands there already
      unpacking    members -> files aside, compared with their checksums
      swapping     renames that are undone where one fails

The file is a zip archive, so that a person can get the originals out of it with any tool.

    generation/NAME      the files of the published generation
    state/PATH           what else index.path keeps: earlier texts, feedback, calibration, recognised pages
    originals/N/PATH     the files of the Nth of corpus.paths, from 0
    wenbao-backup.json   the manifest, written last: size and SHA-256 of every other member, where it belongs, and more
"""

from bot.backup.packing import Packed, make_backup
from bot.backup.restoring import Restored, restore_backup

__all__ = ["Packed", "Restored", "make_backup", "restore_backup"]
