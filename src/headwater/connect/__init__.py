"""Connect: the outside in our words.

Owns       no tables; it holds the wire of Tencent's servers and the store of files
Readable   nothing
Announces  nothing
Begins at  wechat_pay.WechatPay, official_account.OfficialAccount, sms.SmsSender,
           object_storage.LocalFolder; ends at their answers: a value, a Refusal or Trouble

Every verb says what a repeat does, and none repeats by itself. Tencent's field names stay inside.
A refusal of theirs is ProviderRefused, a message that is not theirs is Forged, silence and junk
are Trouble. What was seen before (notice ids, login states) is remembered by the business.
"""
