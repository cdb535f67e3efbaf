"""Every URL of the site: each app brings its own list."""

from django.contrib import admin
from django.urls import include, path

from config import health, metrics
from portfolio.rest import reference

urlpatterns = [
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("admin/", include("config.access.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("portfolio.rest.urls")),
    path("api/schema/", reference.schema, name="api-schema"),
    path("api/", reference.page, name="api-reference"),
    path("", include("analysis.urls")),
    path("", include("portfolio.urls")),
]
