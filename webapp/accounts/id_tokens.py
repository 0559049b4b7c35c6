"""The checks of ID tokens that allauth leaves out: the signature, the nonce, and that all claims are of one person.

allauth takes the token as it comes, since it came from the provider itself over HTTPS (OpenID Connect Core 3.1.3.7).
"""

from typing import Any

from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import get_request_param
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac


class Provider(OpenIDConnectProvider):  # type: ignore[misc]  # allauth has no types
    """The provider of single sign-on, as settings name this class to allauth."""

    def redirect(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead to the provider with a nonce that belongs to the state, which is in the visitor's session."""
        state = get_random_string(32)
        asked = kwargs.pop("auth_params", None) or self.get_auth_params()
        kwargs |= {"auth_params": {**asked, "nonce": _nonce(state)}, "state_id": state}
        answer: HttpResponse = super().redirect(request, *args, **kwargs)
        return answer

    def sociallogin_from_response(self, request: HttpRequest, response: dict[str, Any]) -> Any:
        claims, told = response.get("id_token", {}), response.get("userinfo", {})
        if not constant_time_compare(str(claims.get("nonce", "")), _nonce(get_request_param(request, "state", ""))):
            raise OAuth2Error("The ID token is not the answer to this log-in: its nonce is missing or another.")
        if told.get("sub", claims["sub"]) != claims["sub"]:
            raise OAuth2Error("The ID token and the userinfo are of different people.")
        return super().sociallogin_from_response(request, response)


class _Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    def get_access_token_data(self, *args: Any, **kwargs: Any) -> Any:
        data = super().get_access_token_data(*args, **kwargs)
        self.did_fetch_access_token = False  # then allauth checks the signature, as of a token that somebody brings
        return data

    def complete_login(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().complete_login(*args, **kwargs)
        except (KeyError, TypeError) as error:  # a token or key without its number, or a key of another kind
            raise OAuth2Error(f"The provider's answer could not be checked: {error!r}") from error


def _nonce(state: str) -> str:
    return salted_hmac("webapp.accounts.id_tokens", state, algorithm="sha256").hexdigest()


@login_not_required
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take somebody back from the provider, as allauth's view of this address does."""
    if provider_id != "sso":
        raise Http404
    answer: HttpResponse = OAuth2CallbackView.adapter_view(_Adapter(request, provider_id))(request)
    return answer
