"""Every URL of the site: each app brings its own list."""

from django.contrib import admin
from django.urls import include, path

from portfolio.rest import reference

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("portfolio.rest.urls")),
    path("api/schema/", reference.schema, name="api-schema"),
    path("api/", reference.page, name="api-reference"),
    path("", include("analysis.urls")),
    path("", include("portfolio.urls")),
]
