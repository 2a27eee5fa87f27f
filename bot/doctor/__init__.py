"""What keeps Wenbao from working on this machine, and what to do about it.

    examination   the list of checks, and how they are run
    finding       what a check is handed (``Examined``) and what it returns (``Finding``)
    disk          room and permissions where the index and the models are, the limit of open files
    files         the configuration, the corpus, and what only its owner should read
    answering     the index, the databases beside it, the encoder
    tokens        the secrets in the environment
    telegram      whether Telegram knows the bot, and whom it sends messages to
    network       the port, and the address that others use
    clock         whether the time is right
    kernel        what of the kernel can hold a hostile file back

A check is one function in the list of ``examination``. It changes nothing and takes seconds at most.
"""

from bot.doctor.examination import CHECKS, examine
from bot.doctor.finding import Check, Examined, Finding, State

__all__ = ["CHECKS", "Check", "Examined", "Finding", "State", "examine"]
