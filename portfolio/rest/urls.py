"""Every address of /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from portfolio.rest import evidence_resources as evidence
from portfolio.rest import outcome_resources as outcomes
from portfolio.rest import work_resources as work

router = SimpleRouter(trailing_slash=True)
router.register("repositories", evidence.RepositoryViewSet, "api-repository")
router.register("collections", evidence.CollectionViewSet, "api-collection")
router.register("changes", evidence.ChangeViewSet, "api-change")
router.register("achievements", outcomes.AchievementViewSet, "api-achievement")
router.register("reports", outcomes.ReportViewSet, "api-report")
router.register("receipts", work.ReceiptViewSet, "api-receipt")
router.register("jobs", work.JobViewSet, "api-job")

urlpatterns = [
    path("collect/", work.CollectView.as_view(), name="api-collect"),
    path("repositories/<int:pk>/recompute/", work.RecomputeView.as_view(), name="api-recompute"),
    path("", include(router.urls)),
]
