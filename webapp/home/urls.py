"""The first page, and the health of the site."""

from django.urls import path

from webapp.home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("health/", views.health, name="health"),
]
