"""The addresses below /passages/, for writing and reading."""

from django.urls import path

from webapp.passages.views import comparing, downloads, library, reading, sharing, writing

app_name = "passages"
urlpatterns = [
    path("", library.index, name="list"),
    path("write/<int:study_pk>/", writing.write, name="write"),
    path("write/<int:study_pk>/opening/", writing.opening, name="opening"),
    path("compare/", comparing.compare, name="compare"),
    path("compare/voices/", comparing.voices, name="compare_voices"),
    path("request/<int:job_pk>/", writing.news, name="request"),
    path("request/<int:job_pk>/stop/", writing.stop, name="stop"),
    path("<int:pk>/", reading.detail, name="detail"),
    path("<int:pk>/text/", reading.text, name="text"),
    path("<int:pk>/trace/", reading.trace, name="trace"),
    path("<int:pk>/again/", reading.again, name="again"),
    path("<int:pk>/download/", downloads.download, name="download"),
    path("<int:pk>/star/", library.star, name="star"),
    path("<int:pk>/share/", sharing.share, name="share"),
    path("<int:pk>/unshare/", sharing.unshare, name="unshare"),
    path("<int:pk>/edit/", library.edit, name="edit"),
    path("<int:pk>/delete/", library.delete, name="delete"),
]
