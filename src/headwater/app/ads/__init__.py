"""Tencent Ads in our house: audiences through the gate, and purchases that may be told."""
