"""The pay host: APIv3 as merchants meet it, with signatures both ways."""
