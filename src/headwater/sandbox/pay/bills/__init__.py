"""Bills of the pay host: a day's trade and the movements of the merchant's account, as files."""
