"""Into the admin: throttled logins, a second factor, fresh confirmation, and roles that may do only what they need."""

import io
import time

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from config.proxies import VisitorAddress
from evidence import sudo
from evidence.models import AuditEntry
from portfolio.access import services as access
from portfolio.access.models import RecoveryCode, RecoveryDevice, digest

pytestmark = pytest.mark.django_db
ADMIN = "/admin/"
GIVE, SET_UP, CONFIRM = "/admin/second-factor/", "/admin/second-factor/set-up/", "/admin/confirm/"
PASSWORD = "made-up-Pa55word"


@pytest.fixture
def owner(django_user_model):
    return django_user_model.objects.create_superuser("owner", password=PASSWORD)


@pytest.fixture
def device(owner):
    return TOTPDevice.objects.create(user=owner, confirmed=True)


def code(device: TOTPDevice, ahead: int = 0) -> str:
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = time.time() + ahead * device.step
    return f"{totp.token():06d}"


def login(client, password: str = PASSWORD, name: str = "owner"):
    return client.post(reverse("admin:login"), {"username": name, "password": password})


def test_five_wrong_passwords_lock_the_name_and_others_go_on(client, owner, settings, django_user_model):
    settings.AXES_ENABLED = True
    for _ in range(4):
        assert login(client, "wrong").status_code == 200
    assert login(client, "wrong").status_code == 429
    assert login(client).status_code == 429
    django_user_model.objects.create_superuser("other", password=PASSWORD)
    assert login(client, name="other").status_code == 302


def test_without_a_device_the_password_is_enough_unless_the_operator_demands_more(client, owner, settings):
    login(client)
    assert client.get(ADMIN).status_code == 200
    settings.ATTEST_REQUIRE_2FA = True
    assert client.get(ADMIN).headers["Location"] == f"{SET_UP}?next={ADMIN}"


def test_half_a_login_has_no_rights_anywhere(client, owner, device):
    login(client)
    assert client.get(ADMIN).headers["Location"] == f"{GIVE}?next={ADMIN}"
    assert client.get(CONFIRM).headers["Location"].startswith(GIVE)
    assert client.get("/").context["user"].is_anonymous
    refused = client.post(GIVE, {"token": "000000"})
    assert refused.status_code == 422 and AuditEntry.objects.filter(action="access.second_factor_refused").exists()
    TOTPDevice.objects.update(throttling_failure_count=0)
    given = client.post(GIVE, {"token": code(device), "next": "/admin/jobs/job/"})
    assert given.headers["Location"] == "/admin/jobs/job/"
    assert client.get(ADMIN).status_code == 200


def test_code_works_once_and_next_leads_nowhere_else(client, owner, device):
    login(client)
    token = code(device)
    assert client.post(GIVE, {"token": token, "next": "https://evil.example/"}).headers["Location"] == ADMIN
    client.logout()
    login(client)
    assert client.post(GIVE, {"token": token}).status_code == 422


def test_set_up_shows_a_picture_confirms_and_gives_recovery_codes(client, owner):
    login(client)
    page = client.get(SET_UP).content.decode()
    assert "data:image/svg+xml" in page and "secret" in page
    assert client.post(SET_UP, {"token": "000000"}).status_code == 422
    TOTPDevice.objects.update(throttling_failure_count=0)
    done = client.post(SET_UP, {"token": code(TOTPDevice.objects.get())}).content.decode()
    recovery = done.split("<li><code>")[1].split("</code>")[0]
    assert client.get(ADMIN).status_code == 200
    client.logout()
    login(client)
    assert client.get(SET_UP).headers["Location"] == GIVE
    assert client.post(GIVE, {"token": recovery}).status_code == 302
    client.logout()
    login(client)
    assert client.post(GIVE, {"token": recovery}).status_code == 422


def recovery_codes(client) -> list[str]:
    """Set a second factor up and return the codes that its page shows."""
    login(client)
    client.get(SET_UP)
    page = client.post(SET_UP, {"token": code(TOTPDevice.objects.get())}).content.decode()
    client.logout()
    return [part.partition("</code>")[0] for part in page.split("<li><code>")[1:]]


def test_recovery_codes_are_stored_hashed_and_what_is_stored_lets_nobody_in(client, owner):
    codes = recovery_codes(client)
    assert len(set(codes)) == 8 and all(len(one.replace("-", "")) == 24 for one in codes), "120 bits each"
    stored = set(RecoveryCode.objects.values_list("sha256", flat=True))
    assert stored == {digest(one.replace("-", "")) for one in codes}
    rows = io.StringIO()
    call_command("dumpdata", stdout=rows)
    assert RecoveryCode.objects.first().sha256 in rows.getvalue(), "the dump would show them"
    assert not [one for one in codes if one in rows.getvalue() or one.replace("-", "") in rows.getvalue()]
    login(client)
    for sha256 in stored:
        RecoveryDevice.objects.update(throttling_failure_count=0)
        assert client.post(GIVE, {"token": sha256[:40]}).status_code == 422
        assert not RecoveryDevice.objects.get().verify_token(sha256)


