"""The addresses of the first page and of the health page."""

from django.urls import path

from webapp.home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("health/", views.health, name="health"),
    path("health/ready/", views.health, name="health_ready"),
    path("health/live/", views.alive, name="health_live"),
]
