"""Run one collection in a process of its own, so that a test can kill it at any moment."""

import sys

import django

django.setup()

from analysis.collection import pipeline  # noqa: E402  after the set-up of Django
from analysis.collection.runs import collect_git, find_repository  # noqa: E402
from analysis.sources.records import SourceError  # noqa: E402
from evidence.tablehash import table_hash  # noqa: E402

pipeline.BATCH_CHANGES = 25
repository, located = find_repository(sys.argv[1], allow_local=True)
try:
    ledger = collect_git(repository, located)
except SourceError as error:
    sys.exit(str(error))
print(ledger.state, table_hash())
