from hypothesis import given
from hypothesis import strategies as st

from mlops.routing.local.extractive import summarise
from mlops.routing.local.registry import local_worker
from mlops.routing.local.rules import label_by_rules
from mlops.routing.local.text import units
from mlops.routing.records import Document, Task, TaskInput

DESCRIPTION = """## Summary
Replace the nightly rebuild of the search index by an incremental update.
Previously each deployment rebuilt all 40,000 documents, which took 25 minutes
and blocked the queue. See e.g. the log of Monday.

## Changes
- Add `IndexQueue` with one worker per shard
- Remove the cron job
- [ ] Update the handbook

```python
print("no sentence.")
```

<!-- describe your change here -->
## Next steps
- Ready for the next phase: enterprise-grade search

Co-authored-by: A Machine <machine@example.org>
"""
DOCUMENTS = (Document("title", "Update the search index incrementally"), Document("description", DESCRIPTION))


def test_units_leave_out_code_comments_open_boxes_and_trailers() -> None:
    texts = [DESCRIPTION[unit.start : unit.end] for unit in units(DESCRIPTION) if not unit.quiet]
    joined = " ".join(texts)
    for absent in ("print", "describe your change", "handbook", "Co-authored", "##"):
        assert absent not in joined
    assert "See e.g. the log of Monday." in texts
    assert "Add `IndexQueue` with one worker per shard" in texts


def test_each_sentence_is_a_quotation_that_names_its_source() -> None:
    by_name = {document.name: document.text for document in DOCUMENTS}
    sentences = summarise(DOCUMENTS)
    assert sentences[0].source == "title"
    for sentence in sentences:
        assert by_name[sentence.source][sentence.start : sentence.end] == sentence.text


def test_it_tells_what_changed_and_leaves_out_the_advertising() -> None:
    text = " ".join(sentence.text for sentence in summarise(DOCUMENTS, max_sentences=4))
    assert "25 minutes" in text and "incremental" in text
    assert "enterprise-grade" not in text


def test_repetition_is_passed_over_and_lengths_hold() -> None:
    again = Document("commit", "Replace the nightly rebuild of the search index by an incremental update!")
    sentences = summarise((*DOCUMENTS, again), max_chars=300)
    assert sum("nightly" in sentence.text for sentence in sentences) == 1
    assert sum(len(sentence.text) for sentence in sentences) <= 300


@given(st.lists(st.text(max_size=300), max_size=4))
def test_any_text_gives_quotations_or_nothing(texts: list[str]) -> None:
    documents = tuple(Document(f"d{number}", text) for number, text in enumerate(texts))
    for sentence in summarise(documents):
        source = next(document for document in documents if document.name == sentence.source)
        assert source.text[sentence.start : sentence.end] == sentence.text


def test_nothing_gives_nothing() -> None:
    assert summarise(()) == ()
    assert summarise((Document("title", ""),)) == ()


def test_labels_by_rule_say_why() -> None:
    assert label_by_rules((Document("title", "fix: stop the leak"),))[0] == "fix"
    assert label_by_rules((Document("title", "Hello"),)) == ("unknown", "no rule fits the title")
    worker = local_worker("local-rules")
    assert worker is not None
    answer = worker(Task("t", "x", schema={"type": "object"}), TaskInput((Document("title", "docs: explain"),)))
    assert answer.data["label"] == "documentation"


def test_texts_that_say_no_more_than_the_title_are_called_that() -> None:
    worker = local_worker("local-extractive")
    assert worker is not None
    same = (Document("title", "Update the search index"), Document("commit", "Update the search index\n"))
    answer = worker(Task("summarise", "Summarise."), TaskInput(same))
    assert answer.text.splitlines() == [
        "Update the search index [title]", "(The other texts say nothing beyond this title.)",
    ]  # fmt: skip
    assert [sentence.source for sentence in answer.sentences] == ["title"]
    assert "nothing beyond" not in worker(Task("summarise", "Summarise."), TaskInput(DOCUMENTS)).text


def test_what_was_tidied_along_the_way_comes_last() -> None:
    said = (
        Document("title", "Store the index on disk"),
        Document("commit 0", "fix: clean up lint errors"),
        Document("commit 1", "Remove unused imports in the search module."),
        Document("commit 2", "Write each shard of the index to a file of its own"),
        Document("commit 3", "just index → builds the search index on disk"),
    )
    assert [sentence.source for sentence in summarise(said, max_sentences=2)] == ["title", "commit 2"]


UPKEEP = (
    "fix: resolve remaining CI test failures",
    "ci: apply automated fixes",
    "Merge branch main into search-index",
    "Address review feedback on the index",
    "Part of https://tracker.example.org/issues/12",
)


def test_what_let_the_change_land_is_left_out_unless_the_title_is_about_it() -> None:
    noise = tuple(Document(f"commit {number}", text) for number, text in enumerate(UPKEEP))
    said = (
        Document("title", "Store the index on disk"),
        *noise,
        Document("commit 9", "Write each shard of the index to a file of its own"),
    )
    assert [sentence.source for sentence in summarise(said, max_sentences=2)] == ["title", "commit 9"]
    about = (Document("title", "ci: stop the failures of the search tests"), noise[0])
    assert [sentence.source for sentence in summarise(about)] == ["title", "commit 0"]


def test_of_several_texts_the_one_that_opens_like_the_title_speaks_first() -> None:
    said = (
        Document("title", "feat: map emotions along a post"),
        Document("commit 0", "fix: wrong port of the gateway\n\n- Add a second port to the gateway for probes"),
        Document("commit 1", "feat: map emotions\n\n- Implement endpoints for trajectories and templates"),
        Document("commit 2", "fix: name of the volume\n\n- Update the volume of the database to its new name"),
    )
    assert [sentence.source for sentence in summarise(said, max_sentences=2)] == ["title", "commit 1"]
