"""The addresses below /accounts/ that allauth does not have, or for which the site has other views."""

from django.urls import path

from webapp.accounts import views

urlpatterns = [
    path("", views.account, name="account"),
    path("invited/<slug:key>/", views.invited, name="invited"),
    path("tokens/", views.tokens, name="account_tokens"),
    path("tokens/<int:pk>/revoke/", views.revoke_token, name="account_revoke_token"),
    path("login/", views.login, name="login"),  # the same addresses as allauth's; these come first and are used
    path("logout/", views.logout, name="logout"),
]