def test_recovery_code_is_taken_as_people_type_it_and_a_new_set_replaces_the_old(client, owner):
    old, new = recovery_codes(client), access.new_recovery_codes(actor=owner)
    login(client)
    assert client.post(GIVE, {"token": old[0]}).status_code == 422
    RecoveryDevice.objects.update(throttling_failure_count=0)
    assert client.post(GIVE, {"token": f" {new[0].upper().replace('-', ' ')} "}).status_code == 302
    assert RecoveryCode.objects.count() == 7 and client.get(ADMIN).status_code == 200


def test_wrong_recovery_codes_are_throttled(owner):
    right = access.new_recovery_codes(actor=owner)
    device = RecoveryDevice.objects.get()
    assert not device.verify_token("wrong")
    assert not device.verify_token(right[0]), "for a second not even the right one is taken"
    device.throttling_failure_count = 0
    assert device.verify_token(right[0]) and not device.verify_token(right[0])


def grow(client, **ago: int) -> None:
    """Let the session have begun, and have been used, so many seconds ago."""
    session = client.session
    for name, seconds in ago.items():
        session[f"session_{name}_at"] = int(time.time()) - seconds
    session.save()


def test_a_session_that_nobody_uses_ends(client, owner, settings):
    login(client)
    grow(client, used=settings.ATTEST_SESSION_IDLE - 30)
    assert client.get(ADMIN).status_code == 200, "and this is a use, from which it counts again"
    assert client.session["session_used_at"] > time.time() - 30
    key = client.session.session_key
    grow(client, used=settings.ATTEST_SESSION_IDLE)
    assert client.get(ADMIN).headers["Location"].startswith(reverse("admin:login"))
    assert not Session.objects.filter(session_key=key).exists()
    assert AuditEntry.objects.get(action="access.session_ended").reason == "not used"
    assert client.get("/").context["user"].is_anonymous


def test_a_session_ends_twelve_hours_after_its_login_however_much_it_is_used(client, owner, settings):
    login(client)
    grow(client, began=settings.SESSION_COOKIE_AGE - 60, used=10)
    assert client.get(ADMIN).status_code == 200
    grow(client, began=settings.SESSION_COOKIE_AGE, used=10)
    assert client.get(ADMIN).headers["Location"].startswith(reverse("admin:login"))
    assert AuditEntry.objects.get(action="access.session_ended").reason == "too old"


def test_what_an_open_page_asks_for_by_itself_is_no_use(client, owner):
    login(client)
    grow(client, used=600)
    client.get(ADMIN, headers={"HX-Request": "true"})
    assert client.session["session_used_at"] < time.time() - 590
    client.post(CONFIRM, {"password": "wrong"}, headers={"HX-Request": "true"})
    assert client.session["session_used_at"] > time.time() - 60


def test_act_that_cannot_be_undone_asks_for_the_password_again(client, owner, rf: RequestFactory):
    login(client)
    view = sudo.recent_login_required(lambda request: HttpResponse("done"))
    request = rf.get("/erase/?who=x")
    request.user, request.session = owner, client.session
    assert view(request).content == b"done"
    request.session["identity_confirmed_at"] = time.time() - 601
    assert view(request).headers["Location"] == "/admin/confirm/?next=%2Ferase%2F%3Fwho%3Dx"
    request.META["HTTP_HX_REQUEST"] = "true"
    assert "HX-Redirect" in sudo.recent_login_required(view)(rf_like(request)).headers
    request.user = AnonymousUser()
    assert not sudo.is_recent(request)


def rf_like(request):
    fresh = RequestFactory().post("/erase/", headers={"HX-Request": "true"})
    fresh.user, fresh.session = request.user, request.session
    return fresh


def test_confirmation_takes_password_and_code(client, owner, device):
    login(client)
    client.post(GIVE, {"token": code(device)})
    session = client.session
    session["identity_confirmed_at"] = 0
    session.save()
    assert client.get(CONFIRM).status_code == 200
    assert client.post(CONFIRM, {"password": "wrong", "token": "1"}).status_code == 422
    TOTPDevice.objects.update(throttling_failure_count=0, last_t=-1)
    answer = client.post(CONFIRM, {"password": PASSWORD, "token": code(device), "next": "/admin/jobs/job/"})
    assert answer.headers["Location"] == "/admin/jobs/job/"
    assert client.session["identity_confirmed_at"] > time.time() - 60


def test_roles_hold_no_more_than_they_need(django_user_model):
    def may(role: str, right: str) -> bool:
        user, _created = django_user_model.objects.get_or_create(username=role, is_staff=True)
        user.groups.set([Group.objects.get(name=role)])
        return django_user_model.objects.get(pk=user.pk).has_perm(right)

    for role in ("owner", "curator", "operator", "reader"):
        assert may(role, "evidence.view_receipt")
        assert not may(role, "evidence.change_receipt") and not may(role, "evidence.delete_auditentry")
    assert may("owner", "auth.add_user") and may("owner", "portfolio.delete_apikey")
    assert may("curator", "portfolio.change_post") and not may("curator", "jobs.change_job")
    assert not may("curator", "portfolio.add_apikey") and not may("curator", "analysis.delete_change")
    assert may("operator", "jobs.change_job") and not may("operator", "portfolio.change_post")
    assert not may("reader", "jobs.change_job") and not may("reader", "portfolio.add_post")


