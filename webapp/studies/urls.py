"""Addresses below /models/: trainings and the models they end in."""

from django.urls import path

from webapp.studies import views

app_name = "studies"
urlpatterns = [
    path("", views.index, name="list"),
    path("new/<int:corpus_pk>/", views.create, name="create"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/status/", views.status, name="status"),
    path("<int:pk>/history/", views.history, name="history"),
    path("<int:pk>/source/<int:number>/", views.source, name="source"),
    path("<int:pk>/timeline/", views.timeline, name="timeline"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/stop/", views.stop, name="stop"),
    path("<int:pk>/pause/", views.pause, name="pause"),
    path("<int:pk>/resume/", views.resume, name="resume"),
    path("<int:pk>/further/", views.further, name="further"),
    path("<int:pk>/again/", views.again, name="again"),
    path("<int:pk>/delete/", views.delete, name="delete"),
]
