"""Every address of /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from portfolio.rest import evidence_resources as evidence

router = SimpleRouter(trailing_slash=True)
router.register("repositories", evidence.RepositoryViewSet, "api-repository")
router.register("collections", evidence.CollectionViewSet, "api-collection")
router.register("changes", evidence.ChangeViewSet, "api-change")

urlpatterns = [path("", include(router.urls))]
