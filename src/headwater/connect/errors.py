"""What the outside refuses, in words that the business can act upon."""

from __future__ import annotations

from headwater.base.errors import Refusal


class ProviderRefused(Refusal):
    """The provider understood the request and said no; the same request will be refused again."""

    def __init__(self, provider_code: str, provider_message: str) -> None:
        self.provider_code = provider_code
        self.provider_message = provider_message
        super().__init__(provider_code=provider_code, provider_message=provider_message)


class UnknownToProvider(ProviderRefused):
    """The provider has never heard of this number."""


class NumberSpent(ProviderRefused):
    """This order number was paid or closed at the provider; a new try needs a new number."""


class LoginCodeSpent(ProviderRefused):
    """The login code was used before, or is too old; the visitor starts the login again."""


class CannotReach(ProviderRefused):
    """This person does not take messages from us at the moment; another channel may."""