@pytest.mark.parametrize("path", [GIVE, SET_UP, CONFIRM])
def test_pages_of_access_need_a_login(client, path):
    assert client.get(path).headers["Location"].startswith("/admin/login/")


def test_a_device_is_replaced_after_a_fresh_proof_only(client, owner, device):
    login(client)
    client.post(GIVE, {"token": code(device)})
    assert client.get(SET_UP).status_code == 200
    session = client.session
    session["identity_confirmed_at"] = int(time.time()) - sudo.RECENT_SECONDS - 5
    session.save()
    assert client.get(SET_UP).headers["Location"].startswith(CONFIRM)
    assert client.post(SET_UP, {"token": "000000"}).headers["Location"].startswith(CONFIRM)


def test_every_proof_gives_the_session_a_new_key_and_a_new_device_ends_the_others(client, owner, device):
    elsewhere = Client()
    for one in (client, elsewhere):
        login(one)
    seen = [client.session.session_key]
    client.post(GIVE, {"token": code(device)})
    seen.append(client.session.session_key)
    client.get(SET_UP)
    client.post(SET_UP, {"token": code(TOTPDevice.objects.get(confirmed=False))})
    seen.append(client.session.session_key)
    TOTPDevice.objects.update(last_t=0)
    client.post(CONFIRM, {"password": PASSWORD, "token": code(TOTPDevice.objects.get())})
    seen.append(client.session.session_key)
    assert len(set(seen)) == 4
    assert client.get(ADMIN).status_code == 200
    assert elsewhere.get(GIVE).headers["Location"].startswith(reverse("admin:login"))


def test_logins_and_logouts_are_audited_and_refusals_logged_without_the_name(client, owner, caplog):
    login(client, "wrong", name="mistyped-secret")
    assert [record.message for record in caplog.records if record.name == "config.access.signing"] == [
        "a login was refused"
    ]
    assert "mistyped-secret" not in caplog.text
    login(client)
    client.post(reverse("admin:logout"))
    assert list(AuditEntry.objects.order_by("pk").values_list("actor", "action")) == [
        ("owner", "access.login"), ("owner", "access.logout"),
    ]  # fmt: skip


def test_sessions_are_ended_at_once_by_account_or_all(client, owner, django_user_model):
    django_user_model.objects.create_superuser("other", password=PASSWORD)
    other = Client()
    login(client)
    login(other, name="other")
    call_command("sign_out", "owner", stdout=io.StringIO())
    assert client.get(ADMIN).status_code == 302 and other.get(ADMIN).status_code == 200
    call_command("sign_out", "--all", stdout=io.StringIO())
    assert other.get(ADMIN).status_code == 302
    for wrong in ([], ["owner", "--all"], ["nobody"]):
        with pytest.raises(CommandError):
            call_command("sign_out", *wrong)


@pytest.mark.parametrize("refused", ["attest2031!", "Portfolio-Admin-1", "lighthouse12345", "password"])
def test_a_password_of_the_sites_own_words_is_refused(refused, settings):
    settings.ALLOWED_HOSTS = ["www.lighthouse.example"]
    with pytest.raises(ValidationError):
        validate_password(refused)
    validate_password("attest keeps what seven boats carried")


def test_limits_and_locks_go_by_the_visitor_and_not_by_the_proxy(client, owner, settings):
    settings.AXES_ENABLED, settings.ATTEST_PROXIES = True, 1
    for number in range(5):  # what the visitor claims to be before the proxy does not count
        forged = f"203.0.113.{number}, 198.51.100.7"
        client.post(reverse("admin:login"), {"username": "owner", "password": "wrong"}, HTTP_X_FORWARDED_FOR=forged)
    data = {"username": "owner", "password": PASSWORD}
    locked = client.post(reverse("admin:login"), data, HTTP_X_FORWARDED_FOR="203.0.113.9, 198.51.100.7")
    assert locked.status_code == 429
    own = client.post(reverse("admin:login"), data, HTTP_X_FORWARDED_FOR="198.51.100.8")
    assert own.status_code == 302, "the owner is not locked out by a stranger"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.7", "127.0.0.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.1, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.1, 198.51.100.7, 192.0.2.1", "198.51.100.7"),
        (2, "198.51.100.7", "127.0.0.1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "unknown", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_only_what_a_trusted_proxy_wrote_is_an_address(rf, settings, proxies, forwarded, address):
    settings.ATTEST_PROXIES = proxies
    request = rf.get("/", HTTP_X_FORWARDED_FOR=forwarded)
    VisitorAddress(lambda _request: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == address
