"""The weixin hosts: web login on the open host, the official account's API beside it."""
