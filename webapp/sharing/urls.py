"""The addresses below /groups/."""

from django.urls import path

from webapp.sharing import views

app_name = "groups"
urlpatterns = [
    path("", views.index, name="list"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/share/", views.share, name="share"),
    path("<int:pk>/invite/", views.invite, name="invite"),
    path("<int:pk>/leave/", views.leave, name="leave"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("shares/<int:pk>/end/", views.unshare, name="unshare"),
    path("links/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("members/<int:pk>/remove/", views.remove, name="remove"),
    path("join/<slug:key>/", views.join, name="join"),
]
