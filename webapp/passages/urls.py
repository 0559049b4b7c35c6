"""Addresses below /passages/: writing and reading."""

from django.urls import path

from webapp.passages import comparing, library, views

app_name = "passages"
urlpatterns = [
    path("", library.index, name="list"),
    path("write/<int:study_pk>/", views.write, name="write"),
    path("write/<int:study_pk>/opening/", views.opening, name="opening"),
    path("compare/", comparing.compare, name="compare"),
    path("request/<int:job_pk>/", views.news, name="request"),
    path("request/<int:job_pk>/stop/", views.stop, name="stop"),
    path("<int:pk>/", library.detail, name="detail"),
    path("<int:pk>/text/", views.text, name="text"),
    path("<int:pk>/trace/", views.trace, name="trace"),
    path("<int:pk>/again/", library.again, name="again"),
    path("<int:pk>/download/", library.download, name="download"),
    path("<int:pk>/star/", library.star, name="star"),
    path("<int:pk>/share/", library.share, name="share"),
    path("<int:pk>/unshare/", library.unshare, name="unshare"),
    path("<int:pk>/edit/", library.edit, name="edit"),
    path("<int:pk>/delete/", library.delete, name="delete"),
]
