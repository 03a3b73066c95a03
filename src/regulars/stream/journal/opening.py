"""Opening the journal that an installation was told to use: files of its own, or a stream of a broker by URL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from regulars.stream.brokers.addresses import Address, parse
from regulars.stream.journal.brokered import BrokerJournal, Log
from regulars.stream.journal.protocol import Journal
from regulars.stream.journal.reading import Place
from regulars.stream.journal.writing import FileJournal

if TYPE_CHECKING:
    from regulars.access.keys import Keyring


def open_journal(url: str, folder: Path, keyring: Keyring, *, behind: Place) -> Journal:
    """The journal of a URL; of an empty one, the files in `folder`. What it takes comes behind the place that is loaded already.

    Raises
    ------
    InvalidInput : the URL is none. Unavailable : its library is not installed. A broker that is away is no reason to fail.
    """
    if not url:
        return FileJournal(folder, keyring, behind=behind)
    return BrokerJournal(_log(parse(url)), folder, keyring, behind=behind)


def _log(address: Address) -> Log:
    if address.kind == "nats":
        from regulars.stream.journal.nats_log import NatsLog

        return NatsLog(address)
    from regulars.stream.journal.kafka_log import KafkaLog

    return KafkaLog(address)
