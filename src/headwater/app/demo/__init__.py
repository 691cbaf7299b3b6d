"""The demo: a whole brand on one machine, made from nothing and started with one command."""
