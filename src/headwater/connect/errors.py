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


class NotAuthorised(ProviderRefused):
    """Our app may not do this at the provider; its secret, scope or address list needs a change."""


class NoAuthorisationLeft(CannotReach):
    """This person has given no authorisation that is left for this template, or took it back."""


class WindowClosed(CannotReach):
    """This person wrote or tapped too long ago for a free message."""


class WindowSpent(CannotReach):
    """As many free messages as the last word or tap allows have been sent."""


class MessageDoesNotFit(ProviderRefused):
    """A field of the message is not what its template wants there."""


class TemplateUnknown(ProviderRefused):
    """The account does not have this template, or has it no more."""


class PageUnknown(ProviderRefused):
    """The released mini program has no such page."""


class QuotaSpent(ProviderRefused):
    """What the provider allows of this is used up until its next day or month begins."""


class VisitTooOld(ProviderRefused):
    """This person has not been in the mini program in the last two hours."""


class NotKnownYet(ProviderRefused):
    """The provider does not know the payment; right after paying it will a little later."""


class ShippingFinal(ProviderRefused):
    """What was said about the shipping of this payment cannot be changed any more."""


class NoBill(ProviderRefused):
    """The provider made no bill for that day, since nothing was paid or refunded on it."""


class PersonBarred(ProviderRefused):
    """The provider bars this person from logging in, for what it knows of them."""
