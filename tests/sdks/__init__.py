"""The client SDKs that shops use, as their makers publish them, against a real server: only the host and the key are ours."""
