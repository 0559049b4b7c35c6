"""Addresses below /accounts/ that allauth does not bring, or brings otherwise."""

from django.urls import path

from webapp.accounts import views

urlpatterns = [
    path("", views.account, name="account"),
    path("login/", views.login, name="login"),  # the addresses of allauth's own, and before them
    path("logout/", views.logout, name="logout"),
]
