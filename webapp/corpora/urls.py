"""Addresses below /corpora/."""

from django.urls import path

from webapp.corpora import views

app_name = "corpora"
urlpatterns = [
    path("", views.index, name="list"),
    path("new/", views.create, name="create"),
    path("sample/", views.sample, name="sample"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("<int:pk>/add/", views.add, name="add"),
    path("<int:pk>/put-away/", views.put_away, name="put_away"),
    path("documents/<int:pk>/", views.document, name="document"),
    path("documents/<int:pk>/remove/", views.remove, name="remove"),
]
