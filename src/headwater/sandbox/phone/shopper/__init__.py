"""The shopper's phone: WeChat with chats, contacts, Moments, camera, wallet and mini program."""
