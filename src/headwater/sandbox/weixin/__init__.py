"""The weixin host: api, open and mp.weixin.qq.com for one service account and one mini program.

Owns       tokens, followers, tags, menus, codes, links, articles, files, mass messages, logins,
           subscriptions, shipments, windows, pushes
Readable   nothing; people act on it through `acts`, clients through its API
Announces  pushes: signed, sealed or open, XML or JSON, three times within their five seconds
Begins at  host.plug; what it holds people to stands in limits.py and docs/sandbox-weixin.md
"""
