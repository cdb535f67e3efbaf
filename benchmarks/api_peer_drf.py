"""Django REST framework as it comes, on the benchmark's table: ModelSerializer, LimitOffsetPagination, nothing else.

It runs in an environment of its own (var/bench/api): gunicorn api_peer_drf:application, with DATABASE_* in the
environment. The fields are those that Attest's list of changes answers.
"""

import os

import django
from django.conf import settings

FIELDS = os.environ["BENCH_FIELDS"].split(",")

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY="of the benchmark",  # noqa: S106  no secret: it signs nothing
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["rest_framework"],
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "USER": "attest", "HOST": "127.0.0.1",
            "PORT": os.environ["BENCH_PORT"], "CONN_MAX_AGE": 60,
        }
    },
    REST_FRAMEWORK={
        "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination", "PAGE_SIZE": 50,
        "DEFAULT_AUTHENTICATION_CLASSES": [], "DEFAULT_PERMISSION_CLASSES": [], "UNAUTHENTICATED_USER": None,
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    },
)  # fmt: skip
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402  after the set-up
from django.db import connection, models  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import generics, serializers  # noqa: E402


def columns() -> dict[str, str]:
    """Name and type of the table's columns."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'analysis_change'"
        )
        return dict(cursor.fetchall())


def field(kind: str) -> models.Field:
    if "timestamp" in kind:
        return models.DateTimeField(null=True)
    if kind in ("integer", "bigint", "smallint"):
        return models.BigIntegerField(null=True)
    return models.BooleanField(null=True) if kind == "boolean" else models.TextField(null=True)


meta = type("Meta", (), {"app_label": "bench", "managed": False, "db_table": "analysis_change"})
known = {name: field(kind) for name, kind in columns().items() if name in FIELDS}
Change = type("Change", (models.Model,), {"__module__": __name__, "Meta": meta, **known})


class ChangeSerializer(serializers.ModelSerializer):
    class Meta:
        model = Change
        fields = ["id", *known]


class Changes(generics.ListAPIView):
    queryset = Change.objects.order_by("-sorted_at", "-id")
    serializer_class = ChangeSerializer


urlpatterns = [path("changes/", Changes.as_view())]
application = get_wsgi_application()
