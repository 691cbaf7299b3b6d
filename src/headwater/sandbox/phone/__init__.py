"""The phone: one simulated WeChat in the browser, for whoever is chosen to hold it."""
