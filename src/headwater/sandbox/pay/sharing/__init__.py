"""Profit sharing: who may receive a part of an order's money, what was given, what came back."""
