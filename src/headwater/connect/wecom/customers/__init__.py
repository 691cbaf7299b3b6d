"""Customers as WeCom knows them: who they are, how they came, whose they are."""
