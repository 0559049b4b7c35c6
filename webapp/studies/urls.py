"""The addresses below /models/, for trainings and their models."""

from django.urls import path

from webapp.studies.views import comparing, control, history, library, recipe, status, transfer

app_name = "studies"
urlpatterns = [
    path("", library.index, name="list"),
    path("compare/", comparing.compare, name="compare"),
    path("cells/<int:corpus_pk>/", comparing.cells, name="cells"),
    path("upload/", transfer.upload, name="upload"),
    path("new/<int:corpus_pk>/", recipe.create, name="create"),
    path("<int:pk>/", status.detail, name="detail"),
    path("<int:pk>/status/", status.status, name="status"),
    path("<int:pk>/history/", history.history, name="history"),
    path("<int:pk>/history.csv", history.history_csv, name="history_csv"),
    path("<int:pk>/source/<int:number>/", history.source, name="source"),
    path("<int:pk>/changes/<int:number>/", history.changes, name="changes"),
    path("<int:pk>/timeline/", history.timeline, name="timeline"),
    path("<int:pk>/edit/", library.edit, name="edit"),
    path("<int:pk>/stop/", control.stop, name="stop"),
    path("<int:pk>/pause/", control.pause, name="pause"),
    path("<int:pk>/resume/", control.resume, name="resume"),
    path("<int:pk>/further/", control.further, name="further"),
    path("<int:pk>/another-text/", recipe.another_text, name="another_text"),
    path("<int:pk>/again/", recipe.again, name="again"),
    path("<int:pk>/download/", transfer.download, name="download"),
    path("<int:pk>/delete/", library.delete, name="delete"),
]
