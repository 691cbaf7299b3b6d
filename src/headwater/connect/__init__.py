"""Connect: the outside in our words.

Owns       tokens, heard, authorisations, windows, audiences,
           told_purchases, processes
Readable   nothing
Announces  nothing
Begins at  wechat_pay.WechatPay, official_account.OfficialAccount, mini_program.MiniProgram,
           wecom.Wecom, tencent_ads.TencentAds, sms.SmsSender, object_storage.LocalFolder;
           ends at their answers: a value, a Refusal or Trouble

Every verb says what a repeat does, and repeats by itself only where it changes nothing there.
Tencent's field names stay inside.
A refusal of theirs is ProviderRefused, a message that is not theirs is Forged, silence and junk
are Trouble. A credential's token is shared by all processes (tokens), and so is the memory of
which pushes and notices came before (heard). What people allowed by a tap, and when they opened a
window for free words, is counted here too, under a keyed hash of their open id.
"""
