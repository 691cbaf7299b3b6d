"""Sandbox: Tencent's servers on their real wire, for a laptop without credentials.

Owns       people, orders, refunds, notices, messages: in memory, the money also in a state file
Readable   nothing; what it knows is asked for through its hosts and its side doors
Announces  notices to the merchant, sealed and signed, on the platform's schedule
Begins at  simulated.make_sandbox (in process) or serve.run (a port a host); imports no other room

The credentials are one JSON document:
    seed              what open ids and numbers follow from
    pay               base_url, mchid, merchant_name, merchant_serial, merchant_private_key_pem,
                      apiv3_key, platform_public_key_id, platform_public_key_pem,
                      platform_certificate_serial, platform_certificate_pem
    official_account  api_base_url, open_base_url, appid, secret, name, template_ids{name: id},
                      token, encoding_aes_key, callback
    mini_program      api_base_url, appid, secret, name, token, encoding_aes_key, callback
    sms               base_url, secret_id, secret_key, sdk_app_id, sign_name, template_ids{name: id}
    wecom             base_url, corpid, agentid, secret, contact_secret, token, encoding_aes_key,
                      callback
    ads               base_url, authorize_url, token_url, client_id, client_secret, account_id
    cos               base_url, secret_id, secret_key, bucket, region
    phone             base_url
    side_doors        base_url
`callback` is where pushes go, null until somebody says so; docs/sandbox.md explains every field.
`pay.only_the_sandbox_holds` is for its own restart; no client has any use for it.
"""

from headwater.sandbox.credentials import Credentials, Hosts, at_hosts, make_credentials
from headwater.sandbox.serve import CannotServe, Start, read_credentials, run
from headwater.sandbox.simulated import Sandbox, make_sandbox

__all__ = [
    "CannotServe",
    "Credentials",
    "Hosts",
    "Sandbox",
    "Start",
    "at_hosts",
    "make_credentials",
    "make_sandbox",
    "read_credentials",
    "run",
]
