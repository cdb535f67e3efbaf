"""Webmention: notices of links are taken, looked at, decided by the owner and shown; and sent to others."""

import datetime as dt
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from jobs.models import Job
from portfolio import services
from portfolio.models import CaseStudy, Mention, Post
from portfolio.pages.mentions import PER_HOUR
from portfolio.publishing.mentions import reading, receiving
from tests.factories.portfolio import MOMENT, CaseStudyFactory, MentionFactory, OwnerFactory, PostFactory

pytestmark = pytest.mark.django_db
ORIGIN = "https://portfolio.example"


class Elsewhere(ThreadingHTTPServer):
    """Another site: each path with its status, headers and body; what was posted to it is kept."""

    pages: dict[str, tuple[int, dict[str, str], str]]
    posted: list[tuple[str, dict[str, list[str]]]]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Elsewhere

    def do_GET(self) -> None:
        status, headers, body = self.server.pages.get(self.path, (404, {}, ""))
        self.send_response(status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.posted.append((self.path, parse_qs(body)))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Nothing is printed."""


@pytest.fixture
def elsewhere(settings: Any) -> Iterator[Elsewhere]:
    server = Elsewhere(("127.0.0.1", 0), Handler)
    server.pages, server.posted = {}, []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    settings.ATTEST_OUTSIDE_ALLOW = [f"127.0.0.1:{server.server_port}"]
    settings.ATTEST_WEBMENTIONS, settings.ATTEST_ORIGIN = True, ORIGIN
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def post() -> Post:
    made = PostFactory(slug="reading-twice", title="On reading twice")
    services.publish(document=made, actor=OwnerFactory())
    return made


TARGET = f"{ORIGIN}/writing/reading-twice/"


def notify(client: Client, source: str, target: str = TARGET) -> Any:
    return client.post("/webmention/", {"source": source, "target": target})


def linking(title: str = "A made-up page", target: str = TARGET) -> tuple[int, dict[str, str], str]:
    return 200, {}, f'<title>{title}</title><p>As <a href="{target}">someone</a> says.'


def looked_at(mention: Mention) -> Mention:
    receiving.look(mention_id=mention.pk)
    mention.refresh_from_db()
    return mention


def test_a_link_is_seen_agreed_to_and_shown(
    client: Client, admin_client: Client, elsewhere: Elsewhere, post: Post
) -> None:
    elsewhere.pages["/a"] = linking("Words &lt;b&gt;on&lt;/b&gt; “reading”\u202e\n twice")
    page = client.get("/writing/reading-twice/").content.decode()
    assert '<link rel="webmention" href="/webmention/">' in page and "Mentioned in" not in page

    assert notify(client, f"{elsewhere.origin}/a#part").status_code == 202
    mention = Mention.objects.get()
    assert Job.objects.filter(kind="mention", args={"mention": mention.pk}).count() == 1
    assert looked_at(mention).state == "linked"
    assert mention.title == "Words <b>on</b> “reading” twice", "the title is text, without what turns its direction"
    assert "Mentioned in" not in client.get("/writing/reading-twice/").content.decode(), "the owner has not agreed"

    desk = admin_client.get("/admin/portfolio/mention/").content.decode()
    assert "On reading twice" in desk and "“reading” twice, 127.0.0.1" in desk
    admin_client.post("/admin/portfolio/mention/", {"action": "show", "_selected_action": [mention.pk]})
    page = client.get("/writing/reading-twice/").content.decode()
    assert "Mentioned in" in page and "Words &lt;b&gt;on&lt;/b&gt;" in page and f'href="{elsewhere.origin}/a"' in page

    elsewhere.pages["/a"] = (200, {}, "<p>The link was taken away.")
    notify(client, f"{elsewhere.origin}/a")
    assert Mention.objects.count() == 1, "another notice of a page is another look"
    assert looked_at(mention).state == "absent" and mention.reason == "it has no link to the text"
    assert "Mentioned in" not in client.get("/writing/reading-twice/").content.decode()


@pytest.mark.parametrize(
    ("source", "target", "says"),
    [
        ("", TARGET, "source and target"),
        ("https://elsewhere.example/a", "", "source and target"),
        ("https://elsewhere.example/" + "a" * 1_000, TARGET, "longer than"),
        ("javascript:alert(1)", TARGET, "address of a page of the web"),
        ("https://[elsewhere/a", TARGET, "address of a page of the web"),
        ("https://someone:secret@elsewhere.example/a", TARGET, "address of a page of the web"),
        ("file:///etc/passwd", TARGET, "address of a page of the web"),
        (f"{ORIGIN}/about/", TARGET, "of this site itself"),
        ("https://elsewhere.example/a", "https://other.example/writing/reading-twice/", "a post or a case study"),
        ("https://elsewhere.example/a", f"{ORIGIN}.other.example/writing/reading-twice/", "a post or a case study"),
        ("https://elsewhere.example/a", f"{ORIGIN}/about/", "a post or a case study"),
        ("https://elsewhere.example/a", f"{ORIGIN}/nowhere/", "a post or a case study"),
        ("https://elsewhere.example/a", f"{ORIGIN}/writing/a-draft/", "No text is published"),
        ("https://elsewhere.example/a", "/writing/reading-twice/", "a post or a case study"),
    ],
)
@pytest.mark.usefixtures("elsewhere", "post")
def test_a_wrong_notice_is_refused_with_what_is_wrong(client: Client, source: str, target: str, says: str) -> None:
    PostFactory(slug="a-draft")
    answer = notify(client, source, target)
    assert answer.status_code == 400 and says in answer.content.decode()
    assert not Mention.objects.exists()


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ((404, {}, ""), "it answers 404"),
        ((410, {}, ""), "it answers 410"),
        ((403, {}, ""), "it answers 403"),
        ((200, {"Content-Type": "image/png"}, "x"), "it is no HTML page but image/png"),
        ((200, {}, f"<!-- <a href='{TARGET}'>x</a> -->"), "it has no link to the text"),
        ((200, {}, f"<script>'<a href={TARGET}>'</script>"), "it has no link to the text"),
        ((200, {}, TARGET), "it has no link to the text"),
        ((200, {}, f'<a href="{TARGET}more/">x</a>'), "it has no link to the text"),
        ((200, {}, "<p>" + "x" * 1_000_000), "the answer passes 1000000 bytes"),
        ((302, {"Location": "/a"}, ""), "it redirects more than 5 times"),
        ((302, {"Location": "http://127.0.0.1:1/"}, ""), "only https on port 443 may leave"),
        ((302, {"Location": "https://169.254.169.254/"}, ""), "169.254.169.254"),
    ],
)
def test_a_page_that_does_not_link_is_not_shown(
    client: Client, elsewhere: Elsewhere, post: Post, page: tuple[int, dict[str, str], str], reason: str
) -> None:
    elsewhere.pages["/a"] = page
    notify(client, f"{elsewhere.origin}/a")
    mention = looked_at(Mention.objects.get())
    assert mention.state == "absent" and reason in mention.reason


def test_a_redirect_is_followed_and_relative_addresses_are_of_where_it_ends(
    client: Client, elsewhere: Elsewhere, post: Post
) -> None:
    elsewhere.pages["/a"] = (301, {"Location": "/b"}, "")
    elsewhere.pages["/b"] = linking()
    notify(client, f"{elsewhere.origin}/a")
    assert looked_at(Mention.objects.get()).state == "linked"


def test_a_site_that_is_down_is_tried_again_and_takes_nothing_shown_away(
    client: Client, elsewhere: Elsewhere, post: Post
) -> None:
    elsewhere.pages["/a"] = (503, {}, "")
    notify(client, f"{elsewhere.origin}/a")
    mention = Mention.objects.get()
    with pytest.raises(httpx.HTTPStatusError):
        receiving.look(mention_id=mention.pk, is_last=False)
    mention.refresh_from_db()
    assert mention.state == "waiting"
    elsewhere.pages["/a"] = linking()
    services.decide_mention(mention=looked_at(mention), show=True, actor=OwnerFactory())
    elsewhere.pages["/a"] = (503, {}, "")
    assert looked_at(mention).state == "shown"
    other = MentionFactory(source=f"{elsewhere.origin}/b", document=post.pk)
    elsewhere.pages["/b"] = (503, {}, "")
    assert looked_at(other).state == "absent" and "could not be reached" in other.reason


def test_the_owner_has_the_last_word(client: Client, elsewhere: Elsewhere, post: Post) -> None:
    elsewhere.pages["/a"] = linking()
    notify(client, f"{elsewhere.origin}/a")
    mention, owner = Mention.objects.get(), OwnerFactory()
    with pytest.raises(receiving.NoticeRefused, match="waits for a look"):
        services.decide_mention(mention=mention, show=True, actor=owner)
    services.decide_mention(mention=looked_at(mention), show=False, actor=owner)
    notify(client, f"{elsewhere.origin}/a")
    assert looked_at(mention).state == "refused"


def test_a_flood_ends_at_the_limit_and_at_the_queue(
    client: Client, elsewhere: Elsewhere, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MOST_WAITING", 3)
    answers = [notify(client, f"https://elsewhere.example/{n}") for n in range(PER_HOUR + 1)]
    assert [answer.status_code for answer in answers] == [202] * 3 + [503] * (PER_HOUR - 3) + [429]
    assert answers[3]["Retry-After"] == answers[-1]["Retry-After"] == "3600"
    assert Mention.objects.count() == 3


def test_nothing_is_taken_or_sent_unless_it_is_turned_on(client: Client, settings: Any, post: Post) -> None:
    assert notify(client, "https://elsewhere.example/a").status_code == 404
    assert 'rel="webmention"' not in client.get("/writing/reading-twice/").content.decode()
    settings.ATTEST_WEBMENTIONS = True  # and no ATTEST_ORIGIN
    assert notify(client, "https://elsewhere.example/a").status_code == 404
    assert not Job.objects.filter(kind="send_mentions").exists()
    assert client.get("/webmention/").status_code == 405


ENDPOINTS = [
    ({"Link": '</take>; rel="webmention"'}, ""),
    ({"Link": '<https://elsewhere.example/style>; rel=preload, </take>; rel="other webmention"'}, ""),
    ({"Link": "</take>; rel=webmention"}, '<link rel="webmention" href="/wrong">'),
    ({}, '<p><a rel="nofollow WebMention" href="take">x</a><link rel="webmention" href="/wrong">'),
    ({}, '<!-- <link rel="webmention" href="/wrong"> --><link rel=webmention href=/take>'),
    ({}, '<link rel="not-webmention" href="/wrong"><link rel=webmention href=/take>'),
]


@pytest.mark.parametrize(("headers", "html"), ENDPOINTS)
def test_a_page_that_is_linked_to_is_told(elsewhere: Elsewhere, headers: dict[str, str], html: str) -> None:
    elsewhere.pages["/theirs?a=1&b=2"] = (200, headers, html)
    document = PostFactory(
        slug="telling", body=f"See [theirs]({elsewhere.origin}/theirs?a=1&b=2#part) and [ours](/about/)."
    )
    services.publish(document=document, actor=OwnerFactory())
    job = Job.objects.get(kind="send_mentions")
    target = f"{elsewhere.origin}/theirs?a=1&b=2"
    assert services.send_mentions(**job.args) == {target: "told"}
    assert elsewhere.posted == [("/take", {"source": [f"{ORIGIN}/writing/telling/"], "target": [target]})]


def test_one_that_cannot_be_told_keeps_no_other_back_and_a_removed_link_is_told(elsewhere: Elsewhere) -> None:
    elsewhere.pages["/takes"] = (200, {}, '<link rel="webmention" href="/take">')
    elsewhere.pages["/takes-not"] = (200, {}, "<p>Hello.")
    owner = OwnerFactory()
    theirs = [
        f"{elsewhere.origin}/gone",
        f"{elsewhere.origin}/takes-not",
        "https://10.0.0.1/",
        f"{elsewhere.origin}/takes",
    ]
    body = " ".join(f"[that]({address})" for address in theirs)
    document = PostFactory(slug="telling", body=body)
    services.publish(document=document, actor=owner)
    told = services.send_mentions(kind="post", slug="telling")
    assert told[f"{elsewhere.origin}/gone"] == "not told: it answers 404"
    assert told[f"{elsewhere.origin}/takes-not"] == "takes no notices"
    assert told["https://10.0.0.1/"].startswith("not told:")
    assert told[f"{elsewhere.origin}/takes"] == "told"
    document.body = "No link any more."
    document.save()
    services.publish(document=document, actor=owner)
    assert services.send_mentions(kind="post", slug="telling")[f"{elsewhere.origin}/takes"] == "told"


def test_a_mention_goes_with_its_text_and_old_refusals_go_by_time(post: Post) -> None:
    owner = OwnerFactory()
    old = MentionFactory(document=post.pk)
    services.decide_mention(mention=old, show=False, actor=owner)
    kept = MentionFactory(document=post.pk, state="shown", checked_at=timezone.now())
    assert services.forget_mentions(MOMENT + dt.timedelta(days=1)) == 1
    assert list(Mention.objects.all()) == [kept]
    services.withdraw(document=post, actor=owner)
    post.delete()
    assert not Mention.objects.exists()


@pytest.mark.parametrize("wrong", [{"kind": "page"}, {"state": "shown"}, {"state": "linked"}])
def test_the_database_refuses_what_cannot_be(post: Post, wrong: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        MentionFactory(document=post.pk, **wrong)


def test_a_reader_sees_mentions_and_decides_nothing(client: Client, post: Post) -> None:
    reader = User.objects.create_user("made-up-reader", is_staff=True)
    reader.groups.add(Group.objects.get(name="reader"))
    client.force_login(reader)
    mention = MentionFactory(document=post.pk, state="linked", checked_at=timezone.now())
    page = client.get("/admin/portfolio/mention/")
    assert page.status_code == 200 and 'value="show"' not in page.content.decode()
    client.post("/admin/portfolio/mention/", {"action": "show", "_selected_action": [mention.pk]})
    mention.refresh_from_db()
    assert mention.state == "linked"


def test_hostile_html_is_read_without_harm() -> None:
    page = reading.read(
        "https://elsewhere.example/a/", "<p>" + "<" * 5_000 + "<a href='//[x'><a href><area href='../b'>"
    )
    assert "https://elsewhere.example/b" in page.addresses


def test_a_study_takes_mentions_too(client: Client, elsewhere: Elsewhere) -> None:
    study: CaseStudy = CaseStudyFactory(slug="one-pass")
    services.publish(document=study, actor=OwnerFactory())
    target = f"{ORIGIN}/work/one-pass/"
    elsewhere.pages["/a"] = linking(target=target)
    assert notify(client, f"{elsewhere.origin}/a", target).status_code == 202
    services.decide_mention(mention=looked_at(Mention.objects.get()), show=True, actor=OwnerFactory())
    assert "Mentioned in" in client.get("/work/one-pass/").content.decode()
