"""The addresses of the site."""

from allauth.socialaccount.providers.openid_connect.urls import urlpatterns as sign_on
from allauth.socialaccount.urls import urlpatterns as sign_on_pages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from webapp.account_deletion import views as account_deletion
from webapp.accounts import id_tokens
from webapp.accounts.single_sign_on import where_it_is_on
from webapp.api import problems
from webapp.home import views as pages
from webapp.passages.views.sharing import shared
from webapp.studies.views.library import delete_corpus, delete_document

#: at the address of allauth's own view, which it replaces
sign_on_callback = path("oidc/<provider_id>/login/callback/", id_tokens.callback, name="sign_on_callback")
urlpatterns = [
    path("", include("webapp.home.urls")),
    path("", include("webapp.operations.urls")),
    path("api/", include("webapp.api.urls")),
    path("accounts/delete/", account_deletion.delete, name="account_delete"),
    path("accounts/deleted/", account_deletion.deleted, name="account_deleted"),
    path("accounts/", include("webapp.accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/second-factor/", include("allauth.mfa.urls")),
    path("accounts/sign-on/", include(where_it_is_on([sign_on_callback, *sign_on_pages, *sign_on]))),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("corpora/<int:pk>/delete/", delete_corpus, name="delete_corpus"),
    path("corpora/documents/<int:pk>/delete/", delete_document, name="delete_document"),
    path("corpora/", include("webapp.corpora.urls")),
    path("groups/", include("webapp.sharing.urls")),
    path("models/", include("webapp.studies.urls")),
    path("", include("webapp.inside.urls")),
    path("passages/", include("webapp.passages.urls")),
    path("shared/<slug:key>/", shared, name="shared"),
]


@login_not_required
def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django itself refuses: programs with a problem, others with a page."""
    if request.path.startswith("/api/"):
        return problems.refused(request, exception)
    return pages.refused(request, exception)


handler400 = refused
