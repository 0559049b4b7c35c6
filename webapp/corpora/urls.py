"""The addresses below /corpora/."""

from django.urls import path

from webapp.corpora.views import adding, arranging, doctor, documents, editing, extractions, library

app_name = "corpora"
urlpatterns = [
    path("", library.index, name="list"),
    path("new/", adding.create, name="create"),
    path("sample/", adding.sample, name="sample"),
    path("<int:pk>/", library.detail, name="detail"),
    path("<int:pk>/edit/", library.edit, name="edit"),
    path("<int:pk>/add/", adding.add, name="add"),
    path("<int:pk>/download/", library.download, name="download"),
    path("<int:pk>/arrange/", arranging.arrange, name="arrange"),
    path("<int:pk>/take/", arranging.take, name="take"),
    path("<int:pk>/doctor/", doctor.corpus, name="doctor"),
    path("<int:pk>/look/", doctor.look_at_all, name="look_at_all"),
    path("<int:pk>/put-away/", library.put_away, name="put_away"),
    path("extractions/<int:pk>/", extractions.detail, name="extraction"),
    path("extractions/<int:pk>/state/", extractions.state, name="extraction_state"),
    path("extractions/<int:pk>/stop/", extractions.stop, name="extraction_stop"),
    path("extractions/<int:pk>/forget/", extractions.forget, name="extraction_forget"),
    path("documents/<int:pk>/", documents.document, name="document"),
    path("documents/<int:pk>/edit/", editing.edit, name="edit_document"),
    path("documents/<int:pk>/doctor/", doctor.document, name="document_doctor"),
    path("documents/<int:pk>/look/", doctor.look, name="look"),
    path("documents/<int:pk>/encoding/", doctor.encoding, name="document_encoding"),
    path("documents/<int:pk>/original/", documents.original, name="original"),
    path("documents/<int:pk>/extract/", documents.extract, name="extract"),
    path("places/<int:pk>/remove/", documents.remove, name="remove"),
]
