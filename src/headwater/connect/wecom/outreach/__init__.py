"""What goes out to customers through WeCom: a welcome, a broadcast, a moment, a word to staff."""
