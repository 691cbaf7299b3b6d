"""The shopper's phone: WeChat with its chats, contacts, Moments, camera, wallet and mini program."""
