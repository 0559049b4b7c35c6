"""The addresses of the operator's page and of the figures for Prometheus."""

from django.urls import path

from webapp.operations import views

urlpatterns = [
    path("operator/", views.operator, name="operator"),
    path("operator/jobs/<int:pk>/", views.job, name="operator_job"),
    path("operator/jobs/<int:pk>/cancel/", views.cancel, name="operator_cancel"),
    path("operator/jobs/<int:pk>/requeue/", views.requeue, name="operator_requeue"),
    path("operator/invitations/", views.invite, name="operator_invite"),
    path("operator/invitations/<int:pk>/withdraw/", views.withdraw, name="operator_withdraw"),
    path("metrics", views.prometheus, name="metrics"),
]
