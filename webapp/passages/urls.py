"""Addresses below /passages/: writing and reading."""

from django.urls import path

from webapp.passages import comparing, views

app_name = "passages"
urlpatterns = [
    path("", views.index, name="list"),
    path("write/<int:study_pk>/", views.write, name="write"),
    path("write/<int:study_pk>/opening/", views.opening, name="opening"),
    path("compare/", comparing.compare, name="compare"),
    path("request/<int:job_pk>/", views.news, name="request"),
    path("request/<int:job_pk>/stop/", views.stop, name="stop"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/download/", views.download, name="download"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/delete/", views.delete, name="delete"),
]
