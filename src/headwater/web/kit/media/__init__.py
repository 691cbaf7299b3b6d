"""Media: files that come in through a page, and pictures that go out from storage."""
