"""The site's addresses."""

from django.urls import include, path

from webapp.passages.library import shared

urlpatterns = [
    path("", include("webapp.home.urls")),
    path("accounts/", include("webapp.accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("corpora/", include("webapp.corpora.urls")),
    path("models/", include("webapp.studies.urls")),
    path("passages/", include("webapp.passages.urls")),
    path("shared/<slug:key>/", shared, name="shared"),
]

handler400 = "webapp.home.views.refused"
