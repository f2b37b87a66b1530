"""What a client can be asked, by subject; the client in aclient.py is made of these."""
